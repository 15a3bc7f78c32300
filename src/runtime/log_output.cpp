// SPDX-License-Identifier: Apache-2.0
#include "runtime/log_output.hpp"

#include <poll.h>

#include <algorithm>

#include "base/append_format.hpp"
#include "base/civil_time.hpp"
#include "logfmt/json_log.hpp"
#include "logfmt/log_choice.hpp"
#include "runtime/host_name.hpp"
#include "runtime/notices.hpp"

namespace corelane::runtime {

namespace {

std::string_view severity_word(logfmt::SyslogSeverity severity) {
  static constexpr std::string_view words[] = {"emergency", "alert",  "critical", "error",
                                               "warning",   "notice", "info",     "debug"};
  return words[static_cast<std::size_t>(severity)];
}

}  // namespace

std::string log_message_line(bool json, logfmt::SyslogSeverity severity, std::string_view event,
                             std::string_view text, const LogTime& time) {
  fmt::memory_buffer line;
  if (json) {
    const base::CivilTime utc = base::civil_time(time.wall_us, 0);
    base::append_format(
        line, R"({{"time":"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z","severity":"{}","event":)", utc.year,
        utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond, severity_word(severity));
    logfmt::append_json_string(line, event);
    base::append_format(line, R"(,"message":)");
    logfmt::append_json_string(line, text);
    line.push_back('}');
  } else {
    const base::CivilTime local = base::civil_time(time.wall_us, time.utc_offset_s);
    base::append_format(line, "[{:02}/{}/{:04}:{:02}:{:02}:{:02}.{:03}] {}: {}", local.day,
                        base::month_abbreviation(local.month), local.year, local.hour, local.minute,
                        local.second, local.millisecond(), severity_word(severity), text);
  }
  return fmt::to_string(line);
}

LogOutput::LogOutput(control::Loop& loop, const proxy::Topology& topology, std::int64_t pid)
    : loop_(loop),
      topology_(topology),
      model_(topology.model()),
      pid_(pid),
      // A file of JSON stays one: messages follow the lines of connections.
      messages_as_json_(std::ranges::all_of(
          model_.frontends,
          [](const config::Frontend& frontend) { return frontend.log_format == config::log_format_json; })),
      names_(model_),
      lines_of_frontends_(model_.frontends.size()),
      hostname_(host_name()) {
  timer_.owner = this;
  timer_.handler = &LogOutput::drain_due;
  loop_.on_wake(&LogOutput::woken, this);
}

LogOutput::~LogOutput() {
  loop_.forget_wake(this);
  loop_.timers().stop(timer_);
}

std::optional<Failure> LogOutput::open(Resolver& resolver) {
  const Targets& targets = model_.global.log;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (auto failure = open_sink(targets[i], fmt::format("global.log[{}]", i), resolver)) return failure;
  }
  global_sinks_ = sinks_.size();
  for (const config::Frontend& frontend : model_.frontends) {
    if (auto failure = open_sinks_of(frontend, resolver)) return failure;
  }
  return std::nullopt;
}

std::optional<Failure> LogOutput::open_sink(const config::LogTarget& target, const std::string& place,
                                            Resolver& resolver) {
  std::unique_ptr<LogSink> sink;
  if (auto failure = log_sink_open(model_.global, target, place, pid_, resolver, sink)) return failure;
  sinks_.push_back(std::move(sink));
  return std::nullopt;
}

// Two frontends that write to the same place have a sink each: a target's policy and sample are its own.
std::optional<Failure> LogOutput::open_sinks_of(const config::Frontend& frontend, Resolver& resolver) {
  std::vector<LogSink*>& sinks = sinks_of_frontends_.emplace_back();
  const auto add_global = [&] {
    for (const auto& sink : global_sinks()) sinks.push_back(sink.get());
  };
  if (frontend.log.empty()) add_global();
  for (std::size_t i = 0; i < frontend.log.size(); ++i) {
    const config::LogTarget& target = frontend.log[i];
    if (target.kind == config::LogTarget::Kind::global) add_global();
    if (!target.opens()) continue;
    if (auto failure = open_sink(target, fmt::format("frontends.{}.log[{}]", frontend.name, i), resolver))
      return failure;
    sinks.push_back(sinks_.back().get());
  }
  return std::nullopt;
}

void LogOutput::attach(std::vector<Queue*> queues) {
  queues_ = std::move(queues);
}

void LogOutput::on_log_waiting(void* context, io::Ring* lane_ring) {
  auto& self = *static_cast<LogOutput*>(context);
  // Rings are far apart in memory; a multiplication spreads their addresses over the flags.
  const std::uint64_t spread = reinterpret_cast<std::uintptr_t>(lane_ring) * 0x9e3779b97f4a7c15U;
  std::atomic<bool>& flag = self.woken_flags_[spread >> (64 - woken_flag_bits)].woken;
  if (!flag.exchange(true, std::memory_order_acq_rel)) self.loop_.ring().wake(lane_ring);
}

void LogOutput::woken(void* context) {
  // Whatever the wake was for: a look at empty queues costs little.
  auto& self = *static_cast<LogOutput*>(context);
  self.plan_drain(self.loop_.now() + drain_delay_us);
}

void LogOutput::plan_drain(base::TimeUs at) {
  if (timer_.linked() && timer_.expiry <= at) return;
  loop_.timers().set(timer_, at);
}

void LogOutput::clear_woken_flags() {
  for (WokenFlag& flag : woken_flags_) {
    if (flag.woken.load(std::memory_order_relaxed)) flag.woken.exchange(false, std::memory_order_acq_rel);
  }
}

void LogOutput::drain_due(base::Timer& timer) {
  auto& self = *static_cast<LogOutput*>(timer.owner);
  bool more = self.take_records() > 0;
  if (!more) {
    self.clear_woken_flags();
    more = self.take_records() > 0;
  }
  for (const auto& sink : self.sinks_) sink->flush();
  if (more) {
    self.plan_drain(self.loop_.now() + drain_delay_us);
  } else if (self.pending()) {
    self.plan_drain(self.loop_.now() + retry_delay_us);
  }
}

std::uint64_t LogOutput::take_records() {
  const LogTime time = log_time_now();
  std::uint64_t taken = 0;
  logfmt::ConnectionRecord record;
  for (Queue* queue : queues_) {
    for (unsigned i = 0; i < records_per_drain_max && queue->pop(record, text_); ++i) {
      if (record.note == logfmt::Note::none) {
        add_record(record, time);
      } else {
        text_ += '\n';
        stream_write(record.note == logfmt::Note::standard_output ? stdout : stderr, text_);
      }
      ++taken;
    }
  }
  return taken;
}

void LogOutput::add_record(const logfmt::ConnectionRecord& record, const LogTime& time) {
  const std::vector<LogSink*>& sinks = sinks_of_frontends_[record.frontend];
  if (sinks.empty()) return;
  const config::Frontend& frontend = model_.frontends[record.frontend];
  const logfmt::SyslogSeverity severity = logfmt::log_severity(record, frontend.http.log_separate_errors);
  line_.clear();
  const logfmt::LogFormat* const form = topology_.logs(record.frontend).form_of(record);
  if (form == nullptr) {
    logfmt::append_json_log(line_, record, text_, names_.names());
  } else {
    values_.clear();
    logfmt::HttpLogTextReader reader(text_);
    for (std::size_t i = 0; i < form->values().size(); ++i) values_.push_back(reader.next());
    const logfmt::HttpLogParts parts(record, reader.rest(), names_.names());
    const logfmt::LogProcess process{hostname_, pid_, time.utc_offset_s};
    form->append_to(line_,
                    {record, values_, parts, names_.names(), process, lines_of_frontends_[record.frontend]});
  }
  ++lines_of_frontends_[record.frontend];
  const std::string_view line(line_.data(), line_.size());
  for (LogSink* sink : sinks) sink->add(severity, line, time);
}

void LogOutput::message(logfmt::SyslogSeverity severity, std::string_view event, std::string_view text) {
  if (global_sinks_ == 0) return;
  const LogTime time = log_time_now();
  const std::string line = log_message_line(messages_as_json_, severity, event, text, time);
  for (const auto& sink : global_sinks()) {
    sink->add(severity, sink->has_header() ? text : std::string_view(line), time);
    sink->flush();
  }
  if (pending()) plan_drain(loop_.now() + retry_delay_us);
}

void LogOutput::reopen() {
  for (const auto& sink : sinks_) sink->reopen();
}

bool LogOutput::pending() const noexcept {
  return std::ranges::any_of(sinks_, [](const auto& sink) { return sink->pending(); });
}

void LogOutput::finish() {
  loop_.timers().stop(timer_);
  const base::TimeUs deadline = loop_.ring().now() + finish_wait_us_max;
  bool records_left = true;
  while (records_left || (pending() && loop_.ring().now() < deadline)) {
    records_left = take_records() > 0;
    for (const auto& sink : sinks_) sink->flush();
    // A pause and not a wait for readiness: a UNIX datagram socket seems writable while its peer's queue is
    // full.
    if (!records_left && pending()) ::poll(nullptr, 0, finish_pause_ms);
  }
  for (const auto& sink : sinks_) sink->discard();
}

std::uint64_t LogOutput::lines() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& sink : sinks_) sum += sink->lines();
  return sum;
}

std::uint64_t LogOutput::dropped() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& sink : sinks_) sum += sink->dropped();
  return sum;
}

}  // namespace corelane::runtime
