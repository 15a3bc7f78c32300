// SPDX-License-Identifier: Apache-2.0
#include "base/near_miss.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace corelane::base {
namespace {

constexpr std::array<std::string_view, 7> words{"roundrobin", "leastconn",       "source", "first",
                                                "random",     "max_connections", "to"};

TEST_CASE("a misspelt word leads to the word that was meant") {
  struct Row {
    std::string_view written;
    std::string_view meant;
  };
  const Row rows[] = {{"roundrobbin", "roundrobin"},           // one letter too many
                      {"rundrobin", "roundrobin"},             // one too few
                      {"leastcomn", "leastconn"},              // a wrong one
                      {"fisrt", "first"},                      // two neighbours swapped: one edit
                      {"FIRST", "first"},                      // case is ignored
                      {"max-connections", "max_connections"},  // '-' equals '_'
                      {"max_connection", "max_connections"},
                      {"maxconnections", "max_connections"},
                      {"t", "to"},  // one edit is always allowed
                      {"too", "to"},
                      {"source", "source"}};
  for (const Row& row : rows) {
    CAPTURE(row.written);
    CHECK(near_miss(row.written, words) == row.meant);
  }
}

TEST_CASE("a word that is far from all leads nowhere") {
  for (std::string_view word : {"", "x", "static", "hash", "least", "xyzzy", "fsritx"}) {
    CAPTURE(word);
    CHECK(near_miss(word, words).empty());
  }
  CHECK(near_miss("first", {}).empty());
  CHECK(near_miss(std::string(5000, 'a'), words).empty());
}

TEST_CASE("at most a third of the word may differ") {
  constexpr std::array<std::string_view, 1> six{"abcdef"};
  CHECK(near_miss("abcdxy", six) == "abcdef");
  CHECK(near_miss("abcxyz", six).empty());
}

TEST_CASE("the closest of several wins, the first of equals") {
  constexpr std::array<std::string_view, 3> close{"clients", "client", "clienx"};
  CHECK(near_miss("client", close) == "client");
  CHECK(near_miss("cliente", close) == "clients");
}

}  // namespace
}  // namespace corelane::base
