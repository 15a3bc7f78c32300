// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/kernel.hpp"
#include "sim/random.hpp"

namespace corelane::sim {

/// How fast one end of a connection writes and reads.
struct Pace {
  std::size_t write_max = 512;
  std::size_t read_max = 512;
  TimeUs write_pause_us_max = 1000;
  TimeUs read_pause_us_max = 1000;
  bool reads = true;
};

/// One end of a connection outside of the program under test that says what it is told to, at its own pace,
/// and hands on what it hears. Lives as long as its kernel.
class Talker {
 public:
  Talker(Kernel& kernel, const Pace& pace, Random random) : kernel_(kernel), pace_(pace), random_(random) {}
  Talker(const Talker&) = delete;
  Talker& operator=(const Talker&) = delete;
  virtual ~Talker() = default;

  void attach(Socket& socket);

  bool attached() const noexcept { return socket_ != nullptr; }
  bool closed() const noexcept { return closed_; }
  bool reads() const noexcept { return pace_.reads; }
  bool end_seen() const noexcept { return end_seen_; }
  bool break_seen() const noexcept { return break_seen_; }
  std::uint64_t said() const noexcept { return said_; }
  std::uint64_t heard_bytes() const noexcept { return heard_; }
  /// What the program was told at its end of this connection.
  const ProgramView& program_view() const noexcept { return socket_->other->seen; }
  const Socket& socket() const noexcept { return *socket_; }

 protected:
  void say(std::string_view bytes);
  /// Says nothing more, not even what it was told to.
  void fall_silent();
  /// Half-closes after its last byte.
  void end();
  /// Closes now.
  void leave(bool by_reset);
  bool has_said_all() const noexcept { return to_say_.size() == at_; }
  Kernel& kernel() noexcept { return kernel_; }
  Random& random() noexcept { return random_; }

 private:
  virtual void heard(std::string_view bytes) = 0;
  virtual void heard_end() = 0;
  /// A reset, or something like it. The connection is closed.
  virtual void heard_break() = 0;
  virtual void said_all() = 0;

  void plan_write();
  void plan_read();
  void write();
  void read();
  void break_off();
  void close();

  Kernel& kernel_;
  const Pace pace_;
  Random random_;
  Socket* socket_ = nullptr;
  std::string to_say_;
  std::size_t at_ = 0;
  std::uint64_t said_ = 0;
  std::uint64_t heard_ = 0;
  bool write_planned_ = false;
  bool read_planned_ = false;
  bool ending_ = false;
  bool end_sent_ = false;
  bool end_seen_ = false;
  bool break_seen_ = false;
  bool closed_ = false;
};

}  // namespace corelane::sim
