// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "farm.hpp"

using namespace corelane::balance;

TEST_CASE("static-rr takes the turns of HAProxy's map") {
  Farm farm("static-rr", {4, 10, 2, 14});
  CHECK(picks_text(farm, 30) == "abdbdbdadbdbdcdabdbdbdadbdbdcd");
}

TEST_CASE("lanes begin evenly spread over the map") {
  std::string first_picks;
  for (std::uint32_t lane = 0; lane < 4; ++lane) {
    Farm farm("static-rr", {1, 1, 1, 1, 1, 1, 1, 1}, lane, 4);
    first_picks += picks_text(farm, 1);
  }
  CHECK(first_picks == "aceg");
}

TEST_CASE("a server that failed or is full is passed over, and takes no other's turn afterwards") {
  Farm farm("static-rr", {1, 1, 1});
  CHECK(farm.pick({.avoid = 0}) == 1);
  CHECK(picks_text(farm, 3) == "cab");
  farm.servers[2].connections = farm.servers[2].connections_max = 1;
  CHECK(picks_text(farm, 3) == "aba");
  farm.servers[2].connections = 0;
  CHECK(picks_text(farm, 3) == "bca");
}

TEST_CASE("turns go on where they were when the map becomes shorter") {
  Farm farm("static-rr", {1, 1, 1, 1});
  CHECK(picks_text(farm, 3) == "abc");
  farm.set_weight(3, 0);
  farm.set_weight(2, 0);
  CHECK(picks_text(farm, 4) == "baba");
  farm.set_weight(2, 1);
  CHECK(picks_text(farm, 3) == "bca");
}
