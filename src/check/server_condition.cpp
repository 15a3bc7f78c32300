// SPDX-License-Identifier: Apache-2.0
#include "check/server_condition.hpp"

#include <algorithm>
#include <array>

namespace corelane::check {

namespace {

constexpr std::array<std::string_view, 3> admin_state_words{"ready", "drain", "maint"};
constexpr std::array<std::string_view, 6> server_words{"no check", "UP", "DOWN", "NOLB", "DRAIN", "MAINT"};

/// Takes new connections as far as its health is concerned: what a slow start begins with.
bool healthy(ServerWord word) {
  return word == ServerWord::no_check || word == ServerWord::up || word == ServerWord::drain;
}

}  // namespace

std::string_view admin_state_word(AdminState state) {
  return admin_state_words[static_cast<std::size_t>(state)];
}

std::optional<AdminState> find_admin_state(std::string_view word) {
  const auto* found = std::find(admin_state_words.begin(), admin_state_words.end(), word);
  if (found == admin_state_words.end()) return std::nullopt;
  return static_cast<AdminState>(found - admin_state_words.begin());
}

std::string_view server_word_text(ServerWord word) {
  return server_words[static_cast<std::size_t>(word)];
}

ServerCondition::ServerCondition(const ServerConditionOptions& options)
    : options_(options), weight_(options.weight), connections_max_(options.connections_max) {}

template <class Change>
void ServerCondition::change(base::TimeUs now, Change change) {
  const bool before = healthy(word());
  change();
  const bool after = healthy(word());
  if (after && !before) came_up_at_ = now;
  if (!after) came_up_at_.reset();
}

void ServerCondition::set_check(Opinion opinion, base::TimeUs now) {
  change(now, [&] { check_ = opinion; });
}

void ServerCondition::set_agent(Opinion opinion, base::TimeUs now) {
  change(now, [&] { agent_ = opinion; });
}

void ServerCondition::set_tracked(std::optional<ServerWord> word, base::TimeUs now) {
  change(now, [&] { tracked_ = word; });
}

void ServerCondition::set_admin(AdminState state, base::TimeUs now) {
  change(now, [&] {
    const bool ends_maintenance = admin_ == AdminState::maint && state != AdminState::maint;
    if (ends_maintenance && check_ != Opinion::none) check_ = Opinion::up;
    admin_ = state;
  });
}

bool ServerCondition::under_maintenance() const noexcept {
  return admin_ == AdminState::maint || tracked_ == ServerWord::maint;
}

bool ServerCondition::drained() const noexcept {
  return admin_ == AdminState::drain || tracked_ == ServerWord::drain;
}

bool ServerCondition::any_says(Opinion opinion, ServerWord tracked) const noexcept {
  return check_ == opinion || agent_ == opinion || tracked_ == tracked;
}

ServerWord ServerCondition::word() const noexcept {
  if (under_maintenance()) return ServerWord::maint;
  if (any_says(Opinion::down, ServerWord::down)) return ServerWord::down;
  if (any_says(Opinion::stopping, ServerWord::nolb)) return ServerWord::nolb;
  if (drained()) return ServerWord::drain;
  const bool checked = check_ != Opinion::none || (tracked_ && tracked_ != ServerWord::no_check);
  return checked ? ServerWord::up : ServerWord::no_check;
}

// HAProxy's: a first share at once, and all of it when the last of as many equal spans begins.
std::uint32_t ServerCondition::ramp(base::TimeUs now) const {
  if (options_.slow_start_us == 0 || !came_up_at_) return ramp_full;
  const base::TimeUs elapsed = std::max<base::TimeUs>(now - *came_up_at_, 0);
  if (elapsed >= options_.slow_start_us) return ramp_full;
  return 1 + static_cast<std::uint32_t>(elapsed * ramp_full / options_.slow_start_us);
}

Standing ServerCondition::standing(base::TimeUs now) const {
  const ServerWord present = word();
  const bool takes_new = present == ServerWord::up || present == ServerWord::no_check;
  return {.word = present,
          .weight = takes_new ? weight_ : 0,
          .ramp = ramp(now),
          .connections_max = connections_max_};
}

base::TimeUs ServerCondition::next_step_at(base::TimeUs now) const {
  const std::uint32_t present = ramp(now);
  if (present == ramp_full) return base::time_never;
  return *came_up_at_ + (options_.slow_start_us * present + ramp_full - 1) / ramp_full;
}

}  // namespace corelane::check
