// SPDX-License-Identifier: Apache-2.0
#include "runtime/log_sink.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "runtime/host_name.hpp"

namespace corelane::runtime {

namespace {

constexpr mode_t log_file_mode = 0640;
constexpr std::string_view hostname_of_system = "auto";

int open_log_file(const std::string& path) {
  // Non-blocking for a path that is a named pipe; a file knows no waiting.
  return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                log_file_mode);
}

bool has_room(io::Descriptor descriptor) {
  pollfd entry{.fd = descriptor, .events = POLLOUT, .revents = 0};
  return ::poll(&entry, 1, 0) == 1;
}

std::uint64_t count_lines(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

}  // namespace

LogTime log_time_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm local{};
  ::localtime_r(&now.tv_sec, &local);
  return {.wall_us = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000,
          .utc_offset_s = static_cast<std::int32_t>(local.tm_gmtoff)};
}

std::unique_ptr<StreamLogSink> StreamLogSink::standard_output() {
  const auto make = [](io::Descriptor descriptor, Way way, bool owned) {
    return std::unique_ptr<StreamLogSink>(new StreamLogSink(descriptor, way, owned, {}));
  };
  struct stat status {};
  if (::fstat(STDOUT_FILENO, &status) < 0 || S_ISREG(status.st_mode))
    return make(STDOUT_FILENO, Way::plain, false);
  if (S_ISSOCK(status.st_mode)) return make(STDOUT_FILENO, Way::socket, false);
  // A pipe or terminal opened anew is a description of its own, whose flags nobody shares.
  const int own = ::open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  return own >= 0 ? make(own, Way::plain, true) : make(STDOUT_FILENO, Way::poll_first, false);
}

std::unique_ptr<StreamLogSink> StreamLogSink::file(const std::string& path, int& failure) {
  const int descriptor = open_log_file(path);
  if (descriptor < 0) {
    failure = errno;
    return nullptr;
  }
  return std::unique_ptr<StreamLogSink>(new StreamLogSink(descriptor, Way::plain, true, path));
}

StreamLogSink::~StreamLogSink() {
  if (owned_) ::close(descriptor_);
}

void LogSink::add(logfmt::SyslogSeverity severity, std::string_view line, const LogTime& time) {
  if (severity > policy_.level || !policy_.sample.takes(offered_++)) return;
  text_.clear();
  const logfmt::SyslogSource source{.form = policy_.form,
                                    .facility = policy_.facility,
                                    .tag = policy_.tag,
                                    .hostname = policy_.hostname,
                                    .pid = policy_.pid};
  logfmt::append_syslog_header(text_, source, std::max(severity, policy_.min_level), time.wall_us,
                               time.utc_offset_s);
  text_.append(line);
  ++lines_;
  write({text_.data(), std::min(text_.size(), policy_.length)});
}

void StreamLogSink::write(std::string_view line) {
  if (!full_ && backlog_.size() - written_ >= write_early_bytes) flush();
  if (backlog_.size() - written_ + line.size() + 1 > backlog_bytes_max) {
    ++dropped_;
    return;
  }
  if (std::exchange(line_broken_, false)) backlog_ += '\n';
  backlog_ += line;
  backlog_ += '\n';
}

std::int64_t StreamLogSink::write_some(std::string_view bytes) const {
  if (way_ == Way::socket) {
    return ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  if (way_ == Way::plain) return ::write(descriptor_, bytes.data(), bytes.size());
  if (!has_room(descriptor_)) {
    errno = EAGAIN;
    return -1;
  }
  // A pipe that poll calls writable has room for this much.
  return ::write(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
}

void StreamLogSink::flush() {
  full_ = false;
  while (pending() && !full_) {
    const std::int64_t result = write_some(std::string_view(backlog_).substr(written_));
    if (result >= 0) {
      written_ += static_cast<std::size_t>(result);
    } else if (errno == EAGAIN) {
      full_ = true;
    } else if (errno != EINTR) {
      discard();
    }
  }
  backlog_.erase(0, written_);
  written_ = 0;
}

void StreamLogSink::discard() {
  dropped_ += count_lines(std::string_view(backlog_).substr(written_));
  if (written_ > 0) line_broken_ = backlog_[written_ - 1] != '\n';
  backlog_.clear();
  written_ = 0;
}

void StreamLogSink::reopen() {
  if (path_.empty()) return;
  flush();
  const int descriptor = open_log_file(path_);
  // The old file goes on when the new one cannot be opened: better there than nowhere.
  if (descriptor < 0) return;
  ::close(std::exchange(descriptor_, descriptor));
}

std::unique_ptr<SyslogSink> SyslogSink::open(const io::SocketAddress& address, int& failure) {
  const int family = static_cast<const sockaddr*>(address.data())->sa_family;
  const int socket = ::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    failure = errno;
    return nullptr;
  }
  return std::unique_ptr<SyslogSink>(new SyslogSink(socket, address));
}

SyslogSink::~SyslogSink() {
  ::close(socket_);
}

// By address each time, so that a daemon which was not there yet, or came back, is found.
SyslogSink::Sent SyslogSink::send(std::string_view datagram) {
  const auto* address = static_cast<const sockaddr*>(address_.data());
  while (::sendto(socket_, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL, address,
                  address_.size()) < 0) {
    if (errno == EAGAIN || errno == ENOBUFS) return Sent::later;
    if (errno != EINTR) return Sent::refused;
  }
  return Sent::yes;
}

void SyslogSink::write(std::string_view datagram) {
  const Sent sent = backlog_.empty() ? send(datagram) : Sent::later;
  if (sent == Sent::later && backlog_bytes_ + datagram.size() <= backlog_bytes_max) {
    backlog_.emplace_back(datagram);
    backlog_bytes_ += datagram.size();
  } else if (sent != Sent::yes) {
    ++dropped_;
  }
}

void SyslogSink::flush() {
  while (!backlog_.empty()) {
    const Sent sent = send(backlog_.front());
    if (sent == Sent::later) return;
    if (sent == Sent::refused) ++dropped_;
    backlog_bytes_ -= backlog_.front().size();
    backlog_.pop_front();
  }
}

void SyslogSink::discard() {
  dropped_ += backlog_.size();
  backlog_.clear();
  backlog_bytes_ = 0;
}

namespace {

std::string hostname_sent(const std::string& configured) {
  return configured == hostname_of_system ? host_name() : configured;
}

LogPolicy policy_of(const config::Global& global, const config::LogTarget& target, std::int64_t pid) {
  return {.form = target.form,
          .facility = target.facility,
          .level = target.level,
          .min_level = target.min_level,
          .length = target.length,
          .sample = target.sample,
          .tag = global.log_tag,
          .hostname = hostname_sent(global.log_send_hostname),
          .pid = pid};
}

}  // namespace

std::optional<Failure> log_sink_open(const config::Global& global, const config::LogTarget& target,
                                     const std::string& place, std::int64_t pid, Resolver& resolver,
                                     std::unique_ptr<LogSink>& sink) {
  using Kind = config::LogTarget::Kind;
  int failure = 0;
  if (target.kind == Kind::standard_output) {
    sink = StreamLogSink::standard_output();
  } else if (target.kind == Kind::file) {
    sink = StreamLogSink::file(target.path, failure);
  } else {
    io::SocketAddress address = io::SocketAddress::from_unix_path(target.path);
    if (target.kind == Kind::udp) {
      std::vector<io::SocketAddress> resolved;
      if (std::optional<Failure> unresolved = resolver.resolve(target.address, place, resolved))
        return unresolved;
      address = resolved.front();
    }
    sink = SyslogSink::open(address, failure);
  }
  if (sink == nullptr) {
    return Failure{ExitStatus::resources, fmt::format("{}: cannot open \"{}\": {}", place, target.text,
                                                      std::generic_category().message(failure))};
  }
  sink->set_policy(policy_of(global, target, pid));
  return std::nullopt;
}

}  // namespace corelane::runtime
