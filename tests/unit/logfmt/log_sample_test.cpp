// SPDX-License-Identifier: Apache-2.0
#include "logfmt/log_sample.hpp"

#include <doctest/doctest.h>

using namespace corelane::logfmt;

TEST_CASE("samples take the lines that they name") {
  struct Row {
    const char* text;
    const char* taken;  // of two rounds and a line
  };
  for (const Row& row : {Row{"1:1", "xxx"}, Row{"1:3", "x..x..x"}, Row{"1,3-4:5", "x.xx.x.xx.x"},
                         Row{"2-10:10", ".xxxxxxxxx.xxxxxxxxx."}}) {
    const LogSampleRead read = read_log_sample(row.text);
    REQUIRE(read.sample);
    CHECK(log_sample_text(*read.sample) == row.text);
    for (std::uint64_t line = 0; line < 2 * std::uint64_t{read.sample->size} + 1; ++line)
      CHECK(read.sample->takes(line) == (row.taken[line] == 'x'));
  }
  CHECK(LogSample{}.takes(7));
}

TEST_CASE("faulty samples say what is wrong") {
  struct Row {
    const char* text;
    const char* fault;
  };
  for (const Row& row : {
           Row{"", "a range is N or FIRST-LAST, from 1"},
           Row{"0:3", "a range is N or FIRST-LAST, from 1"},
           Row{"3-2:3", "a range is N or FIRST-LAST, from 1"},
           Row{"1,1:3", "ranges ascend and do not overlap"},
           Row{"1", "':' and the number of lines that the ranges count in are missing"},
           Row{"1:", "behind ':' stands a number of lines, 1 to 1000000"},
           Row{"1:0", "behind ':' stands a number of lines, 1 to 1000000"},
           Row{"1:3x", "behind ':' stands a number of lines, 1 to 1000000"},
           Row{"1-4:3", "4 is beyond the 3 lines that are counted"},
       }) {
    const LogSampleRead read = read_log_sample(row.text);
    CHECK_FALSE(read.sample);
    CHECK(read.fault == row.fault);
  }
}
