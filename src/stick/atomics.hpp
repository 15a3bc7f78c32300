// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

namespace corelane::stick {

/// How the table's algorithm touches memory that lanes share. The program's way: the processor's atomics. The
/// model checker of the tests has another, in which each call is a step that other threads may come between.
struct ProcessAtomics {
  template <class Word>
  static Word load(Word& word, std::memory_order order) noexcept {
    return std::atomic_ref<Word>(word).load(order);
  }
  template <class Word>
  static void store(Word& word, Word value, std::memory_order order) noexcept {
    std::atomic_ref<Word>(word).store(value, order);
  }
  /// What was there before.
  template <class Word>
  static Word add(Word& word, Word value, std::memory_order order) noexcept {
    return std::atomic_ref<Word>(word).fetch_add(value, order);
  }
  template <class Word>
  static bool exchange(Word& word, Word expected, Word desired, std::memory_order order) noexcept {
    return std::atomic_ref<Word>(word).compare_exchange_strong(expected, desired, order,
                                                               std::memory_order_relaxed);
  }
  /// Memory that nobody writes while others read it.
  template <class Word>
  static Word read(const Word& word) noexcept {
    return word;
  }
  template <class Word>
  static void write(Word& word, Word value) noexcept {
    word = value;
  }
};

}  // namespace corelane::stick
