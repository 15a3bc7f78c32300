// SPDX-License-Identifier: Apache-2.0
#include "stick/rate.hpp"

#include <doctest/doctest.h>

#include <array>

#include "interleavings.hpp"
#include "stick/atomics.hpp"

using namespace corelane;
using Rate = stick::Rate<stick::ProcessAtomics>;

namespace {
constexpr std::uint32_t period = 10'000;

struct Windows {
  std::array<std::uint64_t, 2> words{};
  void add(std::uint32_t now, std::uint32_t amount = 1) { Rate::add(words.data(), now, period, amount); }
  std::uint32_t at(std::uint32_t now) { return Rate::read(words.data(), now, period); }
};
}  // namespace

TEST_CASE("a first burst is counted exactly, whenever it comes") {
  for (const std::uint32_t start : {0U, 1U, 9'999U, 0x7fff'ffffU, 0x8000'0000U, 0xffff'f000U}) {
    CAPTURE(start);
    Windows windows;
    CHECK(windows.at(start) == 0);
    for (std::uint32_t i = 0; i < 11; ++i) windows.add(start + i * 900);
    CHECK(windows.at(start + 9'999) == 11);
  }
}

TEST_CASE("what is gone fades with the part of the window that the period still covers") {
  Windows windows;
  windows.add(1'000, 100);
  CHECK(windows.at(11'000) == 100);
  CHECK(windows.at(13'500) == 75);
  windows.add(16'000, 10);
  CHECK(windows.at(16'000) == 60);
  CHECK(windows.at(21'000) == 10);
  CHECK(windows.at(31'001) == 0);
  CHECK(windows.at(100'000) == 0);
}

TEST_CASE("a single event does not flap") {
  Windows windows;
  windows.add(0);
  CHECK(windows.at(10'001) == 1);
  CHECK(windows.at(19'999) == 1);
  CHECK(windows.at(20'001) == 0);
}

TEST_CASE("after a pause a window begins with the next event") {
  Windows windows;
  windows.add(0, 5);
  windows.add(25'000, 3);
  CHECK(windows.at(25'000) == 3);
  CHECK(windows.at(34'999) == 3);
}

TEST_CASE("a lane whose clock is behind counts all the same, and counts end at their limit") {
  Windows windows;
  windows.add(5'000, 2);
  windows.add(4'990, 2);
  CHECK(windows.at(4'995) == 4);
  windows.add(5'000, 0xffff'fff0U);
  windows.add(5'000, 0xffff'fff0U);
  CHECK(windows.at(5'000) == 0xffff'ffffU);
  Rate::set(windows.words.data(), 6'000, 7);
  CHECK(windows.at(6'000) == 7);
}

TEST_CASE("no event is lost while windows change places, in any interleaving") {
  using ModelRate = stick::Rate<interleavings::ModelAtomics>;
  std::vector<std::byte> memory(2 * sizeof(std::uint64_t));
  auto* words = reinterpret_cast<std::uint64_t*>(memory.data());
  ModelRate::add(words, 0, 10, 4);
  const auto adds = [&](std::uint32_t now) {
    return [words, now] {
      ModelRate::add(words, now, 10, 1);
      ModelRate::add(words, now, 10, 1);
    };
  };
  const interleavings::Case tried{&memory, {adds(9), adds(12)}, nullptr, [&] {
                                    const auto total = static_cast<std::uint32_t>(words[0]) +
                                                       static_cast<std::uint32_t>(words[1]);
                                    return total == 8 ? "" : "an event is lost";
                                  }};
  const interleavings::Verdict verdict = interleavings::Explorer(tried).run();
  CHECK(verdict.fault == "");
  CHECK(verdict.ends > 1);
}
