// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/pool.hpp"
#include "base/slot_set.hpp"
#include "base/timer_wheel.hpp"
#include "proxy/connect_addresses.hpp"
#include "proxy/handover.hpp"
#include "proxy/http_lane.hpp"
#include "proxy/idle_connections.hpp"
#include "proxy/lane.hpp"
#include "proxy/lane_rules.hpp"
#include "proxy/listener.hpp"
#include "proxy/peer.hpp"
#include "proxy/pipe_pool.hpp"
#include "proxy/send_proxy.hpp"
#include "proxy/server_choice.hpp"
#include "proxy/server_queue.hpp"
#include "proxy/source_ports.hpp"
#include "proxy/stream.hpp"
#include "proxy/tls_lane.hpp"

namespace corelane::proxy {

/// What the objects of one lane share: used by the lane's thread only, except for `inbox` (the control thread
/// writes), `log_queue` and `session_replies` (the control thread reads) and `counters` (anybody reads).
struct LaneState {
  LaneState(LaneShared& shared_in, const LaneOptions& options_in);
  ~LaneState();

  const config::Model& model() const noexcept { return shared.topology.model(); }
  stats::LaneCounters& lane_counters() noexcept { return counters.lane(); }

  /// Both permits of one more connection, or none.
  bool acquire_permits(std::uint32_t frontend);
  void acquire_permits_beyond_limit(std::uint32_t frontend);
  void release_permits(std::uint32_t frontend);
  /// A listener of some lane waits for a permit, or this lane has more connections than permits: those that
  /// come back are needed here.
  bool at_limit(std::uint32_t frontend) const;
  /// Starts a stream for the client, or lets it go when the lane has no room.
  void serve(const AcceptedClient& client);

  /// Whether anybody reads lines of this frontend.
  bool log_wanted(std::uint32_t frontend) const noexcept {
    return shared.log_wanted && !shared.topology.logs(frontend).silent;
  }
  /// As stick tables count time: it wraps.
  std::uint32_t now_ms() const noexcept { return static_cast<std::uint32_t>(now / 1000); }
  /// When a time-out of the configuration will have passed; 0 is none.
  base::TimeUs deadline_in(std::int64_t timeout_ms) const noexcept {
    return timeout_ms == 0 ? base::time_never : now + base::ms_to_us(timeout_ms);
  }
  /// A connection or request is tried again after this server failed it.
  void count_retry(std::uint32_t backend, std::uint32_t server);

  /// No descriptor was left for a server's connection: idle ones are closed, and who comes next waits in the
  /// backlog, instead of being accepted with the last descriptor and let go.
  void descriptors_ran_out();
  /// A server of this backend has a place again, if it has a limit.
  void place_given_back(std::uint32_t backend);
  /// What other lanes want of this one (LaneNudge), once.
  std::uint32_t take_wishes();
  /// TLS contexts that the control thread has left are taken, if there are some. Before each handshake and
  /// each use of a kept connection: who was told that certificates are replaced meets the new ones, even
  /// where the lane's message about them is still behind the completion that it works on.
  void renew_tls();
  /// End of a turn: looks at the queues that ask for it, or at all when another lane does.
  void serve_queues(bool look_everywhere);
  /// A connection has ended: something that listeners wait for may be there again.
  void resume_listeners();
  /// `text` is that of an HTTP exchange (HttpLogTextWriter).
  void write_log(logfmt::ConnectionRecord& record, std::string_view text = {});
  /// End of a turn: tells the control thread when records were written in it.
  void announce_log();

  LaneShared& shared;
  const LaneOptions options;
  stats::LaneBlock counters;
  logfmt::LogQueue log_queue;
  base::SpscQueue<LaneMessage> inbox;
  base::SpscQueue<SessionReply> session_replies;
  std::unique_ptr<PatternChangeQueue> pattern_changes;  // null where no rule changes lists of patterns

  std::unique_ptr<io::Ring> ring;
  std::optional<base::TimerWheel> wheel;
  base::TimeUs now = 0;  // read once per turn

  base::Pool<Session> sessions;
  base::Pool<ServerConnection> server_connections;
  base::Pool<Stream> streams;
  base::SlotSet stream_slots;  // of `streams`, those in use
  base::Pool<Waiter> waiters;
  base::Pool<ProxyHeaderBytes> proxy_headers;
  PipePool pipes;
  std::vector<std::byte> relay_scratch;              // of a buffer's size; in use during a call only
  std::deque<ServerChoice> choices;                  // one per backend
  std::vector<std::unique_ptr<ServerQueue>> queues;  // one per backend; null where no server has a limit
  SourcePorts source_ports;
  ConnectAddresses connect_addresses;  // none where every server has an address of its own
  LaneBudget process_budget;
  std::vector<std::optional<LaneBudget>> frontend_budgets;
  IdleConnections idle_connections;
  std::unique_ptr<HttpLane> http;    // null where no frontend speaks HTTP
  std::unique_ptr<LaneRules> rules;  // null where no frontend has rules
  std::unique_ptr<LaneTls> tls;      // null where no bind and no server has TLS
  std::optional<Handover> handover;
  std::deque<Listener> listeners;
  base::List streams_active;
  base::List streams_parked;  // waiting for a free buffer, the longest waiting first
  std::uint64_t completion_overflows_seen = 0;
  std::uint32_t listeners_short_of_permits = 0;  // of this lane
  bool look_at_queues = false;                   // one of them asks for it
  bool draining = false;
  bool stopping = false;     // who was still accepted after the stop is ended at once
  bool log_written = false;  // in this turn
};

}  // namespace corelane::proxy
