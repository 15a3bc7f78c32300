// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/model.hpp"
#include "proxy/tls_replacement.hpp"
#include "runtime/tls_files.hpp"

namespace corelane::runtime {

/// The contexts of what is not what it was; null elsewhere.
struct TlsMade {
  std::vector<proxy::TlsContexts> lanes;
  std::vector<proxy::TlsServerPlace> checks;
};

/// The files that binds, servers and checks with TLS go by while the process runs: reads them again, or
/// replaces one in memory. A change is whole or none: what has a fault anywhere changes nothing. It is made
/// ready in any thread, one at a time, and adopted in the control thread, where this lives.
class TlsCertificates {
 public:
  struct Outcome {
    bool done = false;
    std::vector<config::Diagnostic> diagnostics;  // faults where it is not done, or warnings
    std::vector<std::string> changed;             // paths of who uses it in the configuration
  };
  /// One that is ready; where it is not `done`, the outcome is all that there is.
  struct Change {
    Outcome outcome;
    TlsSettings next;
    TlsMade made;
  };
  using Publish = std::function<void(TlsMade made)>;

  /// `model` stays. `settings` are those that lanes have begun with.
  /// New contexts keep sessions where those did, too.
  TlsCertificates(const config::Model& model, TlsSettings settings, std::size_t lanes,
                  tls::SessionCache* sessions, Publish publish);

  /// Whether a bind, a server or a check has TLS.
  bool any() const noexcept;
  const TlsSettings& settings() const noexcept { return settings_; }
  std::string bind_path(std::size_t frontend, std::size_t bind) const;

  /// Every file once more, as at start.
  Change reload() const;
  /// The content of one file, wherever it is used: certificates, a key, OCSP, authorities or crl. What is
  /// there for a bind's certificate may have its key in it, even where that came from a file of its own.
  Change replace(const std::string& file, const std::string& bytes) const;
  /// Of what stands now: nothing was adopted since it was made ready. Publishes what has changed; the outcome
  /// is left in it.
  void adopt(Change& change);

  /// Those that `name` may mean: the file itself, or all whose last part it is.
  std::vector<std::string> files_named(std::string_view name) const;
  /// All that can be replaced, each once.
  std::vector<std::string> files() const;

 private:
  void add(Outcome& outcome, config::Severity severity, std::string path, std::string text) const;
  template <class Built>
  void judge(const Built& built, const std::string& path, Outcome& outcome) const;
  void replace_for_binds(TlsBindSettings& next, const std::string& file, const std::string& bytes,
                         Outcome& outcome) const;
  void replace_for_servers(const TlsServerSettings& now, TlsServerSettings& next, const std::string& file,
                           const std::string& bytes, Outcome& outcome) const;
  Change ready(TlsSettings&& next, Outcome&& outcome) const;

  const config::Model& model_;
  TlsSettings settings_;
  std::size_t lanes_;
  tls::SessionCache* sessions_;  // null: there is none
  Publish publish_;
};

}  // namespace corelane::runtime
