// SPDX-License-Identifier: Apache-2.0
#include "control/check_report.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using namespace corelane::control;

TEST_CASE("an errno of connect becomes a verdict") {
  CHECK(check_verdict_of_connect(0) == CheckVerdict::l4_ok);
  CHECK(check_verdict_of_connect(ETIMEDOUT) == CheckVerdict::l4_timeout);
  CHECK(check_verdict_of_connect(ECONNREFUSED) == CheckVerdict::l4_connection);
  CHECK(check_verdict_of_connect(ENOENT) == CheckVerdict::l4_connection);
  CHECK(check_verdict_of_connect(EMFILE) == CheckVerdict::socket_error);
  CHECK(check_verdict_of_connect(EADDRNOTAVAIL) == CheckVerdict::socket_error);
  CHECK(check_verdict_word(CheckVerdict::l4_ok) == "L4OK");
  CHECK(check_verdict_word(CheckVerdict::l4_timeout) == "L4TOUT");
  CHECK(check_verdict_word(CheckVerdict::l4_connection) == "L4CON");
}

TEST_CASE("a transition reads as HAProxy writes it") {
  ServerTransition transition;
  transition.result = {
      .verdict = CheckVerdict::l4_connection, .error_number = ECONNREFUSED, .duration_us = 400};
  transition.usable = {.active = 1, .backup = 0};
  transition.connections_current = 3;
  CHECK(server_transition_text(transition, "bk", "s1") ==
        "Server bk/s1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check "
        "duration: 0ms. "
        "1 active and 0 backup servers left. 3 sessions active, 0 requeued, 0 remaining in queue.");

  transition.usable = {.active = 0, .backup = 2};
  transition.result = {.verdict = CheckVerdict::l4_timeout, .error_number = 0, .duration_us = 1'000'600};
  CHECK(server_transition_text(transition, "bk", "s1") ==
        "Server bk/s1 is DOWN, reason: Layer4 timeout, check duration: 1001ms. "
        "0 active and 2 backup servers left. Running on backup. 3 sessions active, 0 requeued, 0 remaining "
        "in queue.");

  transition.up = true;
  transition.result = {.verdict = CheckVerdict::l4_ok, .error_number = 0, .duration_us = 1500};
  transition.usable = {.active = 2, .backup = 1};
  CHECK(server_transition_text(transition, "bk", "s1") ==
        "Server bk/s1 is UP, reason: Layer4 check passed, check duration: 2ms. "
        "2 active and 1 backup servers online. 0 sessions requeued, 0 total in queue.");

  CHECK(backend_unavailable_text("bk") == "backend bk has no server available!");
}
