// SPDX-License-Identifier: Apache-2.0
#include "base/timer_wheel.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <random>
#include <vector>

namespace {

using corelane::base::time_never;
using corelane::base::Timer;
using corelane::base::TimerWheel;
using corelane::base::TimeUs;

struct Recorder {
  std::vector<int> fired;
};
struct NamedTimer : Timer {
  NamedTimer(Recorder& recorder_in, int name_in) : recorder(recorder_in), name(name_in) {
    handler = [](Timer& timer) {
      NamedTimer& self = static_cast<NamedTimer&>(timer);
      self.recorder.fired.push_back(self.name);
    };
  }
  Recorder& recorder;
  int name;
};

}  // namespace

TEST_CASE("a timer fires at its tick and not before") {
  struct Row {
    TimeUs start, expiry, early, due;
  };
  constexpr TimeUs day = 86'400'000'000;
  for (const Row& row : {
           Row{0, 1, 999, 1000}, Row{0, 1000, 999, 1000}, Row{0, 1001, 1999, 2000},
           Row{500, 1000, 1499, 1500}, Row{0, 63'000, 62'999, 63'000}, Row{0, 64'000, 63'999, 64'000},
           Row{0, 4'096'000, 4'095'999, 4'096'000}, Row{77, 5'000'000, 5'000'000 - 1, 5'000'077},
           Row{0, 800 * day, 800 * day - 1, 800 * day},     // beyond the last level
           Row{0, 5000 * day, 5000 * day - 1, 5000 * day},  // several times beyond it
       }) {
    CAPTURE(row.expiry);
    TimerWheel wheel(row.start);
    Recorder recorder;
    NamedTimer timer(recorder, 1);
    wheel.set(timer, row.expiry);
    CHECK(wheel.size() == 1);
    CHECK(wheel.advance(row.early) == 0);
    CHECK(wheel.advance(row.due) == 1);
    CHECK(wheel.size() == 0);
    CHECK(wheel.next_deadline() == time_never);
  }
}

TEST_CASE("set moves a running timer, stop and time_never end it") {
  TimerWheel wheel(0);
  Recorder recorder;
  NamedTimer timer(recorder, 1);
  wheel.set(timer, 5000);
  wheel.set(timer, 9000);
  CHECK(wheel.size() == 1);
  CHECK(wheel.advance(8000) == 0);
  wheel.stop(timer);
  wheel.stop(timer);
  CHECK(wheel.size() == 0);
  wheel.set(timer, 9000);
  wheel.set(timer, time_never);
  CHECK(wheel.size() == 0);
  CHECK(wheel.advance(100'000) == 0);
}

TEST_CASE("an overdue timer fires at the next advance, even within the same tick") {
  TimerWheel wheel(0);
  Recorder recorder;
  NamedTimer timer(recorder, 1);
  wheel.advance(10'500);
  wheel.set(timer, 3000);
  CHECK(wheel.next_deadline() <= 10'500);
  CHECK(wheel.advance(10'500) == 1);
}

TEST_CASE("timers fire in the order of their ticks") {
  TimerWheel wheel(0);
  Recorder recorder;
  std::vector<std::unique_ptr<NamedTimer>> timers;
  const int ticks[] = {4100, 5, 70, 64, 4096, 300'000, 63, 70};
  for (int tick : ticks) {
    timers.push_back(std::make_unique<NamedTimer>(recorder, tick));
    wheel.set(*timers.back(), tick * 1000);
  }
  CHECK(wheel.advance(1'000'000'000) == 8);
  CHECK(recorder.fired == std::vector<int>{5, 63, 64, 70, 70, 4096, 4100, 300'000});
}

TEST_CASE("a handler may stop a timer due in the same tick and restart its own") {
  TimerWheel wheel(0);
  struct Pair {
    TimerWheel& wheel;
    Timer first, second;
    int fired = 0;
  } pair{wheel, {}, {}};
  pair.first.owner = pair.second.owner = &pair;
  pair.first.handler = pair.second.handler = [](Timer& timer) {
    Pair& owner = *static_cast<Pair*>(timer.owner);
    ++owner.fired;
    owner.wheel.stop(&timer == &owner.first ? owner.second : owner.first);
    owner.wheel.set(timer, 1000);  // already past: must not loop
  };
  wheel.set(pair.first, 1000);
  wheel.set(pair.second, 1000);
  CHECK(wheel.advance(2000) == 1);
  CHECK(pair.fired == 1);
  CHECK(wheel.size() == 1);
  CHECK(wheel.advance(2000) == 1);
  wheel.stop(pair.first);
  wheel.stop(pair.second);
}

namespace {

/// The wheel beside a std::multimap that says what must run when. Every other handler sets and stops timers
/// too.
class Comparison {
 public:
  Comparison(std::uint64_t seed, TimeUs start)
      : random_(seed), start_(start), now_(start), wheel_(start), timers_(40) {
    for (ComparedTimer& timer : timers_) {
      timer.owner = this;
      timer.handler = [](Timer& fired) {
        static_cast<Comparison*>(fired.owner)->on_fired(static_cast<ComparedTimer&>(fired));
      };
    }
  }
  ~Comparison() {
    for (ComparedTimer& timer : timers_) wheel_.stop(timer);
  }

  void step() {
    switch (below(8)) {
      case 0:
      case 1:
      case 2:
        return set(timers_[below(timers_.size())], random_expiry());
      case 3:
        return stop(timers_[below(timers_.size())]);
      case 4:
        return advance_to_deadline();
      default:
        return advance(now_ + random_span());
    }
  }

 private:
  struct ComparedTimer : Timer {
    bool in_model = false;
    bool may_fire = false;  // due when the running advance began
    std::multimap<TimeUs, ComparedTimer*>::iterator place;
  };

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  TimeUs random_span() {
    const std::uint64_t limit = std::uint64_t{1} << below(60 - 13);  // up to over two years
    const std::uint64_t span = below(limit + 1);
    return static_cast<TimeUs>(below(3) == 0 ? span / 1000 * 1000 : span);
  }
  TimeUs random_expiry() {
    if (below(20) == 0) return time_never;
    if (below(10) == 0) return now_ - random_span();
    return now_ + random_span();
  }
  TimeUs rounded_up(TimeUs expiry) const {
    return expiry <= start_ ? start_ : start_ + (expiry - start_ + 999) / 1000 * 1000;
  }

  void set(ComparedTimer& timer, TimeUs expiry) {
    forget(timer);
    wheel_.set(timer, expiry);
    if (expiry == time_never) return;
    timer.place = model_.emplace(rounded_up(expiry), &timer);
    timer.in_model = true;
  }
  void stop(ComparedTimer& timer) {
    forget(timer);
    wheel_.stop(timer);
  }
  void forget(ComparedTimer& timer) {
    if (timer.in_model) model_.erase(timer.place);
    timer.in_model = timer.may_fire = false;
  }

  void advance(TimeUs now) {
    now_ = now;
    for (auto& [due, timer] : model_) timer->may_fire = due <= now;
    wheel_.advance(now);
    for (auto& [due, timer] : model_) REQUIRE_FALSE(timer->may_fire);
    REQUIRE(wheel_.size() == model_.size());
  }

  void advance_to_deadline() {
    const TimeUs deadline = wheel_.next_deadline();
    if (model_.empty()) {
      REQUIRE(deadline == time_never);
      return;
    }
    const TimeUs first = model_.begin()->first;
    REQUIRE(deadline <= (first < now_ ? now_ : first));
    // A turn to the deadline fires something, or brings a later deadline: a loop that sleeps until it never
    // spins.
    const std::uint64_t fired_before = fired_;
    advance(deadline < now_ ? now_ : deadline);
    if (fired_ == fired_before) REQUIRE(wheel_.next_deadline() > deadline);
  }

  void on_fired(ComparedTimer& timer) {
    ++fired_;
    REQUIRE(timer.may_fire);
    forget(timer);
    if (below(2) == 0) set(timer, random_expiry());
    if (below(3) == 0) set(timers_[below(timers_.size())], random_expiry());
    if (below(3) == 0) stop(timers_[below(timers_.size())]);
  }

  std::mt19937_64 random_;
  TimeUs start_;
  TimeUs now_;
  TimerWheel wheel_;
  std::vector<ComparedTimer> timers_;
  std::multimap<TimeUs, ComparedTimer*> model_;
  std::uint64_t fired_ = 0;
};

}  // namespace

TEST_CASE("the wheel does what a sorted map does") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    Comparison comparison(seed, static_cast<TimeUs>(seed * seed * 12'345));
    for (int step = 0; step < 300; ++step) comparison.step();
  }
}
