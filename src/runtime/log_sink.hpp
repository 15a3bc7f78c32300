// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.hpp"
#include "config/model.hpp"
#include "io/socket.hpp"
#include "logfmt/syslog.hpp"
#include "runtime/exit_status.hpp"
#include "runtime/resolve.hpp"

namespace corelane::runtime {

/// When something is logged: the wall clock, and how far local time is ahead of UTC.
struct LogTime {
  std::int64_t wall_us = 0;
  std::int32_t utc_offset_s = 0;
};
LogTime log_time_now();

/// What a target wants of lines, and how it wants them.
struct LogPolicy {
  logfmt::SyslogForm form = logfmt::SyslogForm::raw;
  logfmt::SyslogFacility facility{};
  logfmt::SyslogSeverity level = logfmt::SyslogSeverity::debug;
  logfmt::SyslogSeverity min_level = logfmt::SyslogSeverity::emergency;
  std::size_t length = SIZE_MAX;  // bytes of a line with what stands before it
  logfmt::LogSample sample;
  std::string tag;
  std::string hostname;
  std::int64_t pid = 0;
};

/// Where log lines go. Nothing here ever waits: what a target does not take now is kept up to a bound, and
/// what is beyond the bound, or refused, is lost and counted. Used by the control thread only.
class LogSink {
 public:
  static constexpr std::size_t backlog_bytes_max = 1024 * 1024;

  LogSink() = default;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;
  virtual ~LogSink() = default;

  /// Before the first line.
  void set_policy(LogPolicy policy) { policy_ = std::move(policy); }
  /// One line, without its end.
  void add(logfmt::SyslogSeverity severity, std::string_view line, const LogTime& time);
  /// Hands over as much as the target takes now.
  virtual void flush() = 0;
  virtual bool pending() const noexcept = 0;
  /// Gives up what is still pending.
  virtual void discard() = 0;
  /// For files: closes and opens by name again, so that a rotated file is let go.
  virtual void reopen() {}
  /// Whether something stands before each line.
  bool has_header() const noexcept { return policy_.form != logfmt::SyslogForm::raw; }

  std::uint64_t lines() const noexcept { return lines_; }  // taken on, those dropped later included
  std::uint64_t dropped() const noexcept { return dropped_; }

 protected:
  /// The whole line, without its end.
  virtual void write(std::string_view text) = 0;

  std::uint64_t lines_ = 0;
  std::uint64_t dropped_ = 0;

 private:
  LogPolicy policy_;
  std::uint64_t offered_ = 0;  // lines that the sample counts
  fmt::memory_buffer text_;
};

/// Standard output or a file: lines are gathered and written together.
class StreamLogSink final : public LogSink {
 public:
  static std::unique_ptr<StreamLogSink> standard_output();
  /// Null when it cannot be opened; `failure` is then an errno.
  static std::unique_ptr<StreamLogSink> file(const std::string& path, int& failure);
  ~StreamLogSink() override;

  void flush() override;
  bool pending() const noexcept override { return written_ < backlog_.size(); }
  void discard() override;
  void reopen() override;

 protected:
  void write(std::string_view text) override;

 private:
  /// How to write without waiting. Standard output is shared with other processes, so it is not made
  /// non-blocking: that would be theirs as well.
  enum class Way : std::uint8_t {
    plain,       // a file, which never waits for a reader; or a descriptor of our own that is non-blocking
    socket,      // send(2) is told so for each call
    poll_first,  // a pipe that cannot be opened anew: one small write each time that poll says there is room
  };
  // While more than this is gathered, a write is tried before the batch has ended.
  static constexpr std::size_t write_early_bytes = 64 * 1024;

  StreamLogSink(io::Descriptor descriptor, Way way, bool owned, std::string path)
      : descriptor_(descriptor), way_(way), owned_(owned), path_(std::move(path)) {}
  std::int64_t write_some(std::string_view bytes) const;

  io::Descriptor descriptor_;
  Way way_;
  bool owned_;
  std::string path_;     // of a file
  std::string backlog_;  // whole lines; the first `written_` bytes are done
  std::size_t written_ = 0;
  bool full_ = false;         // the target took no more at the last attempt: the next batch tries again
  bool line_broken_ = false;  // the target holds the beginning of a line whose end was discarded
};

/// A syslog daemon, one datagram per line.
class SyslogSink final : public LogSink {
 public:
  /// Null when no socket can be had; `failure` is then an errno.
  static std::unique_ptr<SyslogSink> open(const io::SocketAddress& address, int& failure);
  ~SyslogSink() override;

  void flush() override;
  bool pending() const noexcept override { return !backlog_.empty(); }
  void discard() override;

 protected:
  void write(std::string_view text) override;

 private:
  enum class Sent : std::uint8_t { yes, later, refused };

  SyslogSink(io::Descriptor socket, const io::SocketAddress& address) : socket_(socket), address_(address) {}
  Sent send(std::string_view datagram);

  io::Descriptor socket_;
  io::SocketAddress address_;
  std::deque<std::string> backlog_;
  std::size_t backlog_bytes_ = 0;
};

/// The sink of a target that opens something; `place` is its path in the configuration, for failures.
std::optional<Failure> log_sink_open(const config::Global& global, const config::LogTarget& target,
                                     const std::string& place, std::int64_t pid, Resolver& resolver,
                                     std::unique_ptr<LogSink>& sink);

}  // namespace corelane::runtime
