// SPDX-License-Identifier: Apache-2.0
#include "control/check_report.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using namespace corelane::control;
using corelane::check::AdminState;
using corelane::check::CheckStatus;

TEST_CASE("an errno of connect says something about the server, or nothing") {
  CHECK(check_status_of_connect(0) == CheckStatus::l4_ok);
  CHECK(check_status_of_connect(ETIMEDOUT) == CheckStatus::l4_timeout);
  CHECK(check_status_of_connect(ECONNREFUSED) == CheckStatus::l4_connect);
  CHECK(check_status_of_connect(ENOENT) == CheckStatus::l4_connect);
  CHECK(check_status_of_connect(EMFILE) == std::nullopt);
  CHECK(check_status_of_connect(EADDRNOTAVAIL) == std::nullopt);
}

TEST_CASE("a transition reads as HAProxy writes it") {
  ServerTransition transition;
  transition.result = {.status = CheckStatus::l4_connect, .duration_us = 400, .text = "Connection refused"};
  transition.usable = {.active = 1, .backup = 0};
  transition.connections_current = 3;
  CHECK(server_transition_text(transition, "bk", "s1") ==
        "Server bk/s1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check "
        "duration: 0ms. "
        "1 active and 0 backup servers left. 3 sessions active, 0 requeued, 0 remaining in queue.");

  transition.usable = {.active = 0, .backup = 2};
  transition.result = {.status = CheckStatus::l4_timeout, .duration_us = 1'000'600, .ended_at = 0};
  CHECK(server_transition_text(transition, "bk", "s1") ==
        "Server bk/s1 is DOWN, reason: Layer4 timeout, check duration: 1001ms. "
        "0 active and 2 backup servers left. Running on backup. 3 sessions active, 0 requeued, 0 remaining "
        "in queue.");

  transition.to = ServerTransition::To::up;
  transition.result = {.status = CheckStatus::l4_ok, .duration_us = 1500, .ended_at = 0};
  transition.usable = {.active = 2, .backup = 1};
  CHECK(server_transition_text(transition, "bk", "s1") ==
        "Server bk/s1 is UP, reason: Layer4 check passed, check duration: 2ms. "
        "2 active and 1 backup servers online. 0 sessions requeued, 0 total in queue.");

  transition.to = ServerTransition::To::stopping;
  transition.result = {.status = CheckStatus::l7_ok_conditional, .duration_us = 400, .code = 404};
  transition.usable = {.active = 0, .backup = 1};
  CHECK(
      server_transition_text(transition, "bk", "s1") ==
      "Server bk/s1 is stopping, reason: Layer7 check conditionally passed, code: 404, check duration: 0ms. "
      "0 active and 1 backup servers online. Running on backup. 0 sessions requeued, 0 total in queue.");

  CHECK(backend_unavailable_text("bk") == "backend bk has no server available!");
}

TEST_CASE("an administrator's changes in HAProxy's words") {
  struct Row {
    AdminStateChange change;
    const char* text;
  };
  for (const Row& row : {
           Row{{.before = AdminState::ready, .after = AdminState::drain, .sessions = 3},
               "Server b/s enters drain state. 1 active and 2 backup servers online. 3 sessions active."},
           Row{{.before = AdminState::drain, .after = AdminState::ready},
               "Server b/s is UP (leaving forced drain)."},
           Row{{.before = AdminState::drain,
           .after = AdminState::ready,
           .was_serving = false,
           .serving = false},
               "Server b/s is DOWN (leaving forced drain)."},
           Row{{.before = AdminState::ready, .after = AdminState::maint, .serving = false, .sessions = 4},
               "Server b/s is going DOWN for maintenance. 1 active and 2 backup servers left. 4 sessions "
               "active, 0 "
               "requeued, 0 remaining in queue."},
           Row{{.before = AdminState::ready,
           .after = AdminState::maint,
           .was_serving = false,
           .serving = false},
               "Server b/s was DOWN and now enters maintenance."},
           Row{{.before = AdminState::maint, .after = AdminState::ready, .was_serving = false},
               "Server b/s is UP/READY (leaving forced maintenance)."},
           Row{{.before = AdminState::maint, .after = AdminState::drain, .was_serving = false},
               "Server b/s is UP/DRAIN (leaving forced maintenance)."},
           Row{{.before = AdminState::maint,
           .after = AdminState::ready,
           .was_serving = false,
           .serving = false},
               "Server b/s is DOWN/READY (leaving forced maintenance)."},
       }) {
    AdminStateChange change = row.change;
    change.usable = {.active = 1, .backup = 2};
    CHECK(admin_state_text(change, "b", "s") == row.text);
  }
}

TEST_CASE("a transition says what else may be its cause") {
  ServerTransition transition;
  transition.via = "bk/s2";
  transition.usable = {.active = 1, .backup = 0};
  transition.requeued = 2;
  transition.queued = 5;
  CHECK(
      server_transition_text(transition, "bk", "s1") ==
      "Server bk/s1 is DOWN via bk/s2. 1 active and 0 backup servers left. 0 sessions active, 2 requeued, 5 "
      "remaining in queue.");
  transition.to = ServerTransition::To::up;
  transition.requeued = 0;
  CHECK(server_transition_text(transition, "bk", "s1") ==
        "Server bk/s1 is UP via bk/s2. 1 active and 0 backup servers online. 0 sessions requeued, 5 total in "
        "queue.");

  transition = {};
  transition.result = {.status = CheckStatus::health_analyze,
                       .text = "Detected 10 consecutive errors, last one was: L4 unsuccessful connection"};
  CHECK(server_transition_text(transition, "bk", "s1") ==
        "Server bk/s1 is DOWN, reason: Health analyze, info: \"Detected 10 consecutive errors, last one was: "
        "L4 unsuccessful connection\". 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 "
        "remaining in queue.");

  transition.result = {
      .status = CheckStatus::l7_status, .duration_us = 3000, .text = "via agent : stopped (by hand)"};
  CHECK(server_transition_text(transition, "bk", "s1") ==
        "Server bk/s1 is DOWN, reason: Layer7 wrong status, info: \"via agent : stopped (by hand)\", check "
        "duration: 3ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in "
        "queue.");
}
