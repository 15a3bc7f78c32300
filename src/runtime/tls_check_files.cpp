// SPDX-License-Identifier: Apache-2.0
#include "runtime/tls_check_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "runtime/tls_place.hpp"

namespace corelane::runtime {
namespace {

namespace fs = std::filesystem;

/// Where systems keep the authorities that they trust.
constexpr std::array<std::string_view, 3> system_authorities{
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

void read_authorities(TlsPlace& place, const config::CheckTls& tls, tls::HandshakeSettings& handshake) {
  if (!tls.ca.empty()) {
    place.read(place.key("ca"), place.beside_config(tls.ca), handshake.client_ca.emplace_back());
    return;
  }
  for (const std::string_view file : system_authorities) {
    std::error_code error;
    if (!fs::exists(file, error)) continue;
    place.read(place.key("verify"), std::string(file), handshake.client_ca.emplace_back());
    return;
  }
  place.refuse(place.key("verify"),
               fmt::format("no authorities to verify the server by: ca is not given, and there is none of {}",
                           fmt::join(system_authorities, ", ")));
}

tls::ClientSettings load(TlsPlace& place, const config::CheckTls& tls) {
  tls::ClientSettings settings;
  place.read_handshake(tls, settings.handshake);
  settings.verify = tls.verify;
  settings.verify_host = tls.verify_host;
  settings.reuse_sessions = false;
  if (tls.verify) read_authorities(place, tls, settings.handshake);
  if (!tls.certificate.empty())
    place.read(place.key("certificate"), place.beside_config(tls.certificate), settings.certificate.chain);
  return settings;
}

void note(TlsPlace& place, const std::vector<tls::SettingError>& found, config::Severity severity) {
  for (const tls::SettingError& one : found)
    place.add(severity, place.key(one.key == "client_ca" ? "ca" : one.key), one.text);
}

}  // namespace

void load_tls_checks(const config::Model& model, const std::string& config_file, TlsCheckSettings& settings,
                      std::vector<config::Diagnostic>& diagnostics) {
  std::vector<const config::CheckTls*> seen;
  for (const config::Backend& backend : model.backends) {
    const std::string servers = config::path_key(config::path_key("backends", backend.name), "servers");
    std::vector<std::uint32_t>& positions = settings.of_server.emplace_back();
    for (std::size_t i = 0; i < backend.servers.size(); ++i) {
      std::uint32_t& position = positions.emplace_back(0);
      const std::optional<config::CheckTls>& tls = backend.servers[i].check.tls;
      if (!tls) continue;
      const auto same =
          std::ranges::find_if(seen, [&tls](const config::CheckTls* one) { return *one == *tls; });
      position = static_cast<std::uint32_t>(same - seen.begin()) + 1;
      if (same != seen.end()) continue;
      seen.push_back(&*tls);
      TlsPlace place(config_file, config::path_key(config::path_key(config::path_index(servers, i), "check"), "tls"), diagnostics);
      const std::size_t faults = diagnostics.size();
      settings.distinct.push_back(load(place, *tls));
      if (diagnostics.size() != faults) continue;  // what is missing would be found once more
      const auto built = tls::ClientContext::build(settings.distinct.back(), std::time(nullptr));
      note(place, built.errors, config::Severity::error);
      note(place, built.warnings, config::Severity::warning);
    }
  }
}

control::TlsChecks make_tls_checks(const TlsCheckSettings& settings) {
  control::TlsChecks made;
  if (settings.distinct.empty()) return made;
  made.of_server = settings.of_server;
  for (const tls::ClientSettings& one : settings.distinct)
    made.contexts.push_back(tls::ClientContext::build(one, std::time(nullptr)).context);
  return made;
}

}  // namespace corelane::runtime
