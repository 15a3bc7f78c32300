// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "logfmt/end_reason.hpp"

namespace corelane::logfmt {

inline constexpr std::uint32_t no_index = UINT32_MAX;

/// Everything a lane notes about an ended connection: plain data of fixed size that is queued to the control
/// thread, where alone it becomes text. Spans are -1 when the phase was never reached.
struct ConnectionRecord {
  std::int64_t accept_wall_us = 0;  // when it was accepted, since 1970, UTC
  base::TimeUs queue_us = -1;       // Tw: waiting for a server
  base::TimeUs connect_us = -1;     // Tc: until the server's connection stood, retries included
  base::TimeUs total_us = 0;        // Tt: accept to end
  std::uint64_t bytes_to_server = 0;
  std::uint64_t bytes_to_client = 0;
  std::uint64_t connections_process = 0;  // the five counts of %ac/%fc/%bc/%sc/%rc, this connection included
  std::uint32_t connections_frontend = 0;
  std::uint32_t connections_backend = 0;
  std::uint32_t connections_server = 0;
  std::uint32_t retries = 0;
  std::uint32_t queue_server = 0;     // how many were ahead of it in a server's queue when it joined
  std::uint32_t queue_backend = 0;    // the same in the queue for any server of the backend
  std::uint32_t frontend = no_index;  // positions in the configuration
  std::uint32_t bind = no_index;      // position in the frontend's bind list
  std::uint32_t backend = no_index;
  std::uint32_t server = no_index;
  std::uint32_t lane = 0;
  std::int32_t error_number = 0;  // the errno that ended it, 0 when none
  std::string_view detail;        // a word that says more than the reason, lives for ever; empty: none
  base::Endpoint client;
  bool redispatched = false;
  EndReason reason = EndReason::none;
  EndPhase phase = EndPhase::queue;
};

}  // namespace corelane::logfmt
