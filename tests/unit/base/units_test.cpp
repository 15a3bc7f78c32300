// SPDX-License-Identifier: Apache-2.0
#include "base/units.hpp"

#include <doctest/doctest.h>

namespace corelane::base {
namespace {

TEST_CASE("durations are read with every unit") {
  struct Row {
    const char* text;
    std::int64_t ms;
  };
  const Row rows[] = {{"0", 0},
                      {"250ms", 250},
                      {"5s", 5000},
                      {"10m", 600'000},
                      {"1h", 3'600'000},
                      {"2d", 172'800'000},
                      {"0s", 0},
                      {"1000us", 1},
                      {"1us", 1},
                      {"1001us", 2},
                      {"0us", 0},
                      {"007s", 7000},
                      {"9223372036854775807ms", INT64_MAX},
                      {"18446744073709551615us", 18'446'744'073'709'552}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(duration_ms_from_text(row.text) == row.ms);
  }
}

TEST_CASE("what is not a duration is refused") {
  for (const char* text :
       {"", "5", "00", "s", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5s", "5S", "5sec", "5ss", "1h30m",
        "9223372036854775808ms", "106751991168d", "99999999999999999999s", "0x5s"}) {
    CAPTURE(text);
    CHECK(duration_ms_from_text(text) == std::nullopt);
  }
}

TEST_CASE("a duration is written in the largest unit that is exact, and reads back") {
  struct Row {
    std::int64_t ms;
    const char* text;
  };
  const Row rows[] = {{0, "0"},
                      {1, "1ms"},
                      {250, "250ms"},
                      {5000, "5s"},
                      {5001, "5001ms"},
                      {60'000, "1m"},
                      {90'000, "90s"},
                      {3'600'000, "1h"},
                      {86'400'000, "1d"},
                      {90'000'000, "25h"},
                      {INT64_MAX, "9223372036854775807ms"}};
  for (const Row& row : rows) {
    CHECK(duration_text(row.ms) == row.text);
    CHECK(duration_ms_from_text(duration_text(row.ms)) == row.ms);
  }
}

TEST_CASE("sizes are read in binary multiples, in either case") {
  struct Row {
    const char* text;
    std::uint64_t bytes;
  };
  const Row rows[] = {{"0", 0},
                      {"512", 512},
                      {"64k", 65'536},
                      {"64K", 65'536},
                      {"1m", 1'048'576},
                      {"2G", 2'147'483'648},
                      {"18446744073709551615", UINT64_MAX},
                      {"17179869183g", 17'179'869'183ULL << 30}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(size_bytes_from_text(row.text) == row.bytes);
  }
  for (const char* text :
       {"", "k", "-1", "1kb", "1 k", "1.5k", "1t", "17179869184g", "18446744073709551616", "1k1"}) {
    CAPTURE(text);
    CHECK(size_bytes_from_text(text) == std::nullopt);
  }
}

TEST_CASE("a size is written in the largest unit that is exact, and reads back") {
  struct Row {
    std::uint64_t bytes;
    const char* text;
  };
  const Row rows[] = {{0, "0"},
                      {1, "1"},
                      {1023, "1023"},
                      {1024, "1k"},
                      {65'536, "64k"},
                      {1'048'576, "1m"},
                      {1'049'600, "1025k"},
                      {1ULL << 30, "1g"},
                      {UINT64_MAX, "18446744073709551615"}};
  for (const Row& row : rows) {
    CHECK(size_text(row.bytes) == row.text);
    CHECK(size_bytes_from_text(size_text(row.bytes)) == row.bytes);
  }
}

}  // namespace
}  // namespace corelane::base
