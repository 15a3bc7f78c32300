// SPDX-License-Identifier: Apache-2.0
#include "proxy/idle_board.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace corelane;
using proxy::IdleBoard;
using proxy::SharedConnection;

namespace {

constexpr auto every = [](const SharedConnection&) { return true; };

std::vector<int> drained(IdleBoard& board, std::size_t server) {
  std::vector<int> sockets;
  for (SharedConnection found; board.take(server, found);) sockets.push_back(found.socket);
  return sockets;
}

}  // namespace

TEST_CASE("the connection that came last is taken first, of its server alone") {
  IdleBoard board(2, 4, 10);
  SharedConnection found;
  CHECK(!board.take(0, found));
  CHECK(board.put(0, {.socket = 7}));
  CHECK(board.put(0, {.socket = 8, .exchanges = 3, .since = 5}));
  CHECK(!board.take(1, found));
  CHECK(!board.empty(0));
  REQUIRE(board.take(0, found));
  CHECK(found.socket == 8);
  CHECK(found.exchanges == 3);
  CHECK(board.put(1, {.socket = 9}));
  CHECK(drained(board, 0) == std::vector<int>{7});
  CHECK(drained(board, 1) == std::vector<int>{9});
}

TEST_CASE("no more connections than there are places") {
  IdleBoard board(1, 2, 3);
  for (int round = 0; round < 3; ++round) {
    for (int socket = 0; socket < 3; ++socket) CHECK(board.put(0, {.socket = socket}));
    CHECK(!board.put(0, {.socket = 3}));
    CHECK(drained(board, 0) == std::vector<int>{2, 1, 0});
  }
}

TEST_CASE("half of those that were there all the time go, the oldest first, and those that are not fit") {
  IdleBoard board(1, 2, 20);
  for (int socket = 0; socket < 5; ++socket) CHECK(board.put(0, {.socket = socket, .since = 10}));
  for (int socket = 5; socket < 8; ++socket) CHECK(board.put(0, {.socket = socket, .since = 20}));
  std::vector<int> dropped;
  int unfit = 0;
  board.purge(
      0, 20, [](const SharedConnection& shared) { return shared.socket != 6; },
      [&](const SharedConnection& shared, bool needed) {
        dropped.push_back(shared.socket);
        unfit += needed;
      });
  CHECK(unfit == 1);
  CHECK(dropped == std::vector<int>{0, 1, 2, 6});
  CHECK(drained(board, 0) == std::vector<int>{7, 5, 4, 3});
}

TEST_CASE("one lane purges per delay, and need follows the peak") {
  IdleBoard board(1, 4, 10);
  CHECK(board.share(0) == 1);
  board.saw_in_use(0, 16);
  board.saw_in_use(0, 4);
  CHECK(board.share(0) == 6);  // 1 + 16 * 1.25 / 4
  CHECK(board.begin_purge(0, 1000, 100, 2) == 0);
  CHECK(board.begin_purge(0, 1000, 100, 2) == base::time_never);
  CHECK(board.begin_purge(0, 1099, 100, 2) == base::time_never);
  CHECK(board.share(0) == 6);
  CHECK(board.begin_purge(0, 1100, 100, 2) == 1000);
  CHECK(board.share(0) == 3);  // (16 + 2) / 2
  CHECK(board.begin_purge(0, 1200, 100, 0) == 1100);
  CHECK(board.begin_purge(0, 1300, 100, 0) == 1200);
  CHECK(board.begin_purge(0, 1400, 100, 0) == 1300);
  CHECK(board.begin_purge(0, 1500, 100, 0) == 1400);
  CHECK(board.share(0) == 1);
}

TEST_CASE("lanes put, take and purge at once, and every connection is somewhere once") {
  constexpr int sockets = 64;
  constexpr int threads = 4;
  constexpr int rounds = 5000;
  IdleBoard board(2, threads, sockets);
  std::atomic<int> owners[sockets] = {};
  for (int socket = 0; socket < sockets; ++socket)
    REQUIRE(board.put(static_cast<std::size_t>(socket % 2), {.socket = socket}));
  std::atomic<int> faults{0};
  const auto lane = [&](int number) {
    for (int round = 0; round < rounds; ++round) {
      const auto server = static_cast<std::size_t>((round + number) % 2);
      if (round % 500 == number) {
        board.purge(server, 0, every, [&](const SharedConnection&, bool) { ++faults; });
        continue;
      }
      SharedConnection found;
      if (!board.take(server, found)) continue;
      faults += owners[found.socket].fetch_add(1) != 0;
      owners[found.socket].fetch_sub(1);
      if (!board.put(1 - server, found)) ++faults;
    }
  };
  std::vector<std::thread> lanes;
  for (int number = 0; number < threads; ++number) lanes.emplace_back(lane, number);
  for (std::thread& thread : lanes) thread.join();
  CHECK(faults == 0);
  std::vector<int> all = drained(board, 0);
  for (const int socket : drained(board, 1)) all.push_back(socket);
  CHECK(all.size() == sockets);
}
