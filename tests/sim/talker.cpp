// SPDX-License-Identifier: Apache-2.0
#include "sim/talker.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

namespace corelane::sim {

namespace {
constexpr std::size_t parts_max = 64;  // few steps for many bytes, or a run takes long
}  // namespace

void Talker::attach(Socket& socket) {
  socket_ = &socket;
  socket.on_change = [this] {
    plan_write();
    plan_read();
  };
  plan_write();
  plan_read();
}

void Talker::say(std::string_view bytes) {
  if (at_ == to_say_.size()) {
    to_say_.clear();
    at_ = 0;
  }
  to_say_ += bytes;
  if (attached()) plan_write();
}

void Talker::fall_silent() {
  to_say_.clear();
  at_ = 0;
}

void Talker::end() {
  ending_ = true;
  if (attached()) plan_write();
}

void Talker::leave(bool by_reset) {
  if (closed_ || !attached()) return;
  if (by_reset) socket_->reset_on_close = true;
  close();
}

void Talker::plan_write() {
  const bool something = !has_said_all() || (ending_ && !end_sent_);
  if (closed_ || write_planned_ || !something || !socket_->writable()) return;
  write_planned_ = true;
  kernel_.schedule(random_.between(0, pace_.write_pause_us_max), [this] { write(); });
}

void Talker::plan_read() {
  if (closed_ || read_planned_ || !pace_.reads || end_seen_ || !socket_->readable()) return;
  read_planned_ = true;
  kernel_.schedule(random_.between(0, pace_.read_pause_us_max), [this] { read(); });
}

void Talker::write() {
  write_planned_ = false;
  if (closed_ || end_sent_) return;
  if (has_said_all()) {
    if (!ending_) return;
    end_sent_ = true;
    kernel_.shutdown_send(*socket_);
    if (end_seen_) close();
    return;
  }
  const std::string_view rest = std::string_view(to_say_).substr(at_);
  const std::string_view part =
      rest.substr(0, random_.size(1, std::max(pace_.write_max, to_say_.size() / parts_max)));
  const std::int64_t taken = kernel_.send(*socket_, std::as_bytes(std::span(part)));
  if (taken == -EAGAIN) return;
  if (taken < 0) return break_off();
  at_ += static_cast<std::size_t>(taken);
  said_ += static_cast<std::uint64_t>(taken);
  if (has_said_all()) said_all();
  plan_write();
}

void Talker::read() {
  read_planned_ = false;
  if (closed_ || end_seen_) return;
  const std::size_t waiting = socket_->other == nullptr ? 0 : socket_->other->arrived.size();
  std::vector<std::byte> bytes(random_.size(1, std::max(pace_.read_max, waiting / 4)));
  const std::int64_t count = kernel_.receive(*socket_, bytes);
  if (count == -EAGAIN) return;
  if (count > 0) {
    heard_ += static_cast<std::uint64_t>(count);
    heard({reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(count)});
    plan_read();
  } else if (count < 0 || !socket_->end_arrived()) {
    break_off();
  } else {
    end_seen_ = true;
    heard_end();
    if (end_sent_) close();
  }
}

void Talker::break_off() {
  break_seen_ = true;
  close();
  heard_break();
}

void Talker::close() {
  if (closed_) return;
  closed_ = true;
  kernel_.close(*socket_);
}

}  // namespace corelane::sim
