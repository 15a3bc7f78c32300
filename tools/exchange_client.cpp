// SPDX-License-Identifier: Apache-2.0
#include <poll.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "net.hpp"

/// `churn`: connect, one exchange, close, over and over. `hold`: many connections that stay open and idle.
/// `drip`: many connections that send a byte each second.
/// The client closes first. Source addresses rotate, so that ports in TIME_WAIT do not run out.
namespace corelane::tools {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string to;
  std::string source = "127.0.0.21";
  std::uint32_t sources = 8;
  std::uint32_t connections = 1000;
  std::uint32_t concurrency = 32;
  std::size_t request = 64;
  std::string text;  // said instead of `request` bytes
  std::size_t reply = 64;
  std::size_t greeting = 0;
  unsigned exchanges = 1;
  bool says_goodbye = false;
  unsigned seconds = 60;
  bool exchange = false;
  bool failures_allowed = false;
};

/// Hands out the next socket, bound to the next source address but not yet to a port.
class Sources {
 public:
  explicit Sources(const Options& options) : first_(parse_address(options.source)), count_(options.sources) {}

  Fd next_socket(int flags) {
    Fd fd = make_socket(flags);
    set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    const auto address = address_after(first_, next_++ % count_);
    if (::bind(fd.get(), as_sockaddr(address), sizeof address) != 0) die_errno("bind the source address");
    return fd;
  }

 private:
  sockaddr_in first_;
  std::uint32_t count_;
  std::uint32_t next_ = 0;
};

struct Slot {
  Fd fd;
  unsigned requests_sent = 0;
  std::size_t expected = 0;  // bytes of what the server says next that are still to come
  Clock::time_point started;
};

class Churn {
 public:
  explicit Churn(const Options& options)
      : options_(options),
        target_(parse_address(options.to)),
        sources_(options),
        slots_(std::min(options.concurrency, options.connections)),
        request_(options.request, 'q') {}

  int run() {
    const auto start = Clock::now();
    for (std::size_t index = 0; index < slots_.size(); ++index) begin(index);
    std::vector<epoll_event> events(256);
    while (completed() < options_.connections && seconds_since(start) < options_.seconds) {
      for (const auto& event : wait_events(epoll_, events, 100)) {
        advance(static_cast<std::size_t>(event.data.u64), event.events);
      }
    }
    return report(seconds_since(start));
  }

 private:
  std::uint32_t completed() const { return static_cast<std::uint32_t>(latencies_us_.size()) + failed_; }

  void begin(std::size_t index) {
    if (started_ == options_.connections) return;
    ++started_;
    Slot& slot = slots_[index];
    slot = Slot{
        .fd = sources_.next_socket(SOCK_NONBLOCK), .expected = options_.greeting, .started = Clock::now()};
    const int status = ::connect(slot.fd.get(), as_sockaddr(target_), sizeof target_);
    if (status != 0 && errno != EINPROGRESS) die_errno("connect " + options_.to);
    watch(epoll_, slot.fd.get(), EPOLLIN | EPOLLOUT | EPOLLET, index, EPOLL_CTL_ADD);
  }

  void advance(std::size_t index, std::uint32_t events) {
    Slot& slot = slots_[index];
    if (!slot.fd.open()) return;
    if ((events & EPOLLERR) != 0) return finish(index, false);
    if (slot.requests_sent == 0 && slot.expected == 0 && (events & EPOLLOUT) != 0) {
      if (!send_request(slot)) return finish(index, false);
    }
    if ((events & (EPOLLIN | EPOLLHUP)) != 0) read(index);
  }

  bool send_request(Slot& slot) {
    ++slot.requests_sent;
    slot.expected = options_.reply;
    return ::send(slot.fd.get(), request_.data(), request_.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(request_.size());
  }

  void read(std::size_t index) {
    Slot& slot = slots_[index];
    const ssize_t got = ::recv(slot.fd.get(), buffer_.data(), buffer_.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0 || static_cast<std::size_t>(got) > slot.expected) return finish(index, false);
    slot.expected -= static_cast<std::size_t>(got);
    if (slot.expected != 0) return;
    if (slot.requests_sent == options_.exchanges)
      return finish(index, !options_.says_goodbye || say_goodbye(slot));
    if (!send_request(slot)) finish(index, false);
  }

  static bool say_goodbye(const Slot& slot) { return ::send(slot.fd.get(), &goodbye, 1, MSG_NOSIGNAL) == 1; }

  void finish(std::size_t index, bool good) {
    Slot& slot = slots_[index];
    if (good) {
      latencies_us_.push_back(seconds_since(slot.started) * 1e6);
    } else {
      ++failed_;
    }
    slot.fd.reset();
    begin(index);
  }

  double percentile(double share) {
    if (latencies_us_.empty()) return 0;
    const auto last = static_cast<double>(latencies_us_.size() - 1);
    const auto place = latencies_us_.begin() + static_cast<std::ptrdiff_t>(share * last);
    std::nth_element(latencies_us_.begin(), place, latencies_us_.end());
    return *place;
  }

  int report(double seconds) {
    const std::size_t good = latencies_us_.size();
    std::printf(
        "{\"connections\": %zu, \"failed\": %zu, \"seconds\": %.6f, \"p50_us\": %.1f, \"p99_us\": %.1f}\n",
        good, options_.connections - good, seconds, percentile(0.5), percentile(0.99));
    return good == options_.connections || options_.failures_allowed ? 0 : 1;
  }

  const Options& options_;
  sockaddr_in target_;
  Sources sources_;
  Fd epoll_ = make_epoll();
  std::vector<Slot> slots_;
  std::vector<char> request_;
  std::vector<char> buffer_ = std::vector<char>(64 * 1024);
  std::vector<double> latencies_us_;
  std::uint32_t started_ = 0;
  std::uint32_t failed_ = 0;
};

bool exchange_once(const Options& options, const Fd& fd) {
  const std::string request = options.text.empty() ? std::string(options.request, 'q') : options.text;
  if (!send_all(fd, request)) return false;
  std::vector<char> reply(options.reply);
  const ssize_t got = ::recv(fd.get(), reply.data(), reply.size(), MSG_WAITALL);
  return got == static_cast<ssize_t>(reply.size());
}

std::vector<Fd> open_all(const Options& options) {
  const auto target = parse_address(options.to);
  Sources sources(options);
  std::vector<Fd> held;
  for (std::uint32_t index = 0; index < options.connections; ++index) {
    Fd fd = sources.next_socket(0);
    if (::connect(fd.get(), as_sockaddr(target), sizeof target) != 0) die_errno("connect " + options.to);
    if (options.exchange && !exchange_once(options, fd)) die("exchange " + std::to_string(index) + " failed");
    held.push_back(std::move(fd));
  }
  std::printf("{\"held\": %zu}\n", held.size());
  std::fflush(stdout);
  return held;
}

/// Opens them all, says so on standard output, and keeps them until standard input ends or the time is over.
int hold(const Options& options) {
  const auto held = open_all(options);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}

/// As `hold`; meanwhile each sends a byte each second, of `text` and then of what never ends, a hundredth of
/// them at a time.
int drip(const Options& options) {
  const auto held = open_all(options);
  const auto start = Clock::now();
  constexpr std::size_t turns = 100;  // in a second
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  for (std::size_t turn = 0;; ++turn) {
    const std::size_t second = turn / turns;
    const char byte = second < options.text.size() ? options.text[second] : 'x';
    for (std::size_t index = turn % turns; index < held.size(); index += turns) {
      if (::send(held[index].get(), &byte, 1, MSG_NOSIGNAL) != 1) die_errno("drip");
    }
    const double ahead_ms = static_cast<double>(turn + 1) * 1000 / turns - seconds_since(start) * 1000;
    if (::poll(&input, 1, std::max(0, static_cast<int>(ahead_ms))) > 0) return 0;
  }
}

void add_common(CLI::App& command, Options& options) {
  command.add_option("--to", options.to, "ADDRESS:PORT")->required();
  command.add_option("--connections", options.connections, "in all")->check(CLI::Range(1, 10'000'000));
  command.add_option("--source", options.source, "first source address");
  command.add_option("--sources", options.sources, "how many addresses from there on")
      ->check(CLI::Range(1, 200));
  command.add_option("--request", options.request, "bytes of a request")->check(CLI::Range(1, 1 << 16));
  command.add_option("--reply", options.reply, "bytes of a reply")->check(CLI::Range(1, 1 << 16));
  command.add_option("--seconds", options.seconds, "time limit")->check(CLI::Range(1, 600));
}

}  // namespace
}  // namespace corelane::tools

int main(int argc, char** argv) {
  using namespace corelane::tools;
  Options options;
  CLI::App app{"Opens connections to an exchange server, directly or through a proxy."};
  app.require_subcommand(1);
  auto& churn = *app.add_subcommand("churn", "connect, one exchange, close; prints a JSON line");
  add_common(churn, options);
  churn.add_option("--greeting", options.greeting, "bytes that the server says first");
  churn.add_option("--exchanges", options.exchanges, "in each connection")->check(CLI::Range(1, 1000));
  churn.add_flag("--goodbye", options.says_goodbye, "tells the server to close, and closes");
  churn.add_flag("--failures-allowed", options.failures_allowed,
                 "failed connections are counted, not an error");
  churn.add_option("--concurrency", options.concurrency, "open at a time")->check(CLI::Range(1, 10'000));
  auto& held = *app.add_subcommand("hold", "open connections and keep them until standard input ends");
  add_common(held, options);
  held.add_flag("--exchange", options.exchange, "one exchange on each connection");
  held.add_option("--text", options.text, "said instead of --request bytes");
  auto& dripping = *app.add_subcommand("drip", "open connections and send a byte a second on each");
  add_common(dripping, options);
  dripping.add_option("--text", options.text, "how what they say begins");
  CLI11_PARSE(app, argc, argv);
  limit_run_time(options.seconds + 5);
  if (churn.parsed()) return Churn(options).run();
  return held.parsed() ? hold(options) : drip(options);
}
