// SPDX-License-Identifier: Apache-2.0
#include "runtime/tls_place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/near_miss.hpp"
#include "runtime/config_file.hpp"

namespace corelane::runtime {
namespace {

namespace fs = std::filesystem;

/// What `path` was probably meant to be; empty: nothing there is like it.
std::string near_file(const fs::path& path) {
  std::error_code error;
  std::vector<std::string> names;
  const fs::path folder = path.parent_path().empty() ? fs::path(".") : path.parent_path();
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (names.size() < TlsPlace::folder_files_max) names.push_back(entry->path().filename().string());
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string name = path.filename().string();
  const std::string near(base::near_miss(name, candidates));
  return near.empty() || near == name ? std::string() : (path.parent_path() / near).string();
}

}  // namespace

std::string TlsPlace::beside_config(const std::string& file) const {
  return (fs::path(config_file_).parent_path() / file).string();
}

void TlsPlace::add(config::Severity severity, std::string json_path, std::string message,
                   std::string near_miss) {
  if (is_told(json_path, message)) return;
  config::Diagnostic& diagnostic = diagnostics_.emplace_back();
  diagnostic.severity = severity;
  diagnostic.file = config_file_;
  diagnostic.json_path = std::move(json_path);
  diagnostic.message = std::move(message);
  diagnostic.near_miss = std::move(near_miss);
}

bool TlsPlace::is_told(std::string_view json_path, std::string_view message) const {
  return std::ranges::any_of(diagnostics_, [&](const config::Diagnostic& told) {
    return told.json_path == json_path && told.message == message;
  });
}

bool TlsPlace::read(const std::string& json_path, const std::string& file, tls::NamedBytes& bytes) {
  bytes.name = file;
  std::string failure;
  if (file_read(file, bytes.bytes, failure)) return true;
  refuse(json_path, failure, near_file(file));
  return false;
}

void TlsPlace::read_handshake(const config::TlsHandshake& from, tls::HandshakeSettings& handshake) {
  handshake.version_min = static_cast<tls::Version>(from.min_version);
  handshake.version_max = static_cast<tls::Version>(from.max_version);
  handshake.ciphers = from.ciphers;
  handshake.ciphersuites = from.ciphersuites;
  handshake.curves = fmt::format("{}", fmt::join(from.curves, ":"));
  handshake.sigalgs = fmt::format("{}", fmt::join(from.sigalgs, ":"));
  handshake.alpn = from.alpn;
  if (!from.crl.empty()) read(key("crl"), beside_config(from.crl), handshake.crl.emplace_back());
}

}  // namespace corelane::runtime
