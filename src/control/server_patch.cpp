// SPDX-License-Identifier: Apache-2.0
#include "control/server_patch.hpp"

#include <fmt/format.h>

#include <array>
#include <string>

#include "config/address.hpp"
#include "config/node.hpp"
#include "control/patch_object.hpp"

namespace corelane::control {

namespace {

using config::Node;
using Kind = config::Node::Kind;

constexpr std::int64_t weight_max = 256;
constexpr std::array<std::string_view, 3> keys{"state", "weight", "address"};
constexpr std::array<std::string_view, 3> states{"ready", "drain", "maint"};

void read_state(const Node& node, ServerPatch& patch, config::Report& report) {
  patch.state = node.kind == Kind::string ? check::find_admin_state(node.text) : std::nullopt;
  if (patch.state) return;
  const std::string given =
      node.kind == Kind::string ? fmt::format("\"{}\"", node.text) : std::string(node_kind_text(node.kind));
  report.error(node.position, "state", given + " is no administrative state", hint_of(node.text, states));
}

void read_weight(const Node& node, ServerPatch& patch, config::Report& report) {
  if (node.kind == Kind::integer && node.integer >= 0 && node.integer <= weight_max) {
    patch.weight = static_cast<std::uint32_t>(node.integer);
    return;
  }
  const bool number = node.kind == Kind::integer || node.kind == Kind::real;
  report.error(node.position, "weight",
               fmt::format("{} is not a whole number from 0 to {}",
                           number ? std::string_view(node.text) : node_kind_text(node.kind), weight_max));
}

void read_address(const Node& node, ServerPatch& patch, config::Report& report) {
  if (node.kind != Kind::string) {
    report.error(node.position, "address", fmt::format("{} is not a string", node_kind_text(node.kind)));
    return;
  }
  config::AddressResult result = config::address_from_text(node.text, config::AddressUse::server);
  if (!result.address) {
    report.error(node.position, "address", result.fault);
  } else if (result.address->kind == config::Address::Kind::host) {
    report.error(
        node.position, "address",
        fmt::format("\"{}\" is a name, and names are resolved at start only: give its IP address and port",
                    node.text));
  } else {
    patch.address = std::move(result.address);
  }
}

}  // namespace

ServerPatch read_server_patch(std::string_view json, config::Report& report) {
  ServerPatch patch;
  read_patch_object(json, keys, report, [&](const Node& child) {
    if (child.key == "state") return read_state(child, patch, report);
    if (child.key == "weight") return read_weight(child, patch, report);
    read_address(child, patch, report);
  });
  return patch;
}

}  // namespace corelane::control
