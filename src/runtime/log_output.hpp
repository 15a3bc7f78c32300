// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.hpp"
#include "control/loop.hpp"
#include "logfmt/log_queue.hpp"
#include "logfmt/record.hpp"
#include "proxy/topology.hpp"
#include "runtime/exit_status.hpp"
#include "runtime/log_names.hpp"
#include "runtime/log_sink.hpp"
#include "runtime/resolve.hpp"

namespace corelane::runtime {

/// Turns the lanes' records into lines and brings them, and what the process says about servers, to the log
/// targets. Lives in the control thread; lanes only leave records in their queues and wake it.
///
/// The first record after a pause wakes the control thread, which drains all queues a little later, and again
/// until it finds them empty: at most about a hundred drains a second however many connections end, no wakes
/// meanwhile, and an idle process has neither.
class LogOutput {
 public:
  using Queue = logfmt::LogQueue;

  static constexpr base::TimeUs drain_delay_us = 10'000;
  static constexpr base::TimeUs retry_delay_us = 20'000;         // while a target takes nothing
  static constexpr unsigned records_per_drain_max = 4096;        // of one lane: half of its queue
  static constexpr base::TimeUs finish_wait_us_max = 1'000'000;  // at the end, for targets that take nothing
  static constexpr int finish_pause_ms = 10;                     // between attempts then

  /// `topology` outlives this.
  LogOutput(control::Loop& loop, const proxy::Topology& topology, std::int64_t pid);
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;
  ~LogOutput();

  std::optional<Failure> open(Resolver& resolver);
  /// The lanes' queues; before the lanes start.
  void attach(std::vector<Queue*> queues);
  bool has_targets() const noexcept { return !sinks_.empty(); }

  /// For proxy::LaneShared: called in a lane's thread after it left a record; `context` is this.
  static void on_log_waiting(void* context, io::Ring* lane_ring);

  /// Something about the process or its servers, to the targets of global.log: `event` is one word for
  /// programs.
  void message(logfmt::SyslogSeverity severity, std::string_view event, std::string_view text);
  /// Opens files by name again.
  void reopen();
  /// After the lanes have ended: writes everything, waiting a little for slow targets.
  void finish();

  std::uint64_t lines() const noexcept;
  std::uint64_t dropped() const noexcept;

 private:
  using Targets = std::vector<config::LogTarget>;

  std::optional<Failure> open_sink(const config::LogTarget& target, const std::string& place,
                                   Resolver& resolver);
  std::optional<Failure> open_sinks_of(const config::Frontend& frontend, Resolver& resolver);
  std::span<const std::unique_ptr<LogSink>> global_sinks() const noexcept {
    return std::span(sinks_).first(global_sinks_);
  }
  /// Whether the control thread knows that a lane writes. Each lane writes the flag that its ring's address
  /// leads to, so that lanes hardly share one; the control thread clears them all before a last look at the
  /// queues. Both do it with an exchange: either the lane finds the flag cleared and wakes, or that last look
  /// sees its record.
  struct alignas(128) WokenFlag {
    std::atomic<bool> woken{false};  // written by lanes and the control thread
  };
  static constexpr unsigned woken_flag_bits = 6;

  static void woken(void* self);
  static void drain_due(base::Timer& timer);
  void plan_drain(base::TimeUs at);
  void clear_woken_flags();
  /// Takes what waits, of each lane at most a drain's share. How many records that were.
  std::uint64_t take_records();
  /// With `text_`.
  void add_record(const logfmt::ConnectionRecord& record, const LogTime& time);
  bool pending() const noexcept;

  control::Loop& loop_;
  const proxy::Topology& topology_;
  const config::Model& model_;
  const std::int64_t pid_;
  bool messages_as_json_;
  std::array<WokenFlag, 1U << woken_flag_bits> woken_flags_;
  std::vector<Queue*> queues_;
  std::vector<std::unique_ptr<LogSink>> sinks_;
  std::size_t global_sinks_ = 0;                           // the first of them are those of global.log
  std::vector<std::vector<LogSink*>> sinks_of_frontends_;  // where each one's lines go
  base::Timer timer_;
  std::string text_;  // of the record at hand
  fmt::memory_buffer line_;
  const LogNames names_;
  std::vector<std::optional<std::string_view>> values_;  // of the record at hand
  std::vector<std::uint64_t> lines_of_frontends_;
  std::string hostname_;
};

/// A message as a line of a file: `[21/Nov/2026:02:23:19.123] alert: TEXT`, or as JSON for logs that are
/// JSON. A syslog daemon gets the text alone, because its header says the rest.
std::string log_message_line(bool json, logfmt::SyslogSeverity severity, std::string_view event,
                             std::string_view text, const LogTime& time);

}  // namespace corelane::runtime
