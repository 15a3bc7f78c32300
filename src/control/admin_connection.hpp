// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "control/admin_request.hpp"
#include "control/loop.hpp"

namespace corelane::control {

class AdminServer;

/// One client of the admin server: reads a request, sends its response, and only then looks at the next one,
/// so pipelined requests are answered in order and at most one response is held in memory.
class AdminConnection : public io::OpOwner {
 public:
  static constexpr base::TimeUs idle_timeout_us = 30'000'000;
  static constexpr base::TimeUs request_timeout_us = 10'000'000;  // from a request's first byte to its last
  static constexpr base::TimeUs answer_timeout_us = 30'000'000;   // where lanes have to be asked
  static constexpr base::TimeUs send_timeout_us = 30'000'000;     // without the client taking a byte
  static constexpr base::TimeUs linger_timeout_us =
      2'000'000;  // for the client to close after a last response
  static constexpr std::uint32_t receive_bytes_cap = 8 * 1024;  // per armed receive: bounds the input kept
  static constexpr std::size_t linger_bytes_max = 1024 * 1024;

  /// `ticket` is no other connection's, ever.
  AdminConnection(AdminServer& server, Loop& loop, io::Descriptor socket, std::uint64_t ticket);
  AdminConnection(const AdminConnection&) = delete;
  AdminConnection& operator=(const AdminConnection&) = delete;

  void start();
  /// From the server: the response to the request that it was given, at once or later.
  void answered(std::string bytes, bool keep_alive);
  std::uint64_t ticket() const noexcept { return ticket_; }
  /// Ends the connection; its life with it, at once or when the last operation has completed.
  void begin_close();

  bool idle() const noexcept { return phase_ == Phase::reading && !reader_.started() && input_.empty(); }
  base::TimeUs idle_since() const noexcept { return idle_since_; }

 private:
  /// reading -> answering -> sending -> reading ... -> lingering -> closing. `lingering` has sent everything
  /// and an end of stream, and drops what still comes, since closing with unread bytes would reset the
  /// connection and lose the response.
  enum class Phase : std::uint8_t { reading, answering, sending, lingering, closing };

  static void received(io::Op& op, io::Completion& completion);
  static void sent(io::Op& op, io::Completion& completion);
  static void timer_due(base::Timer& timer);

  void advance();
  bool advance_reading();
  bool advance_sending();
  void advance_lingering();
  void respond(std::string bytes, bool keep_alive);
  void respond_error(int status, std::string_view text);
  void begin_linger();
  void receive();
  void set_deadline(base::TimeUs span_us);

  AdminServer& server_;
  Loop& loop_;
  io::Descriptor socket_;
  std::uint64_t ticket_;
  io::Op receive_op_;
  io::Op send_op_;
  base::Timer timer_;
  Phase phase_ = Phase::reading;
  bool end_of_stream_ = false;  // the client will send no more
  bool keep_alive_ = true;      // after the present response
  bool asking_ = false;         // inside the server's answer()
  bool request_timed_ = false;  // the deadline is that of a request under way
  AdminRequestReader reader_;
  std::string input_;   // received, not yet read as requests
  std::string output_;  // the response being sent; unchanged while a send is in flight
  std::size_t output_sent_ = 0;
  std::size_t lingered_bytes_ = 0;
  base::TimeUs idle_since_ = 0;
};

}  // namespace corelane::control
