// SPDX-License-Identifier: Apache-2.0
#include "io/buffer.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

using corelane::io::BufferLease;
using corelane::io::BufferPool;
using corelane::io::BufferQueue;

namespace {

BufferLease lease_with(BufferPool& pool, const std::string& text) {
  const std::uint32_t slot = pool.take();
  REQUIRE(slot != BufferPool::none);
  std::memcpy(pool.memory(slot), text.data(), text.size());
  return BufferLease(&pool, slot, static_cast<std::uint32_t>(text.size()));
}

std::string text_of(std::span<const std::byte> bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

TEST_CASE("a pool hands out every buffer once and the last returned first") {
  BufferPool pool(64, 3);
  const std::uint32_t first = pool.take();
  const std::uint32_t second = pool.take();
  const std::uint32_t third = pool.take();
  CHECK(pool.take() == BufferPool::none);
  CHECK(pool.free() == 0);
  CHECK(pool.memory(second) - pool.memory(first) == 64);
  pool.give_back(first);
  pool.give_back(third);
  CHECK(pool.take() == third);
  CHECK(pool.take() == first);
  for (const std::uint32_t slot : {first, second, third}) pool.give_back(slot);
  CHECK(pool.in_use() == 0);
}

TEST_CASE("the reserve of a pool is for those who ask for it") {
  BufferPool pool(64, 1, 2);
  const std::uint32_t first = pool.take();
  CHECK(pool.take() == BufferPool::none);
  CHECK(pool.free() == 0);
  CHECK(pool.reserve_free() == 2);
  const std::uint32_t second = pool.take_reserved();
  const std::uint32_t third = pool.take_reserved();
  CHECK(third != BufferPool::none);
  CHECK(pool.take_reserved() == BufferPool::none);
  pool.give_back(first);
  CHECK(pool.take() == BufferPool::none);  // as long as others are out of the reserve
  pool.give_back(second);
  pool.give_back(third);
  CHECK(pool.free() == 1);
  CHECK(pool.reserve_free() == 3);
}

TEST_CASE("a lease returns its buffer when it is dropped, moved over or reassigned") {
  BufferPool pool(64, 2);
  {
    BufferLease lease = lease_with(pool, "abc");
    BufferLease moved = std::move(lease);
    CHECK_FALSE(lease);
    CHECK(text_of(moved.bytes()) == "abc");
    CHECK(pool.in_use() == 1);
    moved = lease_with(pool, "de");
    CHECK(pool.in_use() == 1);
    CHECK(text_of(moved.bytes()) == "de");
  }
  CHECK(pool.in_use() == 0);
}

TEST_CASE("small messages are gathered in one buffer") {
  BufferPool pool(8, 4);
  BufferQueue queue;
  queue.gather(pool);
  for (const char* text : {"abcd", "e", "fgh"}) queue.push(lease_with(pool, text));
  queue.gather(pool);
  CHECK(queue.count() == 1);
  CHECK(pool.in_use() == 1);
  CHECK(text_of(queue.front(pool)) == "abcdefgh");
  queue.consume(pool, 3);
  queue.push(lease_with(pool, "ij"));
  queue.push(lease_with(pool, "klmn"));
  queue.gather(pool);
  CHECK(text_of(queue.front(pool)) == "defghij");
  CHECK(queue.count() == 2);
  CHECK(pool.in_use() == 2);
  queue.consume(pool, 7);
  CHECK(text_of(queue.front(pool)) == "klmn");
  queue.push(lease_with(pool, "o"));
  queue.gather(pool);
  CHECK(text_of(queue.front(pool)) == "klmno");
  queue.clear(pool);
  CHECK(pool.in_use() == 0);
}

TEST_CASE("a queue keeps order, remembers a partly sent buffer and returns emptied ones") {
  BufferPool pool(64, 3);
  BufferQueue queue;
  queue.push(lease_with(pool, "abc"));
  queue.push(lease_with(pool, "d"));
  CHECK(queue.count() == 2);
  CHECK(text_of(queue.front(pool)) == "abc");
  queue.consume(pool, 2);
  CHECK(text_of(queue.front(pool)) == "c");
  CHECK(pool.in_use() == 2);
  queue.push(lease_with(pool, "ef"));
  queue.consume(pool, 1);
  CHECK(text_of(queue.front(pool)) == "d");
  CHECK(pool.in_use() == 2);
  queue.clear(pool);
  CHECK(queue.empty());
  CHECK(pool.in_use() == 0);
}
