// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "check/run.hpp"
#include "config/model.hpp"
#include "control/check_tls.hpp"
#include "control/loop.hpp"
#include "control/probe_sockets.hpp"
#include "io/socket_options.hpp"

namespace corelane::control {

/// What came of one check.
struct CheckOutcome {
  /// Nothing when the check could not be made for want of a descriptor or the like: that says nothing about
  /// the server.
  std::optional<check::Verdict> verdict;
  base::TimeUs duration_us = 0;
};

/// What a check asks of the network beside the server's address.
struct CheckWay {
  io::SocketAddress source;  // size 0: the kernel chooses
  io::SocketOptions options;
};

/// Where and how a check connects.
struct CheckTarget {
  const config::SendProxy* send_proxy = nullptr;  // null: no header
  std::unique_ptr<const CheckWay> way;            // null: as the kernel chooses
  CheckTlsTarget tls;
  io::SocketAddress address;
};

/// The network's side of a check: makes its connections, sends and receives for it, keeps its time and
/// closes. Used for one check after the other, of whichever server: few of them stay in the cache, where one
/// for each of thousands of servers would not.
class CheckConnection : public io::OpOwner {
 public:
  /// So long a server may take to end the connection after the farewell; then the check ends it.
  static constexpr base::TimeUs farewell_timeout_us = 500'000;

  /// Told once per check each, in this order; `closed` is the last thing that happens.
  struct Owner {
    virtual void check_judged(const CheckOutcome& outcome) = 0;
    virtual void check_closed() = 0;

   protected:
    ~Owner() = default;
  };

  /// Checks that only connect take their sockets from `probes`, which outlives this.
  CheckConnection(Loop& loop, ProbeSockets& probes);
  CheckConnection(const CheckConnection&) = delete;
  CheckConnection& operator=(const CheckConnection&) = delete;

  /// Starts a check; none may be under way. What it is given outlives it.
  void start(Owner& owner, const CheckTarget& target, const check::Plan& plan, base::TimeUs timeout_us);
  /// Ends a check without a verdict, if one is under way.
  void cancel();
  bool idle() const noexcept { return phase_ == Phase::idle; }
  base::TimeUs started_at() const noexcept { return started_at_; }

 private:
  enum class Phase : std::uint8_t {
    idle,
    connecting,
    shaking_hands,
    talking,
    reconnecting,
    leaving,
    closing
  };

  static void connected(io::Op& op, io::Completion& completion);
  static void sent(io::Op& op, io::Completion& completion);
  static void received(io::Op& op, io::Completion& completion);
  static void timer_due(base::Timer& timer);

  void open(check::ConnectOptions options);
  int take_way();
  bool only_probes() const noexcept;
  bool speaks() const noexcept;
  bool has_unsent() const noexcept { return output_sent_ < output_.size() || !said_.empty(); }
  void keep_unsaid() noexcept;
  /// While talking: the check's step is not over.
  bool waits_for_server() const noexcept { return step_.kind == check::Step::Kind::receive; }
  void connect_ended(int error_number);
  void begin_tls();
  void begin_talk();
  void hear(std::span<std::byte> bytes);
  void hear_over_tls(std::span<std::byte> bytes);
  void hear_end(int error_number);
  void tls_failed(std::string_view why);
  void take(check::Step step);
  void judge(std::optional<check::Verdict> verdict);
  /// The only one that submits, changes the phase and closes.
  void advance();
  void release_socket();
  void close_socket();
  void finish();

  Loop& loop_;
  ProbeSockets& probes_;
  Owner* owner_ = nullptr;
  const CheckTarget* target_ = nullptr;
  const check::Plan* plan_ = nullptr;
  std::optional<check::CheckRun> run_;
  const io::SocketAddress* address_ = nullptr;  // of the present connection: the target's, or the next
  io::SocketAddress other_address_;
  Phase phase_ = Phase::idle;
  io::Descriptor socket_ = io::no_descriptor;
  io::Op connect_op_;
  io::Op send_op_;
  io::Op receive_op_;
  base::Timer timer_;  // the check's time-out, then the farewell's
  base::TimeUs started_at_ = 0;
  check::Step step_;    // the one in progress; its bytes are in said_
  std::string output_;  // not changed while its send is in flight
  std::size_t output_sent_ = 0;
  std::string said_;  // goes out behind it
  CheckTls tls_;
  std::string plain_;         // what came over TLS and was not looked at
  bool from_probes_ = false;  // the present socket
  bool linger_ = false;
  bool header_wanted_ = false;  // on the present connection
  bool tls_wanted_ = false;     // as above
  bool says_farewell_ = false;
  bool stream_ended_ = false;
};

}  // namespace corelane::control
