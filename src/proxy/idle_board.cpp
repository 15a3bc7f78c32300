// SPDX-License-Identifier: Apache-2.0
#include "proxy/idle_board.hpp"

#include <algorithm>

namespace corelane::proxy {

namespace {

/// Memory is touched for all of them, 32 bytes each.
constexpr std::uint32_t places_limit = 64 * 1024;

constexpr std::uint32_t first_of(std::uint64_t stack) {
  return static_cast<std::uint32_t>(stack);
}
constexpr std::uint64_t changed(std::uint64_t stack, std::uint32_t first) {
  return ((stack >> 32U) + 1) << 32U | first;
}

}  // namespace

IdleBoard::IdleBoard(std::size_t servers, std::uint32_t lanes, std::uint32_t connections_max)
    : lanes_(lanes),
      places_max_(std::min(connections_max, places_limit)),
      boards_(std::make_unique<ServerBoard[]>(servers)),
      places_(std::make_unique<Place[]>(places_max_)) {}

// Releases what the place holds, and acquires it in pop(): every change of a stack reads the one before.
void IdleBoard::push(Stack& stack, std::uint32_t place) noexcept {
  std::uint64_t before = stack.load(std::memory_order_relaxed);
  do {
    at(place).next.store(first_of(before), std::memory_order_relaxed);
  } while (!stack.compare_exchange_weak(before, changed(before, place), std::memory_order_release,
                                        std::memory_order_relaxed));
}

// Another lane may take the first place meanwhile, and use it again: `next` is then of no use, and the
// exchange fails.
std::uint32_t IdleBoard::pop(Stack& stack) noexcept {
  std::uint64_t before = stack.load(std::memory_order_acquire);
  std::uint32_t next = none;
  do {
    if (first_of(before) == none) return none;
    next = at(first_of(before)).next.load(std::memory_order_relaxed);
  } while (!stack.compare_exchange_weak(before, changed(before, next), std::memory_order_acquire,
                                        std::memory_order_acquire));
  return first_of(before);
}

std::uint32_t IdleBoard::pop_all(Stack& stack) noexcept {
  std::uint64_t before = stack.load(std::memory_order_relaxed);
  do {
    if (first_of(before) == none) return none;
  } while (!stack.compare_exchange_weak(before, changed(before, none), std::memory_order_acquire,
                                        std::memory_order_relaxed));
  return first_of(before);
}

std::uint32_t IdleBoard::free_place() noexcept {
  if (const std::uint32_t place = pop(free_); place != none) return place;
  if (places_used_.load(std::memory_order_relaxed) >= places_max_) return none;
  const std::uint32_t used = places_used_.fetch_add(1, std::memory_order_relaxed);
  return used < places_max_ ? used + 1 : none;
}

bool IdleBoard::put(std::size_t server, const SharedConnection& connection) noexcept {
  const std::uint32_t place = free_place();
  if (place == none) return false;
  at(place).connection = connection;
  push(boards_[server].stack, place);
  return true;
}

bool IdleBoard::take(std::size_t server, SharedConnection& connection) noexcept {
  if (empty(server)) return false;
  const std::uint32_t place = pop(boards_[server].stack);
  if (place == none) return false;
  connection = at(place).connection;
  push(free_, place);
  return true;
}

bool IdleBoard::empty(std::size_t server) const noexcept {
  return first_of(boards_[server].stack.load(std::memory_order_relaxed)) == none;
}

std::uint32_t IdleBoard::oldest_first(std::uint32_t place, base::TimeUs last,
                                      std::uint32_t& before) noexcept {
  std::uint32_t turned = none;
  while (place != none) {
    const std::uint32_t next = at(place).next.load(std::memory_order_relaxed);
    at(place).next.store(turned, std::memory_order_relaxed);
    before += at(place).connection.since < last ? 1U : 0U;
    turned = place;
    place = next;
  }
  return turned;
}

void IdleBoard::saw_in_use(std::size_t server, std::uint32_t connections) noexcept {
  std::atomic<std::uint32_t>& peak = boards_[server].peak;
  std::uint32_t seen = peak.load(std::memory_order_relaxed);
  while (seen < connections && !peak.compare_exchange_weak(seen, connections, std::memory_order_relaxed)) {
  }
}

// A quarter more than its part, because lanes are never quite even, and one.
std::uint32_t IdleBoard::share(std::size_t server) const noexcept {
  const ServerBoard& board = boards_[server];
  const std::uint64_t need =
      std::max(board.need.load(std::memory_order_relaxed), board.peak.load(std::memory_order_relaxed));
  return static_cast<std::uint32_t>(1 + need * 5 / (4 * std::uint64_t{lanes_}));
}

// HAProxy's estimate: at once up to a new peak, by half of the way down from an old one.
base::TimeUs IdleBoard::begin_purge(std::size_t server, base::TimeUs now, base::TimeUs delay,
                                    std::uint32_t connections) noexcept {
  ServerBoard& board = boards_[server];
  base::TimeUs last = board.purged_at.load(std::memory_order_relaxed);
  if (now - last < delay) return base::time_never;
  if (!board.purged_at.compare_exchange_strong(last, now, std::memory_order_relaxed)) return base::time_never;
  const std::uint32_t peak = board.peak.exchange(connections, std::memory_order_relaxed);
  const std::uint32_t need = board.need.load(std::memory_order_relaxed);
  board.need.store(std::max(peak, (need + peak) / 2), std::memory_order_relaxed);
  return last;
}

}  // namespace corelane::proxy
