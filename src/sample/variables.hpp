// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sample/sample.hpp"

/// Variables of rules: `txn.host`. Every name is a number from the start on, so that nothing is looked for or
/// allocated while rules are evaluated.
namespace corelane::sample {

enum class VariableScope : std::uint8_t {
  proc,  // the process: every connection, in every lane
  sess,  // the client's connection
  txn,   // the request and its response
  req,   // until the response is looked at
  res,   // from then on
};

struct Variable {
  VariableScope scope = VariableScope::txn;
  std::uint32_t slot = 0;  // in the memory of its scope; txn, req and res share one
};

/// The variables that a configuration names.
class VariableNames {
 public:
  /// None where the text is no variable's name.
  std::optional<Variable> add(std::string_view text);
  /// None: nothing names it.
  std::optional<Variable> find_of_stream(std::string_view text) const noexcept;

  std::size_t in_process() const noexcept { return process_.size(); }
  std::size_t of_session() const noexcept { return session_.size(); }
  std::size_t of_stream() const noexcept { return stream_.size(); }
  bool empty() const noexcept { return process_.empty() && session_.empty() && stream_.empty(); }
  /// Of the stream's slots.
  VariableScope scope_of(std::size_t slot) const noexcept { return stream_scopes_[slot]; }

 private:
  std::vector<std::string> process_;
  std::vector<std::string> session_;
  std::vector<std::string> stream_;
  std::vector<VariableScope> stream_scopes_;
};
inline constexpr std::string_view variable_form =
    "a scope, a dot and a name of letters, digits, _ and . such as txn.host; scopes are proc, sess, txn, req "
    "and res";

/// One variable that is kept in a block. All its bytes 0: it is not set.
struct VariableValue {
  std::int64_t integer = 0;
  base::Endpoint address;
  std::uint32_t text = 0;  // in the block's texts
  std::uint32_t text_bytes = 0;
  Type type = Type::boolean;
  bool set = false;
};

/// The variables of one session, or of one stream: a view of memory that begins as zeros. Texts take what
/// there is of the block's bytes; what does not fit is not set.
class VariableBlock {
 public:
  /// So much memory has a block, in bytes that are a multiple of 8.
  static std::size_t bytes_for(std::size_t slots, std::size_t text_bytes) noexcept;
  VariableBlock(std::span<std::byte> memory, std::size_t slots) noexcept;

  /// The text is a copy in the arena. False: it is not set.
  bool get(std::uint32_t slot, Arena& arena, Sample& sample) const noexcept;
  /// False: there is no room. The variable is as it was then. The text is not one of this block's own.
  bool set(std::uint32_t slot, const Sample& sample) noexcept;
  void unset(std::uint32_t slot) noexcept { values_[slot].set = false; }
  void clear() noexcept;

 private:
  bool make_room(std::uint32_t bytes) noexcept;

  std::uint32_t& used_;  // of the texts
  std::span<VariableValue> values_;
  std::span<char> texts_;
};

/// The variables of the process: any lane reads and writes them at any time, without a lock. Each has two
/// places; a writer fills the one that is not current, then makes it so. Of two lanes that write at the same
/// moment one is the last, and the other one leaves its value out. A reader that was overtaken reads again.
class ProcessVariables {
 public:
  static constexpr std::size_t text_bytes_max = 1000;

  explicit ProcessVariables(std::size_t slots);

  bool get(std::uint32_t slot, Arena& arena, Sample& sample) const noexcept;
  /// False: the text is too long.
  bool set(std::uint32_t slot, const Sample& sample) noexcept;
  void unset(std::uint32_t slot) noexcept;

 private:
  static constexpr std::size_t head_words = 6;
  static constexpr std::size_t words = head_words + (text_bytes_max + 7) / 8;
  static constexpr int tries_max = 16;
  using Place = std::array<std::atomic<std::uint64_t>, words>;

  struct Slot {
    std::array<Place, 2> places{};
    std::atomic<std::uint64_t> version{0};  // its lowest bit says which place is current
    std::atomic<bool> writing{false};       // by the lane that has set it
  };

  void write(Slot& slot, bool set, const Sample& sample) noexcept;

  std::unique_ptr<Slot[]> slots_;
};

/// What an evaluation can reach. Null where there is nothing of that kind.
struct VariableScopes {
  ProcessVariables* process = nullptr;
  VariableBlock* session = nullptr;
  VariableBlock* stream = nullptr;

  bool get(const Variable& variable, Arena& arena, Sample& sample) const noexcept;
  /// False: it could not be set.
  bool set(const Variable& variable, const Sample& sample) noexcept;
  void unset(const Variable& variable) noexcept;
};

}  // namespace corelane::sample
