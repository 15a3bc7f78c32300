// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/field.hpp"
#include "config/model.hpp"
#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

/// The rows about health that servers and default_server share.
namespace corelane::config::row {

inline bool is_checked(const void* server) {
  return static_cast<const Server*>(server)->check.enabled;
}

inline constexpr Condition checked_only{"check", is_checked,
                                        "the server is checked: its backend has a check"};

inline constexpr Field server_check =
    object<&ServerHealth::check, Server>(
        "check", server_check_section,
        "Runs the backend's check on this server: true, false, or an object that says where.")
        .with_note("true when the backend has a check");

inline constexpr Field server_on_marked_down =
    value<&ServerHealth::on_marked_down, Server>(
        "on_marked_down", as_word<OnMarkedDown>(), "none",
        "What happens to the connections of a server that a check takes down: shutdown-sessions ends them.",
        {}, on_marked_down_words)
        .only_if(checked_only);

}  // namespace corelane::config::row
