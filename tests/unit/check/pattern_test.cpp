// SPDX-License-Identifier: Apache-2.0
#include "check/pattern.hpp"

#include <doctest/doctest.h>

using corelane::check::Pattern;

TEST_CASE("the shortest beginning that matches") {
  CHECK(Pattern("b").first_end("aabb") == 3);
  CHECK(Pattern("a+").first_end("xaaa") == 2);
  CHECK(Pattern("^a*").first_end("aaa") == 0);
  CHECK(Pattern("aaa").first_end("aaa") == 3);
  CHECK(Pattern("c").first_end("aabb") == Pattern::none);
  CHECK(Pattern("c").first_end("") == Pattern::none);
}

TEST_CASE("a character is a byte") {
  CHECK(Pattern("^.\\xff.$").first_end(std::string_view("\0\xff\0", 3)) == 3);
}

TEST_CASE("what is wrong with an expression") {
  CHECK(Pattern::fault("a+").empty());
  CHECK(Pattern::fault("(a") == "missing ): (a");
  CHECK(Pattern::fault("(?=a)") == "invalid perl operator: (?=");
}
