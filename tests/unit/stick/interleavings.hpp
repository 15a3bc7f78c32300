// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "stick/key_hash.hpp"

/// Runs every interleaving of a few threads that work on shared memory through ModelAtomics. The threads run
/// the program's own code: to take a thread's next step its function is run from the beginning, what its
/// earlier steps returned is told again, one new step is done, and an exception ends the run. So a thread's
/// state is the list of what its steps returned, and two states with the same memory and the same lists need
/// one look.
namespace corelane::interleavings {

struct Pause {};

/// The shared memory, and the thread whose turn it is.
struct Turn {
  std::byte* memory = nullptr;
  std::size_t bytes = 0;
  std::vector<std::uint64_t>* history = nullptr;
  std::size_t told = 0;
  bool stepped = false;
  bool checking = true;  // no thread runs: what is done is no step
};
inline Turn turn;

template <class Word, class Step>
Word step(Step&& run) {
  if (turn.checking) return run();
  if (turn.told < turn.history->size()) return static_cast<Word>((*turn.history)[turn.told++]);
  if (turn.stepped) throw Pause{};
  turn.stepped = true;
  const Word result = run();
  turn.history->push_back(result);
  ++turn.told;
  return result;
}

/// What ProcessAtomics is in the program.
struct ModelAtomics {
  template <class Word>
  static Word load(Word& word, std::memory_order) {
    return step<Word>([&] { return word; });
  }
  template <class Word>
  static void store(Word& word, Word value, std::memory_order) {
    step<Word>([&] { return word = value; });
  }
  template <class Word>
  static Word add(Word& word, Word value, std::memory_order) {
    return step<Word>([&] {
      const Word before = word;
      word = static_cast<Word>(word + value);
      return before;
    });
  }
  template <class Word>
  static bool exchange(Word& word, Word expected, Word desired, std::memory_order) {
    return step<std::uint8_t>([&] {
             const bool same = word == expected;
             if (same) word = desired;
             return static_cast<std::uint8_t>(same);
           }) != 0;
  }
  /// A thread's own memory is no step.
  template <class Word>
  static Word read(const Word& word) {
    const auto* place = reinterpret_cast<const std::byte*>(&word);
    if (place < turn.memory || place >= turn.memory + turn.bytes) return word;
    return step<Word>([&] { return word; });
  }
  template <class Word>
  static void write(Word& word, Word value) {
    step<Word>([&] { return word = value; });
  }
};

/// One case: what each thread does, and what must hold after every step and when all are through. A thread
/// may write notes for these into its own part of the memory, which is no step.
struct Case {
  std::vector<std::byte>* memory = nullptr;
  std::vector<std::function<void()>> threads;
  std::function<std::string()> always;  // empty: it holds
  std::function<std::string()> finally;
};

struct Verdict {
  std::string fault;  // empty: none in any interleaving
  std::size_t states = 0;
  std::size_t ends = 0;
};

class Explorer {
 public:
  explicit Explorer(const Case& tried) : case_(tried) {}

  Verdict run() {
    State first{*case_.memory, std::vector<std::vector<std::uint64_t>>(case_.threads.size()),
                std::vector<bool>(case_.threads.size(), false)};
    std::vector<State> left{first};
    while (!left.empty() && verdict_.fault.empty()) {
      const State state = std::move(left.back());
      left.pop_back();
      bool ended = true;
      for (std::size_t thread = 0; thread < case_.threads.size() && verdict_.fault.empty(); ++thread) {
        if (state.finished[thread]) continue;
        ended = false;
        State next = state;
        advance(next, thread);
        if (verdict_.fault.empty() && seen_.insert(mark_of(next)).second) left.push_back(std::move(next));
      }
      if (ended) end(state);
    }
    verdict_.states = seen_.size();
    return verdict_;
  }

 private:
  struct State {
    std::vector<std::byte> memory;
    std::vector<std::vector<std::uint64_t>> histories;
    std::vector<bool> finished;
  };

  void advance(State& state, std::size_t thread) {
    *case_.memory = state.memory;
    turn = {case_.memory->data(), case_.memory->size(), &state.histories[thread], 0, false, false};
    try {
      case_.threads[thread]();
      state.finished[thread] = true;
    } catch (const Pause&) {
    }
    turn.checking = true;
    state.memory = *case_.memory;
    if (case_.always) verdict_.fault = case_.always();
  }

  void end(const State& state) {
    ++verdict_.ends;
    *case_.memory = state.memory;
    if (case_.finally) verdict_.fault = case_.finally();
  }

  using Mark = std::array<std::uint64_t, 2>;
  struct MarkHash {
    std::size_t operator()(const Mark& mark) const { return mark[0]; }
  };

  /// Of everything that tells states apart.
  static Mark mark_of(const State& state) {
    std::vector<std::uint32_t> words(state.memory.size() / sizeof(std::uint32_t));
    std::memcpy(words.data(), state.memory.data(), words.size() * sizeof(std::uint32_t));
    for (std::size_t thread = 0; thread < state.histories.size(); ++thread) {
      words.push_back(static_cast<std::uint32_t>(state.histories[thread].size() * 2) +
                      state.finished[thread]);
      for (const std::uint64_t result : state.histories[thread]) {
        words.push_back(static_cast<std::uint32_t>(result));
        words.push_back(static_cast<std::uint32_t>(result >> 32));
      }
    }
    return {stick::key_hash({1, 2}, words), stick::key_hash({3, 4}, words)};
  }

  const Case& case_;
  std::unordered_set<Mark, MarkHash> seen_;
  Verdict verdict_;
};

}  // namespace corelane::interleavings
