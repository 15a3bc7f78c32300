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

constexpr Field source_fields[] = {
    row::values<&Source::addresses>(
        "addresses", as_source_address,
        "Addresses of this machine, taken in turn: `\"10.0.0.2:1025-65000\"` with a range of ports, which "
        "lanes "
        "share out among themselves, or `\"10.0.0.2\"`, for which the kernel looks for a free port.",
        {1, 64})
        .as_required(),
};

/// What a server says replaces what its backend says.
void forget_inherited(void* source, const void*) {
  static_cast<Source*>(source)->addresses.clear();
}

bool names_no_address(const void* source) {
  return static_cast<const Source*>(source)->addresses.empty();
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

void check_source_family(DecodeContext& context, const Node& node, const std::string& path,
                         const Server& server) {
  const bool family_known =
      server.address.kind == Address::Kind::ip || server.address.kind == Address::Kind::unix_path;
  const base::Family family = server.address.endpoint.family;
  const Node* address = node.find("address");
  if (!family_known || family == base::Family::none || address == nullptr) return;
  for (const SourceAddress& source : server.source.addresses) {
    if (source.text.empty() || source.endpoint.family == family) continue;
    context.report.error(address->position, path_key(path, "address"),
                         fmt::format("{} is {}, which the source address {} cannot reach",
                                     server.address.text, family_word(family), source.text));
    return;
  }
}

const Section source_section{.help = "Where connections to servers come from.",
                             .fields = source_fields,
                             .prepare = forget_inherited,
                             .finish = refuse_overlap,
                             .absent = names_no_address};
const Section close_section{.help = "How connections to servers end when the client has closed first.",
                            .fields = close_fields,
                            .shorthand = "policy"};

std::span<const std::string_view> close_policy_words() {
  return close_policies;
}

}  // namespace corelane::config
