// SPDX-License-Identifier: Apache-2.0
#include "check/status.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace corelane::check;

TEST_CASE("every status has its row, and passes when its word says OK") {
  std::set<std::string_view> words;
  for (unsigned i = 0; i < static_cast<unsigned>(CheckStatus::count); ++i) {
    const CheckStatusRow& row = check_status_row(static_cast<CheckStatus>(i));
    CAPTURE(row.word);
    CHECK(row.status == static_cast<CheckStatus>(i));
    CHECK(words.insert(row.word).second);
    CHECK(row.passed == (row.word.ends_with("OK") || row.word == "L7OKC"));
    CHECK_FALSE(row.description.empty());
    CHECK(row.help.back() == '.');
  }
  CHECK(check_status_row(CheckStatus::l4_connect).word == "L4CON");
  CHECK(check_status_row(CheckStatus::l7_status).description == "Layer7 wrong status");
}
