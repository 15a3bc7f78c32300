// SPDX-License-Identifier: Apache-2.0
#include "proxy/lane_board.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using corelane::proxy::AcceptedClient;
using corelane::proxy::LaneBoard;

namespace {

constexpr std::uint32_t no_limit = LaneBoard::closed_load;

AcceptedClient client(int socket) {
  return {.socket = socket, .frontend = 1, .bind = 2, .accepted_at = 3};
}

}  // namespace

TEST_CASE("a reservation is load at once, and until the client is among the carried ones") {
  LaneBoard board(2);
  CHECK(board.lanes() == 2);
  board.publish(1, 5);
  CHECK(board.load(1) == 5);
  CHECK_FALSE(board.reserve(1, 5));
  CHECK(board.reserve(1, 6));
  CHECK(board.load(1) == 6);
  CHECK_FALSE(board.reserve(1, 6));

  AcceptedClient taken;
  CHECK_FALSE(board.take(1, taken));  // reserved, but not there yet
  board.put(1, client(77));
  CHECK(board.take(1, taken));
  CHECK(taken.socket == 77);
  CHECK(taken.frontend == 1);
  CHECK(taken.bind == 2);
  CHECK(taken.accepted_at == 3);
  CHECK_FALSE(board.take(1, taken));
  board.publish(1, 6);
  board.give_back_place(1);
  CHECK(board.load(1) == 6);
  CHECK(board.load(0) == 0);
}

TEST_CASE("a box is never fuller than its limit, and goes on after it was full") {
  LaneBoard board(1);
  AcceptedClient taken;
  for (int round = 0; round < 3; ++round) {
    for (std::uint32_t i = 0; i < LaneBoard::clients_coming_max; ++i) {
      REQUIRE(board.reserve(0, no_limit));
      board.put(0, client(static_cast<int>(i)));
    }
    CHECK_FALSE(board.reserve(0, no_limit));
    for (std::uint32_t i = 0; i < LaneBoard::clients_coming_max; ++i) {
      REQUIRE(board.take(0, taken));
      CHECK(taken.socket == static_cast<int>(i));
      board.give_back_place(0);
    }
    CHECK_FALSE(board.take(0, taken));
  }
}

TEST_CASE("a lane closes when nobody hands it anything, and then nobody does") {
  LaneBoard board(2);
  CHECK(board.reserve(0, no_limit));
  CHECK_FALSE(board.close(0));
  board.put(0, client(1));
  CHECK_FALSE(board.close(0));
  AcceptedClient taken;
  CHECK(board.take(0, taken));
  CHECK_FALSE(board.close(0));
  board.give_back_place(0);
  CHECK(board.close(0));
  CHECK(board.close(0));
  CHECK(board.load(0) == LaneBoard::closed_load);
  CHECK_FALSE(board.reserve(0, no_limit));
}

TEST_CASE("what several threads hand over while a lane closes is taken exactly once") {
  constexpr int senders = 3;
  constexpr int clients_each = 2000;
  LaneBoard board(1);
  std::vector<int> given(senders, 0);
  std::vector<std::thread> threads;
  for (int sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&board, &given, sender] {
      for (int i = 0; i < clients_each; ++i) {
        if (!board.reserve(0, no_limit)) continue;
        board.put(0, client(sender * clients_each + given[static_cast<std::size_t>(sender)]++));
      }
    });
  }
  std::vector<int> next(senders, 0);
  int taken_all = 0;
  AcceptedClient taken;
  // Closes at the first moment at which it may, once some have come.
  while (taken_all == 0 || !board.close(0)) {
    if (!board.take(0, taken)) continue;
    const auto sender = static_cast<std::size_t>(taken.socket / clients_each);
    CHECK(taken.socket % clients_each == next[sender]++);  // each one's in its order
    ++taken_all;
    board.give_back_place(0);
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(next == given);
}
