// SPDX-License-Identifier: Apache-2.0
#include "stick/table.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>

#include "base/check.hpp"
#include "stick/rate.hpp"

namespace corelane::stick {
namespace {

constexpr std::size_t line_bytes = 64;
constexpr auto relaxed = std::memory_order_relaxed;
using TableRate = Rate<ProcessAtomics>;

std::uint32_t narrowed(std::uint64_t value) {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

Table::Memory::Memory(std::size_t bytes) : block_(std::calloc(bytes + line_bytes, 1)) {
  CORELANE_CHECK(block_ != nullptr);
  std::size_t space = bytes + line_bytes;
  void* aligned = block_;
  start_ = static_cast<std::byte*>(std::align(line_bytes, bytes, aligned, space));
}

Table::Memory::~Memory() {
  std::free(block_);
}

Table::Table(const TableShape& shape, const HashSeed& seed)
    : shape_(shape),
      record_shape_(place_columns(shape, columns_)),
      memory_(Records::bytes(record_shape_)),
      records_(record_shape_, seed, memory_.start()) {}

RecordShape Table::place_columns(const TableShape& shape, std::array<Column, data_types>& columns) {
  RecordShape made;
  made.records = shape.size;
  made.key_words = corelane::stick::key_words(shape);
  made.lifetime_ms = shape.expire_ms;
  made.evicts = !shape.nopurge;
  for (const StoredData& stored : shape.store) {
    Column& column = columns[place(stored.type)];
    if (column.elements != 0) continue;
    column.kind = row_of(stored.type).kind;
    column.elements = stored.elements;
    column.period_ms = stored.period_ms;
    if (column.kind == DataKind::narrow) {
      column.first = made.narrow_words;
      made.narrow_words += stored.elements;
    } else {
      column.first = made.wide_words;
      made.wide_words += stored.elements * (column.kind == DataKind::rate ? TableRate::words : 1);
    }
  }
  return made;
}

void Table::make_key(std::span<const std::byte> bytes, std::span<std::uint32_t> key) const noexcept {
  const std::size_t used = std::min<std::size_t>(bytes.size(), shape_.key_bytes);
  std::memset(key.data(), 0, key.size_bytes());
  if (used != 0) std::memcpy(key.data(), bytes.data(), used);
}

std::span<const std::byte> Table::key_bytes(std::uint32_t record) noexcept {
  return std::as_bytes(records_.key(record)).first(shape_.key_bytes);
}

std::uint64_t* Table::wide(std::uint32_t record, const Column& column, std::uint32_t element) noexcept {
  const std::uint32_t words = column.kind == DataKind::rate ? TableRate::words : 1;
  return records_.wide(record) + column.first + element * words;
}

std::uint32_t& Table::narrow(std::uint32_t record, const Column& column, std::uint32_t element) noexcept {
  return records_.narrow(record)[column.first + element];
}

std::uint64_t Table::value(std::uint32_t record, DataType type, std::uint32_t element,
                           std::uint32_t now_ms) noexcept {
  const Column& column = columns_[place(type)];
  if (column.kind == DataKind::rate)
    return TableRate::read(wide(record, column, element), now_ms, column.period_ms);
  if (column.kind == DataKind::wide) return ProcessAtomics::load(*wide(record, column, element), relaxed);
  return ProcessAtomics::load(narrow(record, column, element), relaxed);
}

std::uint64_t Table::add(std::uint32_t record, DataType type, std::uint32_t element, std::uint64_t amount,
                         std::uint32_t now_ms) noexcept {
  const Column& column = columns_[place(type)];
  if (column.kind == DataKind::rate) {
    std::uint64_t* windows = wide(record, column, element);
    TableRate::add(windows, now_ms, column.period_ms, narrowed(amount));
    return TableRate::read(windows, now_ms, column.period_ms);
  }
  if (column.kind == DataKind::wide)
    return ProcessAtomics::add(*wide(record, column, element), amount, relaxed) + amount;
  const auto added = static_cast<std::uint32_t>(amount);
  return static_cast<std::uint32_t>(ProcessAtomics::add(narrow(record, column, element), added, relaxed) +
                                    added);
}

void Table::take_away(std::uint32_t record, DataType type) noexcept {
  std::uint32_t& word = narrow(record, columns_[place(type)], 0);
  for (std::uint32_t seen = ProcessAtomics::load(word, relaxed); seen != 0;
       seen = ProcessAtomics::load(word, relaxed))
    if (ProcessAtomics::exchange(word, seen, seen - 1, relaxed)) return;
}

std::uint64_t Table::set(std::uint32_t record, DataType type, std::uint32_t element, std::uint64_t value,
                         std::uint32_t now_ms) noexcept {
  const Column& column = columns_[place(type)];
  if (column.kind == DataKind::rate) {
    std::uint64_t* windows = wide(record, column, element);
    const std::uint32_t before = TableRate::read(windows, now_ms, column.period_ms);
    TableRate::set(windows, now_ms, narrowed(value));
    return before;
  }
  if (column.kind == DataKind::wide)
    return std::atomic_ref<std::uint64_t>(*wide(record, column, element)).exchange(value, relaxed);
  return std::atomic_ref<std::uint32_t>(narrow(record, column, element)).exchange(narrowed(value), relaxed);
}

}  // namespace corelane::stick
