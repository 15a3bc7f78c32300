// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "config/model.hpp"

namespace corelane::proxy {

struct LaneState;

/// What the control thread asks a lane of its sessions. A lane answers at once and keeps nothing of it, so a
/// walk over many sessions is many questions, each of bounded work. The control thread asks again only when
/// the last answer is complete: so many answers at most wait in the lane's queue.
struct SessionQuery {
  static constexpr std::uint32_t matches_max = 64;
  static constexpr std::uint32_t slots_max = 4096;

  std::uint32_t slot_first = 0;  // where to begin
  std::uint32_t slots = slots_max;
  std::uint32_t matches = matches_max;
  bool end = false;  // ends what matches, instead of describing it
  /// What a session has to have; no_index: anything.
  std::uint32_t frontend = config::no_index;
  std::uint32_t backend = config::no_index;
  std::uint32_t server = config::no_index;
  base::TimeUs accepted_at = -1;  // -1: at any time
};

enum class SessionState : std::uint8_t {
  proxy_header,  // its PROXY header is awaited
  request,       // HTTP: waits for a request
  queue,         // waits for a place at a server
  connecting,
  waiting_retry,  // a pause before the server is tried again
  forwarding,
  closing,
};

/// One session as it is now. Slot and time of acceptance name it within its lane.
struct SessionRow {
  std::uint32_t slot = 0;
  base::TimeUs accepted_at = 0;
  base::Endpoint client = {};
  std::uint32_t frontend = 0;
  std::uint32_t backend = 0;
  std::uint32_t server = config::no_index;  // none yet
  std::uint64_t bytes_to_server = 0;
  std::uint64_t bytes_to_client = 0;
  std::uint16_t retries = 0;
  SessionState state = SessionState::forwarding;
};

/// First the rows, then one `last`.
struct SessionReply {
  bool last = false;
  std::uint32_t matches = 0;                   // last: how many there were
  std::uint32_t slot_next = config::no_index;  // last: where to go on; no_index: this was all
  SessionRow row;
};

inline constexpr std::uint32_t session_replies_max = 128;  // power of two
static_assert(session_replies_max > SessionQuery::matches_max);

/// Lane's thread: answers into LaneState::session_replies and wakes the control thread.
void answer_session_query(LaneState& lane, const SessionQuery& query);

}  // namespace corelane::proxy
