// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "base/tsan.hpp"
#include "stick/table.hpp"

/// Threads that do at once what lanes do. What they must find is checked while they run and afterwards; the
/// thread sanitizer's build watches their memory.
namespace {

using namespace corelane;
using stick::DataType;
using stick::Table;

constexpr std::uint32_t threads_count = 4;
constexpr std::uint32_t rounds = base::thread_sanitized ? 8'000 : 60'000;

/// Four words that say the same, so that a torn key is seen.
using Key = std::array<std::uint32_t, 4>;
Key key_of(std::uint32_t number) {
  return {number, ~number, number * 3, number ^ 0x5555'5555};
}
bool whole(Table::Records::Key key) {
  const Key wanted = key_of(key[0]);
  return std::equal(key.begin(), key.end(), wanted.begin());
}

class Stress {
 public:
  Stress(std::uint32_t size, std::uint32_t keys, std::uint32_t expire_ms)
      : table_(
            {stick::KeyType::ipv6,
             16,
             size,
             expire_ms,
             false,
             {{DataType::gpc0, 1, 0}, {DataType::http_req_rate, 1, 1'000'000}, {DataType::conn_cur, 1, 0}}},
            {1, 2}),
        keys_(keys) {}

  void run() {
    std::vector<std::thread> threads;
    for (std::uint32_t thread = 0; thread < threads_count; ++thread)
      threads.emplace_back([this, thread] { work(thread); });
    for (std::thread& thread : threads) thread.join();
    CHECK(faults_ == 0);
  }

  Table& table() { return table_; }
  std::uint64_t counted() const { return counted_; }

 private:
  void work(std::uint32_t thread) {
    std::uint32_t random = thread * 2'654'435'761U + 12'345;
    std::uint64_t counted = 0;
    for (std::uint32_t round = 0; round < rounds; ++round) {
      random = random * 1'664'525 + 1'013'904'223;
      const std::uint32_t now_ms = now_.fetch_add(1, std::memory_order_relaxed) / 64;
      const Key key = key_of((random >> 8) % keys_);
      const std::uint32_t action = random >> 5 & 7;
      if (action < 4) {
        counted += count(key, now_ms);
      } else if (action < 6) {
        look(key, now_ms);
      } else if (action == 6) {
        expire_at_ = table_.expire(expire_at_, 16, now_ms);
      } else {
        walk((random >> 8) % table_.shape().size, now_ms);
      }
    }
    counted_ += counted;
  }

  std::uint64_t count(const Key& key, std::uint32_t now_ms) {
    const std::uint32_t record = table_.get(key, now_ms);
    if (record == Table::none) return 0;
    check(record, key);
    table_.add(record, DataType::conn_cur, 0, 1, now_ms);
    table_.add(record, DataType::gpc0, 0, 1, now_ms);
    table_.add(record, DataType::http_req_rate, 0, 1, now_ms);
    table_.touch(record, now_ms);
    check(record, key);
    table_.take_away(record, DataType::conn_cur);
    table_.release(record);
    return 1;
  }
  void look(const Key& key, std::uint32_t now_ms) {
    const std::uint32_t record = table_.find(key, now_ms);
    if (record == Table::none) return;
    const std::uint64_t first = table_.value(record, DataType::gpc0, 0, now_ms);
    check(record, key);
    if (table_.value(record, DataType::gpc0, 0, now_ms) < first) ++faults_;
    table_.release(record);
  }
  void walk(std::uint32_t first, std::uint32_t now_ms) {
    const std::uint32_t record = table_.next(first, now_ms);
    if (record == Table::none) return;
    if (!whole(table_.key(record))) ++faults_;
    table_.release(record);
  }
  void check(std::uint32_t record, const Key& key) {
    if (!std::equal(key.begin(), key.end(), table_.key(record).begin())) ++faults_;
  }

  Table table_;
  std::uint32_t keys_;
  std::atomic<std::uint32_t> now_{0};
  std::atomic<std::uint32_t> expire_at_{0};
  std::atomic<std::uint64_t> counted_{0};
  std::atomic<std::uint32_t> faults_{0};
};

/// What stands in the table in the end.
struct Found {
  std::uint64_t keys = 0;
  std::uint64_t counted = 0;
  bool sound = true;
};
Found look_through(Table& table) {
  Found found;
  std::vector<Key> keys;
  for (std::uint32_t record = table.next(0, 0); record != Table::none; record = table.next(record + 1, 0)) {
    ++found.keys;
    found.counted += table.value(record, DataType::gpc0, 0, 0);
    found.sound = found.sound && whole(table.key(record)) && table.pins(record) == 1 &&
                  table.value(record, DataType::conn_cur, 0, 0) == 0;
    // Each key leads to its own record: it is there once.
    const std::uint32_t same = table.find(table.key(record), 0);
    found.sound = found.sound && same == record;
    if (same != Table::none) table.release(same);
    table.release(record);
  }
  return found;
}

}  // namespace

TEST_CASE("no increment of any thread is lost while there is room") {
  Stress stress(1'000, 500, 0);
  stress.run();
  const Found found = look_through(stress.table());
  CHECK(found.sound);
  CHECK(found.keys == stress.table().used());
  CHECK(found.counted == stress.counted());
}

TEST_CASE("readers under eviction: small tables, many keys") {
  for (const std::uint32_t size : {3U, 40U, 700U}) {
    Stress stress(size, size * 3, 0);
    stress.run();
    const Found found = look_through(stress.table());
    CHECK(found.sound);
    CHECK(found.keys == stress.table().used());
    CHECK(stress.table().used() <= size);
    CHECK(stress.table().evicted() > 0);
  }
}

TEST_CASE("readers under expiry") {
  Stress stress(64, 48, 3);
  stress.run();
  const Found found = look_through(stress.table());
  CHECK(found.sound);
  CHECK(found.counted <= stress.counted());
}
