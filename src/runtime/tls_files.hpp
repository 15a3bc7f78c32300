// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/model.hpp"
#include "proxy/tls_binds.hpp"
#include "runtime/tls_server_files.hpp"
#include "tls/settings.hpp"

namespace corelane::runtime {

/// What the files say that binds with TLS name: [frontend][bind], none where there is no TLS. Each lane's
/// contexts are made of it.
using TlsBindSettings = std::vector<std::vector<std::optional<tls::ServerSettings>>>;

/// All that is to be known of TLS.
struct TlsSettings {
  TlsBindSettings binds;
  TlsServerSettings servers;
  TlsCheckSettings checks;
  std::string config_file;    // that it was read for
  std::string ticket_secret;  // of binds without a file of keys; made once, so that tickets stay good
};

/// Reads every file that binds, servers and checks name for TLS, and tries what is in them. The faults and
/// warnings name the place in the configuration, which was read from `config_file`: files that are not
/// absolute lie beside it.
std::vector<config::Diagnostic> load_tls(const config::Model& model, const std::string& config_file,
                                         TlsSettings& settings);

/// The same once more: `settings` has their file and secret already, and gets the rest anew.
std::vector<config::Diagnostic> reload_tls(const config::Model& model, TlsSettings& settings);

/// "frontends.web.bind[0].tls".
std::string bind_tls_path(const config::Frontend& frontend, std::size_t bind);

/// Whether one of them is more than a warning.
bool any_error(const std::vector<config::Diagnostic>& diagnostics);

/// One for each lane, null where there are no settings; none at all where no bind has any. Settings that
/// load_tls() found no error in. `sessions` may be null.
std::vector<proxy::TlsBinds> make_tls_binds(const TlsBindSettings& settings, std::uint32_t lanes,
                                            tls::SessionCache* sessions);

}  // namespace corelane::runtime
