// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "stats/padded_array.hpp"
#include "stats/rate.hpp"

/// Counters of one lane. Each is written by its lane only (a relaxed load and store, no locked instruction)
/// and read by the control thread at any time; sums over lanes are made by the reader.
namespace corelane::stats {

class Counter {
 public:
  void add(std::uint64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) - amount, std::memory_order_relaxed);
  }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};  // written by the owning lane
};

struct FrontendCounters {
  Counter connections_current;
  Counter connections_total;
  Counter bytes_in;   // from clients
  Counter bytes_out;  // to clients
  Counter client_resets;
  Counter client_timeouts;
  Counter proxy_header_errors;  // broken, missing or incomplete
  Counter proxy_header_timeouts;
  Counter no_server;           // ended because no server was available
  Counter connections_denied;  // by rules of tcp_request.connection
  Counter sessions_denied;     // and of tcp_request.session
  Counter requests_denied;     // by rules about requests, or about what a TCP connection begins with
  // HTTP
  Counter connections_idle;    // between two requests
  Counter requests_total;      // with a sound head
  Counter requests_invalid;    // refused
  Counter requests_timed_out;  // never complete
  Counter requests_incomplete;
  Counter body_waits_starved;  // of requests and responses: ended by want of buffers
  Counter client_aborts;       // exchanges that the client broke off
  Counter responses_1xx;
  Counter responses_2xx;
  Counter responses_3xx;
  Counter responses_4xx;
  Counter responses_5xx;
  Counter responses_other;
};

/// Of one listening address.
struct BindCounters {
  Counter connections_current;
};

/// Of a frontend, towards its clients.
struct TlsCounters {
  Counter connections_current;  // whose handshake is done
  Counter handshakes_current;
  Counter handshakes_full;
  Counter handshakes_resumed;
  Counter session_lookups;     // in the cache, of clients without a ticket
  Counter session_misses;      // those that were not there
  Counter sessions_not_kept;   // too large for the cache
  Counter handshakes_failed;   // all that follow
  Counter failed_negotiation;  // no common version, cipher or curve
  Counter failed_name;         // strict_sni
  Counter failed_certificate;  // the client's is missing or bad
  Counter failed_refused;      // the client gave up with an alert
  Counter failed_protocol;     // no TLS, or broken TLS
  Counter failed_incomplete;   // the client left in the middle
  Counter failed_timeout;
  Counter failed_internal;
};

struct BackendCounters {
  Counter connections_current;
  Counter connections_total;
  Counter bytes_in;
  Counter bytes_out;
  Counter retries;
  Counter redispatches;
  Counter no_server;
  Counter queue_current;   // waiting for a server's place now
  Counter queue_total;     // had to wait
  Counter queue_timeouts;  // waited in vain
  // HTTP
  Counter requests_total;
  Counter client_aborts;      // exchanges that the client broke off
  Counter server_aborts;      // or the server
  Counter responses_invalid;  // refused
  Counter responses_1xx;
  Counter responses_2xx;
  Counter responses_3xx;
  Counter responses_4xx;
  Counter responses_5xx;
  Counter responses_other;
};

struct ServerCounters {
  Counter connections_current;
  Counter connections_total;  // established
  Counter connect_attempts;
  Counter connect_errors;
  Counter connect_timeouts;
  Counter source_ports_exhausted;  // connects that found no free source port
  Counter bytes_in;                // to the server
  Counter bytes_out;               // from the server
  Counter retries;                 // connections that were tried again after this server failed them
  Counter redispatches;            // connections that went elsewhere after this server failed them
  Counter server_resets;
  Counter server_timeouts;
  Counter shutdown_sessions;  // ended because the server was marked down
  Counter queue_current;      // waiting for a place on this server and no other
  // HTTP
  Counter connections_idle;    // waiting for the next request
  Counter connections_purged;  // closed because no request needed them
  Counter requests_total;      // that were sent here
  Counter requests_reusing;    // of these, on connections that had served others
  Counter client_aborts;       // exchanges that the client broke off
  Counter server_aborts;       // or the server
  Counter responses_invalid;   // refused
  Counter responses_1xx;
  Counter responses_2xx;
  Counter responses_3xx;
  Counter responses_4xx;
  Counter responses_5xx;
  Counter responses_other;
};

/// Of one source address towards one destination.
struct SourceCounters {
  Counter ports_in_use;
  Counter ports_left;     // 0 where the kernel chooses the port
  Counter ports_refused;  // the kernel said that the port is in use
};

struct LaneCounters {
  Counter connections_current;
  Counter connections_total;
  Counter connections_handed_over;  // accepted here, carried by a lane that had fewer
  Counter connections_taken_over;   // accepted by a lane that had more
  Counter turns;
  Counter completions;
  Counter submit_calls;
  Counter busy_us;                    // time not spent waiting in the kernel for work
  Counter accept_paused_limit;        // accepting paused at a connection limit
  Counter accept_paused_descriptors;  // accepting paused for want of descriptors (EMFILE, ENFILE)
  Counter accept_errors;
  Counter buffers_in_use;
  Counter buffers_exhausted;
  Counter buffers_waiting;  // streams that now wait for a free buffer
  Counter completion_overflows;
  Counter splice_flows;  // flows that now go through a pipe
  Counter splice_flows_total;
  Counter splice_bytes;
  Counter pipes_open;
  Counter pipes_exhausted;          // a busy flow found no free pipe and went on copying
  Counter log_dropped;              // log records lost because the queue was full
  Counter pattern_changes_dropped;  // what rules wanted of lists of patterns and there was no room for
};

/// How many connections or requests came in the last second, for rules.
struct FrontendRates {
  RateCounter sessions;
  RateCounter requests;
};

/// The counter among responses_1xx to responses_other of a group.
template <class Group>
Counter& responses_with(Group& group, int status) {
  constexpr Counter Group::*classes[] = {&Group::responses_1xx, &Group::responses_2xx, &Group::responses_3xx,
                                         &Group::responses_4xx, &Group::responses_5xx};
  return status >= 100 && status < 600 ? group.*classes[status / 100 - 1] : group.responses_other;
}

/// One lane's counters for a whole configuration, padded so that no other lane writes to its cache lines.
/// Positions are those of the configuration; a backend's servers follow each other.
class LaneBlock {
 public:
  /// They have one element per frontend, and per backend.
  LaneBlock(std::span<const std::size_t> binds_per_frontend, std::span<const std::size_t> servers_per_backend,
            std::size_t sources = 0);

  LaneCounters& lane() noexcept { return lane_[0]; }
  FrontendCounters& frontend(std::size_t index) noexcept { return frontends_[index]; }
  BindCounters& bind(std::size_t frontend, std::size_t bind) noexcept {
    return binds_[bind_offsets_[frontend] + bind];
  }
  TlsCounters& tls(std::size_t frontend) noexcept { return tls_[frontend]; }
  BackendCounters& backend(std::size_t index) noexcept { return backends_[index]; }
  ServerCounters& server(std::size_t backend, std::size_t server) noexcept {
    return servers_[server_offsets_[backend] + server];
  }
  SourceCounters& source(std::size_t index) noexcept { return sources_[index]; }
  FrontendRates& frontend_rates(std::size_t index) noexcept { return frontend_rates_[index]; }
  RateCounter& backend_rate(std::size_t index) noexcept { return backend_rates_[index]; }
  RateCounter& server_rate(std::size_t backend, std::size_t server) noexcept {
    return server_rates_[server_offsets_[backend] + server];
  }
  const FrontendRates& frontend_rates(std::size_t index) const noexcept { return frontend_rates_[index]; }
  const RateCounter& backend_rate(std::size_t index) const noexcept { return backend_rates_[index]; }
  const RateCounter& server_rate(std::size_t backend, std::size_t server) const noexcept {
    return server_rates_[server_offsets_[backend] + server];
  }
  const LaneCounters& lane() const noexcept { return lane_[0]; }
  const FrontendCounters& frontend(std::size_t index) const noexcept { return frontends_[index]; }
  const BindCounters& bind(std::size_t frontend, std::size_t bind) const noexcept {
    return binds_[bind_offsets_[frontend] + bind];
  }
  const TlsCounters& tls(std::size_t frontend) const noexcept { return tls_[frontend]; }
  const BackendCounters& backend(std::size_t index) const noexcept { return backends_[index]; }
  const ServerCounters& server(std::size_t backend, std::size_t server) const noexcept {
    return servers_[server_offsets_[backend] + server];
  }
  const SourceCounters& source(std::size_t index) const noexcept { return sources_[index]; }

 private:
  PaddedArray<LaneCounters> lane_;
  PaddedArray<FrontendCounters> frontends_;
  std::vector<std::size_t> bind_offsets_;  // of each frontend's first bind; the last is their number
  PaddedArray<BindCounters> binds_;
  PaddedArray<TlsCounters> tls_;  // of frontends
  PaddedArray<BackendCounters> backends_;
  std::vector<std::size_t> server_offsets_;  // of each backend's first server; the last is their number
  PaddedArray<ServerCounters> servers_;
  PaddedArray<SourceCounters> sources_;
  PaddedArray<FrontendRates> frontend_rates_;
  PaddedArray<RateCounter> backend_rates_;
  PaddedArray<RateCounter> server_rates_;
};

}  // namespace corelane::stats
