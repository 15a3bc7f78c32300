// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "config/health_rows.hpp"
#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/shared_rows.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

constexpr std::array<std::string_view, 2> observes{"none", "layer4"};
constexpr std::array<std::string_view, 4> on_errors{"fastinter", "fail-check", "sudden-death", "mark-down"};
constexpr std::array<std::string_view, 2> on_marked_downs{"none", "shutdown-sessions"};

// --- where a server is checked

bool is_enabled(const void* check) {
  return static_cast<const ServerCheck*>(check)->enabled;
}

constexpr Condition enabled_only{"enabled", is_enabled, "the server is checked: its backend has a check"};

constexpr Field server_check_fields[] = {
    row::value<&ServerCheck::enabled>("enabled", as_boolean, "true", "Whether the check runs.")
        .with_note("true when the backend has a check"),
    row::value<&ServerCheck::address>(
        "address", as_check_address, "",
        "Where to check, for a server whose health another address tells: an address or a name without a "
        "port, or a UNIX socket.")
        .with_note("the server's")
        .only_if(enabled_only),
    row::value<&ServerCheck::port>("port", as_count, "0", "The port to check. 0: the server's.", {0, 65535})
        .only_if(enabled_only),
    row::value<&ServerCheck::source>(
        "source", as_source_address, "",
        "The address of this machine that checks come from. The kernel chooses the port: none of the ranges "
        "that connections use is touched.")
        .with_note("the first address of the server's source")
        .only_if(enabled_only),
    row::value<&ServerCheck::send_proxy>(
        "send_proxy", as_optional_boolean, "",
        "Whether checks begin with the PROXY header that the server's send_proxy describes.")
        .with_note("true unless address or port is given")
        .only_if(enabled_only),
    row::refusable_object<&ServerCheck::tls, &ServerCheck::tls_refused>(
        "tls", check_tls_section, "TLS of the check: of its connections to the checked port.")
        .with_note("the server's tls, unless address or port is given")
        .only_if(enabled_only),
};

/// An object with a check's options means a check.
void check_by_default(void* check, const void*) {
  static_cast<ServerCheck*>(check)->enabled = true;
}

void refuse_source_ports(DecodeContext& context, const Node& node, const std::string& path, void* object,
                         const void*) {
  const Node* source = node.find("source");
  if (source == nullptr || !static_cast<const ServerCheck*>(object)->source.has_ports()) return;
  context.report.error(source->position, path_key(path, "source"),
                       "takes no ports: the kernel chooses those of checks");
}

// --- agents

constexpr Field agent_check_fields[] = {
    row::value<&AgentCheck::port>("port", as_count, "0",
                                  "Where the agent listens. 0: no agent, whatever default_server says.",
                                  {0, 65535}),
    row::value<&AgentCheck::address>("address", as_check_address, "",
                                     "Where the agent is: an address or a name without a port.")
        .with_note("the server's"),
    row::value<&AgentCheck::interval_ms>("interval", as_duration, "2s", "Time between questions.",
                                         {10, row::day_ms}),
    row::value<&AgentCheck::send>("send", as_content, "", "Text that is sent first.").with_note("nothing"),
};

bool asks_no_agent(const void* agent) {
  return static_cast<const AgentCheck*>(agent)->port == 0;
}

void require_agent_port(DecodeContext& context, const Node& node, const std::string& path, void* object,
                        const void*) {
  if (!asks_no_agent(object)) return;
  if (node.find("port") != nullptr) {
    apply_defaults(agent_check_section, object);  // nothing stays of what was handed down
    return;
  }
  context.report.error(node.position, path, "the key \"port\" is missing");
}

}  // namespace

const Section agent_check_section{.help = "An agent that is asked about a server.",
                                  .fields = agent_check_fields,
                                  .finish = require_agent_port,
                                  .absent = asks_no_agent,
                                  .example = R"({"port": 9707})"};
const Section server_check_section{.help = "Whether a server is checked, and where.",
                                   .fields = server_check_fields,
                                   .prepare = check_by_default,
                                   .finish = refuse_source_ports,
                                   .shorthand = "enabled"};

std::span<const std::string_view> observe_words() {
  return observes;
}
std::span<const std::string_view> on_error_words() {
  return on_errors;
}
std::span<const std::string_view> on_marked_down_words() {
  return on_marked_downs;
}

}  // namespace corelane::config
