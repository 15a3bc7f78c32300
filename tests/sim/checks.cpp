// SPDX-License-Identifier: Apache-2.0
// What must hold after a run.
#include <algorithm>
#include <map>

#include "proxy/flow.hpp"
#include "sim/scenario.hpp"

namespace corelane::sim {

namespace {

using logfmt::ConnectionRecord;
using logfmt::EndReason;

void expect(const Outcome& outcome, bool holds, const std::string& what) {
  if (!holds) outcome.kernel.fail(what);
}

void expect_equal(const Outcome& outcome, std::uint64_t have, std::uint64_t want, const char* what) {
  if (have != want) outcome.kernel.fail(fmt::format("{}: {} instead of {}", what, have, want));
}

/// The lanes' sum of a counter.
std::uint64_t sum_lanes(const Outcome& outcome, stats::Counter stats::LaneCounters::*counter) {
  std::uint64_t sum = 0;
  for (const stats::LaneBlock* block : outcome.lanes) sum += (block->lane().*counter).get();
  return sum;
}

template <class Value>
std::uint64_t sum_records(const Outcome& outcome, Value value) {
  std::uint64_t sum = 0;
  for (const ConnectionRecord& record : outcome.records) sum += value(record);
  return sum;
}

std::uint64_t count_reason(const Outcome& outcome, std::initializer_list<EndReason> reasons) {
  return sum_records(outcome, [&](const ConnectionRecord& record) {
    return std::uint64_t{std::find(reasons.begin(), reasons.end(), record.reason) != reasons.end()};
  });
}

// --- Counters ----------------------------------------------------------------------------------------------

/// The counters of all frontends, backends or servers together.
struct Totals {
  std::uint64_t current = 0, total = 0, bytes_in = 0, bytes_out = 0;
  template <class Group>
  void add(const Group& group) {
    current += group.connections_current.get();
    total += group.connections_total.get();
    bytes_in += group.bytes_in.get();
    bytes_out += group.bytes_out.get();
  }
};

Totals totals_of_frontends(const Outcome& outcome) {
  Totals totals;
  for (const stats::LaneBlock* block : outcome.lanes) {
    for (std::size_t f = 0; f < outcome.plan.model.frontends.size(); ++f) totals.add(block->frontend(f));
  }
  return totals;
}

Totals totals_of_backends(const Outcome& outcome) {
  Totals totals;
  for (const stats::LaneBlock* block : outcome.lanes) {
    for (std::size_t b = 0; b < outcome.plan.model.backends.size(); ++b) totals.add(block->backend(b));
  }
  return totals;
}

Totals totals_of_servers(const Outcome& outcome) {
  Totals totals;
  const config::Model& model = outcome.plan.model;
  for (const stats::LaneBlock* block : outcome.lanes) {
    for (std::size_t b = 0; b < model.backends.size(); ++b) {
      for (std::size_t s = 0; s < model.backends[b].servers.size(); ++s) totals.add(block->server(b, s));
    }
  }
  return totals;
}

}  // namespace

void check_present_values(const Outcome& outcome) {
  using Lane = stats::LaneCounters;
  expect_equal(outcome, sum_lanes(outcome, &Lane::connections_current), 0, "connections_current of lanes");
  expect_equal(outcome, sum_lanes(outcome, &Lane::connections_taken_over),
               sum_lanes(outcome, &Lane::connections_handed_over), "connections_taken_over");
  expect_equal(outcome, sum_lanes(outcome, &Lane::buffers_waiting), 0, "buffers_waiting of lanes");
  expect_equal(outcome, totals_of_frontends(outcome).current, 0, "connections_current of frontends");
  expect_equal(outcome, totals_of_backends(outcome).current, 0, "connections_current of backends");
  expect_equal(outcome, totals_of_servers(outcome).current, 0, "connections_current of servers");
  expect_equal(outcome, sum_lanes(outcome, &Lane::splice_flows), 0, "splice_flows");
  expect_equal(outcome, sum_lanes(outcome, &Lane::buffers_in_use), 0, "buffers_in_use");
  for (std::size_t pool = 0; pool < outcome.topology.source_pools().size(); ++pool) {
    std::uint64_t left = 0;
    for (const stats::LaneBlock* block : outcome.lanes) {
      expect_equal(outcome, block->source(pool).ports_in_use.get(), 0, "ports_in_use of a source address");
      left += block->source(pool).ports_left.get();
    }
    const config::SourceAddress& address = *outcome.topology.source_pools()[pool].address;
    const std::uint32_t ports =
        address.has_ports() ? address.port_count() : proxy::port_count(outcome.plan.system_ports);
    expect_equal(outcome, left, ports, "ports_left");
  }
  for (const proxy::Backend& backend : outcome.topology.backends()) {
    for (const proxy::Server& server : backend.servers) {
      expect_equal(outcome, server.state->connections.load(), 0, "shared connections of a server");
    }
  }
}

namespace {

bool every_end_is_logged(const Outcome& outcome) {
  return std::none_of(outcome.plan.model.frontends.begin(), outcome.plan.model.frontends.end(),
                      [](const config::Frontend& frontend) { return frontend.dont_log_null; }) &&
         sum_lanes(outcome, &stats::LaneCounters::log_dropped) == 0;
}

void check_sums(const Outcome& outcome, const Totals& frontends, const Totals& backends,
                const Totals& servers) {
  const std::uint64_t total = sum_lanes(outcome, &stats::LaneCounters::connections_total);
  expect_equal(outcome, frontends.total, total, "connections_total of frontends");
  expect(outcome, backends.total <= total, "more connections of backends than there were");
  const std::uint64_t accepted = outcome.kernel.counts().accepted;
  const bool room_for_all = outcome.plan.lane.connections_max > outcome.plan.clients.size();
  expect(outcome, total <= accepted, "more connections were counted than accepted");
  if (room_for_all) expect_equal(outcome, total, accepted, "connections_total of lanes");
  expect(outcome, outcome.records.size() <= total, "more log records than connections");
  expect(outcome, backends.bytes_in <= frontends.bytes_in, "more bytes for backends than came");
  expect_equal(outcome, backends.bytes_out, frontends.bytes_out, "bytes_out of backends");
  expect(outcome, servers.bytes_in <= frontends.bytes_in, "more bytes for servers than came");
  expect_equal(outcome, servers.bytes_out, frontends.bytes_out, "bytes_out of servers");
  if (!every_end_is_logged(outcome)) return;
  expect_equal(outcome, outcome.records.size(), total, "log records");
  // Who ended before its PROXY header was complete has come to no backend.
  const std::uint64_t without_backend = sum_records(
      outcome, [](const auto& r) { return r.phase == logfmt::EndPhase::request ? std::uint64_t{1} : 0; });
  // Nor who ended while its frontend inspected it; but it has where the backend did.
  const auto inspects = [](const config::Backend& backend) {
    return !backend.rules[rules::RuleList::tcp_request_content].empty();
  };
  if (std::ranges::any_of(outcome.plan.model.backends, inspects)) {
    expect(outcome, backends.total >= total - without_backend,
           "fewer connections of backends than there were");
  } else {
    expect_equal(outcome, backends.total, total - without_backend, "connections_total of backends");
  }
  if (without_backend == 0)
    expect_equal(outcome, backends.bytes_in, frontends.bytes_in, "bytes_in of backends");
  expect_equal(outcome, sum_records(outcome, [](const auto& r) { return r.bytes_to_server; }),
               frontends.bytes_in, "bytes_to_server of all records");
  expect_equal(outcome, sum_records(outcome, [](const auto& r) { return r.bytes_to_client; }),
               frontends.bytes_out, "bytes_to_client of all records");
  // What came with a header counts for a server only when there is one.
  expect_equal(
      outcome,
      sum_records(outcome,
                  [](const auto& r) { return r.server == logfmt::no_index ? 0 : r.bytes_to_server; }),
      servers.bytes_in, "bytes_in of servers");
  expect_equal(outcome, sum_records(outcome, [](const auto& r) { return std::uint64_t{r.connect_us >= 0}; }),
               servers.total, "records with an established connection");
}

struct ReasonTotals {
  std::uint64_t resets = 0, timeouts = 0, headers = 0, no_server = 0, retries = 0, attempts = 0,
                shut_down = 0;
};

ReasonTotals sum_reasons(const Outcome& outcome) {
  ReasonTotals totals;
  for (const stats::LaneBlock* block : outcome.lanes) {
    for (std::size_t f = 0; f < outcome.plan.model.frontends.size(); ++f) {
      const stats::FrontendCounters& frontend = block->frontend(f);
      totals.resets += frontend.client_resets.get();
      totals.timeouts += frontend.client_timeouts.get();
      totals.no_server += frontend.no_server.get();
      totals.headers += frontend.proxy_header_errors.get() + frontend.proxy_header_timeouts.get();
    }
    for (std::size_t b = 0; b < outcome.plan.model.backends.size(); ++b) {
      totals.retries += block->backend(b).retries.get();
      for (std::size_t s = 0; s < outcome.plan.model.backends[b].servers.size(); ++s) {
        const stats::ServerCounters& server = block->server(b, s);
        totals.resets += server.server_resets.get();
        totals.timeouts += server.server_timeouts.get();
        totals.attempts += server.connect_attempts.get();
        totals.shut_down += server.shutdown_sessions.get();
      }
    }
  }
  return totals;
}

void check_reason_counters(const Outcome& outcome) {
  if (!every_end_is_logged(outcome)) return;
  const ReasonTotals totals = sum_reasons(outcome);
  expect_equal(outcome, totals.resets,
               count_reason(outcome, {EndReason::client_reset, EndReason::server_reset}), "resets");
  expect_equal(outcome, totals.timeouts,
               count_reason(outcome, {EndReason::client_timeout, EndReason::client_fin_timeout,
                                      EndReason::server_timeout, EndReason::server_fin_timeout}),
               "time-outs");
  expect_equal(outcome, totals.no_server, count_reason(outcome, {EndReason::no_server_available}),
               "no_server");
  expect_equal(outcome, totals.headers,
               count_reason(outcome, {EndReason::proxy_header_invalid, EndReason::proxy_header_incomplete,
                                      EndReason::proxy_header_timeout}),
               "headers that were refused");
  expect_equal(outcome, totals.retries,
               sum_records(outcome, [](const auto& r) { return std::uint64_t{r.retries}; }), "retries");
  expect(outcome, totals.attempts <= totals.retries + outcome.records.size(),
         "more connect attempts than first tries and retries");
  expect(outcome, totals.shut_down <= count_reason(outcome, {EndReason::server_marked_down}),
         "more sessions shut down than were logged");
}

// --- Connections -------------------------------------------------------------------------------------------

/// Not every connection can keep two.
bool headers_are_scarce(const Outcome& outcome) {
  return outcome.plan.lane.proxy_headers_max < 2 * outcome.plan.clients.size();
}

template <class Holds>
bool any_control_step(const Outcome& outcome, Holds holds) {
  return std::any_of(outcome.plan.control.begin(), outcome.plan.control.end(), holds);
}

/// Whether something happened in the run that can have ended a connection for this reason.
bool reason_is_possible(const Outcome& outcome, const ConnectionRecord& record, const Peer* client) {
  const config::Timeouts& front = outcome.plan.model.frontends[record.frontend].timeouts;
  const config::Timeouts& back = outcome.plan.model.backends[record.backend].timeouts;
  const auto lasted = [&](std::int64_t ms) { return ms != 0 && record.total_us >= base::ms_to_us(ms); };
  KernelCounts& counts = outcome.kernel.counts();
  switch (record.reason) {
    case EndReason::completed:
      return true;
    case EndReason::client_reset:
      return client == nullptr || client->broke();
    case EndReason::proxy_header_invalid:
      return client == nullptr || client->script().opening.kind == Opening::Kind::broken ||
             (record.detail == "no_room" && headers_are_scarce(outcome));
    case EndReason::proxy_header_incomplete:
      return client == nullptr || client->broke() ||
             client->script().opening.kind == Opening::Kind::incomplete;
    case EndReason::proxy_header_timeout:
      return lasted(front.client_hs_ms);
    case EndReason::server_reset:
      return outcome.peers.breaks > 0;
    case EndReason::client_timeout:
      return lasted(front.client_ms);
    case EndReason::client_fin_timeout:
      return lasted(front.client_fin_ms) || lasted(front.client_ms);
    case EndReason::server_timeout:
      return lasted(back.server_ms);
    case EndReason::server_fin_timeout:
      return lasted(back.server_fin_ms) || lasted(back.server_ms);
    case EndReason::connect_timeout:
      return lasted(back.connect_ms);
    case EndReason::connect_refused:  // or reset while the header was sent
      return counts.connects_failed > 0 || outcome.peers.breaks > 0 || headers_are_scarce(outcome);
    case EndReason::queue_timeout:
      return lasted(back.queue_ms) &&
             any_server_has(outcome, [](const auto& s) { return s.max_connections != 0; });
    case EndReason::client_aborted_connect:
      return client == nullptr || client->sent() == 0 || client->broke();
    case EndReason::killed_by_admin:
      return any_control_step(outcome, [](const ControlStep& step) { return step.ends_sessions; });
    default:
      return surroundings_explain(outcome, record.reason);  // no plan asks for HTTP here
  }
}

std::string describe(const ConnectionRecord& record, const Peer& client) {
  const auto name = logfmt::end_reason_row(record.reason).name;
  std::string text = fmt::format("peer {} ({}, {} bytes to the server, {} to the client)", client.number(),
                                 name, record.bytes_to_server, record.bytes_to_client);
  const auto add = [&](const char* who, const Peer& peer) {
    text += fmt::format("; {} sent {}{} received {}{}{}{}", who, peer.sent(),
                        peer.end_sent() ? " and an end," : ",", peer.received(),
                        peer.end_seen() ? " and an end" : "", peer.reset_seen() ? " and a reset" : "",
                        peer.broke() ? "; broke" : "");
  };
  add("client", client);
  if (client.partner() != nullptr) add("server", *client.partner());
  return text;
}

void check_completed(const Outcome& outcome, const ConnectionRecord& record, const Peer& client) {
  const Peer* server = client.partner();
  const std::string who = describe(record, client);
  if (client.broke() || (server != nullptr && server->broke())) return;
  expect(outcome, record.bytes_to_server == client.sent() && client.end_sent(),
         "completed too early: " + who);
  if (client.script().reads) {
    expect(outcome, client.received() == record.bytes_to_client,
           "completed, but the client lacks bytes: " + who);
    expect(outcome, client.end_seen() && !client.reset_seen(),
           "completed, but the client saw no clean end: " + who);
  }
  if (server == nullptr) return;
  expect(outcome, record.bytes_to_client == server->sent() && server->end_sent(),
         "completed too early: " + who);
  if (server->script().reads) {
    expect(outcome, server->received() == client.sent(), "completed, but the server lacks bytes: " + who);
    expect(outcome, server->end_seen() && !server->reset_seen(),
           "completed, but the server saw no clean end: " + who);
  }
}

/// Bytes that were cut off must not look complete to the other side.
void check_broken(const Outcome& outcome, const ConnectionRecord& record, const Peer& client) {
  const Peer* server = client.partner();
  if (server == nullptr) return;
  const auto lied_to = [](const Peer& reader, const Peer& writer) {
    return reader.end_seen() && !(writer.end_sent() && reader.received() == writer.sent());
  };
  expect(outcome, !lied_to(client, *server),
         "cut off, but the client saw a clean end: " + describe(record, client));
  expect(outcome, !lied_to(*server, client),
         "cut off, but the server saw a clean end: " + describe(record, client));
}

/// What came from a connection before it broke was handed to the other one, unless that one failed too, or
/// its time was up.
void check_handed_on(const Outcome& outcome, const ConnectionRecord& record, const Peer& client) {
  if (client.partner() == nullptr || !outcome.plan.control.empty()) return;
  const bool client_broke = record.reason == EndReason::client_reset;
  const Peer& sink = client_broke ? *client.partner() : client;
  const ProgramView& view = sink.program_view();
  if (sink.broke() || view.closed_at >= outcome.stop_at) return;
  if (timed_out(outcome, record, client, client_broke)) return;
  if (!client_broke && surroundings_explain(outcome, EndReason::response_denied))
    return;  // rules may refuse it
  const std::optional<std::size_t> header = sink.header_size();
  if (!header) return;
  expect_equal(outcome, view.taken - std::min<std::uint64_t>(view.taken, *header),
               client_broke ? record.bytes_to_server : record.bytes_to_client,
               "bytes handed on after the other connection broke");
}

}  // namespace

/// A slow reader costs the lane no more than its share of buffers, and what the kernel had filled when the
/// lane said stop.
void check_shares(const Outcome& outcome) {
  const bool multishot = outcome.plan.weather.multishot_capped;
  const std::uint32_t most = outcome.kernel.counts().leases_of_one_source;
  const std::uint32_t share = multishot
                                  ? proxy::flow_leases_cancel + 2 * outcome.plan.lane.ring.buffers_offered_max
                                  : proxy::flow_leases_max;
  expect(outcome, most <= share,
         fmt::format("one connection's bytes held {} buffers, {} are its share", most, share));
}

namespace {

void check_connection(const Outcome& outcome, const ConnectionRecord& record, const Peer& client) {
  const Peer* server = client.partner();
  const std::string who = describe(record, client);
  expect(outcome, record.bytes_to_server <= client.sent(), "more bytes logged than the client sent: " + who);
  expect(outcome, record.bytes_to_client >= client.received(),
         "fewer bytes logged than the client got: " + who);
  if (server != nullptr) {
    expect(outcome, record.bytes_to_client <= server->sent(),
           "more bytes logged than the server sent: " + who);
    expect(outcome, record.bytes_to_server >= server->received(),
           "fewer bytes logged than the server got: " + who);
  }
  if (record.reason == EndReason::completed) check_completed(outcome, record, client);
  if (record.reason == EndReason::client_reset || record.reason == EndReason::server_reset) {
    check_broken(outcome, record, client);
    check_handed_on(outcome, record, client);
  }
  if (!outcome.plan.gentle) return;
  const bool nothing_to_do = record.reason == EndReason::client_aborted_connect && client.sent() == 0;
  expect(outcome, record.reason == EndReason::completed || nothing_to_do, "did not complete: " + who);
}

void check_peers(const Outcome& outcome) {
  for (const Peer& peer : outcome.peers.all()) {
    if (!peer.attached() || !peer.script().reads || peer.closed()) continue;
    expect(outcome, peer.end_seen() || peer.reset_seen(),
           fmt::format("peer {} never saw the end of its connection", peer.number()));
  }
}

}  // namespace

void check_books(const Outcome& outcome) {
  const Totals frontends = totals_of_frontends(outcome);
  const Totals backends = totals_of_backends(outcome);
  const Totals servers = totals_of_servers(outcome);
  check_present_values(outcome);
  check_sums(outcome, frontends, backends, servers);
  check_reason_counters(outcome);
  check_shares(outcome);
}

void check_connections(const Outcome& outcome) {
  std::map<std::string, const Peer*> clients;
  const auto key_of = [](const Client& client, bool announced) {
    return base::endpoint_text(announced ? client.peer().script().opening.announced.value_or(client.address())
                                         : client.address());
  };
  for (const Client& client : outcome.clients) {
    for (const bool announced : {false, true}) clients[key_of(client, announced)] = &client.peer();
  }
  for (const ConnectionRecord& record : outcome.records) {
    const Peer* client = nullptr;
    if (record.client.family != base::Family::none) {
      const auto found = clients.find(base::endpoint_text(record.client));
      expect(outcome, found != clients.end(), "a record of no client, or the second one of a client");
      client = found->second;
      std::erase_if(clients, [client](const auto& entry) { return entry.second == client; });
    }
    expect(outcome, reason_is_possible(outcome, record, client),
           fmt::format("{} without a cause", logfmt::end_reason_row(record.reason).name));
    if (client == nullptr) continue;
    check_connection(outcome, record, *client);
    check_times(outcome, record, *client);
  }
  check_peers(outcome);
}

}  // namespace corelane::sim
