// SPDX-License-Identifier: Apache-2.0
// Time-outs of HTTP strike when they should: not early, and not late.
#include <algorithm>

#include "base/timer_wheel.hpp"
#include "sim/scenario.hpp"

namespace corelane::sim {

namespace {

using logfmt::ConnectionRecord;
using logfmt::EndReason;

/// One record, and what is known of it.
struct Case {
  const Outcome& outcome;
  const ConnectionRecord& record;
  const HttpClient& client;
  const HttpRequest* request;
  const config::Timeouts& front;
  const config::Timeouts& back;
  TimeUs late_us_max;
};

void expect_within(const Case& now, const char* what, TimeUs took, TimeUs limit) {
  if (took >= limit && took <= limit + now.late_us_max) return;
  now.outcome.kernel.fail(fmt::format("{} of {}, request {}: after {} us, where {} to {} were right", what,
                                      base::endpoint_text(now.client.address()),
                                      now.record.http.request_number, took, limit, limit + now.late_us_max));
}

/// When the program began to send the answer to this request; never: the client did not hear of it.
TimeUs answered_at(const Case& now) {
  const std::size_t number = now.record.http.request_number;
  if (number == 0 || number > now.client.finals().size()) return base::time_never;
  const std::uint64_t offset = now.client.finals()[number - 1].at;
  for (const ProgramView::SendBegin& begun : now.client.program_view().sends) {
    if (begun.taken == offset) return begun.at;
  }
  return base::time_never;
}

const ProgramView* server_view(const Case& now) {
  if (now.request == nullptr || now.request->attempts.empty()) return nullptr;
  return &now.outcome.http.servers[now.request->attempts.back()->connection].program_view();
}

TimeUs last_before(const std::vector<TimeUs>& times, TimeUs until) {
  const auto after = std::lower_bound(times.begin(), times.end(), until);
  return after == times.begin() ? 0 : *std::prev(after);
}

TimeUs last_move(const ProgramView& view, TimeUs until) {
  return std::max(last_before(view.said_at, until), last_before(view.took_at, until));
}

TimeUs request_read_at(const Case& now) {
  const logfmt::HttpRecord& http = now.record.http;
  return now.record.accept_wall_us + std::max<TimeUs>(http.idle_us, 0) + std::max<TimeUs>(http.request_us, 0);
}

TimeUs request_limit(const config::Timeouts& front) {
  return base::ms_to_us(front.http_request_ms != 0 ? front.http_request_ms : front.client_ms);
}

/// The clock of a connection's first request runs from the accept, that of a later one from its first byte.
TimeUs request_clock(const Case& now) {
  const bool first = now.record.http.request_number <= 1;
  return now.record.accept_wall_us + (first ? 0 : std::max<TimeUs>(now.record.http.idle_us, 0));
}

void check_request_timeout(const Case& now) {
  const TimeUs at = answered_at(now);
  if (at == base::time_never || now.record.http.version != 0) return;
  expect_within(now, "request_timeout", at - request_clock(now), request_limit(now.front));
}

void check_response_timeout(const Case& now) {
  const ProgramView* view = server_view(now);
  if (now.outcome.plan.http->waits) return;  // nor while a rule keeps the response
  if (view == nullptr || now.record.connect_us < 0 || now.record.retries != 0) return;
  if (now.request->attempts.size() != 1 || now.request->attempts.front()->reused) return;
  // While the client takes an interim response the server is not waited for.
  if (!now.request->attempts.front()->answer.interims.empty()) return;
  const TimeUs at = view->given_up_at;
  const TimeUs established = request_read_at(now) + now.record.queue_us + now.record.connect_us;
  if (at == base::time_never || at < established) return;
  // While no buffer is free it is not read from, and not waited for.
  TimeUs from = std::max(established, last_move(*view, at));
  for (const Stretches::Stretch& read : view->read.all()) {
    if (read.from < at) from = std::max(from, read.from);
  }
  // While a slow client leaves nothing to send to it, it is not waited for.
  for (const ProgramView::SendBegin& begun : view->sends) {
    if (begun.at < at) from = std::max(from, begun.at);
  }
  expect_within(now, "response_timeout", at - from, base::ms_to_us(now.back.server_ms));
}

void check_client_timeout(const Case& now) {
  // The server's connection is given up first; meanwhile the client may speak again.
  const ProgramView* server = server_view(now);
  const bool replied = now.record.http.status == 408;
  const TimeUs at = !replied            ? now.client.program_view().given_up_at
                    : server != nullptr ? server->given_up_at
                                        : answered_at(now);
  if (at == base::time_never) return;
  const TimeUs from = last_move(now.client.program_view(), at);
  if (at - from < base::ms_to_us(now.front.client_ms))
    expect_within(now, "client_timeout", at - from, base::ms_to_us(now.front.client_ms));
}

void check_queue_timeout(const Case& now) {
  // Who waited for a server that went down queues again, for as long.
  if (now.record.retries != 0 || !now.outcome.plan.control.empty()) return;
  // Who is balanced by something in his body says that first.
  if (now.outcome.plan.model.backends[now.record.backend].balance.check_post) return;
  expect_within(now, "queue_timeout", now.record.queue_us, base::ms_to_us(now.back.queue_ms));
}

void expect_struck(const Case& now, const char* what, TimeUs since, TimeUs limit) {
  if (limit == 0 || now.outcome.stop_at - since <= limit + now.late_us_max) return;
  now.outcome.kernel.fail(fmt::format("{} of {}, request {}, did not strike in {} us", what,
                                      base::endpoint_text(now.client.address()),
                                      now.record.http.request_number, now.outcome.stop_at - since));
}

/// Who stood still until the process stopped had no time-out.
void check_stopped(const Case& now) {
  if (now.request == nullptr) return;
  const HttpRequest& request = *now.request;
  const bool stalls =
      request.said_max != HttpRequest::uncut && request.after_cut == HttpRequest::AfterCut::stalls;
  if (now.record.http.version == 0)
    return expect_struck(now, "request_timeout", request_clock(now), request_limit(now.front));
  if (now.client.in_tunnel() || now.client.program_view().broke_or_ended()) return;
  const TimeUs client_moved = last_move(now.client.program_view(), now.outcome.stop_at);
  if (stalls && request.attempts.empty() == false && request.attempts.back()->answered == false &&
      now.record.connect_us >= 0)
    expect_struck(now, "client_timeout",
                  std::max(client_moved, last_move(*server_view(now), now.outcome.stop_at)),
                  base::ms_to_us(now.front.client_ms));
  if (request.attempts.empty() || !now.client.reads()) return;
  const HttpAttempt& attempt = *request.attempts.back();
  const bool silent = attempt.complete && attempt.answer.fault == HttpAnswer::Fault::cut &&
                      attempt.answered && attempt.answer.after_cut == HttpAnswer::AfterCut::stalls;
  if (!silent || now.record.connect_us < 0) return;
  const TimeUs moved =
      std::max({client_moved, last_move(*server_view(now), now.outcome.stop_at), attempt.complete_at});
  expect_struck(now, "the server's time-out", moved, base::ms_to_us(now.back.server_ms));
}

}  // namespace

void check_http_times(const Outcome& outcome, const ConnectionRecord& record, const HttpClient& client,
                      const HttpRequest* request) {
  if (!client.attached()) return;
  const config::Frontend& frontend = outcome.plan.model.frontends[record.frontend];
  const std::size_t backend = record.backend == logfmt::no_index ? frontend.default_backend : record.backend;
  const Case now{.outcome = outcome,
                 .record = record,
                 .client = client,
                 .request = request,
                 .front = frontend.timeouts,
                 .back = outcome.plan.model.backends[backend].timeouts,
                 // What is in flight on a server's connection comes back before the client is answered.
                 .late_us_max = base::TimerWheel::tick_us + 2 * outcome.kernel.counts().late_us_max +
                                outcome.plan.weather.latency_us_max};
  switch (record.reason) {
    case EndReason::request_timeout:
      return check_request_timeout(now);
    case EndReason::response_timeout:
      return check_response_timeout(now);
    case EndReason::client_timeout:
      return check_client_timeout(now);
    case EndReason::queue_timeout:
      return check_queue_timeout(now);
    case EndReason::process_stopping:
      return check_stopped(now);
    default:
      return;
  }
}

}  // namespace corelane::sim
