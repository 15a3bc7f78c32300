// SPDX-License-Identifier: Apache-2.0
#include "base/pool.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace {

using corelane::base::Pool;

struct Counted {
  explicit Counted(int& alive_in) : alive(alive_in) { ++alive; }
  ~Counted() { --alive; }
  int& alive;
};
struct alignas(128) Aligned {
  char byte = 0;
};

}  // namespace

TEST_CASE("a pool hands out its capacity, then null, and reuses the latest slot first") {
  int alive = 0;
  Pool<Counted> pool(2);
  Counted* first = pool.acquire(alive);
  Counted* second = pool.acquire(alive);
  REQUIRE(first != nullptr);
  REQUIRE(second != nullptr);
  CHECK(first != second);
  CHECK(pool.acquire(alive) == nullptr);
  CHECK(alive == 2);
  CHECK(pool.used() == 2);
  pool.release(first);
  CHECK(alive == 1);
  pool.release(second);
  CHECK(pool.acquire(alive) == second);
  CHECK(pool.acquire(alive) == first);
  pool.release(first);
  pool.release(second);
  CHECK(pool.used() == 0);
  CHECK(alive == 0);
}

TEST_CASE("a pool of nothing and a pool of aligned objects") {
  Pool<int> none(0);
  CHECK(none.acquire(1) == nullptr);
  Pool<Aligned> pool(3);
  for (int i = 0; i < 3; ++i) {
    Aligned* object = pool.acquire();
    CHECK(reinterpret_cast<std::uintptr_t>(object) % 128 == 0);
    pool.release(object);
  }
}

TEST_CASE("objects in use keep their place and value") {
  constexpr std::uint64_t seed = 7;
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Pool<std::uint64_t> pool(50);
  std::vector<std::pair<std::uint64_t*, std::uint64_t>> held;
  for (int step = 0; step < 5000; ++step) {
    if (random() % 2 == 0) {
      const std::uint64_t value = random();
      std::uint64_t* object = pool.acquire(value);
      REQUIRE((object == nullptr) == (held.size() == 50));
      if (object != nullptr) held.emplace_back(object, value);
    } else if (!held.empty()) {
      std::swap(held[random() % held.size()], held.back());
      REQUIRE(*held.back().first == held.back().second);
      pool.release(held.back().first);
      held.pop_back();
    }
    REQUIRE(pool.used() == held.size());
  }
  for (auto& [object, value] : held) {
    CHECK(*object == value);
    pool.release(object);
  }
}
