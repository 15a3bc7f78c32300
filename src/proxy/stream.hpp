// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/intrusive_list.hpp"
#include "base/timer_wheel.hpp"
#include "config/frontend_rules.hpp"
#include "logfmt/record.hpp"
#include "proto/proxy_header.hpp"
#include "proxy/accepted_client.hpp"
#include "proxy/flow.hpp"
#include "proxy/peer.hpp"
#include "proxy/session_query.hpp"
#include "proxy/stream_phase.hpp"

namespace corelane::proxy {

class HttpExchange;
struct LaneState;
struct ProxyHeaderBytes;
struct RuleInput;
struct Server;
struct Waiter;

/// What a client's connection carries: a TCP tunnel to a server, or HTTP requests and their responses, one
/// HttpExchange after the other. Completion handlers record what happened and call advance(); advance() alone
/// submits, changes phase, or ends. The table of phases (stream.cpp) is the life of a connection.
class Stream : public base::ListNode {
 public:
  using Phase = StreamPhase;

  Stream(LaneState& lane, const AcceptedClient& client);

  /// False when the lane has no room; the client is then not taken.
  static bool start(LaneState& lane, const AcceptedClient& client);

  /// Does what can be done now. May end the stream and give it back to its pool: the caller touches it no
  /// more.
  void advance();

  /// Ends the stream for a reason from outside, whatever it does now. As advance().
  void end(logfmt::EndReason reason);

  /// The lane drains: an HTTP connection without a request ends.
  void drain();

  /// For Ring::on_ahead.
  static void fetch_ahead(const io::Op& op, bool near);
  SessionRow describe() const;
  /// The lane has a free buffer again.
  void resume_starved();

  // From the queue. As advance(): this server has a place, which is this stream's now,
  void server_assigned(std::uint32_t server);
  // or the server that it waits for is not usable any more.
  void server_withdrawn();
  bool began_with_proxy_header() const noexcept { return header_complete_; }
  void expect_proxy() noexcept { phase_ = Phase::reading_header; }
  // By rules: writes a log line of what is known by now;
  void log_now(const RuleInput& input);
  // and lets the server go, once the client has what came of it.
  void drop_server() noexcept { server_dropped_ = true; }
  Session& session() noexcept { return *session_; }
  /// That header, where it is kept; else nothing.
  std::string_view proxy_header_text() const;

  bool uses_server(std::uint32_t backend, std::uint32_t server) const noexcept {
    return server_ != nullptr && backend_ == backend && server_index_ == server;
  }

 private:
  friend class HttpExchange;
  friend struct StreamTls;
  friend struct StreamFaults;
  enum class Step : std::uint8_t { next, wait, finished };
  enum class Inspected : std::uint8_t { passes, waits, rejected };
  enum class Broken : std::uint8_t { none, client, server };
  using PhaseHandler = Step (Stream::*)();
  static const PhaseHandler phase_handlers[static_cast<std::size_t>(Phase::count)];

  // Phases (stream.cpp, stream_proxy_header.cpp, stream_queue.cpp, stream_connect.cpp, stream_forward.cpp,
  // stream_http.cpp, stream_close.cpp)
  Step await_proxy_header(), await_handshake(), inspect(), await_request(), choose_server(), await_server(),
      open_connection(), await_connection(), abandon_connection(), send_proxy_header(), await_security(),
      await_retry(), forward(), exchange(), reply(), release_server(), linger(), close_when_idle();

  void enter_backend(std::uint32_t backend);
  bool passes(rules::RuleList list);
  sample::Content content(Flow& flow);
  Inspected inspect_response();
  Step inspect_server();
  Step forward_without_server();
  base::TimeUs response_deadline() const;
  std::string_view log_text();
  Inspected inspect_content(const config::RuleSet* set, std::int64_t delay_ms);
  bool bytes_are_there();
  std::uint32_t wanted_server();
  void expect_request();
  void begin_exchange();
  Step end_exchange(Phase then);
  void end_under_exchange();
  void leave_exchange();
  Step give_up_server(Phase then);
  bool take_idle_connection();
  bool park_server_connection();
  void become_tunnel();
  bool client_left();
  Step fail(logfmt::EndReason reason);

  // PROXY headers, choosing and queueing
  void expect_proxy_header();
  void take_proxy_header(io::BufferLease&& lease);
  void keep_proxy_header(std::string_view bytes);
  void use_proxy_header(const proto::ProxyHeader& header, std::string_view bytes);
  bool compose_proxy_header(const config::SendProxy& wanted);
  void release_proxy_headers();
  bool header_stays_of_use() const;
  Step use_server(std::uint32_t server);
  Step join_queue(std::uint32_t wanted_server);
  Step queue_timed_out();
  void leave_queue();
  // Connecting
  Step connected();
  Step established();
  Step connect_failed(int error);
  Step retry_after(int error);
  void drop_server_connection();
  void give_back_place();
  int bind_source(const Server& server);
  bool try_next_source(int error);
  void close_server_socket();
  const io::SocketAddress* client_destination(const Server& server);
  int prepare_socket(const Server& server, base::Family family);

  // Forwarding
  void pump(Flow& flow, Peer& source, Peer& sink);
  void pump_copying(Flow& flow, Peer& source, Peer& sink);
  void pump_splicing(Flow& flow, Peer& source, Peer& sink);
  void arm_receive(Flow& flow, Peer& source);
  void await_source(Peer& source);
  bool enter_splice(Flow& flow);
  void leave_splice(Flow& flow);
  void fill_pipe(Flow& flow, Peer& source, std::size_t bytes_max);
  void await_pipe(Flow& flow, Peer& source, Peer& sink);
  void drain_pipe(Flow& flow, Peer& sink);
  void pump_starved(Flow& flow, Peer& source, Peer& sink);
  void relay(Flow& flow, Peer& source, Peer& sink);
  void await_reserved(const Flow& flow, Peer& source);
  bool receive_reserved(io::Op& op, const Flow& flow, Peer& source);
  void park();
  void count_waiting(bool waits);
  void count_idle(bool idle);
  void source_at_end(Flow& flow, Peer& source);
  void finish_direction(Flow& flow, Peer& sink);
  bool keeps_end_back(const Peer& sink);
  Step forward_after_break();
  void broken(Peer& peer, int error, bool while_receiving);
  void count_received(Flow& flow, Peer& source, std::uint64_t bytes, bool first_pending);
  void await_sink(Peer& sink);

  // Time-outs
  base::TimeUs deadline(const Peer& peer) const;
  base::TimeUs expiry() const;
  std::int64_t tunnel_timeout_ms() const;
  void update_timer();
  bool deadline_passed(const Peer& peer) const;
  bool half_closed(const Peer& peer) const;

  // Ending
  Step begin_close(logfmt::EndReason reason);
  void release();
  void log_end();
  logfmt::ConnectionRecord describe_end(logfmt::EndReason reason, logfmt::EndPhase phase) const;
  void count_end();

  // Completions
  static void on_proxy_header(io::Op& op, io::Completion& completion);
  static void on_proxy_header_sent(io::Op& op, io::Completion& completion);
  static void on_connect(io::Op& op, io::Completion& completion);
  static void on_client_ended(io::Op& op, io::Completion& completion);
  static void on_receive(io::Op& op, io::Completion& completion);
  static void on_send(io::Op& op, io::Completion& completion);
  static void on_source_ready(io::Op& op, io::Completion& completion);
  static void on_sink_ready(io::Op& op, io::Completion& completion);
  static void on_timer(base::Timer& timer);

  /// Whose connection failed under us: the other one is reset too.
  const Peer* broken_peer() const noexcept {
    if (broken_ == Broken::none) return nullptr;
    return broken_ == Broken::client ? static_cast<const Peer*>(session_) : server_;
  }
  Flow& flow_from(const Peer& peer) noexcept { return peer.side == Side::client ? to_server_ : to_client_; }
  Flow& flow_to(const Peer& peer) noexcept { return peer.side == Side::client ? to_client_ : to_server_; }
  const Flow& flow_from(const Peer& peer) const noexcept {
    return const_cast<Stream*>(this)->flow_from(peer);
  }
  const Flow& flow_to(const Peer& peer) const noexcept { return const_cast<Stream*>(this)->flow_to(peer); }
  const config::Frontend& frontend_config() const;
  const config::Backend& backend_config() const;

  LaneState& lane_;
  Session* session_ = nullptr;
  ServerConnection* server_ = nullptr;
  HttpExchange* http_ = nullptr;                 // HTTP: from the first byte of a request on
  Waiter* waiter_ = nullptr;                     // while queueing
  ProxyHeaderBytes* header_received_ = nullptr;  // what came of it so far, then what send_proxy_header needs
  ProxyHeaderBytes* header_to_send_ = nullptr;   // in sending_header
  Flow to_server_;
  Flow to_client_;
  base::Timer timer_;
  base::TimeUs chosen_at_ = -1;  // the first server was chosen
  base::TimeUs established_at_ = -1;
  base::TimeUs phase_deadline_ = base::time_never;  // connecting, waiting_retry; a kept back end
  std::uint32_t backend_;
  std::uint32_t server_index_ = config::no_index;
  std::uint32_t failed_server_ = config::no_index;  // the last one that failed to connect
  std::uint32_t queue_position_ = 0;                // how many were ahead when it joined a queue
  std::uint16_t retries_ = 0;
  std::int16_t connect_result_ = 0;  // 0 or -errno
  std::int16_t error_number_ = 0;
  std::uint16_t exchanges_ = 0;  // HTTP requests begun on this connection, as far as they fit
  Phase phase_ = Phase::inspecting;
  logfmt::EndReason reason_ = logfmt::EndReason::none;
  std::uint8_t source_tries_ = 0;  // source ports that this attempt found in use
  proto::ProxyError header_error_ = proto::ProxyError::none;
  logfmt::EndPhase end_phase_ : 4 = logfmt::EndPhase::queue;
  Broken broken_ : 2 = Broken::none;
  bool waits_for_buffer_ : 1 = false;      // stands in the lane's line
  bool header_complete_ : 1 = false;       // reading_header is over
  Phase phase_next_ : 5 = Phase::closing;  // after releasing
  bool redispatched_ : 1 = false;
  bool session_judged_ : 1 = false;     // by the rules of tcp_request.session
  bool client_end_known_ : 1 = false;   // while queueing: it ended its half, there is nothing more to learn
  bool queued_for_server_ : 1 = false;  // it was a server's queue, not that for any server
  bool resets_server_ : 1 = false;      // the server has everything: its connection ends with a reset
  bool speaks_http_ : 1 = false;
  bool in_backend_ : 1 = false;      // counted there
  bool tunnel_ : 1 = false;          // HTTP: what flows has no heads any more
  bool counted_idle_ : 1 = false;    // HTTP: between two requests
  bool server_broke_ : 1 = false;    // HTTP: its connection failed while we received from it
  bool server_refuses_ : 1 = false;  // HTTP: or while we sent to it; what it had said may still come
  bool response_held_ : 1 = false;   // by the rules of tcp_response.content, until they have decided
  bool server_dropped_ : 1 = false;  // by a rule
  bool server_counted_ : 1 = false;  // ServerChoice::give_back is owed
};

}  // namespace corelane::proxy
