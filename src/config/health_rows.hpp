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

inline bool is_watched(const void* object) {
  const auto& server = *static_cast<const Server*>(object);
  return server.check.enabled || server.agent_check.port != 0 || !server.track.text.empty();
}
inline bool is_observed(const void* server) {
  return static_cast<const Server*>(server)->observe != Observe::none;
}

inline constexpr Condition watched_only{"", is_watched,
                                        "something tells the server's health: a check of its backend, "
                                        "agent_check or track"};
inline constexpr Condition observed_only{"observe", is_observed, "observe is layer4"};

inline constexpr Field server_check =
    object<&ServerHealth::check, Server>(
        "check", server_check_section,
        "Runs the backend's check on this server: true, false, or an object that says where.")
        .with_note("true when the backend has a check");

inline constexpr Field server_observe =
    value<&ServerHealth::observe, Server>(
        "observe", as_word<Observe>(), "none",
        "layer4 lets the connections of clients speak of the server's health as well: error_limit failed "
        "ones in a row do what on_error says.",
        {}, observe_words)
        .only_if(checked_only);
inline constexpr Field server_on_error =
    value<&ServerHealth::on_error, Server>(
        "on_error", as_word<check::OnError>(), "fail-check",
        "fastinter checks the server after fast_interval and does nothing else; the others do so too. "
        "fail-check counts as a failed check, sudden-death lets one more failed check suffice, mark-down "
        "takes the server down at once.",
        {}, on_error_words)
        .only_if(observed_only);
inline constexpr Field server_error_limit =
    value<&ServerHealth::error_limit, Server>(
        "error_limit", as_count, "10", "Failed connections in a row that make on_error act.", {1, 1'000'000})
        .only_if(observed_only);
inline constexpr Field server_agent_check = object<&ServerHealth::agent_check, Server>(
    "agent_check", agent_check_section,
    "Asks an agent that may set the server's weight, its limit, its state and its health.");

inline constexpr Field server_on_marked_down =
    value<&ServerHealth::on_marked_down, Server>(
        "on_marked_down", as_word<OnMarkedDown>(), "none",
        "What happens to the connections of a server that goes down: shutdown-sessions ends them.", {},
        on_marked_down_words)
        .only_if(watched_only);

}  // namespace corelane::config::row
