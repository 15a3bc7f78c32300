// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "config/model.hpp"
#include "config/sections.hpp"
#include "proto/http_head.hpp"

namespace corelane {

TEST_CASE("the words of accept_invalid are the reader's, in the order of its bits") {
  const auto words = config::accept_invalid_words();
  REQUIRE(words.size() == proto::http_laxity_rows.size());
  for (std::size_t i = 0; i < words.size(); ++i) CHECK(words[i] == proto::http_laxity_rows[i].word);
}

}  // namespace corelane
