// SPDX-License-Identifier: Apache-2.0
// Time-outs strike when they should: not early, and not late.
#include <algorithm>
#include <iterator>

#include "base/timer_wheel.hpp"
#include "sim/scenario.hpp"

namespace corelane::sim {

namespace {

using logfmt::ConnectionRecord;
using logfmt::EndReason;
using Stretch = Stretches::Stretch;

// For each attempt to connect: a tick of the timer wheel and the way back of what was cancelled.
constexpr TimeUs connect_late_us_max = 30'000;
// HAProxy's pause before the same server is tried again.
constexpr TimeUs retry_pause_us_max = 1'000'000;

/// One side of a connection while bytes were forwarded, as the program saw it.
struct Watch {
  const char* side;
  const ProgramView& view;
  const ProgramView& other;
  std::int64_t timeout_ms;
  std::int64_t fin_ms;
  TimeUs from;   // the server's connection stood
  TimeUs until;  // the program gave the connection up, or learned that this side broke
};

/// When the program waited for the side: it read from it, or had something to be sent to it.
std::vector<Stretch> waits_for(const Watch& watch) {
  std::vector<Stretch> all = watch.view.read.all();
  all.insert(all.end(), watch.other.held.all().begin(), watch.other.held.all().end());
  std::sort(all.begin(), all.end(), [](const Stretch& a, const Stretch& b) { return a.from < b.from; });
  std::vector<Stretch> waits;
  for (Stretch stretch : all) {
    stretch.from = std::max(stretch.from, watch.from);
    stretch.to = std::min(stretch.to, watch.until);
    if (stretch.from > stretch.to) continue;
    if (!waits.empty() && stretch.from <= waits.back().to) {
      waits.back().to = std::max(waits.back().to, stretch.to);
    } else {
      waits.push_back(stretch);
    }
  }
  return waits;
}

/// In one moment the break of one side and bytes from the other were told: in which order, nobody knows.
enum class Tie { sign_of_life, none };

/// The side's signs of life: bytes and ends, from it or to it. Once the other side broke, bytes from it are
/// none.
std::vector<TimeUs> movements_of(const Watch& watch, Tie tie) {
  std::vector<TimeUs> moves = watch.view.took_at;
  const TimeUs broke_at = watch.other.break_told_at;
  std::copy_if(watch.view.said_at.begin(), watch.view.said_at.end(), std::back_inserter(moves),
               [&](TimeUs at) { return at < broke_at || (at == broke_at && tie == Tie::sign_of_life); });
  moves.push_back(watch.view.end_told_at);
  moves.push_back(watch.view.end_said_at);
  std::sort(moves.begin(), moves.end());
  return moves;
}

bool half_closed(const Watch& watch, TimeUs at) {
  return at >= std::min(watch.view.end_told_at, watch.view.end_said_at);
}

/// How long the side may be silent from then on.
TimeUs limit_us(const Watch& watch, TimeUs from) {
  const bool fin = half_closed(watch, from) && watch.fin_ms != 0;
  const std::int64_t limit_ms = fin ? watch.fin_ms : watch.timeout_ms;
  return limit_ms == 0 ? base::time_never : base::ms_to_us(limit_ms);
}

/// Calls `silence(from, to)` for each time in which the program waited for the side and nothing moved.
template <class Silence>
void for_each_silence(const Watch& watch, Tie tie, Silence silence) {
  const std::vector<TimeUs> moves = movements_of(watch, tie);
  for (const Stretch& wait : waits_for(watch)) {
    TimeUs from = wait.from;
    for (auto move = std::upper_bound(moves.begin(), moves.end(), from);
         move != moves.end() && *move < wait.to; from = *move++) {
      silence(from, *move);
    }
    silence(from, wait.to);
  }
}

void check_late(const Outcome& outcome, const Watch& watch) {
  const TimeUs late_us_max = base::TimerWheel::tick_us + outcome.kernel.counts().late_us_max;
  for_each_silence(watch, Tie::sign_of_life, [&](TimeUs from, TimeUs to) {
    const TimeUs limit = limit_us(watch, from);
    if (limit == base::time_never || to - from <= limit + late_us_max) return;
    outcome.kernel.fail(
        fmt::format("the {} was silent from {} to {} us, longer than its time-out of {} us and {} of delay",
                    watch.side, from, to, limit, late_us_max));
  });
}

/// Whether the side had used up its time when the program gave up.
bool used_up(const Watch& watch, TimeUs& from) {
  bool used = false;
  for_each_silence(watch, Tie::none, [&](TimeUs silent_from, TimeUs to) {
    if (to != watch.until) return;
    from = silent_from;
    used = to - silent_from >= limit_us(watch, silent_from);
  });
  return used;
}

void check_early(const Outcome& outcome, const ConnectionRecord& record, const Watch& watch,
                 EndReason timeout, EndReason fin_timeout) {
  if (record.reason != timeout && record.reason != fin_timeout) return;
  TimeUs from = watch.until;
  const char* name = logfmt::end_reason_row(record.reason).name.data();
  if (!used_up(watch, from)) {
    outcome.kernel.fail(fmt::format("{} at {} us, but the {} was waited for, and silent, only since {}", name,
                                    watch.until, watch.side, from));
  }
  if (half_closed(watch, from) != (record.reason == fin_timeout)) {
    outcome.kernel.fail(fmt::format("{}, but the {} was {}half-closed", name, watch.side,
                                    half_closed(watch, from) ? "" : "not "));
  }
}

TimeUs established_at(const ConnectionRecord& record) {
  return record.accept_wall_us + record.queue_us + record.connect_us;
}

/// When the program gave the connection up: whatever still was in flight was cancelled then.
TimeUs given_up_at(const ConnectionRecord& record, const Peer& client) {
  const TimeUs end = record.accept_wall_us + record.total_us;
  const auto cancelled_at = [](const Peer& peer) {
    const TimeUs at = peer.program_view().given_up_at;
    return at == base::time_never ? 0 : at;
  };
  const TimeUs at = std::max(cancelled_at(client), cancelled_at(*client.partner()));
  return record.reason == EndReason::completed || at == 0 ? end : std::min(at, end);
}

Watch watch_client(const Outcome& outcome, const ConnectionRecord& record, const Peer& client) {
  const config::Timeouts& timeouts = outcome.plan.model.frontends[record.frontend].timeouts;
  const ProgramView& view = client.program_view();
  return {.side = "client",
          .view = view,
          .other = client.partner()->program_view(),
          .timeout_ms = timeouts.client_ms,
          .fin_ms = timeouts.client_fin_ms,
          .from = established_at(record),
          .until = std::min(given_up_at(record, client), view.break_told_at)};
}

Watch watch_server(const Outcome& outcome, const ConnectionRecord& record, const Peer& client) {
  const config::Timeouts& timeouts = outcome.plan.model.backends[record.backend].timeouts;
  const ProgramView& view = client.partner()->program_view();
  return {.side = "server",
          .view = view,
          .other = client.program_view(),
          .timeout_ms = timeouts.server_ms,
          .fin_ms = timeouts.server_fin_ms,
          .from = established_at(record),
          .until = std::min(given_up_at(record, client), view.break_told_at)};
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
  const TimeUs late_us_max = connect_late_us_max + outcome.kernel.counts().late_us_max;
  const TimeUs most =
      tries * (connect_us + late_us_max) + record.retries * std::min(connect_us, retry_pause_us_max);
  if (took > most) {
    outcome.kernel.fail(fmt::format("connecting took {} us, {} retries and a time-out of {} us allow {}",
                                    took, record.retries, connect_us, most));
  }
}

}  // namespace

void check_times(const Outcome& outcome, const ConnectionRecord& record, const Peer& client) {
  check_connect_time(outcome, record, outcome.plan.model.backends[record.backend]);
  // Without a partner it is unknown which of the servers' ends was the client's.
  if (record.connect_us < 0 || client.partner() == nullptr) return;
  // A server whose end is kept back is under server_fin before it is told anything, which nobody sees from
  // outside.
  if (outcome.plan.model.backends[record.backend].close.policy != config::ClosePolicy::fin) return;
  const Watch client_watch = watch_client(outcome, record, client);
  const Watch server_watch = watch_server(outcome, record, client);
  check_late(outcome, client_watch);
  check_late(outcome, server_watch);
  check_early(outcome, record, client_watch, EndReason::client_timeout, EndReason::client_fin_timeout);
  check_early(outcome, record, server_watch, EndReason::server_timeout, EndReason::server_fin_timeout);
}

bool timed_out(const Outcome& outcome, const ConnectionRecord& record, const Peer& client, bool server) {
  TimeUs from = 0;
  return used_up(server ? watch_server(outcome, record, client) : watch_client(outcome, record, client),
                 from);
}

}  // namespace corelane::sim
