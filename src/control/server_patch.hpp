// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "check/server_condition.hpp"
#include "config/diagnostic.hpp"
#include "config/model.hpp"

namespace corelane::control {

/// What an administrator changes of a server; what is not there stays as it is.
struct ServerPatch {
  std::optional<check::AdminState> state;
  std::optional<std::uint32_t> weight;     // 0 to 256
  std::optional<config::Address> address;  // ip or unix_path
};

/// Reads {"state": "drain", "weight": 10, "address": "10.0.0.2:3306"}, strictly as a configuration is read:
/// what the report gets names the key, what is allowed, and what was probably meant.
ServerPatch read_server_patch(std::string_view json, config::Report& report);

}  // namespace corelane::control
