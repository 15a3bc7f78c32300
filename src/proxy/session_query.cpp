// SPDX-License-Identifier: Apache-2.0
#include "proxy/session_query.hpp"

#include <algorithm>

#include "proxy/lane_state.hpp"

namespace corelane::proxy {

namespace {

SessionState state_of(Stream::Phase phase) {
  switch (phase) {
    case Stream::Phase::reading_header:
    case Stream::Phase::handshaking:
      return SessionState::proxy_header;
    case Stream::Phase::choosing:
    case Stream::Phase::queueing:
      return SessionState::queue;
    case Stream::Phase::waiting_retry:
      return SessionState::waiting_retry;
    case Stream::Phase::inspecting:
    case Stream::Phase::reading_request:
      return SessionState::request;
    case Stream::Phase::forwarding:
    case Stream::Phase::exchanging:
    case Stream::Phase::replying:
    case Stream::Phase::releasing:
      return SessionState::forwarding;
    case Stream::Phase::lingering:
    case Stream::Phase::closing:
    case Stream::Phase::count:
      return SessionState::closing;
    case Stream::Phase::opening:
    case Stream::Phase::connecting:
    case Stream::Phase::abandoning:
    case Stream::Phase::sending_header:
    case Stream::Phase::securing:
      break;
  }
  return SessionState::connecting;
}

bool matches(const SessionRow& row, const SessionQuery& query) {
  const auto fits = [](std::uint32_t wanted, std::uint32_t is) {
    return wanted == config::no_index || wanted == is;
  };
  return fits(query.frontend, row.frontend) && fits(query.backend, row.backend) &&
         fits(query.server, row.server) && (query.accepted_at < 0 || query.accepted_at == row.accepted_at) &&
         !(query.end && row.state == SessionState::closing);
}

}  // namespace

SessionRow Stream::describe() const {
  return {.slot = lane_.streams.slot(this),
          .accepted_at = session_->accepted_at,
          .client = session_->endpoint,
          .frontend = session_->frontend,
          .backend = backend_,
          .server = server_index_,
          .bytes_to_server = to_server_.bytes,
          .bytes_to_client = to_client_.bytes,
          .retries = retries_,
          .state = state_of(phase_)};
}

void answer_session_query(LaneState& lane, const SessionQuery& query) {
  const std::uint32_t slots = lane.streams.slots_touched();
  const std::uint32_t first = std::min(query.slot_first, slots);
  const std::uint32_t end = first + std::min({query.slots, SessionQuery::slots_max, slots - first});
  const std::uint32_t matches_max = std::min(query.matches, SessionQuery::matches_max);
  SessionReply last{.last = true, .matches = 0, .slot_next = config::no_index, .row = {}};
  std::uint32_t slot = first;
  while (last.matches < matches_max && (slot = lane.stream_slots.next(slot, end)) < end) {
    Stream& stream = lane.streams.at(slot++);
    const SessionRow row = stream.describe();
    if (!matches(row, query)) continue;
    ++last.matches;
    if (query.end) {
      stream.end(logfmt::EndReason::killed_by_admin);
    } else {
      CORELANE_CHECK(lane.session_replies.push({.row = row}));
    }
  }
  if (slot < slots) last.slot_next = slot;
  CORELANE_CHECK(lane.session_replies.push(last));
  if (io::Ring* control = lane.shared.control_ring) control->wake(lane.ring.get());
}

}  // namespace corelane::proxy
