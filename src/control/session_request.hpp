// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "config/diagnostic.hpp"
#include "config/model.hpp"
#include "control/admin_target.hpp"
#include "proxy/session_query.hpp"

namespace corelane::control {

/// Names one session of the process, for as long as it lives: its lane, its slot there, and when it was
/// accepted.
struct SessionId {
  std::uint32_t lane = 0;
  std::uint32_t slot = 0;
  base::TimeUs accepted_at = 0;

  friend bool operator==(const SessionId&, const SessionId&) = default;
};
/// "0-17-5f3e2c9a".
std::string session_id_text(const SessionId& id);
std::optional<SessionId> read_session_id(std::string_view text);

/// Which sessions a request is about.
struct SessionRequest {
  static constexpr std::uint32_t limit_default = 100;
  static constexpr std::uint32_t limit_max = 1000;

  std::uint32_t frontend = config::no_index;
  std::uint32_t backend = config::no_index;
  std::uint32_t server = config::no_index;
  std::uint32_t limit = limit_default;
  std::optional<SessionId> after;

  bool filtered() const noexcept {
    return frontend != config::no_index || backend != config::no_index || server != config::no_index;
  }
};

/// What is wrong with a request, with the HTTP status that says so.
struct SessionFault {
  int status = 400;
  std::string text;
  config::Hint hint = {};
};

/// Reads "?backend=db&server=db1&limit=10&after=ID"; `paged`: whether limit and after may stand there.
std::optional<SessionFault> read_session_request(const AdminTarget& target, const config::Model& model,
                                                 bool paged, SessionRequest& request);

nlohmann::ordered_json session_tree(const proxy::SessionRow& row, std::uint32_t lane,
                                    const config::Model& model, base::TimeUs now);

}  // namespace corelane::control
