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

/// The files that binds with TLS go by while the process runs: reads them again, or replaces one in memory.
/// A change is whole or none: what has a fault anywhere changes nothing. Lives in the control thread.
class TlsCertificates {
 public:
  struct Outcome {
    bool done = false;
    std::vector<config::Diagnostic> diagnostics;  // faults where it is not done, or warnings
    std::vector<std::string> changed;             // paths of binds in the configuration
  };
  /// Gets the settings of binds that have changed, and nothing for others.
  using Publish = std::function<void(const TlsBindSettings& changed)>;

  /// `model` stays. `settings` are those that lanes have begun with.
  TlsCertificates(const config::Model& model, TlsSettings settings, Publish publish);

  /// Whether a bind has TLS.
  bool any() const noexcept;
  const TlsBindSettings& binds() const noexcept { return settings_.binds; }
  std::string bind_path(std::size_t frontend, std::size_t bind) const;

  /// Every file once more, as at start.
  Outcome reload();
  /// The content of one file, wherever a bind uses it: certificates, a key, OCSP, client_ca or crl. What is
  /// there for a certificate may have its key in it, even where that came from a file of its own.
  Outcome replace(const std::string& file, const std::string& bytes);

  /// Those that `name` may mean: the file itself, or all whose last part it is.
  std::vector<std::string> files_named(std::string_view name) const;
  /// All that can be replaced, each once.
  std::vector<std::string> files() const;

 private:
  void add(Outcome& outcome, config::Severity severity, std::string path, std::string text) const;
  void adopt(TlsBindSettings&& next, Outcome& outcome);

  const config::Model& model_;
  TlsSettings settings_;
  Publish publish_;
};

}  // namespace corelane::runtime
