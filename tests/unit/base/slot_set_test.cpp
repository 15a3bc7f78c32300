// SPDX-License-Identifier: Apache-2.0
#include "base/slot_set.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

using corelane::base::SlotSet;

TEST_CASE("a walk meets every member once, whatever its bounds") {
  for (const std::uint32_t capacity : {1U, 63U, 64U, 65U, 200U}) {
    CAPTURE(capacity);
    SlotSet slots(capacity);
    std::set<std::uint32_t> expected;
    std::mt19937 random(capacity);
    for (int change = 0; change < 300; ++change) {
      const auto slot = static_cast<std::uint32_t>(random() % capacity);
      if (random() % 2 == 0) {
        slots.add(slot);
        expected.insert(slot);
      } else {
        slots.remove(slot);
        expected.erase(slot);
      }
      CHECK(slots.has(slot) == (expected.count(slot) == 1));
      const auto from = static_cast<std::uint32_t>(random() % (capacity + 1));
      const auto end = from + static_cast<std::uint32_t>(random() % (capacity + 1 - from));
      std::set<std::uint32_t> met;
      for (std::uint32_t at = from; (at = slots.next(at, end)) < end; ++at) CHECK(met.insert(at).second);
      CHECK(met == std::set<std::uint32_t>(expected.lower_bound(from), expected.lower_bound(end)));
    }
  }
}

TEST_CASE("an empty set") {
  CHECK(SlotSet(0).next(0, 0) == 0);
  CHECK(SlotSet(100).next(0, 100) == 100);
  CHECK_FALSE(SlotSet(100).has(1000));
}
