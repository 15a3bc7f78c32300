// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "proxy/peer.hpp"

namespace corelane::proxy {

struct LaneState;

/// What streams ask of a peer's connection: of the ring, or of the TLS that stands in its place.

/// Ring::receive with `peer.receive`.
void peer_receive(LaneState& lane, Peer& peer, std::uint32_t bytes_cap);
/// Ring::send with `peer.send`.
void peer_send(LaneState& lane, Peer& peer, std::span<const std::byte> bytes);
/// Ends both operations: nothing moves from now on.
void peer_cancel(LaneState& lane, Peer& peer);
/// Nothing more is wanted of it: ends its receive. Within TLS that stays in flight until peer_cancel(), since
/// what still comes may be needed to send; what it says goes with the connection.
void peer_stop_receiving(LaneState& lane, Peer& peer);
/// Tells the other end that everything was said.
void peer_end(LaneState& lane, Peer& peer);
/// Nothing of it is with the kernel.
bool peer_at_rest(const Peer& peer) noexcept;

}  // namespace corelane::proxy
