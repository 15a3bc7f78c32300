// SPDX-License-Identifier: Apache-2.0
#include "proxy/peer_io.hpp"

#include "proxy/lane_state.hpp"

namespace corelane::proxy {

void peer_receive(LaneState& lane, Peer& peer, std::uint32_t bytes_cap) {
  if (peer.tls != nullptr) return peer.tls->receive(false);
  lane.ring->receive(peer.receive, peer.socket, bytes_cap);
}

void peer_send(LaneState& lane, Peer& peer, std::span<const std::byte> bytes) {
  if (peer.tls != nullptr) return peer.tls->send(bytes);
  lane.ring->send(peer.send, peer.socket, bytes);
}

void peer_cancel(LaneState& lane, Peer& peer) {
  for (io::Op* op : {&peer.receive, &peer.send})
    if (peer.tls == nullptr || !peer.tls->holds(*op)) lane.ring->cancel(*op);
  if (peer.tls != nullptr) peer.tls->cancel();
}

void peer_stop_receiving(LaneState& lane, Peer& peer) {
  if (peer.tls == nullptr) lane.ring->cancel(peer.receive);
}

bool peer_at_rest(const Peer& peer) noexcept {
  return peer.ops_in_flight == 0 && (peer.tls == nullptr || peer.tls->ops_in_flight == 0);
}

void peer_end(LaneState&, Peer& peer) {
  if (peer.tls != nullptr) return peer.tls->shutdown_send();
  (void)io::socket_shutdown_send(peer.socket);
}

}  // namespace corelane::proxy
