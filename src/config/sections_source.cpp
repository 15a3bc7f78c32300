// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/shared_rows.hpp"
#include "config/source_address.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

// --- source

bool has_own_address(const void* source) {
  return static_cast<const Source*>(source)->transparent == TransparentSource::none;
}

constexpr Condition own_address_only{"transparent", has_own_address,
                                     "transparent is none: connections come from the client's address"};

constexpr Field transparent() {
  Field field = row::value<&Source::transparent>(
      "transparent", as_transparent, "none",
      "Connects from the client's address, that of its PROXY header where there was one. client: and from "
      "its port; clientip: the kernel chooses the port. In mode http also a sample of the request as its "
      "server gets it: `hdr_ip(x-forwarded-for,-1)`, the last address in that field; without one "
      "connections come from this machine's. The servers' answers must be routed back through this machine; "
      "see docs/transparent.md.",
      {}, transparent_source_words);
  field.member = [](void* source) { return source; };  // the expression as well
  return field;
}

constexpr Field source_fields[] = {
    row::values<&Source::addresses>(
        "addresses", as_source_address,
        "Addresses of this machine, taken in turn: `\"10.0.0.2:1025-65000\"` with a range of ports, or "
        "`\"10.0.0.2\"` with those of the system (net.ipv4.ip_local_port_range). Lanes share the ports out "
        "among themselves. Before Linux 6.3, and where a lane's share of the system's ports would be below "
        "256, the kernel looks for a free one instead.",
        {1, 64})
        .only_if(own_address_only),
    transparent(),
    row::value<&Source::interface>("interface", as_interface, "",
                                   "Connects through this network interface only, checks included.")
        .with_note("as routed"),
    row::packet_mark<Source>(),
    row::packet_tos<Source>(),
};

/// What a server says replaces what its backend says.
void forget_inherited(void* source, const void*) {
  *static_cast<Source*>(source) = Source{};
}

bool says_nothing(const void* source) {
  return *static_cast<const Source*>(source) == Source{};
}

/// Two entries that could hand out the same port would take it from each other.
void refuse_overlap(DecodeContext& context, const Node& node, const std::string& path, void* object,
                    const void*) {
  const std::vector<SourceAddress>& addresses = static_cast<Source*>(object)->addresses;
  const Node* list = node.find("addresses");
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (addresses[i].text.empty() || addresses[j].text.empty()) continue;  // faulty already
      if (!source_addresses_overlap(addresses[j], addresses[i])) continue;
      const std::string place = path_key(path, "addresses");
      context.report.error(
          list->children[i].position, path_index(place, i),
          fmt::format("has ports in common with {} at {}", addresses[j].text, path_index(place, j)));
      break;
    }
  }
}

// --- close

constexpr std::array<std::string_view, 3> close_policies{"fin", "server-first", "reset"};

bool waits_for_server(const void* close) {
  return static_cast<const Close*>(close)->policy == ClosePolicy::server_first;
}

constexpr Condition server_first_only{"policy", waits_for_server, "the policy is server-first"};

constexpr Field close_fields[] = {
    row::value<&Close::policy>(
        "policy", as_word<ClosePolicy>(), "fin",
        "What the server is told when the client has closed and everything was passed on. fin: the end, at "
        "once; TIME_WAIT is then Corelane's. server-first: nothing for a while, since most protocols let the "
        "server close by itself. reset: a reset, once the server's system has acknowledged every byte; what "
        "the server still wants to say is lost.",
        {}, close_policy_words),
    row::value<&Close::wait_ms>("wait", as_duration, "1s",
                                "How long the server may take to close before it is told to.",
                                {1, 3600 * row::second_ms})
        .only_if(server_first_only),
};

std::string_view family_word(base::Family family) {
  return family == base::Family::ipv6 ? "IPv6" : family == base::Family::ipv4 ? "IPv4" : "a UNIX socket";
}

}  // namespace

void check_source(DecodeContext& context, const Node& node, const std::string& path, const Server& server) {
  const Node* address = node.find("address");
  const base::Family family = server.address.endpoint.family;
  const auto refuse = [&](std::string message) {
    context.report.error(address->position, path_key(path, "address"), std::move(message));
  };
  if (server.source.transparent == TransparentSource::expression && server.mode != Mode::http) {
    const Node* source = node.find("source");
    const std::string requirement = "connecting from an address in requests needs mode http";
    if (source != nullptr) {
      context.report.error(source->key_position, path_key(path, "source"), requirement);
    } else {
      context.report.error(node.position, path, requirement + " (source of the backend)");
    }
  }
  if (address == nullptr || server.address.text.empty()) return;
  if (server.address.kind == Address::Kind::destination && !server.source.addresses.empty()) {
    refuse("source addresses are for servers with an address of their own");
  } else if (server.address.kind == Address::Kind::unix_path && server.source.addresses.empty() &&
             server.source != Source{}) {
    refuse(
        fmt::format("{} is a UNIX socket, for which a source means nothing; \"source\": {{}} in the "
                    "server frees it of its backend's",
                    server.address.text));
  } else if (family != base::Family::none) {
    for (const SourceAddress& source : server.source.addresses) {
      if (source.text.empty() || source.endpoint.family == family) continue;
      refuse(fmt::format("{} is {}, which the source address {} cannot reach", server.address.text,
                         family_word(family), source.text));
      return;
    }
  }
}

const Section source_section{.help = "Where connections to servers come from.",
                             .fields = source_fields,
                             .prepare = forget_inherited,
                             .finish = refuse_overlap,
                             .absent = says_nothing,
                             .example = R"({"addresses": ["10.0.0.2"]})"};
const Section close_section{.help = "How connections to servers end when the client has closed first.",
                            .fields = close_fields,
                            .shorthand = "policy"};

std::span<const std::string_view> close_policy_words() {
  return close_policies;
}

}  // namespace corelane::config
