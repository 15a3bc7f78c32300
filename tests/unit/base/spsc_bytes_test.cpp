// SPDX-License-Identifier: Apache-2.0
#include "base/spsc_bytes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>

using corelane::base::SpscBytes;

namespace {

std::string read(SpscBytes& bytes, std::size_t count) {
  std::string text(count, '?');
  return bytes.read(text) ? text : "refused";
}

// Byte `position` of an endless text that does not repeat within a ring.
char byte_at(std::uint64_t position) {
  return static_cast<char>(position * 0x9e3779b97f4a7c15U >> 56);
}

}  // namespace

TEST_CASE("all or nothing is written, all or nothing is read") {
  SpscBytes bytes(8);
  CHECK(read(bytes, 1) == "refused");
  CHECK(bytes.write("abcde"));
  CHECK_FALSE(bytes.write("fghi"));
  CHECK(bytes.write("fgh"));
  CHECK_FALSE(bytes.write("i"));
  CHECK(bytes.write(""));
  CHECK(read(bytes, 9) == "refused");
  CHECK(read(bytes, 2) == "ab");
  CHECK(read(bytes, 0).empty());
  CHECK(read(bytes, 7) == "refused");
  CHECK(read(bytes, 6) == "cdefgh");
  CHECK(read(bytes, 1) == "refused");
  CHECK_FALSE(bytes.write("123456789"));
}

TEST_CASE("pieces go round the end of the memory wherever they begin") {
  for (std::size_t begin = 0; begin <= 8; ++begin) {
    SpscBytes bytes(8);
    REQUIRE(bytes.write(std::string(begin, '-')));
    REQUIRE(read(bytes, begin) == std::string(begin, '-'));
    CHECK(bytes.write("ABCDEFG"));
    CHECK_FALSE(bytes.write("XY"));
    CHECK(bytes.write("H"));
    CHECK(read(bytes, 3) == "ABC");
    CHECK(read(bytes, 5) == "DEFGH");
  }
}

TEST_CASE("nothing is lost, doubled or torn between two threads") {
  constexpr std::uint64_t count = 200'000;
  SpscBytes bytes(256);
  std::thread writer([&bytes] {
    for (std::uint64_t written = 0; written < count;) {
      std::string piece(std::min(1 + written % 97, count - written), '\0');
      for (std::size_t i = 0; i < piece.size(); ++i) piece[i] = byte_at(written + i);
      while (!bytes.write(piece)) std::this_thread::yield();
      written += piece.size();
    }
  });
  std::uint64_t wrong = 0;
  for (std::uint64_t taken = 0; taken < count;) {
    std::string piece(std::min(1 + taken % 31, count - taken), '\0');
    while (!bytes.read(piece)) std::this_thread::yield();
    for (std::size_t i = 0; i < piece.size(); ++i) wrong += piece[i] != byte_at(taken + i);
    taken += piece.size();
  }
  writer.join();
  CHECK(wrong == 0);
  CHECK(read(bytes, 1) == "refused");
}
