// SPDX-License-Identifier: Apache-2.0
#include "config/haproxy_words.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "config/config.hpp"
#include "config/reference.hpp"

using namespace corelane::config;

TEST_CASE("every translated word names a key that exists and is no key itself") {
  const std::vector<std::string> known = keywords();
  for (const HaproxyWord& word : haproxy_words()) {
    CAPTURE(word.theirs);
    CHECK(std::find(known.begin(), known.end(), word.key) != known.end());
    CHECK(sections_with_key(word.theirs).empty());
  }
}

TEST_CASE("HAProxy's word in the file is answered with ours") {
  const LoadResult result = load(
      R"({"global": {"nbthread": 2}, "backends": {"b": {"hash-type": "consistent", "check": {"inter": "2s"}}}})",
      "f");
  std::vector<std::string> meant;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    if (!diagnostic.near_miss.empty()) meant.push_back(diagnostic.near_miss);
  }
  CHECK(meant == std::vector<std::string>{"reactors", "hash", "interval"});
}
