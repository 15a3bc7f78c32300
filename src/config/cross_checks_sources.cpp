// SPDX-License-Identifier: Apache-2.0
// Source addresses of servers that are in the same place.
#include <fmt/format.h>

#include <map>
#include <string_view>
#include <utility>

#include "config/cross_checks.hpp"
#include "config/source_address.hpp"

namespace corelane::config {
namespace {

/// A range of ports to one destination, and the server that has it first.
struct Range {
  const SourceAddress* source;
  std::string server;
};

using RangesByDestination = std::multimap<std::string_view, Range>;

template <class Holds>
const Range* find_range(const RangesByDestination& known, std::string_view destination, Holds holds) {
  const auto [first, last] = known.equal_range(destination);
  for (auto at = first; at != last; ++at) {
    if (holds(*at->second.source)) return &at->second;
  }
  return nullptr;
}

/// Two servers may share a range as a whole: then they take its ports from one store.
void check_server(const Server& server, const Node& node, const std::string& path, RangesByDestination& known,
                  Report& report) {
  if (server.address.kind != Address::Kind::ip) return;
  const std::string_view destination = server.address.text;
  for (const SourceAddress& source : server.source.addresses) {
    const auto is_same = [&source](const SourceAddress& other) { return other.text == source.text; };
    const auto overlaps = [&source](const SourceAddress& other) {
      return source_addresses_overlap(other, source);
    };
    if (!source.has_ports() || find_range(known, destination, is_same) != nullptr) continue;
    if (const Range* other = find_range(known, destination, overlaps)) {
      report.error(node.position, path,
                   fmt::format("its source address {} has ports in common with {} of {}, which is at {} too; "
                               "allowed: the same range, or none of its ports",
                               source.text, other->source->text, other->server, destination));
      return;
    }
    known.emplace(destination, Range{.source = &source, .server = path});
  }
}

}  // namespace

void check_sources(const Document& document, const Node& root, Report& report) {
  RangesByDestination known;
  const Node& backends = *root.find("backends");
  for (std::size_t b = 0; b < document.backends.size(); ++b) {
    const BackendDraft& backend = document.backends[b];
    const Node& servers = *backends.children[b].find("servers");
    const std::string place = path_key(path_key("backends", backend.name), "servers");
    for (std::size_t s = 0; s < backend.servers.size(); ++s)
      check_server(backend.servers[s], servers.children[s], path_index(place, s), known, report);
  }
}

}  // namespace corelane::config
