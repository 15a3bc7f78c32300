// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "base/tsan.hpp"
#include "tls/session_cache.hpp"

/// Threads that do at once what lanes do, with a ring so small that they overwrite what others read. What is
/// found must be what was kept for that id, as a whole; the thread sanitizer's build watches the memory.
namespace {

using corelane::tls::SessionCache;

constexpr std::uint32_t threads_count = 4;
constexpr std::uint32_t rounds = corelane::base::thread_sanitized ? 20'000 : 200'000;

std::uint64_t mixed(std::uint64_t number) {
  number = (number ^ number >> 31U) * 0x9E37'79B9'7F4A'7C15U;
  return number ^ number >> 29U;
}

using IdBytes = std::array<std::uint8_t, SessionCache::id_bytes>;
IdBytes id_of(std::uint64_t number) {
  IdBytes id{};
  for (std::size_t i = 0; i < id.size() / 8; ++i) {
    const std::uint64_t word = mixed(number * 4 + i);
    std::memcpy(id.data() + i * 8, &word, sizeof(word));
  }
  return id;
}

/// Of one to four blocks; every word says whose it is.
std::vector<std::uint64_t> session_of(std::uint64_t number) {
  return std::vector<std::uint64_t>(1 + mixed(number) % 110, mixed(number + 1'000'000));
}

class Stress {
 public:
  Stress(std::uint32_t blocks, std::uint64_t ids) : cache_(blocks), ids_(ids) {}

  void run() {
    std::vector<std::thread> threads;
    for (std::uint32_t thread = 0; thread < threads_count; ++thread)
      threads.emplace_back([this, thread] { work(thread); });
    for (std::thread& thread : threads) thread.join();
  }

  std::uint64_t wrong() const { return wrong_; }
  std::uint64_t found() const { return found_; }

 private:
  void work(std::uint32_t thread) {
    std::uint64_t found = 0;
    for (std::uint32_t round = 0; round < rounds; ++round) {
      const std::uint64_t random = mixed(std::uint64_t{round} * threads_count + thread);
      const std::uint64_t number = random % ids_;
      const IdBytes id = id_of(number);
      const std::vector<std::uint64_t> session = session_of(number);
      const std::size_t size = session.size() * sizeof(session[0]);
      if (random >> 60U < 5) {
        cache_.keep(id, {reinterpret_cast<const std::uint8_t*>(session.data()), size}, 100);
        continue;
      }
      if (random >> 60U == 5) {
        cache_.forget(id);
        continue;
      }
      SessionCache::Room room;
      const auto got = cache_.find(id, 1, room);
      if (!got) continue;
      ++found;
      if (got->size() != size || std::memcmp(got->data(), session.data(), size) != 0) wrong_.fetch_add(1);
    }
    found_.fetch_add(found);
  }

  SessionCache cache_;
  std::uint64_t ids_;
  std::atomic<std::uint64_t> wrong_{0};
  std::atomic<std::uint64_t> found_{0};
};

}  // namespace

TEST_CASE("threads that overwrite each other's sessions find whole ones or none") {
  struct Row {
    std::uint32_t blocks;
    std::uint64_t ids;
  };
  for (const Row row :
       {Row{.blocks = 5, .ids = 3}, Row{.blocks = 8, .ids = 8}, Row{.blocks = 300, .ids = 200}}) {
    CAPTURE(row.blocks);
    Stress stress(row.blocks, row.ids);
    stress.run();
    CHECK(stress.wrong() == 0);
    CHECK(stress.found() > 0);
  }
}
