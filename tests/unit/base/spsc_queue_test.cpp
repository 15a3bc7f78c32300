// SPDX-License-Identifier: Apache-2.0
#include "base/spsc_queue.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <thread>

using corelane::base::SpscQueue;

TEST_CASE("a queue keeps order, says full and empty, and goes round") {
  SpscQueue<int> queue(4);
  int item = -1;
  CHECK(queue.empty());
  CHECK_FALSE(queue.pop(item));
  CHECK(item == -1);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 4; ++i) {
      CHECK_FALSE(queue.full());
      CHECK(queue.push(round * 10 + i));
    }
    CHECK(queue.full());
    CHECK_FALSE(queue.push(99));
    CHECK_FALSE(queue.empty());
    for (int i = 0; i < 4; ++i) {
      REQUIRE(queue.pop(item));
      CHECK(item == round * 10 + i);
    }
    CHECK_FALSE(queue.pop(item));
  }
}

TEST_CASE("a queue of one") {
  SpscQueue<char> queue(1);
  char item = 0;
  CHECK(queue.push('a'));
  CHECK_FALSE(queue.push('b'));
  CHECK(queue.pop(item));
  CHECK(item == 'a');
  CHECK(queue.empty());
}

TEST_CASE("nothing is lost, doubled or torn between two threads") {
  struct Item {
    std::uint64_t value, complement;
  };
  constexpr std::uint64_t count = 50'000;
  SpscQueue<Item> queue(64);
  std::thread writer([&queue] {
    for (std::uint64_t value = 0; value < count; ++value)
      while (!queue.push({value, ~value})) std::this_thread::yield();
  });
  std::uint64_t wrong = 0;
  for (std::uint64_t expected = 0; expected < count; ++expected) {
    Item item{};
    while (!queue.pop(item)) std::this_thread::yield();
    if (item.value != expected || item.complement != ~expected) ++wrong;
  }
  writer.join();
  CHECK(wrong == 0);
  CHECK(queue.empty());
}
