// SPDX-License-Identifier: Apache-2.0
#include "check/health.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace corelane::check {

Health::Health(std::uint32_t rise, std::uint32_t fall) : rise_(rise), fall_(fall), level_(rise) {
  CORELANE_CHECK(rise > 0 && fall > 0);
}

Transition Health::record(bool passed) {
  const bool was_up = up();
  if (passed) {
    if (level_ < level_max()) ++level_;
    if (up()) level_ = level_max();
  } else {
    if (level_ > 0) --level_;
    if (!up()) level_ = 0;
  }
  if (was_up == up()) return Transition::none;
  return up() ? Transition::went_up : Transition::went_down;
}

Transition Health::record_errors(OnError on_error) {
  if (on_error == OnError::fastinter) return Transition::none;
  if (on_error == OnError::sudden_death) level_ = std::min(level_, rise_ + 1);
  if (on_error == OnError::mark_down) level_ = std::min(level_, rise_);
  return record(false);
}

Transition Health::restart() {
  const bool was_up = up();
  level_ = rise_;
  return was_up ? Transition::none : Transition::went_up;
}

HealthHistory::HealthHistory(const HealthOptions& options, base::TimeUs now)
    : options_(options), health_(options.rise, options.fall), changed_at_(now) {}

Opinion HealthHistory::opinion() const noexcept {
  if (!health_.up()) return Opinion::down;
  return stopping_ ? Opinion::stopping : Opinion::up;
}

Transition HealthHistory::record(const CheckResult& result) {
  CORELANE_CHECK(result.status != CheckStatus::initializing);
  const Opinion before = opinion();
  const bool on_condition = result.status == CheckStatus::l7_ok_conditional;
  last_ = result;
  if (on_condition && before == Opinion::down) {
    last_.status = CheckStatus::l7_status;
  } else if (on_condition) {
    last_.text.clear();  // what is wrong with the answer
  }
  const bool passed = check_status_row(last_.status).passed;
  ++checks_total_;
  if (!passed) ++checks_failed_;
  health_.record(passed);
  if (passed) stopping_ = on_condition;
  return note(before, result.ended_at);
}

Transition HealthHistory::record_errors(OnError on_error, const CheckResult& result) {
  const Opinion before = opinion();
  ++errors_observed_;
  if (on_error != OnError::fastinter) last_ = result;
  health_.record_errors(on_error);
  return note(before, result.ended_at);
}

void HealthHistory::restart(base::TimeUs now) {
  const Opinion before = opinion();
  health_.restart();
  stopping_ = false;
  note(before, now);
}

Transition HealthHistory::note(Opinion before, base::TimeUs at) {
  const Opinion now = opinion();
  if (now == before) return Transition::none;
  if (before == Opinion::down) down_before_us_ += at - changed_at_;
  changed_at_ = at;
  if (now == Opinion::stopping) return Transition::stopping;
  if (now == Opinion::up) return Transition::went_up;
  stopping_ = false;
  ++transitions_down_;
  return Transition::went_down;
}

base::TimeUs HealthHistory::next_interval_us() const noexcept {
  if (health_.changing()) return options_.fast_interval_us;
  return health_.up() ? options_.interval_us : options_.down_interval_us;
}

base::TimeUs HealthHistory::down_us(base::TimeUs now) const noexcept {
  return down_before_us_ + (health_.up() ? 0 : now - changed_at_);
}

base::TimeUs first_check_delay_us(std::uint32_t index, std::uint32_t count, base::TimeUs interval_us,
                                  std::uint64_t seed) {
  CORELANE_CHECK(index < count && interval_us > 0);
  const base::TimeUs turn = interval_us / count * index;
  std::uint64_t chance = (seed + index + 1) * 0x9e3779b97f4a7c15;
  chance = (chance ^ (chance >> 32)) * 0xd6e8feb86659fd93;
  const base::TimeUs jitter_max = interval_us * start_jitter_percent / 100;
  const auto jitter = static_cast<base::TimeUs>((chance >> 32) % static_cast<std::uint64_t>(jitter_max + 1));
  return (turn + jitter) % interval_us;
}

base::TimeUs start_on_grid_us(base::TimeUs due_us, base::TimeUs interval_us) {
  const base::TimeUs grid = std::clamp<base::TimeUs>(interval_us / start_grid_divisor, 1, start_grid_us_max);
  return due_us - due_us % grid;
}

}  // namespace corelane::check
