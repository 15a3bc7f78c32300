// SPDX-License-Identifier: Apache-2.0
#include "logfmt/log_queue.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace corelane::logfmt;

namespace {

bool push(LogQueue& queue, std::uint32_t lane, std::string_view text) {
  ConnectionRecord record;
  record.lane = lane;
  return queue.push(record, text);
}

void expect(LogQueue& queue, std::uint32_t lane, std::string_view text) {
  ConnectionRecord record;
  std::string got = "left over from the last record";
  REQUIRE(queue.pop(record, got));
  CHECK(record.lane == lane);
  CHECK(got == text);
}

}  // namespace

TEST_CASE("each record comes with its text, or with none") {
  LogQueue queue(4, 64);
  CHECK(queue.empty());
  CHECK(push(queue, 1, "first"));
  CHECK(push(queue, 2, ""));
  CHECK(push(queue, 3, "third"));
  CHECK_FALSE(queue.empty());
  expect(queue, 1, "first");
  expect(queue, 2, "");
  expect(queue, 3, "third");
  ConnectionRecord record;
  std::string text;
  CHECK_FALSE(queue.pop(record, text));
}

TEST_CASE("a line that finds no room leaves nothing of itself behind") {
  SUBCASE("no room for its record") {
    LogQueue queue(2, 64);
    CHECK(push(queue, 1, "a"));
    CHECK(push(queue, 2, "b"));
    CHECK_FALSE(push(queue, 3, "lost"));
    CHECK_FALSE(push(queue, 4, ""));
    expect(queue, 1, "a");
    CHECK(push(queue, 5, "c"));
    expect(queue, 2, "b");
    expect(queue, 5, "c");
  }
  SUBCASE("no room for its text") {
    LogQueue queue(4, 8);
    CHECK(push(queue, 1, "12345"));
    CHECK_FALSE(push(queue, 2, "lost"));
    CHECK(push(queue, 3, ""));
    CHECK(push(queue, 4, "abc"));
    expect(queue, 1, "12345");
    expect(queue, 3, "");
    expect(queue, 4, "abc");
    CHECK_FALSE(push(queue, 5, "longer than the queue is"));
  }
}

TEST_CASE("between two threads each record keeps its text") {
  constexpr std::uint32_t count = 20'000;
  LogQueue queue(16, 128);
  const auto text_of_record = [](std::uint32_t number) {
    return std::string(number % 37, static_cast<char>('a' + number % 26));
  };
  std::thread writer([&] {
    for (std::uint32_t number = 0; number < count; ++number) {
      const std::string text = text_of_record(number);
      while (!push(queue, number, text)) std::this_thread::yield();
    }
  });
  std::uint32_t wrong = 0;
  for (std::uint32_t number = 0; number < count; ++number) {
    ConnectionRecord record;
    std::string text;
    while (!queue.pop(record, text)) std::this_thread::yield();
    wrong += record.lane != number || text != text_of_record(number);
  }
  writer.join();
  CHECK(wrong == 0);
}
