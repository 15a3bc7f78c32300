// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/model_tls.hpp"
#include "tls/settings.hpp"

namespace corelane::runtime {

/// One `tls` object of the configuration while its files are read: what is wrong with them is told with the
/// place in it.
class TlsPlace {
 public:
  static constexpr std::size_t folder_files_max = 10'000;

  /// `path` is the object's: "frontends.web.bind[0].tls".
  TlsPlace(const std::string& config_file, std::string path, std::vector<config::Diagnostic>& diagnostics)
      : config_file_(config_file), path_(std::move(path)), diagnostics_(diagnostics) {}

  std::string key(std::string_view name) const { return config::path_key(path_, name); }
  /// Files that are not absolute lie beside the configuration.
  std::string beside_config(const std::string& file) const;

  /// What was told before is not told again: a server's checks may have its settings.
  void add(config::Severity severity, std::string json_path, std::string message, std::string near_miss = {});
  void refuse(std::string json_path, std::string message, std::string near_miss = {}) {
    add(config::Severity::error, std::move(json_path), std::move(message), std::move(near_miss));
  }

  bool is_told(std::string_view json_path, std::string_view message) const;

  /// False: it was refused, with the name of a file that is there and was probably meant.
  bool read(const std::string& json_path, const std::string& file, tls::NamedBytes& bytes);
  void read_handshake(const config::TlsHandshake& from, tls::HandshakeSettings& handshake);

 private:
  const std::string& config_file_;
  std::string path_;
  std::vector<config::Diagnostic>& diagnostics_;
};

}  // namespace corelane::runtime
