// SPDX-License-Identifier: Apache-2.0
#include "stats/counter_rows.hpp"

namespace corelane::stats {
namespace {

std::vector<std::size_t> offsets_of(std::span<const std::size_t> counts) {
  std::vector<std::size_t> offsets;
  offsets.reserve(counts.size() + 1);
  std::size_t total = 0;
  for (const std::size_t count : counts) {
    offsets.push_back(total);
    total += count;
  }
  offsets.push_back(total);
  return offsets;
}

constexpr CounterRow<FrontendCounters> frontend_table[] = {
    {"connections_current", &FrontendCounters::connections_current, true, "Client connections open now."},
    {"connections_total", &FrontendCounters::connections_total, false, "Client connections accepted."},
    {"bytes_in", &FrontendCounters::bytes_in, false, "Bytes received from clients."},
    {"bytes_out", &FrontendCounters::bytes_out, false, "Bytes sent to clients."},
    {"client_resets", &FrontendCounters::client_resets, false, "Connections that the client reset."},
    {"client_timeouts", &FrontendCounters::client_timeouts, false,
     "Connections ended by the client or client_fin time-out."},
    {"proxy_header_errors", &FrontendCounters::proxy_header_errors, false,
     "Connections ended because their PROXY header was broken, missing or incomplete."},
    {"proxy_header_timeouts", &FrontendCounters::proxy_header_timeouts, false,
     "Connections ended because their PROXY header did not come in time."},
    {"no_server", &FrontendCounters::no_server, false,
     "Connections and requests ended because no server was available."},
    {"connections_denied", &FrontendCounters::connections_denied, false,
     "Connections that rules of tcp_request.connection rejected; HAProxy's dcon."},
    {"sessions_denied", &FrontendCounters::sessions_denied, false,
     "Connections that rules of tcp_request.session rejected; HAProxy's dses."},
    {"requests_denied", &FrontendCounters::requests_denied, false,
     "Requests that rules denied, and TCP connections that rules of tcp_request.content rejected; HAProxy's "
     "dreq."},
    {"connections_idle", &FrontendCounters::connections_idle, true,
     "Client connections that now wait for their next request.", true},
    {"requests_total", &FrontendCounters::requests_total, false, "HTTP requests that were read.", true},
    {"requests_invalid", &FrontendCounters::requests_invalid, false,
     "HTTP requests refused because they broke a rule or exceeded a limit.", true},
    {"requests_timed_out", &FrontendCounters::requests_timed_out, false,
     "HTTP requests that were not complete within the http_request time-out.", true},
    {"requests_incomplete", &FrontendCounters::requests_incomplete, false,
     "HTTP requests whose client left before they were complete.", true},
    {"body_waits_starved", &FrontendCounters::body_waits_starved, false,
     "Requests and responses for whose body rules waited, and went on with less of it than they wanted, "
     "because "
     "the lane had no buffer for more.",
     true},
    {"client_aborts", &FrontendCounters::client_aborts, false,
     "HTTP exchanges that the client broke off, or let time out.", true},
    {"responses_1xx", &FrontendCounters::responses_1xx, false,
     "Responses sent to clients with a status of 1xx.", true},
    {"responses_2xx", &FrontendCounters::responses_2xx, false,
     "Responses sent to clients with a status of 2xx.", true},
    {"responses_3xx", &FrontendCounters::responses_3xx, false,
     "Responses sent to clients with a status of 3xx.", true},
    {"responses_4xx", &FrontendCounters::responses_4xx, false,
     "Responses sent to clients with a status of 4xx.", true},
    {"responses_5xx", &FrontendCounters::responses_5xx, false,
     "Responses sent to clients with a status of 5xx.", true},
    {"responses_other", &FrontendCounters::responses_other, false,
     "Responses sent to clients with another status.", true},
};

constexpr CounterRow<TlsCounters> tls_table[] = {
    {"connections_current", &TlsCounters::connections_current, true,
     "Client connections over TLS open now; HAProxy's CurrSslConns."},
    {"handshakes_current", &TlsCounters::handshakes_current, true, "Handshakes that go on now."},
    {"handshakes_full", &TlsCounters::handshakes_full, false,
     "Handshakes of clients that had no session to come back to."},
    {"handshakes_resumed", &TlsCounters::handshakes_resumed, false,
     "Handshakes of clients that came back to a session."},
    {"session_lookups", &TlsCounters::session_lookups, false,
     "Clients of TLS 1.2 that named a session and had no ticket; HAProxy's SslCacheLookups."},
    {"session_misses", &TlsCounters::session_misses, false,
     "Those of them whose session was not in the cache, or too old; HAProxy's SslCacheMisses."},
    {"sessions_not_kept", &TlsCounters::sessions_not_kept, false,
     "Sessions that were too large for the cache, by the client's certificates."},
    {"handshakes_failed", &TlsCounters::handshakes_failed, false,
     "Handshakes that came to nothing, for one of the reasons that follow."},
    {"failed_negotiation", &TlsCounters::failed_negotiation, false,
     "No common version, cipher, curve or signature algorithm."},
    {"failed_name", &TlsCounters::failed_name, false,
     "No certificate for the name that was asked for, with strict_sni."},
    {"failed_certificate", &TlsCounters::failed_certificate, false,
     "The client's certificate was missing or refused."},
    {"failed_refused", &TlsCounters::failed_refused, false,
     "The client gave up with an alert: it does not trust the certificate, for one."},
    {"failed_protocol", &TlsCounters::failed_protocol, false,
     "What the client said was not TLS, or broke its rules."},
    {"failed_incomplete", &TlsCounters::failed_incomplete, false,
     "The client left in the middle, or said nothing."},
    {"failed_timeout", &TlsCounters::failed_timeout, false,
     "The handshake took longer than the time-out client_hs."},
    {"failed_internal", &TlsCounters::failed_internal, false,
     "Ended by the administrator, a rule, a stop or for want of memory."},
};

constexpr CounterRow<BackendCounters> backend_table[] = {
    {"connections_current", &BackendCounters::connections_current, true,
     "Connections that use the backend now."},
    {"connections_total", &BackendCounters::connections_total, false,
     "Connections that came to the backend."},
    {"bytes_in", &BackendCounters::bytes_in, false, "Bytes sent to servers."},
    {"bytes_out", &BackendCounters::bytes_out, false, "Bytes received from servers."},
    {"retries", &BackendCounters::retries, false, "Connects that were tried again."},
    {"redispatches", &BackendCounters::redispatches, false,
     "Connections that went to another server after one had failed them."},
    {"no_server", &BackendCounters::no_server, false,
     "Connections and requests ended because no server was available."},
    {"queue_current", &BackendCounters::queue_current, true,
     "Connections that now wait because every server that would do is full."},
    {"queue_total", &BackendCounters::queue_total, false, "Connections that had to wait so."},
    {"queue_timeouts", &BackendCounters::queue_timeouts, false,
     "Connections that waited in vain for the queue time-out."},
    {"requests_total", &BackendCounters::requests_total, false, "HTTP requests that came to the backend.",
     true},
    {"client_aborts", &BackendCounters::client_aborts, false,
     "HTTP exchanges that the client broke off, or let time out.", true},
    {"server_aborts", &BackendCounters::server_aborts, false, "HTTP exchanges that a server broke off.",
     true},
    {"responses_invalid", &BackendCounters::responses_invalid, false,
     "Responses refused because they broke a rule or exceeded a limit.", true},
    {"responses_1xx", &BackendCounters::responses_1xx, false,
     "Responses to these requests with a status of 1xx, Corelane's own among them.", true},
    {"responses_2xx", &BackendCounters::responses_2xx, false,
     "Responses to these requests with a status of 2xx, Corelane's own among them.", true},
    {"responses_3xx", &BackendCounters::responses_3xx, false,
     "Responses to these requests with a status of 3xx, Corelane's own among them.", true},
    {"responses_4xx", &BackendCounters::responses_4xx, false,
     "Responses to these requests with a status of 4xx, Corelane's own among them.", true},
    {"responses_5xx", &BackendCounters::responses_5xx, false,
     "Responses to these requests with a status of 5xx, Corelane's own among them.", true},
    {"responses_other", &BackendCounters::responses_other, false,
     "Responses to these requests with another status, Corelane's own among them.", true},
};

constexpr CounterRow<ServerCounters> server_table[] = {
    {"connections_current", &ServerCounters::connections_current, true,
     "Connections to the server open now."},
    {"connections_total", &ServerCounters::connections_total, false,
     "Connections to the server established."},
    {"connect_attempts", &ServerCounters::connect_attempts, false, "Connects begun."},
    {"connect_errors", &ServerCounters::connect_errors, false,
     "Connects that were refused or found the server unreachable."},
    {"connect_timeouts", &ServerCounters::connect_timeouts, false, "Connects ended by the connect time-out."},
    {"source_ports_exhausted", &ServerCounters::source_ports_exhausted, false,
     "Connects that failed for want of a free source port."},
    {"bytes_in", &ServerCounters::bytes_in, false, "Bytes sent to the server."},
    {"bytes_out", &ServerCounters::bytes_out, false, "Bytes received from the server."},
    {"retries", &ServerCounters::retries, false,
     "Connections that were tried again after this server failed them."},
    {"redispatches", &ServerCounters::redispatches, false,
     "Connections that went to another server after this one failed them."},
    {"server_resets", &ServerCounters::server_resets, false, "Connections that the server reset."},
    {"server_timeouts", &ServerCounters::server_timeouts, false,
     "Connections ended by the server or server_fin time-out."},
    {"shutdown_sessions", &ServerCounters::shutdown_sessions, false,
     "Connections ended because the server was marked down."},
    {"queue_current", &ServerCounters::queue_current, true,
     "Connections that now wait for this server and no other."},
    {"connections_idle", &ServerCounters::connections_idle, true,
     "Connections to the server that now wait for the next request.", true},
    {"connections_purged", &ServerCounters::connections_purged, false,
     "Idle connections closed because no request needed them.", true},
    {"requests_total", &ServerCounters::requests_total, false,
     "HTTP requests that were sent to the server; one that was repeated counts where it ended.", true},
    {"requests_reusing", &ServerCounters::requests_reusing, false,
     "Of these, requests on a connection that had served others.", true},
    {"client_aborts", &ServerCounters::client_aborts, false,
     "HTTP exchanges that the client broke off, or let time out.", true},
    {"server_aborts", &ServerCounters::server_aborts, false, "HTTP exchanges that the server broke off.",
     true},
    {"responses_invalid", &ServerCounters::responses_invalid, false,
     "Responses refused because they broke a rule or exceeded a limit.", true},
    {"responses_1xx", &ServerCounters::responses_1xx, false, "The server's responses with a status of 1xx.",
     true},
    {"responses_2xx", &ServerCounters::responses_2xx, false, "The server's responses with a status of 2xx.",
     true},
    {"responses_3xx", &ServerCounters::responses_3xx, false, "The server's responses with a status of 3xx.",
     true},
    {"responses_4xx", &ServerCounters::responses_4xx, false, "The server's responses with a status of 4xx.",
     true},
    {"responses_5xx", &ServerCounters::responses_5xx, false, "The server's responses with a status of 5xx.",
     true},
    {"responses_other", &ServerCounters::responses_other, false,
     "The server's responses with another status.", true},
};

constexpr CounterRow<SourceCounters> source_table[] = {
    {"ports_in_use", &SourceCounters::ports_in_use, true, "Connections from this address to the server now."},
    {"ports_left", &SourceCounters::ports_left, true,
     "Ports that are free, of the range or the lanes' share of the system's; 0 where the kernel chooses."},
    {"ports_refused", &SourceCounters::ports_refused, false,
     "Ports that the kernel said were in use; the next one was tried then."},
};

constexpr CounterRow<LaneCounters> lane_table[] = {
    {"connections_current", &LaneCounters::connections_current, true, "Client connections open now."},
    {"connections_total", &LaneCounters::connections_total, false,
     "Client connections that the lane carried: accepted and kept, or taken over."},
    {"connections_handed_over", &LaneCounters::connections_handed_over, false,
     "Client connections accepted here and handed to a lane that carried fewer."},
    {"connections_taken_over", &LaneCounters::connections_taken_over, false,
     "Client connections that another lane accepted and handed to this one."},
    {"turns", &LaneCounters::turns, false, "Turns of the lane's loop."},
    {"completions", &LaneCounters::completions, false, "Completions that the kernel reported."},
    {"submit_calls", &LaneCounters::submit_calls, false,
     "System calls that submitted work or waited for it."},
    {"busy_us", &LaneCounters::busy_us, false,
     "Microseconds not spent waiting in the kernel for work; divided by time, the lane's load."},
    {"accept_paused_limit", &LaneCounters::accept_paused_limit, false,
     "Times that accepting paused at a connection limit."},
    {"accept_paused_descriptors", &LaneCounters::accept_paused_descriptors, false,
     "Times that accepting paused for want of descriptors."},
    {"accept_errors", &LaneCounters::accept_errors, false, "Accepts that failed for another cause."},
    {"buffers_in_use", &LaneCounters::buffers_in_use, true, "Receive buffers that hold data now."},
    {"buffers_exhausted", &LaneCounters::buffers_exhausted, false, "Receives that found no free buffer."},
    {"buffers_waiting", &LaneCounters::buffers_waiting, true, "Streams that now wait for a free buffer."},
    {"completion_overflows", &LaneCounters::completion_overflows, false,
     "Times that the completion queue was found overflown."},
    {"splice_flows", &LaneCounters::splice_flows, true, "Flows that now go through a pipe."},
    {"splice_flows_total", &LaneCounters::splice_flows_total, false, "Flows that moved to a pipe."},
    {"splice_bytes", &LaneCounters::splice_bytes, false, "Bytes that went through pipes."},
    {"pipes_open", &LaneCounters::pipes_open, true, "Pipes open now, in use or kept for the next flow."},
    {"pipes_exhausted", &LaneCounters::pipes_exhausted, false,
     "Times that a busy flow found no free pipe and went on copying."},
    {"log_dropped", &LaneCounters::log_dropped, false, "Log records lost because the queue was full."},
    {"pattern_changes_dropped", &LaneCounters::pattern_changes_dropped, false,
     "Changes of maps and lists of patterns by rules that were lost because the queue was full."},
};

/// A counter without a row would be counted and never seen.
template <class Group, std::size_t Rows>
constexpr bool has_row_for_each_counter(const CounterRow<Group> (&table)[Rows]) {
  for (std::size_t i = 0; i < Rows; ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (table[i].counter == table[j].counter || table[i].name == table[j].name) return false;
  return Rows == counters_in<Group>;
}
static_assert(has_row_for_each_counter(frontend_table));
static_assert(has_row_for_each_counter(tls_table));
static_assert(has_row_for_each_counter(backend_table));
static_assert(has_row_for_each_counter(server_table));
static_assert(has_row_for_each_counter(source_table));
static_assert(has_row_for_each_counter(lane_table));

}  // namespace

LaneBlock::LaneBlock(std::span<const std::size_t> binds_per_frontend,
                     std::span<const std::size_t> servers_per_backend, std::size_t sources)
    : lane_(1),
      frontends_(binds_per_frontend.size()),
      bind_offsets_(offsets_of(binds_per_frontend)),
      binds_(bind_offsets_.back()),
      tls_(binds_per_frontend.size()),
      backends_(servers_per_backend.size()),
      server_offsets_(offsets_of(servers_per_backend)),
      servers_(server_offsets_.back()),
      sources_(sources),
      frontend_rates_(binds_per_frontend.size()),
      backend_rates_(servers_per_backend.size()),
      server_rates_(server_offsets_.back()) {}

std::span<const CounterRow<FrontendCounters>> frontend_rows() {
  return frontend_table;
}
std::span<const CounterRow<TlsCounters>> tls_rows() {
  return tls_table;
}
std::span<const CounterRow<BackendCounters>> backend_rows() {
  return backend_table;
}
std::span<const CounterRow<ServerCounters>> server_rows() {
  return server_table;
}
std::span<const CounterRow<SourceCounters>> source_rows() {
  return source_table;
}
std::span<const CounterRow<LaneCounters>> lane_rows() {
  return lane_table;
}

}  // namespace corelane::stats
