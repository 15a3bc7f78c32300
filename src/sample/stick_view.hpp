// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "sample/sample.hpp"
#include "stick/table.hpp"

namespace corelane::sample {

/// The key that one of the stick counters follows: pinned in its table. All zero: it follows none.
struct TrackedKey {
  std::uint32_t table_after = 0;  // the table's number, and one
  std::uint32_t record = 0;

  bool tracked() const noexcept { return table_after != 0; }
  std::uint32_t table() const noexcept { return table_after - 1; }
};
inline constexpr std::uint32_t stick_counters = 3;  // sc0 to sc2
using TrackedKeys = std::array<TrackedKey, stick_counters>;

/// The stick tables, and what the counters follow. A stream's hide its connection's.
struct StickView {
  std::span<const std::unique_ptr<stick::Table>> tables;
  const TrackedKeys* stream = nullptr;   // null: none is followed
  const TrackedKeys* session = nullptr;  // likewise
  std::uint32_t now_ms = 0;

  TrackedKey tracked(std::size_t counter) const noexcept {
    if (stream != nullptr && (*stream)[counter].tracked()) return (*stream)[counter];
    return session != nullptr ? (*session)[counter] : TrackedKey{};
  }
};

/// Where a table keeps something: an element of an array may stand for what has a name of its own.
struct StickPlace {
  stick::DataType type;
  std::uint32_t element = 0;
};
/// None: the table does not keep it.
std::optional<StickPlace> stick_place(const stick::Table& table, stick::DataType type,
                                      std::uint32_t element = 0);
/// Whether a table of this shape has a place for it.
bool stick_keeps(const stick::TableShape& shape, stick::DataType type);

/// Adds to what the key keeps of it, if it does; the key is touched.
void stick_count(stick::Table& table, std::uint32_t record, stick::DataType type, std::uint64_t amount,
                 std::uint32_t now_ms);
/// One more: of a general purpose counter (gpc0, gpc1, or an element of gpc) and its rate.
std::uint64_t stick_increment(stick::Table& table, std::uint32_t record, stick::DataType counter,
                              std::uint32_t element, std::uint64_t amount, std::uint32_t now_ms);

/// What samples are made to, to be such keys.
Type stick_key_sample(stick::KeyType key) noexcept;
/// What a sample is as a key of this table, in the arena's memory. Empty: it cannot be one.
std::span<const std::uint32_t> stick_key(const stick::Table& table, Sample& sample, Arena& arena);

}  // namespace corelane::sample
