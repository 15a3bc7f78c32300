// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>

namespace corelane::sim {

/// A seeded sequence (splitmix64). Everything random in a simulated run comes from here, so that a seed
/// repeats it.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  /// Both ends included.
  std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    const std::uint64_t span = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(next() % span);
  }
  std::uint32_t number(std::uint32_t low, std::uint32_t high) noexcept {
    return static_cast<std::uint32_t>(between(low, high));
  }
  std::size_t size(std::size_t low, std::size_t high) noexcept {
    return low + static_cast<std::size_t>(next() % (high - low + 1));
  }
  bool chance(unsigned permille) noexcept { return next() % 1000 < permille; }

  template <class T>
  T pick(std::initializer_list<T> choices) noexcept {
    return *std::next(choices.begin(), static_cast<std::ptrdiff_t>(next() % choices.size()));
  }

  /// A sequence of its own, which what is drawn from this one later does not change.
  Random split() noexcept { return Random(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace corelane::sim
