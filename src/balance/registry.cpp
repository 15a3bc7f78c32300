// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "balance/algorithms.hpp"
#include "balance/balancer.hpp"
#include "balance/candidate.hpp"

namespace corelane::balance {
namespace {

constexpr std::array rows{
    Algorithm{
        .name = "roundrobin",
        .help = "Servers take turns by weight, evenly interleaved.",
        .needs_connections = false,
        .deterministic = false,
        .pick = roundrobin_pick,
        .changed = roundrobin_changed,
    },
    Algorithm{
        .name = "static-rr",
        .help =
            "Servers take turns as in a list where each stands as often as its weight, made anew when one "
            "goes or comes; a turn costs the same with a thousand servers as with two.",
        .needs_connections = false,
        .deterministic = false,
        .keeps_table = true,
        .pick = static_rr_pick,
        .changed = static_rr_changed,
    },
    Algorithm{
        .name = "leastconn",
        .help = "The server with the fewest connections for its weight; equals take turns.",
        .needs_connections = true,
        .deterministic = false,
        .pick = leastconn_pick,
        .changed = changed_nothing,
    },
    Algorithm{
        .name = "source",
        .help =
            "The client's IP address decides, so that a client stays with its server while the set of usable "
            "servers stays: HAProxy's `balance source`. Of `hash` it takes type and modifier.",
        .needs_connections = false,
        .deterministic = true,
        .keeps_table = true,
        .key_hash = source_key,
        .pick = hashed_pick,
        .changed = hashed_changed,
    },
    Algorithm{
        .name = "hash",
        .help = "What `expression` names decides, hashed by the function of `hash`: HAProxy's `balance hash "
                "src`. A "
                "client without an IP address takes turns.",
        .needs_connections = false,
        .deterministic = true,
        .keeps_table = true,
        .key_hash = source_key,
        .pick = hashed_pick,
        .changed = hashed_changed,
    },
    Algorithm{
        .name = "uri",
        .help = "HTTP: the request's URI decides, up to its query, hashed by the function of `hash`, so that "
                "each "
                "object is asked for at one server: for caches.",
        .needs_connections = false,
        .deterministic = true,
        .keeps_table = true,
        .http_only = true,
        .key_hash = uri_key,
        .pick = hashed_pick,
        .changed = hashed_changed,
    },
    Algorithm{
        .name = "url_param",
        .help = "HTTP: the value of the query's parameter `param` decides, hashed by the function of `hash`. "
                "Requests without it take turns.",
        .needs_connections = false,
        .deterministic = true,
        .keeps_table = true,
        .http_only = true,
        .key_hash = url_param_key,
        .pick = hashed_pick,
        .changed = hashed_changed,
    },
    Algorithm{
        .name = "hdr",
        .help =
            "HTTP: the value of the header field `name` decides, up to a comma, hashed by the function of "
            "`hash`: that of the first such field. Requests without it take turns.",
        .needs_connections = false,
        .deterministic = true,
        .keeps_table = true,
        .http_only = true,
        .key_hash = header_key,
        .pick = hashed_pick,
        .changed = hashed_changed,
    },
    Algorithm{
        .name = "first",
        .help = "The first server in the order of the file that has room; weights only switch servers off.",
        .needs_connections = false,
        .deterministic = false,
        .pick = first_pick,
        .changed = changed_nothing,
    },
    Algorithm{
        .name = "random",
        .help = "Draws servers at random by weight and takes the one among them with the fewest connections "
                "for its weight.",
        .needs_connections = true,
        .deterministic = false,
        .pick = random_pick,
        .changed = changed_nothing,
    },
};

constexpr bool names_are_unique() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (rows[i].name == rows[j].name) return false;
  return true;
}
static_assert(names_are_unique());

}  // namespace

bool keeps_map(const Algorithm& algorithm, const Options& options) {
  const bool on_ring = algorithm.key_hash != nullptr && options.hash.type == HashType::consistent;
  return algorithm.keeps_table && !on_ring;
}

std::span<const Algorithm> registry() {
  return rows;
}

std::uint32_t find(std::string_view name) {
  for (std::uint32_t index = 0; index < rows.size(); ++index)
    if (rows[index].name == name) return index;
  return no_server;
}

}  // namespace corelane::balance
