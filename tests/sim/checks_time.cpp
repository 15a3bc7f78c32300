// SPDX-License-Identifier: Apache-2.0
// Time-outs strike when they should: not early, and not late.
#include <algorithm>

#include "sim/scenario.hpp"

namespace corelane::sim {

namespace {

using logfmt::ConnectionRecord;
using logfmt::EndReason;

// A tick of the timer wheel, a turn, and a stall of the lane.
constexpr TimeUs late_us_max = 30'000;
// HAProxy's pause before the same server is tried again.
constexpr TimeUs retry_pause_us_max = 1'000'000;

/// One side's time-outs and what its connection did.
struct Watch {
  const char* side;
  const ProgramView& view;
  std::int64_t timeout_ms;
  std::int64_t fin_ms;
  EndReason reason;               // when it strikes before anything was half-closed
  const ProgramView& other;       // the other side: while it is slow to take bytes, this one may not speak
  std::int64_t other_timeout_ms;  // the longer of its time-outs; 0: it may be slow for ever
};

/// From when on the side's silence counts against it at `next`: the other side's last sign of life gave it
/// leave to speak.
TimeUs silent_since(const Watch& watch, TimeUs active_at, TimeUs next) {
  const std::vector<TimeUs>& moves = watch.other.moved_at;
  const auto later = std::lower_bound(moves.begin(), moves.end(), next);
  return later == moves.begin() ? active_at : std::max(active_at, *std::prev(later));
}

// While the side may still send, the pauses between its bytes are bounded; `from` is when the server's
// connection stood.
void check_side(const Outcome& outcome, const ConnectionRecord& record, const Watch& watch, TimeUs from,
                TimeUs end) {
  TimeUs active_at = from;
  TimeUs longest_us = 0;
  const TimeUs until = std::min(end, watch.view.end_told_at);
  const auto pause = [&](TimeUs next) {
    longest_us = std::max(longest_us, next - active_at);
    TimeUs limit = watch.timeout_ms == 0 ? base::time_never : base::ms_to_us(watch.timeout_ms);
    if (next > watch.view.end_said_at) {  // from then on the other time-out, if there is one
      if (watch.fin_ms != 0)
        limit = std::max(base::ms_to_us(watch.fin_ms), watch.view.end_said_at - active_at);
      if (watch.fin_ms == 0 && watch.timeout_ms == 0) return;
    }
    if (limit == base::time_never || watch.other_timeout_ms == 0) return;
    limit = std::max(limit, base::ms_to_us(watch.other_timeout_ms));
    if (next - silent_since(watch, active_at, next) <= limit + late_us_max) return;
    outcome.kernel.fail(fmt::format("the {} was silent from {} to {} us, longer than its time-out of {} us",
                                    watch.side, active_at, next, limit));
  };
  for (const TimeUs moved_at : watch.view.moved_at) {
    if (moved_at <= active_at) continue;
    if (moved_at > until) break;
    pause(moved_at);
    active_at = moved_at;
  }
  pause(until);
  // Bytes may still come while the operations of a connection that timed out are being cancelled.
  if (record.reason == watch.reason && longest_us < base::ms_to_us(watch.timeout_ms)) {
    outcome.kernel.fail(fmt::format("the {}'s time-out of {} ms struck, its longest silence was {} us",
                                    watch.side, watch.timeout_ms, longest_us));
  }
}

/// 0, "no limit", is the longest.
std::int64_t longest_of(std::int64_t timeout_ms, std::int64_t fin_ms) {
  return timeout_ms == 0 ? 0 : std::max(timeout_ms, fin_ms);
}

bool has_limits(const config::Backend& backend) {
  return std::any_of(backend.servers.begin(), backend.servers.end(),
                     [](const config::Server& server) { return server.max_connections != 0; });
}

void check_connect_time(const Outcome& outcome, const ConnectionRecord& record,
                        const config::Backend& backend) {
  const TimeUs connect_us = base::ms_to_us(backend.timeouts.connect_ms);
  if (connect_us == 0 || record.queue_us < 0) return;
  // After a retry's pause the server may be full, and the connection waits once more.
  if (record.retries > 0 && has_limits(backend)) return;
  const TimeUs took = record.connect_us >= 0 ? record.connect_us : record.total_us - record.queue_us;
  const TimeUs tries = record.retries + 1;
  const TimeUs most =
      tries * (connect_us + late_us_max) + record.retries * std::min(connect_us, retry_pause_us_max);
  if (took > most) {
    outcome.kernel.fail(fmt::format("connecting took {} us, {} retries and a time-out of {} us allow {}",
                                    took, record.retries, connect_us, most));
  }
}

}  // namespace

void check_times(const Outcome& outcome, const ConnectionRecord& record, const Peer& client) {
  const config::Backend& backend = outcome.plan.model.backends[record.backend];
  check_connect_time(outcome, record, backend);
  if (record.connect_us < 0) return;
  const config::Timeouts& front = outcome.plan.model.frontends[record.frontend].timeouts;
  const config::Timeouts& back = backend.timeouts;
  const TimeUs from = record.accept_wall_us + record.queue_us + record.connect_us;
  const TimeUs end = record.accept_wall_us + record.total_us;
  if (client.partner() == nullptr) return;  // unknown whether the server kept the client silent
  check_side(outcome, record,
             {.side = "client",
              .view = client.program_view(),
              .timeout_ms = front.client_ms,
              .fin_ms = front.client_fin_ms,
              .reason = EndReason::client_timeout,
              .other = client.partner()->program_view(),
              .other_timeout_ms = longest_of(back.server_ms, back.server_fin_ms)},
             from, end);
  check_side(outcome, record,
             {.side = "server",
              .view = client.partner()->program_view(),
              .timeout_ms = back.server_ms,
              .fin_ms = back.server_fin_ms,
              .reason = EndReason::server_timeout,
              .other = client.program_view(),
              .other_timeout_ms = longest_of(front.client_ms, front.client_fin_ms)},
             from, end);
}

}  // namespace corelane::sim
