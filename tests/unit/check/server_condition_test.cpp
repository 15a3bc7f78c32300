// SPDX-License-Identifier: Apache-2.0
#include "check/server_condition.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace corelane::check;
using corelane::base::time_never;
using corelane::base::TimeUs;

namespace {

constexpr TimeUs second_us = 1'000'000;

struct Slots {
  Opinion check = Opinion::none;
  Opinion agent = Opinion::none;
  std::optional<ServerWord> tracked = std::nullopt;
  AdminState admin = AdminState::ready;
};

ServerCondition condition_of(const Slots& slots) {
  ServerCondition condition({.weight = 7});
  condition.set_check(slots.check, 0);
  condition.set_agent(slots.agent, 0);
  condition.set_tracked(slots.tracked, 0);
  condition.set_admin(slots.admin, 0);
  return condition;
}

}  // namespace

TEST_CASE("what checks, agent, tracked server and administrator come to together") {
  struct Row {
    Slots slots;
    ServerWord word;
  };
  for (const Row& row : std::vector<Row>{
           {{}, ServerWord::no_check},
           {{.check = Opinion::up}, ServerWord::up},
           {{.check = Opinion::down}, ServerWord::down},
           {{.check = Opinion::stopping}, ServerWord::nolb},
           {{.agent = Opinion::up}, ServerWord::no_check},
           {{.agent = Opinion::down}, ServerWord::down},
           {{.check = Opinion::up, .agent = Opinion::down}, ServerWord::down},
           {{.check = Opinion::down, .agent = Opinion::up}, ServerWord::down},
           {{.check = Opinion::stopping, .agent = Opinion::down}, ServerWord::down},
           {{.tracked = ServerWord::up}, ServerWord::up},
           {{.tracked = ServerWord::no_check}, ServerWord::no_check},
           {{.tracked = ServerWord::down}, ServerWord::down},
           {{.tracked = ServerWord::nolb}, ServerWord::nolb},
           {{.tracked = ServerWord::drain}, ServerWord::drain},
           {{.tracked = ServerWord::maint}, ServerWord::maint},
           {{.check = Opinion::up, .tracked = ServerWord::down}, ServerWord::down},
           {{.admin = AdminState::drain}, ServerWord::drain},
           {{.check = Opinion::up, .admin = AdminState::drain}, ServerWord::drain},
           {{.check = Opinion::down, .admin = AdminState::drain}, ServerWord::down},
           {{.check = Opinion::stopping, .admin = AdminState::drain}, ServerWord::nolb},
           {{.tracked = ServerWord::maint, .admin = AdminState::drain}, ServerWord::maint},
           {{.admin = AdminState::maint}, ServerWord::maint},
           {{.check = Opinion::down, .agent = Opinion::down, .admin = AdminState::maint}, ServerWord::maint},
       }) {
    const Standing standing = condition_of(row.slots).standing(0);
    CAPTURE(server_word_text(row.word));
    CAPTURE(server_word_text(standing.word));
    CHECK(standing.word == row.word);
    const bool takes_new = row.word == ServerWord::up || row.word == ServerWord::no_check;
    CHECK(standing.weight == (takes_new ? 7 : 0));
    CHECK(standing.serving() == (row.word != ServerWord::down && row.word != ServerWord::maint));
  }
}

TEST_CASE("who spoke last decides the weight, and a drained server remembers its own") {
  ServerCondition condition({.weight = 7, .connections_max = 30});
  condition.set_weight(256);
  condition.set_admin(AdminState::drain, 0);
  CHECK(condition.standing(0).weight == 0);
  CHECK(condition.weight() == 256);
  condition.set_weight(9);
  condition.set_connections_max(10);
  condition.set_admin(AdminState::ready, 0);
  CHECK(condition.standing(0).weight == 9);
  CHECK(condition.standing(0).connections_max == 10);
  CHECK(condition.weight_configured() == 7);
}

TEST_CASE("a slow start grows in sixteen even steps, and says when the next one is due") {
  ServerCondition condition({.weight = 100, .slow_start_us = 16 * second_us});
  CHECK(condition.standing(0).ramp == ServerCondition::ramp_full);  // not when the process starts
  condition.set_check(Opinion::down, 0);
  CHECK(condition.next_step_at(0) == time_never);
  TimeUs now = 50 * second_us;
  condition.set_check(Opinion::up, now);
  for (std::uint32_t ramp = 1; ramp < ServerCondition::ramp_full; ++ramp) {
    CHECK(condition.standing(now).ramp == ramp);
    CHECK(condition.standing(now + second_us - 1).ramp == ramp);
    CHECK(condition.next_step_at(now) == now + second_us);
    now += second_us;
  }
  CHECK(condition.standing(now).ramp == ServerCondition::ramp_full);
  CHECK(condition.next_step_at(now) == time_never);
}

TEST_CASE("steps of a span that sixteen does not divide") {
  ServerCondition condition({.slow_start_us = 17});
  condition.set_check(Opinion::down, 0);
  condition.set_check(Opinion::up, 0);
  for (TimeUs now = 0; now < 20; ++now) {
    const TimeUs next = condition.next_step_at(now);
    if (next == time_never) continue;
    CAPTURE(now);
    CHECK(next > now);
    CHECK(condition.standing(next - 1).ramp == condition.standing(now).ramp);
    CHECK(condition.standing(next).ramp > condition.standing(now).ramp);
  }
}

TEST_CASE("after maintenance a server is up until its check says otherwise") {
  for (const AdminState after : {AdminState::ready, AdminState::drain}) {
    ServerCondition condition({});
    condition.set_check(Opinion::down, 0);
    condition.set_admin(AdminState::maint, 1);
    CHECK(condition.standing(1).word == ServerWord::maint);
    condition.set_admin(after, 2);
    CHECK(condition.standing(2).serving());
    condition.set_check(Opinion::down, 3);
    CHECK(condition.standing(3).word == ServerWord::down);
  }
  ServerCondition stopping({});
  stopping.set_check(Opinion::stopping, 0);
  stopping.set_admin(AdminState::maint, 1);
  stopping.set_admin(AdminState::ready, 2);
  CHECK(stopping.standing(2).word == ServerWord::up);
  ServerCondition unchecked({});
  unchecked.set_admin(AdminState::maint, 1);
  unchecked.set_admin(AdminState::ready, 2);
  CHECK(unchecked.standing(2).word == ServerWord::no_check);
  ServerCondition drained({});
  drained.set_check(Opinion::down, 0);
  drained.set_admin(AdminState::drain, 1);
  drained.set_admin(AdminState::ready, 2);
  CHECK(drained.standing(2).word == ServerWord::down);
}

TEST_CASE("what begins a slow start, and what does not") {
  struct Row {
    Slots before;
    Slots after;
    bool ramps;
  };
  for (const Row& row : std::vector<Row>{
           {{.check = Opinion::down}, {.check = Opinion::up}, true},
           {{.agent = Opinion::down}, {.agent = Opinion::up}, true},
           {{.check = Opinion::stopping}, {.check = Opinion::up}, true},
           {{.tracked = ServerWord::down}, {.tracked = ServerWord::up}, true},
           {{.admin = AdminState::maint}, {}, true},
           {{.admin = AdminState::maint}, {.admin = AdminState::drain}, true},
           {{.admin = AdminState::drain}, {}, false},
           {{.check = Opinion::up}, {.agent = Opinion::up}, false},
           {{.check = Opinion::down}, {.check = Opinion::up, .agent = Opinion::down}, false},
           {{.check = Opinion::down}, {.check = Opinion::up, .admin = AdminState::maint}, false},
       }) {
    ServerCondition condition({.slow_start_us = second_us});
    const auto set = [&condition](const Slots& slots) {
      condition.set_admin(slots.admin, 0);
      condition.set_agent(slots.agent, 0);
      condition.set_tracked(slots.tracked, 0);
      condition.set_check(slots.check, 0);
    };
    set(row.before);
    set(row.after);
    CHECK((condition.standing(0).ramp < ServerCondition::ramp_full) == row.ramps);
  }
}

TEST_CASE("administrative states and their words") {
  for (const AdminState state : {AdminState::ready, AdminState::drain, AdminState::maint}) {
    CHECK(find_admin_state(admin_state_word(state)) == state);
  }
  CHECK_FALSE(find_admin_state("Ready"));
  CHECK_FALSE(find_admin_state(""));
  CHECK(server_word_text(ServerWord::no_check) == "no check");
  CHECK(server_word_text(ServerWord::maint) == "MAINT");
}
