// SPDX-License-Identifier: Apache-2.0
// Runs whole connections through a lane over the simulated kernel, one run per seed.
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <string_view>

#include "sim/scenario.hpp"

namespace {

using corelane::sim::RunCounts;

constexpr unsigned failures_max = 10;  // then it is not worth going on
constexpr unsigned seconds_per_seed_max = 60;

struct Options {
  std::uint64_t start = 1;
  std::uint64_t seeds = 20'000;
  std::uint64_t seconds = 0;  // 0: no bound
  std::optional<std::uint64_t> replay;
};

/// What the running process and the one that watches it share.
struct Progress {
  std::uint64_t seed = 0;  // the one under way
  std::uint64_t passed = 0;
  RunCounts counts;
};

void fail_run(const std::string& what) {
  fmt::print(stderr, "sim: {}\n", what);
  std::fflush(stderr);
  std::_Exit(1);
}

bool read_number(const char* text, std::uint64_t& number) {
  const std::string_view view = text;
  const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), number);
  return error == std::errc{} && end == view.data() + view.size();
}

bool read_options(int count, char** arguments, Options& options) {
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = arguments[i];
    std::uint64_t value = 0;
    if (i + 1 == count || !read_number(arguments[i + 1], value)) return false;
    if (name == "--seed") {
      options.replay = value;
    } else if (name == "--seeds") {
      options.seeds = value;
    } else if (name == "--start") {
      options.start = value;
    } else if (name == "--seconds") {
      options.seconds = value;
    } else {
      return false;
    }
  }
  return true;
}

std::uint64_t seconds_now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec);
}

int replay(std::uint64_t seed) {
  RunCounts counts;
  corelane::sim::run_scenario(seed, true, fail_run, counts);
  fmt::print("sim: 1 passed, 0 failed\n");
  return 0;
}

/// Runs seeds in a process of its own, which a broken CHECK or a failed run ends. True when it got to the
/// end.
bool run_seeds(Progress& progress, std::uint64_t end, std::uint64_t stop_at) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (; progress.seed < end && seconds_now() < stop_at; ++progress.seed) {
      ::alarm(seconds_per_seed_max);
      corelane::sim::run_scenario(progress.seed, false, fail_run, progress.counts);
      ++progress.passed;
    }
    std::exit(0);  // not _Exit: sanitizers and coverage report then
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) std::abort();
  if (WIFSIGNALED(status)) {
    const bool endless = WTERMSIG(status) == SIGALRM;
    fmt::print(stderr, "sim: {}\n", endless ? "a turn did not end" : ::strsignal(WTERMSIG(status)));
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int run_all(const Options& options, const char* program) {
  void* shared = ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 1;
  auto& progress = *new (shared) Progress{.seed = options.start, .passed = 0, .counts = {}};
  const std::uint64_t end = options.start + options.seeds;
  const std::uint64_t stop_at = options.seconds == 0 ? UINT64_MAX : seconds_now() + options.seconds;
  std::uint64_t failed = 0;
  std::fflush(stdout);
  while (!run_seeds(progress, end, stop_at)) {
    fmt::print(stderr, "sim: seed {} failed; to replay: {} --seed {}\n", progress.seed, program,
               progress.seed);
    ++progress.seed;
    if (++failed == failures_max) break;
  }
  const RunCounts& counts = progress.counts;
  fmt::print(
      "{} exchanges, {} requests on reused connections, {} repeated\n"
      "{} connections, {} of them completed, {} handed over; {} operations, {} splices, {} receives without "
      "a buffer, {} relays\n",
      counts.exchanges, counts.reused, counts.repeated, counts.connections, counts.completed,
      counts.handed_over, counts.operations, counts.splices, counts.buffers_exhausted, counts.relays);
  fmt::print("sim: {} passed, {} failed\n", progress.passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  if (!read_options(count, arguments, options)) {
    fmt::print(stderr, "usage: {} [--seeds N] [--start N] [--seconds S] | --seed N\n", arguments[0]);
    return 2;
  }
  return options.replay ? replay(*options.replay) : run_all(options, arguments[0]);
}
