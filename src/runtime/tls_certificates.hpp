// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/model.hpp"
#include "runtime/tls_files.hpp"

namespace corelane::runtime {

/// Settings that are not what they were; nothing where they are.
struct TlsChanges {
  TlsBindSettings binds;
  TlsServerChanges servers;
  TlsServerChanges checks;
};

/// The files that binds, servers and checks with TLS go by while the process runs: reads them again, or
/// replaces one in memory. A change is whole or none: what has a fault anywhere changes nothing. Lives in the
/// control thread.
class TlsCertificates {
 public:
  struct Outcome {
    bool done = false;
    std::vector<config::Diagnostic> diagnostics;  // faults where it is not done, or warnings
    std::vector<std::string> changed;             // paths of who uses it in the configuration
  };
  using Publish = std::function<void(const TlsChanges& changes)>;

  /// `model` stays. `settings` are those that lanes have begun with.
  TlsCertificates(const config::Model& model, TlsSettings settings, Publish publish);

  /// Whether a bind, a server or a check has TLS.
  bool any() const noexcept;
  const TlsSettings& settings() const noexcept { return settings_; }
  std::string bind_path(std::size_t frontend, std::size_t bind) const;

  /// Every file once more, as at start.
  Outcome reload();
  /// The content of one file, wherever it is used: certificates, a key, OCSP, authorities or crl. What is
  /// there for a bind's certificate may have its key in it, even where that came from a file of its own.
  Outcome replace(const std::string& file, const std::string& bytes);

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
  void adopt(TlsSettings&& next, Outcome& outcome);

  const config::Model& model_;
  TlsSettings settings_;
  Publish publish_;
};

}  // namespace corelane::runtime
