// SPDX-License-Identifier: Apache-2.0
#include "proxy/queue_board.hpp"

#include <doctest/doctest.h>

using corelane::proxy::QueueBoard;

TEST_CASE("a board knows how many wait, for whom, and which lane has the one who came first") {
  QueueBoard board(3, 2);
  const std::uint32_t any = board.any_server();
  CHECK(any == 2);
  CHECK(board.oldest(any).since == corelane::base::time_never);

  CHECK(board.join(any, 0));
  board.publish(1, any, 200);
  CHECK(board.join(any, 0));
  board.publish(2, any, 100);
  CHECK(board.join(0, 0));
  board.publish(0, 0, 50);
  CHECK(board.waiting() == 3);
  CHECK(board.waiting(any) == 2);
  CHECK(board.oldest(any).lane == 2);
  CHECK(board.oldest(any).since == 100);
  CHECK(board.oldest(0).lane == 0);

  board.leave(any);
  board.publish(2, any, corelane::base::time_never);
  CHECK(board.oldest(any).lane == 1);
  CHECK(board.waiting() == 2);
}

TEST_CASE("a queue with a limit takes no more than that") {
  QueueBoard board(1, 1);
  CHECK(board.join(0, 2));
  CHECK(board.join(0, 2));
  CHECK_FALSE(board.join(0, 2));
  CHECK(board.waiting() == 2);
  board.leave(0);
  CHECK(board.join(0, 2));
}
