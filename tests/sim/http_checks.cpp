// SPDX-License-Identifier: Apache-2.0
// What must hold after a run of HTTP.
#include <algorithm>
#include <map>

#include "logfmt/http_log_text.hpp"
#include "sim/scenario.hpp"

namespace corelane::sim {

namespace {

using logfmt::ConnectionRecord;
using logfmt::EndReason;

void expect(const Outcome& outcome, bool holds, const std::string& what) {
  if (!holds) outcome.kernel.fail(what);
}

/// An exchange as it was logged.
struct Logged {
  const ConnectionRecord* record;
  std::string_view request_line;
};

std::string name_of(const ConnectionRecord& record) {
  return std::string(logfmt::end_reason_row(record.reason).name);
}

// --- Counters ----------------------------------------------------------------------------------------------

bool all_is_logged(const Outcome& outcome) {
  return outcome.log_dropped == 0 &&
         std::none_of(outcome.plan.model.frontends.begin(), outcome.plan.model.frontends.end(),
                      [](const config::Frontend& frontend) {
                        return frontend.dont_log_null || !frontend.http.monitor_uri.empty();
                      });
}

struct HttpTotals {
  std::uint64_t idle = 0, queued = 0, requests = 0, retries = 0;
};

HttpTotals sum_http(const Outcome& outcome) {
  HttpTotals totals;
  const config::Model& model = outcome.plan.model;
  for (const stats::LaneBlock* block : outcome.lanes) {
    for (std::size_t f = 0; f < model.frontends.size(); ++f) {
      totals.idle += block->frontend(f).connections_idle.get();
      totals.requests += block->frontend(f).requests_total.get();
    }
    for (std::size_t b = 0; b < model.backends.size(); ++b) {
      totals.queued += block->backend(b).queue_current.get();
      totals.retries += block->backend(b).retries.get();
      for (std::size_t s = 0; s < model.backends[b].servers.size(); ++s) {
        totals.idle += block->server(b, s).connections_idle.get();
        totals.queued += block->server(b, s).queue_current.get();
      }
    }
  }
  return totals;
}

// --- Reasons -----------------------------------------------------------------------------------------------

bool any_fault_until(const HttpClient& client, std::uint32_t number) {
  const auto& requests = client.requests();
  const auto end =
      requests.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(number, requests.size()));
  return std::any_of(requests.begin(), end,
                     [](const HttpRequest& request) { return request.fault != HttpRequest::Fault::none; });
}

/// The client went, or said that it would ask for nothing more.
bool may_have_gone(const HttpClient& client) {
  return client.left() || client.plan().ending == HttpClientPlan::Ending::half_closes || client.end_seen() ||
         client.break_seen() || client.asked() == 0 ||
         client.requests()[client.asked() - 1].after_cut == HttpRequest::AfterCut::ends;
}

bool time_out_is_possible(const Outcome& outcome, const ConnectionRecord& record) {
  const config::Timeouts& front = outcome.plan.model.frontends[record.frontend].timeouts;
  const bool chosen = record.backend != logfmt::no_index;
  const std::size_t number =
      chosen ? record.backend : outcome.plan.model.frontends[record.frontend].default_backend;
  const config::Timeouts& back = outcome.plan.model.backends[number].timeouts;
  const auto lasted = [&](std::int64_t ms) { return ms != 0 && record.total_us >= base::ms_to_us(ms); };
  switch (record.reason) {
    case EndReason::client_timeout:
      return lasted(front.client_ms);
    case EndReason::client_fin_timeout:
      return lasted(front.client_fin_ms) || lasted(front.client_ms);
    case EndReason::server_timeout:
    case EndReason::response_timeout:
      return lasted(back.server_ms);
    case EndReason::server_fin_timeout:
      return lasted(back.server_fin_ms) || lasted(back.server_ms);
    case EndReason::connect_timeout:
      return lasted(back.connect_ms);
    case EndReason::queue_timeout:
      return lasted(back.queue_ms) &&
             any_server_has(outcome, [](const auto& s) { return s.max_connections != 0; });
    case EndReason::tunnel_timeout:
      return lasted(back.tunnel_ms) || lasted(front.tunnel_ms) || lasted(front.client_fin_ms) ||
             lasted(back.server_fin_ms);
    case EndReason::request_timeout:
      return lasted(front.http_request_ms) || lasted(front.client_ms) || lasted(front.http_keep_alive_ms);
    default:
      return false;
  }
}

bool reason_is_possible(const Outcome& outcome, const ConnectionRecord& record, const HttpClient* client) {
  KernelCounts& counts = outcome.kernel.counts();
  switch (record.reason) {
    case EndReason::completed:
      return true;
    case EndReason::client_reset:
      return client == nullptr || client->left() || !client->reads() || client->closed();
    case EndReason::client_aborted:
    case EndReason::client_aborted_connect:
    case EndReason::request_incomplete:
      return client == nullptr || may_have_gone(*client);
    case EndReason::request_invalid:
      return client == nullptr || any_fault_until(*client, record.http.request_number);
    case EndReason::server_no_response:
    case EndReason::response_incomplete:
    case EndReason::response_invalid:
    case EndReason::server_reset:
      return outcome.http.breaks > 0;
    case EndReason::connect_refused:
      return counts.connects_failed > 0;
    case EndReason::killed_by_admin:
      return !outcome.plan.control.empty();
    default:
      return time_out_is_possible(outcome, record) || surroundings_explain(outcome, record.reason);
  }
}

// --- Clients -----------------------------------------------------------------------------------------------

std::string who(const HttpClient& client, const ConnectionRecord& record) {
  return fmt::format("{}, request {} ({}{}{}, status {})", base::endpoint_text(client.address()),
                     record.http.request_number, name_of(record), record.detail.empty() ? "" : ": ",
                     record.detail, record.http.status);
}

void check_final(const Outcome& outcome, const HttpClient& client, const ConnectionRecord& record,
                 const HttpFinal* final) {
  if (final == nullptr) {
    expect(outcome, record.reason != EndReason::completed || !client.attentive(),
           "completed, but the client got no answer: " + who(client, record));
    return;
  }
  expect(outcome, final->status == record.http.status,
         fmt::format("the client was told {}: {}", final->status, who(client, record)));
  if (record.reason == EndReason::completed)
    expect(outcome, final->complete || !client.attentive(),
           "completed, but the client lacks a part: " + who(client, record));
  const bool own = final->attempt == nullptr && !final->excess;
  expect(outcome, own || record.reason != EndReason::request_invalid || final->attempt != nullptr,
         "refused, but a server answered: " + who(client, record));
  expect(outcome, !own || record.reason != EndReason::completed,
         "an answer of the program's own without a reason: " + who(client, record));
}

void check_logged(const Outcome& outcome, const HttpClient& client, const Logged& logged) {
  const ConnectionRecord& record = *logged.record;
  const std::size_t number = record.http.request_number;
  expect(outcome, number <= std::max<std::size_t>(client.asked(), 1),
         "a record of no request: " + who(client, record));
  const HttpRequest* request =
      number == 0 || number > client.requests().size() ? nullptr : &client.requests()[number - 1];
  if (record.http.version != 0 && request != nullptr) {
    const HttpText& text = request->text;
    const std::string& line = text.start_line_sent.empty() ? text.start_line : text.start_line_sent;
    expect(outcome, logged.request_line == line,
           fmt::format("'{}' was logged: {}", logged.request_line, who(client, record)));
  }
  const bool seen = number != 0 && number <= client.finals().size();
  if (number != 0) check_final(outcome, client, record, seen ? &client.finals()[number - 1] : nullptr);
  check_http_times(outcome, record, client, request);
}

/// A client that has its answer may close before the server has the whole request.
bool completes(const HttpClient& client, const ConnectionRecord& record) {
  if (record.reason == EndReason::completed) return true;
  const std::size_t number = record.http.request_number;
  const bool answered =
      number != 0 && number <= client.finals().size() && client.finals()[number - 1].complete;
  return record.reason == EndReason::client_aborted && answered;
}

/// Each request once, in order.
void check_numbers(const Outcome& outcome, const HttpClient& client, const std::vector<Logged>& all) {
  std::uint32_t last = 0;
  for (const Logged& logged : all) {
    const std::uint32_t number = logged.record->http.request_number;
    const bool follows = all_is_logged(outcome) ? number == last + 1 : number > last;
    expect(outcome, follows || (number == 0 && all.size() == 1),
           fmt::format("logged after request {}: {}", last, who(client, *logged.record)));
    last = number;
  }
  if (all_is_logged(outcome) && client.attached() && client.program_view().closed_at < outcome.stop_at)
    expect(outcome, last >= client.finals().size(),
           fmt::format("{} answers, {} records", client.finals().size(), last));
}

/// Where nobody breaks, everybody gets what was asked for.
void check_served(const Outcome& outcome, const HttpClient& client) {
  const auto& finals = client.finals();
  expect(outcome, finals.size() == client.asked() || (!finals.empty() && !finals.back().stays),
         fmt::format("{}: {} of {} requests were answered", base::endpoint_text(client.address()),
                     finals.size(), client.asked()));
  for (const HttpFinal& final : finals) expect(outcome, final.complete, "a response was not complete");
  const bool all = client.asked() == client.requests().size();
  expect(outcome, all || (!finals.empty() && !finals.back().stays),
         base::endpoint_text(client.address()) + ": not all was asked");
}

/// A request that came while its connection stood is answered, or it is logged why not.
void check_not_dropped(const Outcome& outcome, const HttpClient& client, const std::vector<Logged>& all) {
  if (!all.empty() && all.back().record->reason != EndReason::completed) return;  // nor what came behind it
  const std::size_t logged = all.empty() ? 0 : all.back().record->http.request_number;
  if (!client.attentive() || !all_is_logged(outcome) || !outcome.plan.control.empty()) return;
  const auto& finals = client.finals();
  const config::Timeouts& timeouts = outcome.plan.model.frontends[client.plan().frontend].timeouts;
  if (timeouts.http_keep_alive_ms != 0 || timeouts.http_request_ms != 0 || timeouts.client_ms != 0) return;
  if (finals.empty() || !finals.back().stays || !finals.back().complete || client.in_tunnel()) return;
  if (client.program_view().closed_at >= outcome.stop_at - outcome.plan.stop_at + outcome.plan.drain_at)
    return;
  expect(outcome, client.asked() <= std::max(finals.size(), logged),
         fmt::format("{}: a request was dropped without a word", base::endpoint_text(client.address())));
}

}  // namespace

void check_http_books(const Outcome& outcome) {
  check_present_values(outcome);
  check_shares(outcome);
  const HttpTotals totals = sum_http(outcome);
  expect(outcome, totals.idle == 0, fmt::format("{} connections are idle for ever", totals.idle));
  expect(outcome, totals.queued == 0, fmt::format("{} streams are queued for ever", totals.queued));
  for (const proxy::Backend& backend : outcome.topology.backends()) {
    for (const proxy::Server& server : backend.servers)
      expect(outcome, server.state->idle_connections.load() == 0,
             "idle connections of a server were not given back");
  }
  if (!all_is_logged(outcome)) return;
  std::uint64_t read = 0, retries = 0;
  for (const ConnectionRecord& record : outcome.records) {
    read += record.http.version != 0;
    retries += record.retries;
  }
  expect(outcome, read == totals.requests,
         fmt::format("{} requests counted, {} logged", totals.requests, read));
  expect(outcome, retries == totals.retries,
         fmt::format("{} retries counted, {} logged", totals.retries, retries));
}

void check_http_connections(const Outcome& outcome) {
  std::map<std::string, std::vector<Logged>> by_client;
  for (std::size_t i = 0; i < outcome.records.size(); ++i) {
    logfmt::HttpLogTextReader reader(outcome.texts[i]);
    by_client[base::endpoint_text(outcome.records[i].client)].push_back(
        {.record = &outcome.records[i], .request_line = reader.next().value_or("")});
  }
  for (const HttpClient& client : outcome.http.clients) {
    std::vector<Logged>& all = by_client[base::endpoint_text(client.address())];
    check_numbers(outcome, client, all);
    for (const Logged& logged : all) {
      expect(outcome, reason_is_possible(outcome, *logged.record, &client),
             "without a cause: " + who(client, *logged.record));
      expect(outcome, !outcome.plan.gentle || completes(client, *logged.record),
             "did not complete: " + who(client, *logged.record));
      check_logged(outcome, client, logged);
    }
    const bool lost =
        client.attached() && client.program_view().read.all().empty();  // before it was accepted
    if (outcome.plan.gentle && !lost) check_served(outcome, client);
    check_not_dropped(outcome, client, all);
    if (client.attached() && client.reads() && !client.closed())
      expect(outcome, client.end_seen() || client.break_seen(),
             "a client never saw the end of its connection");
  }
}

}  // namespace corelane::sim
