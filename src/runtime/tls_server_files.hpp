// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/model.hpp"
#include "control/tls_checks.hpp"
#include "proxy/tls_servers.hpp"
#include "tls/settings.hpp"

namespace corelane::runtime {

/// What the files say that TLS towards servers names. Servers that say the same share it.
struct TlsServerSettings {
  std::vector<tls::ClientSettings> distinct;
  std::vector<std::vector<std::string>> users;        // of each: "backends.b.servers[0].tls", never none
  std::vector<std::vector<std::uint32_t>> of_server;  // [backend][server]: a position and one; 0: no TLS
};

/// The same of their checks, with the name that each of `distinct` asks for.
struct TlsCheckSettings : TlsServerSettings {
  std::vector<std::string> names;
};

/// The parts of load_tls() that are about servers and their checks.
void load_tls_servers(const config::Model& model, const std::string& config_file, TlsServerSettings& settings,
                      std::vector<config::Diagnostic>& diagnostics);
void load_tls_checks(const config::Model& model, const std::string& config_file, TlsCheckSettings& settings,
                     std::vector<config::Diagnostic>& diagnostics);

/// Some of TlsServerSettings::distinct, in their places.
using TlsServerChanges = std::vector<std::optional<tls::ClientSettings>>;

/// One for each lane; none where no server has TLS. Settings that load_tls_servers() found no error in.
std::vector<proxy::TlsServers> make_tls_servers(const TlsServerSettings& settings, std::uint32_t lanes);
/// For one thread, null where nothing is changed. Likewise.
std::vector<proxy::TlsServerPlace> make_tls_contexts(const TlsServerChanges& changes);
/// For one thread. Likewise.
control::TlsChecks make_tls_checks(TlsCheckSettings settings);

}  // namespace corelane::runtime
