// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "logfmt/end_reason.hpp"
#include "proxy/zeroed_array.hpp"
#include "sample/stick_view.hpp"

namespace corelane::proxy {

struct LaneState;
class Stream;

/// What stick counters follow, of every connection of a lane and of what it carries: two lists for each place
/// in the lane's pool of streams, in memory that is touched where a rule tracks something. Made only where
/// there is a stick table.
class LaneTracking {
 public:
  explicit LaneTracking(std::uint32_t streams) : keys_(streams + 1UL) {}

  struct Keys {
    sample::TrackedKeys session;
    sample::TrackedKeys stream;
    bool any;  // one of them follows something
  };
  Keys& of(std::uint32_t stream) noexcept { return keys_[stream]; }

 private:
  ZeroedArray<Keys> keys_;
};

/// A rule's counter begins to follow a key, unless it follows one already.
struct Tracking {
  std::uint32_t counter = 0;
  bool of_session =
      false;  // until the connection ends; else until the request, or what a TCP connection carries
  bool of_http = false;  // the rule is about a request or its response, which counts at once
  std::uint32_t table = 0;
  std::uint16_t response_status = 0;  // of a response that has come; 0: none
};
void begin_tracking(LaneState& lane, const Stream& stream, const Tracking& tracking,
                    std::span<const std::uint32_t> key);

/// What happens to a stream is counted with the keys that its counters follow, or its connection's where they
/// follow none. Cheap where none does.
void count_tracked_session(LaneState& lane, const Stream& stream);
void count_tracked_request(LaneState& lane, const Stream& stream);
void count_tracked_response(LaneState& lane, const Stream& stream, std::uint16_t status);
void count_tracked_end(LaneState& lane, const Stream& stream, logfmt::EndReason reason);
void count_tracked_bytes(LaneState& lane, const Stream& stream, std::uint64_t to_server,
                         std::uint64_t to_client);

/// The request is over, or the connection: nothing is followed any more.
void end_stream_tracking(LaneState& lane, const Stream& stream);
void end_session_tracking(LaneState& lane, const Stream& stream);

}  // namespace corelane::proxy
