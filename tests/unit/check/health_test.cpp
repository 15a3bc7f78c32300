// SPDX-License-Identifier: Apache-2.0
#include "check/health.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace corelane::check;
using corelane::base::TimeUs;

namespace {

/// After each check, '+' for passed and '-' for failed: U or D for up or down, small while changing.
std::string states(Health health, std::string_view checks) {
  std::string text;
  for (char check : checks) {
    health.record(check == '+');
    const char state = health.up() ? 'U' : 'D';
    text += health.changing() ? static_cast<char>(state - 'A' + 'a') : state;
  }
  return text;
}

}  // namespace

TEST_CASE("rise and fall") {
  struct Row {
    std::uint32_t rise, fall;
    const char* checks;
    const char* states;
  };
  for (const Row& row : {
           Row{2, 3, "+", "U"},
           Row{2, 3, "-", "D"},  // the first check decides alone
           Row{2, 3, "+--", "Uuu"},
           Row{2, 3, "+---", "UuuD"},
           Row{2, 3, "+--+--", "UuuUuu"},  // one passed check forgives the failed ones
           Row{2, 3, "-+-++", "DdDdU"},    // one failed check undoes the passed ones
           Row{2, 3, "-----++", "DDDDDdU"},
           Row{1, 1, "-+-+", "DUDU"},
           Row{3, 2, "-++++--", "DddUUuD"},
       }) {
    CAPTURE(row.checks);
    CHECK(states(Health(row.rise, row.fall), row.checks) == row.states);
  }
}

TEST_CASE("a server starts up, and not yet checked") {
  Health health(2, 3);
  CHECK(health.up());
  CHECK(health.changing());
  CHECK(health.record(false) == Transition::went_down);
  CHECK(health.record(false) == Transition::none);
  CHECK(health.record(true) == Transition::none);
  CHECK(health.record(true) == Transition::went_up);
  CHECK(health.record(true) == Transition::none);
}

TEST_CASE("states follow from the last checks alone") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto rise = static_cast<std::uint32_t>(1 + random() % 4);
    const auto fall = static_cast<std::uint32_t>(1 + random() % 4);
    Health health(rise, fall);
    bool up = true;
    std::uint32_t run = 0;  // checks in a row that speak against the state
    for (int i = 0; i < 300; ++i) {
      const bool passed = random() % 2 == 0;
      run = passed == up ? 0 : run + 1;
      const bool turns = run == (up ? fall : rise) || (i == 0 && !passed);
      if (turns) {
        up = !up;
        run = 0;
      }
      const Transition expected = !turns ? Transition::none
                                  : up   ? Transition::went_up
                                         : Transition::went_down;
      REQUIRE(health.record(passed) == expected);
      REQUIRE(health.up() == up);
      REQUIRE(health.changing() == (run > 0));
    }
  }
}

TEST_CASE("the history counts, times and plans") {
  HealthHistory history(
      {.rise = 2, .fall = 2, .interval_us = 100, .fast_interval_us = 10, .down_interval_us = 1000}, 5000);
  CHECK(history.last().status == CheckStatus::initializing);
  CHECK(history.next_interval_us() == 10);
  CHECK(history.changed_at() == 5000);
  struct Row {
    CheckStatus status;
    TimeUs ended_at;
    Transition transition;
    TimeUs next_interval_us;
    TimeUs down_us_at_9000;
  };
  for (const Row& row : {
           Row{CheckStatus::l4_ok, 5100, Transition::none, 100, 0},
           Row{CheckStatus::l4_timeout, 5200, Transition::none, 10, 0},
           Row{CheckStatus::l4_connect, 5300, Transition::went_down, 1000, 3700},
           Row{CheckStatus::l7_status, 5400, Transition::none, 1000, 3700},
           Row{CheckStatus::l7_ok, 5500, Transition::none, 10, 3700},
           Row{CheckStatus::l6_ok, 5600, Transition::went_up, 100, 300},
           Row{CheckStatus::l7_timeout, 6000, Transition::none, 10, 300},
           Row{CheckStatus::l7_response, 7000, Transition::went_down, 1000, 2300},
       }) {
    CAPTURE(row.ended_at);
    CHECK(history.record({row.status, 7, row.ended_at}) == row.transition);
    CHECK(history.last().status == row.status);
    CHECK(history.last().duration_us == 7);
    CHECK(history.next_interval_us() == row.next_interval_us);
    CHECK(history.down_us(9000) == row.down_us_at_9000);
  }
  CHECK(history.checks_total() == 8);
  CHECK(history.checks_failed() == 5);
  CHECK(history.transitions_down() == 2);
  CHECK(history.changed_at() == 7000);
}

TEST_CASE("a server that answers 404 stops while it is up, and stays down while it is down") {
  HealthHistory history({.rise = 2, .fall = 2}, 0);
  struct Row {
    CheckStatus status;
    TimeUs ended_at;
    Transition transition;
    Opinion opinion;
    CheckStatus recorded;
    TimeUs down_us;
  };
  constexpr CheckStatus ok = CheckStatus::l7_ok;
  constexpr CheckStatus on_condition = CheckStatus::l7_ok_conditional;
  constexpr CheckStatus wrong = CheckStatus::l7_status;
  for (const Row& row : {
           Row{ok, 100, Transition::none, Opinion::up, ok, 0},
           Row{on_condition, 200, Transition::stopping, Opinion::stopping, on_condition, 0},
           Row{on_condition, 300, Transition::none, Opinion::stopping, on_condition, 0},
           Row{ok, 400, Transition::went_up, Opinion::up, ok, 0},
           Row{wrong, 500, Transition::none, Opinion::up, wrong, 0},
           Row{on_condition, 600, Transition::stopping, Opinion::stopping, on_condition, 0},
           Row{wrong, 700, Transition::none, Opinion::stopping, wrong, 0},
           Row{wrong, 800, Transition::went_down, Opinion::down, wrong, 0},
           Row{on_condition, 900, Transition::none, Opinion::down, wrong, 100},
           Row{ok, 1000, Transition::none, Opinion::down, ok, 200},
           Row{on_condition, 1100, Transition::none, Opinion::down, wrong, 300},
           Row{ok, 1200, Transition::none, Opinion::down, ok, 400},
           Row{ok, 1300, Transition::went_up, Opinion::up, ok, 500},
       }) {
    CAPTURE(row.ended_at);
    CHECK(
        history.record({.status = row.status, .ended_at = row.ended_at, .code = 404, .text = "Not Found"}) ==
        row.transition);
    CHECK(history.opinion() == row.opinion);
    CHECK(history.last().status == row.recorded);
    CHECK(history.last().text == (row.recorded == on_condition ? "" : "Not Found"));
    CHECK(history.down_us(row.ended_at) == row.down_us);
  }
  CHECK(history.transitions_down() == 1);
}

TEST_CASE("first checks are spread over the interval") {
  constexpr TimeUs interval = 1'000'000;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::vector<TimeUs> delays;
    for (std::uint32_t index = 0; index < 10; ++index)
      delays.push_back(first_check_delay_us(index, 10, interval, seed));
    for (std::size_t index = 0; index < 10; ++index) {
      CHECK(delays[index] >= static_cast<TimeUs>(index) * interval / 10);
      CHECK(delays[index] <=
            static_cast<TimeUs>(index) * interval / 10 + interval * start_jitter_percent / 100);
    }
  }
  CHECK(first_check_delay_us(0, 1, interval, 1) != first_check_delay_us(0, 1, interval, 2));
  CHECK(first_check_delay_us(3, 10, interval, 1) == first_check_delay_us(3, 10, interval, 1));
  for (std::uint32_t index = 0; index < 1000; ++index) {
    CHECK(first_check_delay_us(index, 1000, interval, 3) < interval);
    CHECK(first_check_delay_us(index, 1000, 1, 3) == 0);
  }
}

TEST_CASE("checks start together, a little early, and keep their interval") {
  struct Row {
    TimeUs due, interval, start;
  };
  for (const Row& row :
       {Row{2'003'999, 2'000'000, 2'000'000}, Row{2'010'000, 2'000'000, 2'010'000},
        Row{105'999, 100'000, 105'000}, Row{1'239'999, 86'400'000'000, 1'230'000}, Row{77, 10, 77}}) {
    CAPTURE(row.due);
    CHECK(start_on_grid_us(row.due, row.interval) == row.start);
  }
  TimeUs started = 1'234'567;
  for (int i = 0; i < 100; ++i) {
    const TimeUs next = start_on_grid_us(started + 2'000'000, 2'000'000);
    CHECK(next - started <= 2'000'000);
    CHECK(next - started > 2'000'000 - start_grid_us_max);
    started = next + 700;  // as late as a wheel is
  }
}

TEST_CASE("errors of connections") {
  struct Row {
    OnError on_error;
    const char* events;  // + and - are checks, e is errors
    const char* states;
  };
  for (const Row& row : {
           Row{OnError::fastinter, "+eeee-", "UUUUUu"}, Row{OnError::fail_check, "+eee", "UuuD"},
           Row{OnError::fail_check, "+e+ee", "UuUuu"}, Row{OnError::sudden_death, "+e-", "UuD"},
           Row{OnError::sudden_death, "+ee", "UuD"}, Row{OnError::mark_down, "+e", "UD"},
           Row{OnError::mark_down, "+---+e+",
               "UuuDdDd"},  // and undoes the passed ones of a server that is down
       }) {
    CAPTURE(row.events);
    Health health(2, 3);
    std::string states;
    for (const char event : std::string_view(row.events)) {
      if (event == 'e') {
        health.record_errors(row.on_error);
      } else {
        health.record(event == '+');
      }
      const char state = health.up() ? 'U' : 'D';
      states += health.changing() ? static_cast<char>(state - 'A' + 'a') : state;
    }
    CHECK(states == row.states);
  }
}

TEST_CASE("a history that starts again is up, and the next result decides alone") {
  HealthHistory history({.rise = 2, .fall = 3}, 0);
  history.record({.status = CheckStatus::l4_connect, .ended_at = 10});
  CHECK_FALSE(history.health().up());
  history.restart(25);
  CHECK(history.health().up());
  CHECK(history.health().changing());
  CHECK(history.down_us(40) == 15);
  CHECK(history.record({.status = CheckStatus::l4_connect, .ended_at = 50}) == Transition::went_down);
  CHECK(history.transitions_down() == 2);
}
