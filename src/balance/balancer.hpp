// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "balance/hash.hpp"
#include "balance/request_key.hpp"
#include "balance/ring.hpp"
#include "balance/server_map.hpp"

/// Choosing a server. Pure: an algorithm sees the servers of one backend as an array whose positions
/// never change, and is told everything else.
namespace corelane::balance {

inline constexpr std::uint32_t no_server = UINT32_MAX;
/// The most servers that one pick of `random` draws.
inline constexpr std::uint32_t draws_max = 64;
/// The most servers of a backend.
inline constexpr std::uint32_t servers_max = 4096;
/// The most that weights may add up to where each unit has its place in a table (Algorithm::keeps_table), in
/// units of their greatest common divisor for a ServerMap (2 bytes each), of 1 for a Ring (192 bytes each).
inline constexpr std::uint32_t table_weight_max = 65'536;
/// Parts of a weight of 1 that are told apart while a server starts slowly.
inline constexpr std::uint32_t weight_fine = 16;

/// One server as an algorithm sees it. `weight` is 0 when it must get no new connection (down, drained,
/// weight 0, a backup that is not needed); such a server is never picked.
struct ServerView {
  std::uint32_t weight = 0;           // 0 to 256, in units of 1 / State::weight_unit
  std::uint32_t connections = 0;      // now, in the whole process; current only if the algorithm asks for it
  std::uint32_t connections_max = 0;  // 0: no limit
};

/// What a backend's configuration says to its algorithm.
struct Options {
  std::uint32_t draws = 2;
  Hash hash;
  KeyOptions key = {};
  /// Of consistent hashing: no server gets more than this percentage of the mean load. 0: no bound.
  std::uint32_t hash_balance_factor = 0;
};

/// What one pick may depend on.
struct PickInput {
  std::optional<std::uint32_t> key_hash =
      std::nullopt;                 // by Algorithm::key_hash; without one servers take turns
  std::uint64_t random = 0;         // fresh for every pick
  std::uint32_t avoid = no_server;  // picked only when no other server is left (it just failed)
};

/// One lane's memory of one backend, laid out by the algorithm. `scratch` has one element per server.
struct ServerScratch {
  std::int64_t credit = 0;
};
struct State {
  std::uint32_t cursor = 0;
  std::uint32_t lane = 0;  // lanes start at different servers, so that a few connections still spread
  std::uint32_t lanes = 1;
  std::uint32_t weight_unit = 1;  // weight_fine while a server starts slowly: weights are then so much finer
  std::span<ServerScratch> scratch;
  ServerMap map;  // of algorithms that keep one of these tables
  Ring ring;
};

/// One algorithm: a row of the registry.
struct Algorithm {
  std::string_view name;
  std::string_view help;     // one sentence for the manual
  bool needs_connections;    // reads ServerView::connections, which must then be counted across lanes
  bool deterministic;        // the same client goes to the same server: a retry must not move it early
  bool keeps_table = false;  // whose size is that of the weights: table_weight_max holds
  bool http_only = false;    // looks at the request, which TCP mode does not have
  /// What of the client or its request decides, hashed; null where nothing does.
  std::optional<std::uint32_t> (*key_hash)(const Hash&, const KeyOptions&, const Request&) = nullptr;
  /// The picked server, or no_server when none has weight and room. A server at connections_max is passed
  /// over.
  std::uint32_t (*pick)(State& state, std::span<const ServerView> servers, const PickInput& input,
                        const Options& options);
  /// Told before the first pick, and after the set of usable servers or a weight changed.
  void (*changed)(State& state, std::span<const ServerView> servers, const Options& options);
};

/// Whether it keeps a ServerMap, made from whole weights: HAProxy's static algorithms, whose weights are 0 or
/// as configured.
bool keeps_map(const Algorithm& algorithm, const Options& options);

/// All algorithms, in the order of the manual; a position is what config::Balance::algorithm holds.
std::span<const Algorithm> registry();
/// Position in registry(), or no_server.
std::uint32_t find(std::string_view name);

}  // namespace corelane::balance
