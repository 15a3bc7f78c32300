// SPDX-License-Identifier: Apache-2.0
// How many updates a second of CPU a stick table takes, of all threads together: stick_bench [ENTRIES
// [MILLISECONDS]]. An update is what a tracked request costs: its key is found or added, a rate and a counter
// go up, and it is let go. One JSON line for each measurement.
#include <fmt/format.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <numeric>
#include <thread>
#include <vector>

#include "stick/table.hpp"

namespace {

using namespace corelane;
using stick::DataType;

/// Of this thread on a CPU, so that what else runs there does not count.
double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

enum class Kind { hit, hot, miss };

struct Bench {
  std::uint32_t entries;
  std::chrono::milliseconds lasts;
  stick::Table table{{stick::KeyType::ip,
                      4,
                      entries,
                      10'000'000,
                      false,
                      {{DataType::gpc0, 1, 0}, {DataType::http_req_rate, 1, 10'000}}},
                     {0x1234, 0x5678}};

  void update(std::uint32_t key, std::uint32_t now_ms) {
    const std::uint32_t record = table.get({&key, 1}, now_ms);
    if (record == stick::Table::none) return;
    table.add(record, DataType::http_req_rate, 0, 1, now_ms);
    table.add(record, DataType::gpc0, 0, 1, now_ms);
    table.touch(record, now_ms);
    table.release(record);
  }

  /// Keys that are there, in no order; one that everybody has; or always new ones.
  std::uint32_t key_of(Kind kind, std::uint32_t thread, std::uint32_t i) const {
    if (kind == Kind::hot) return 1;
    if (kind == Kind::hit) return (i * 2'654'435'761U + thread) % entries;
    return entries + thread * (1U << 28) + i;
  }

  double updates_per_second(Kind kind, std::uint32_t threads) {
    std::atomic<bool> stop{false};
    std::vector<double> rates(threads);
    std::vector<std::thread> workers;
    for (std::uint32_t thread = 0; thread < threads; ++thread) {
      workers.emplace_back([&, thread] {
        const double begin = cpu_seconds();
        std::uint32_t i = 0;
        while (!stop.load(std::memory_order_relaxed))
          for (std::uint32_t end = i + 1000; i != end; ++i) update(key_of(kind, thread, i), i / 1000);
        rates[thread] = i / (cpu_seconds() - begin);
      });
    }
    std::this_thread::sleep_for(lasts);
    stop = true;
    for (std::thread& worker : workers) worker.join();
    return std::accumulate(rates.begin(), rates.end(), 0.0);
  }
};

}  // namespace

int main(int argc, char** argv) {
  const auto entries = static_cast<std::uint32_t>(argc > 1 ? std::atol(argv[1]) : 1'000'000);
  const std::chrono::milliseconds lasts(argc > 2 ? std::atol(argv[2]) : 1000);
  Bench bench{entries, lasts};
  for (std::uint32_t key = 0; key < entries; ++key) bench.update(key, 0);
  fmt::print("{{\"entries\": {}, \"bytes_per_entry\": {:.1f}}}\n", entries,
             static_cast<double>(bench.table.memory_bytes()) / entries);
  constexpr std::pair<Kind, const char*> kinds[] = {
      {Kind::hit, "hit"}, {Kind::hot, "hot"}, {Kind::miss, "miss"}};
  for (const auto& [kind, name] : kinds) {
    for (std::uint32_t threads = 1; threads <= std::max(1U, std::thread::hardware_concurrency());
         threads *= 2) {
      fmt::print("{{\"keys\": \"{}\", \"threads\": {}, \"updates_per_second\": {:.0f}}}\n", name, threads,
                 bench.updates_per_second(kind, threads));
    }
  }
  return 0;
}
