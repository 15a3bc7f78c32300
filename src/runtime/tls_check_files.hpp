// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/model.hpp"
#include "control/tls_checks.hpp"
#include "tls/settings.hpp"

namespace corelane::runtime {

/// What the files say that checks over TLS name. Servers that say the same share it.
struct TlsCheckSettings {
  std::vector<tls::ClientSettings> distinct;
  std::vector<std::vector<std::uint32_t>> of_server;  // [backend][server]: a position and one; 0: no TLS
};

/// The part of load_tls() that is about checks.
void load_tls_checks(const config::Model& model, const std::string& config_file, TlsCheckSettings& settings,
                      std::vector<config::Diagnostic>& diagnostics);

/// For one thread. Settings that load_tls_checks() found no error in.
control::TlsChecks make_tls_checks(const TlsCheckSettings& settings);

}  // namespace corelane::runtime
