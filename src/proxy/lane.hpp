// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/spsc_queue.hpp"
#include "io/ring.hpp"
#include "logfmt/log_queue.hpp"
#include "proxy/connection_budget.hpp"
#include "proxy/error_pages.hpp"
#include "proxy/idle_board.hpp"
#include "proxy/lane_board.hpp"
#include "proxy/pattern_changes.hpp"
#include "proxy/port_runs.hpp"
#include "proxy/session_query.hpp"
#include "proxy/tls_replacement.hpp"
#include "proxy/topology.hpp"
#include "stats/counters.hpp"
#include "tls/session_cache.hpp"

namespace corelane::proxy {

/// What the control thread asks of a lane.
struct LaneMessage {
  enum class Kind : std::uint8_t {
    drain,            // stop accepting; the lane is finished when its last connection has ended
    stop,             // end every connection now
    server_down,      // end the connections to this server (on_marked_down: shutdown_sessions)
    servers_changed,  // who waits for a server looks again
    sessions,         // tell of sessions, or end them
    quiet_point,      // say that this has been read, between two turns
    tls_replaced,     // there is something in the lane's TlsReplacement
  };
  Kind kind = Kind::drain;
  std::uint32_t backend = config::no_index;
  std::uint32_t server = config::no_index;
  SessionQuery sessions = {};
  std::uint64_t round = 0;  // quiet_point
};

/// How one lane asks another to do something.
struct alignas(128) LaneNudge {
  enum Wish : std::uint32_t {
    look_at_queues = 1,  // a place is free for a stream that waits there
    take_clients = 2,    // there is a client in its box of the LaneBoard
  };
  std::atomic<std::uint32_t> wanted{0};  // wishes; set by other lanes, cleared by this one
  std::atomic<io::Ring*> ring{nullptr};  // written by this lane; null before it runs and when it has finished
};

/// The last quiet_point that a lane has read. Written by the lane, read by the control thread.
struct alignas(128) QuietPoint {
  std::atomic<std::uint64_t> passed{0};
};

/// Limits and switches that every lane of the process shares.
struct LaneShared {
  LaneShared(Topology& topology_in, std::uint32_t max_connections, std::uint32_t lanes);

  /// `from` is the calling lane's ring.
  void nudge(std::uint32_t lane, LaneNudge::Wish wish, io::Ring& from);
  void tell_server_errors(io::Ring& from) const {
    if (on_server_errors != nullptr) on_server_errors(on_server_errors_context, &from);
  }

  Topology& topology;
  ErrorPages error_pages;  // set before lanes start
  /// Of clients without tickets, for the contexts of all lanes, which it outlives; null: none are kept.
  std::unique_ptr<tls::SessionCache> tls_sessions;
  std::vector<TlsBinds>
      tls_binds;  // for each lane, which takes its own when it is made; empty: no bind has TLS
  std::deque<TlsReplacement> tls_replacements;  // one per lane
  std::vector<TlsServers> tls_servers;          // likewise of servers
  ConnectionBudget process_budget;
  ConnectionBudget idle_budget;                                     // idle connections to servers
  std::vector<std::unique_ptr<ConnectionBudget>> frontend_budgets;  // null without a limit
  std::deque<LaneNudge> nudges;                                     // one per lane
  std::deque<QuietPoint> quiet_points;                              // one per lane
  std::unique_ptr<LaneBoard> lane_board;                            // null where lanes are left uneven
  std::unique_ptr<IdleBoard> idle_board;                            // null where nothing is shared
  /// Listeners of all lanes that have paused for want of a permit. Written by lanes when one pauses or goes
  /// on.
  alignas(128) std::atomic<std::uint32_t> listeners_short_of_permits{0};
  /// The other lanes' counters, for the connection counts in a log line. Filled by the runtime before lanes
  /// start.
  alignas(128) std::vector<const stats::LaneBlock*> blocks;
  /// What source addresses without a range share out among lanes; none where the kernel chooses. Set before
  /// lanes are made.
  PortRuns system_ports;
  /// Woken when a lane has answered about its sessions. Set before lanes start; may be null.
  io::Ring* control_ring = nullptr;
  /// What rules can ask of the machine: its name, and how far east of Greenwich its clock is at a moment. Set
  /// before lanes start.
  std::string host_name;
  std::int64_t process_id = 0;
  std::int32_t (*utc_offset)(std::int64_t seconds) = nullptr;
  /// Whether somebody reads log records. Set before lanes start.
  bool log_wanted = true;
  /// Called in a lane's thread at the end of a turn that wrote log records. Set before lanes start; may be
  /// null.
  void (*on_log_waiting)(void* context, io::Ring* lane_ring) = nullptr;
  void* on_log_waiting_context = nullptr;
  /// Called in a lane's thread when ServerState::error_limits_reached of some server grew. As the one above.
  void (*on_server_errors)(void* context, io::Ring* lane_ring) = nullptr;
  void* on_server_errors_context = nullptr;
  /// Called in a lane's thread when there is something in its Lane::pattern_changes(). As the one above.
  void (*on_pattern_changes)(void* context, io::Ring* lane_ring) = nullptr;
  void* on_pattern_changes_context = nullptr;
};

struct LaneOptions {
  std::uint32_t index = 0;
  std::uint32_t lanes = 1;
  std::uint32_t connections_max = 1024;  // pool sizes: what this lane alone may carry
  std::uint64_t seed = 1;                // for balance: random
  base::TimeUs wall_offset_us = 0;       // wall clock minus monotonic clock, for log lines
  /// PROXY headers kept at once, on their way in or out (4 KiB each). A connection beyond that is ended.
  std::uint32_t proxy_headers_max = 16 * 1024;
  io::RingOptions ring;
  std::uint32_t log_queue_records = 8192;          // power of two
  std::uint32_t log_text_bytes = 1 * 1024 * 1024;  // power of two; of HTTP requests that wait in that queue
};

struct LaneState;

/// One reactor: its ring, listeners, pools, timers and counters. Everything but post(), running(),
/// counters(), log_queue(), session_replies() and pattern_changes() belongs to the lane's own thread. It
/// makes no thread and reads no clock but its ring's, so the simulated kernel runs it unchanged.
class Lane {
 public:
  Lane(LaneShared& shared, const LaneOptions& options);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  /// Makes the ring; to be called in the thread that will turn the lane. False: `failure` says what is
  /// missing.
  bool start(std::string& failure);
  /// Accepts on `listener` for this bind. The lane owns the descriptor and closes it when it drains.
  void listen(std::uint32_t frontend, std::uint32_t bind, io::Descriptor listener);
  /// One loop turn: waits for work at most until the next timer, and at most `wait_us`. False once the lane
  /// has drained or stopped and nothing is in flight.
  bool turn(base::TimeUs wait_us = base::time_never);

  /// Control thread: leaves a message and wakes the lane. `from` is the caller's ring, or null.
  void post(const LaneMessage& message, io::Ring* from);

  const stats::LaneBlock& counters() const noexcept;
  /// Written by the lane, read by the control thread.
  logfmt::LogQueue& log_queue() noexcept;
  /// Written by the lane, read by the control thread.
  base::SpscQueue<SessionReply>& session_replies() noexcept;
  /// Likewise; null where no rule changes lists of patterns.
  PatternChangeQueue* pattern_changes() noexcept;
  /// False before it runs and when it has finished: it answers nothing then.
  bool running() const noexcept;
  const io::RingFeatures& ring_features() const noexcept;

 private:
  std::unique_ptr<LaneState> state_;
};

}  // namespace corelane::proxy
