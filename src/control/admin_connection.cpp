// SPDX-License-Identifier: Apache-2.0
#include "control/admin_connection.hpp"

#include <cerrno>

#include "control/admin_routes.hpp"
#include "control/admin_server.hpp"

namespace corelane::control {

AdminConnection::AdminConnection(AdminServer& server, Loop& loop, io::Descriptor socket, std::uint64_t ticket)
    : server_(server),
      loop_(loop),
      socket_(socket),
      ticket_(ticket),
      receive_op_(&AdminConnection::received, this),
      send_op_(&AdminConnection::sent, this),
      idle_since_(loop.now()) {
  timer_.owner = this;
  timer_.handler = &AdminConnection::timer_due;
}

void AdminConnection::start() {
  set_deadline(idle_timeout_us);
  advance();
}

void AdminConnection::set_deadline(base::TimeUs span_us) {
  loop_.timers().set(timer_, loop_.now() + span_us);
}

void AdminConnection::received(io::Op& op, io::Completion& completion) {
  auto& self = op.as<AdminConnection>();
  if (completion.result > 0) {
    const auto bytes = completion.lease.bytes();
    if (self.phase_ == Phase::lingering) {
      self.lingered_bytes_ += bytes.size();
    } else {
      self.input_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
  } else if (completion.result != -ENOBUFS) {
    // A buffer is there again by the next turn, since leases are dropped at once here; all else is the end.
    self.end_of_stream_ = true;
  }
  self.advance();
}

void AdminConnection::sent(io::Op& op, io::Completion& completion) {
  auto& self = op.as<AdminConnection>();
  if (completion.result < 0) {
    self.begin_close();
    return;
  }
  self.output_sent_ += static_cast<std::size_t>(completion.result);
  self.advance();
}

void AdminConnection::timer_due(base::Timer& timer) {
  auto& self = *static_cast<AdminConnection*>(timer.owner);
  if (self.phase_ == Phase::reading && self.request_timed_) {
    self.respond_error(408, "the request took too long to arrive");
    self.advance();
  } else {
    self.begin_close();
  }
}

void AdminConnection::advance() {
  bool progress = true;
  while (progress) {
    switch (phase_) {
      case Phase::reading:
        progress = advance_reading();
        break;
      case Phase::answering:
        return;
      case Phase::sending:
        progress = advance_sending();
        break;
      case Phase::lingering:
        advance_lingering();
        return;
      case Phase::closing:
        begin_close();
        return;
    }
  }
}

bool AdminConnection::advance_reading() {
  const AdminRequestReader::Step step = reader_.read(input_);
  input_.erase(0, step.consumed);
  if (step.status == AdminRequestReader::Status::request) {
    phase_ = Phase::answering;
    request_timed_ = false;
    set_deadline(answer_timeout_us);
    asking_ = true;
    server_.answer(*this, reader_.request());
    asking_ = false;
    return phase_ != Phase::answering;
  }
  if (step.status == AdminRequestReader::Status::error) {
    respond_error(reader_.error_status(), reader_.error_text());
    return true;
  }
  if (end_of_stream_) {
    begin_close();
    return false;
  }
  if (reader_.started() && !request_timed_) {
    request_timed_ = true;
    set_deadline(request_timeout_us);
  }
  receive();
  return false;
}

void AdminConnection::answered(std::string bytes, bool keep_alive) {
  if (phase_ != Phase::answering) return;
  respond(std::move(bytes), keep_alive);
  if (!asking_) advance();
}

void AdminConnection::respond(std::string bytes, bool keep_alive) {
  output_ = std::move(bytes);
  output_sent_ = 0;
  keep_alive_ = keep_alive;
  request_timed_ = false;
  phase_ = Phase::sending;
}

void AdminConnection::respond_error(int status, std::string_view text) {
  respond(admin_response_bytes(admin_fatal_error(status, text), false), false);
}

bool AdminConnection::advance_sending() {
  if (send_op_.in_flight) return false;
  if (output_sent_ < output_.size()) {
    set_deadline(send_timeout_us);
    const std::string_view rest = std::string_view(output_).substr(output_sent_);
    loop_.ring().send(send_op_, socket_, std::as_bytes(std::span(rest)));
    return false;
  }
  output_ = std::string();
  idle_since_ = loop_.now();
  if (keep_alive_) {
    phase_ = Phase::reading;
    set_deadline(idle_timeout_us);
  } else {
    begin_linger();
  }
  return true;
}

void AdminConnection::begin_linger() {
  phase_ = Phase::lingering;
  input_.clear();
  io::socket_shutdown_send(socket_);
  set_deadline(linger_timeout_us);
}

void AdminConnection::advance_lingering() {
  if (end_of_stream_ || lingered_bytes_ > linger_bytes_max) {
    begin_close();
  } else {
    receive();
  }
}

void AdminConnection::receive() {
  if (!receive_op_.in_flight) loop_.ring().receive(receive_op_, socket_, receive_bytes_cap);
}

void AdminConnection::begin_close() {
  if (phase_ != Phase::closing) {
    phase_ = Phase::closing;
    loop_.timers().stop(timer_);
    io::socket_shutdown_both(socket_);
  }
  if (ops_in_flight != 0) return;
  loop_.ring().close(socket_);
  server_.release(*this);
}

}  // namespace corelane::control
