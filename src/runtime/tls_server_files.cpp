// SPDX-License-Identifier: Apache-2.0
#include "runtime/tls_server_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <optional>
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

void read_authorities(TlsPlace& place, const config::TlsTowardsServer& tls,
                      tls::HandshakeSettings& handshake) {
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

tls::ClientSettings load(TlsPlace& place, const config::TlsTowardsServer& tls) {
  tls::ClientSettings settings;
  place.read_handshake(tls, settings.handshake);
  settings.verify = tls.verify == config::TlsServerVerify::required;
  settings.reuse_sessions = false;
  if (settings.verify) read_authorities(place, tls, settings.handshake);
  if (!tls.certificate.empty())
    place.read(place.key("certificate"), place.beside_config(tls.certificate), settings.certificate.chain);
  return settings;
}

/// What the library calls by the names that binds have for it.
std::string_view key_of_server(std::string_view key) {
  if (key == "client_ca") return "ca";
  return key == "certificates" ? "certificate" : key;
}

void note(TlsPlace& place, const std::vector<tls::SettingError>& found, config::Severity severity) {
  for (const tls::SettingError& one : found) place.add(severity, place.key(key_of_server(one.key)), one.text);
}

/// Reads the settings of one server after the other; `Tls` is config::ServerTls or config::CheckTls.
template <class Tls>
class Loader {
 public:
  Loader(const std::string& config_file, TlsServerSettings& settings,
         std::vector<config::Diagnostic>& diagnostics)
      : config_file_(config_file), settings_(settings), diagnostics_(diagnostics) {}

  void begin_backend() { settings_.of_server.emplace_back(); }

  /// Of the next server. Where it is the first with these settings, their files are read, and what the
  /// settings need beside them is for `complete`.
  template <class Complete>
  void add(const std::optional<Tls>& tls, std::string path, Complete complete) {
    std::uint32_t& position = settings_.of_server.back().emplace_back(0);
    if (!tls) return;
    const auto same = std::ranges::find(seen_, *tls);
    position = static_cast<std::uint32_t>(same - seen_.begin()) + 1;
    if (same != seen_.end()) {
      settings_.users[position - 1].push_back(std::move(path));
      return;
    }
    seen_.push_back(*tls);
    settings_.users.push_back({path});
    TlsPlace place(config_file_, std::move(path), diagnostics_);
    const std::size_t faults = diagnostics_.size();
    settings_.distinct.push_back(load(place, *tls));
    complete(*tls, settings_.distinct.back());
    if (diagnostics_.size() != faults) return;  // what is missing would be found once more
    const auto built = tls::ClientContext::build(settings_.distinct.back(), std::time(nullptr));
    note(place, built.errors, config::Severity::error);
    note(place, built.warnings, config::Severity::warning);
  }

 private:
  const std::string& config_file_;
  TlsServerSettings& settings_;
  std::vector<config::Diagnostic>& diagnostics_;
  std::vector<Tls> seen_;
};

/// Calls begin(), then each(server, path), for every backend.
template <class Begin, class Each>
void for_each_server(const config::Model& model, Begin begin, Each each) {
  for (const config::Backend& backend : model.backends) {
    begin();
    const std::string servers = config::path_key(config::path_key("backends", backend.name), "servers");
    for (std::size_t i = 0; i < backend.servers.size(); ++i)
      each(backend.servers[i], config::path_index(servers, i));
  }
}

proxy::TlsServers make(const TlsServerSettings& settings) {
  proxy::TlsServers made;
  if (settings.distinct.empty()) return made;
  made.of_server = settings.of_server;
  for (const tls::ClientSettings& one : settings.distinct)
    made.contexts.push_back(tls::ClientContext::build(one, std::time(nullptr)).context);
  return made;
}

}  // namespace

// The name that certificates must be for depends on the connection.
void load_tls_servers(const config::Model& model, const std::string& config_file, TlsServerSettings& settings,
                      std::vector<config::Diagnostic>& diagnostics) {
  Loader<config::ServerTls> loader(config_file, settings, diagnostics);
  const auto complete = [](const config::ServerTls& tls, tls::ClientSettings& made) {
    made.reuse_sessions = tls.session_reuse;
  };
  for_each_server(
      model, [&] { loader.begin_backend(); },
      [&](const config::Server& server, const std::string& path) {
        loader.add(server.tls, config::path_key(path, "tls"), complete);
      });
}

void load_tls_checks(const config::Model& model, const std::string& config_file, TlsCheckSettings& settings,
                     std::vector<config::Diagnostic>& diagnostics) {
  Loader<config::CheckTls> loader(config_file, settings, diagnostics);
  const auto complete = [&](const config::CheckTls& tls, tls::ClientSettings& made) {
    made.verify_host = tls.verify_host;
    settings.names.push_back(tls.sni.empty() ? tls.verify_host : tls.sni);
  };
  for_each_server(
      model, [&] { loader.begin_backend(); },
      [&](const config::Server& server, const std::string& path) {
        const std::string owner = server.check.tls ? config::path_key(path, "check") : path;
        const auto tls = server.check.enabled ? server.check_tls() : std::nullopt;
        loader.add(tls, config::path_key(owner, "tls"), complete);
      });
}

std::vector<proxy::TlsServers> make_tls_servers(const TlsServerSettings& settings, std::uint32_t lanes) {
  std::vector<proxy::TlsServers> made;
  if (settings.distinct.empty()) return made;
  for (std::uint32_t lane = 0; lane < lanes; ++lane) made.push_back(make(settings));
  return made;
}

std::vector<proxy::TlsServerPlace> make_tls_contexts(const TlsServerChanges& changes) {
  std::vector<proxy::TlsServerPlace> made;
  for (const std::optional<tls::ClientSettings>& one : changes)
    made.push_back(one ? tls::ClientContext::build(*one, std::time(nullptr)).context : nullptr);
  return made;
}

control::TlsChecks make_tls_checks(TlsCheckSettings settings) {
  return {.servers = make(settings), .names = std::move(settings.names)};
}

}  // namespace corelane::runtime
