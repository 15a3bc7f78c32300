// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "proxy/topology.hpp"
#include "proxy/zeroed_array.hpp"

namespace corelane::proxy {

struct LaneState;
struct RuleInput;
class Stream;

/// What `stick` of a backend knows of a request or TCP connection, for each place in a lane's pool of
/// streams, in memory that is touched where a backend sticks: the server that a table has for it, and the
/// keys whose server it will tell, once there is one. Made only where a backend sticks.
class LaneSticking {
 public:
  /// `words`: the most that keys of a backend take, of words_for.
  LaneSticking(std::uint32_t words, std::uint32_t streams);
  /// None: no backend sticks.
  static std::optional<std::uint32_t> words_for(const Topology& topology);

  struct Place {
    std::uint32_t& server_after;  // and one; 0: none
    std::uint64_t& kept;          // a bit for each of BackendRules::stick_keys
    std::span<std::uint32_t> words;
  };
  Place of(std::uint32_t stream) noexcept;

 private:
  struct Head {
    std::uint64_t kept;
    std::uint32_t server_after;
  };
  std::size_t place_bytes_;
  ZeroedArray<std::byte> memory_;
};

/// Looks at what `input.backend` says of requests: finds the server that a table has, one that is down only
/// where `forced`, and keeps keys for later.
void stick_by_request(const RuleInput& input, bool forced);
/// The server found there; config::no_index: none.
std::uint32_t stuck_server(LaneState& lane, const Stream& stream, std::uint32_t backend);
/// `input.server` has answered, or in mode tcp been reached: tables have it for the keys from now on.
void stick_to_server(const RuleInput& input);

}  // namespace corelane::proxy
