// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stick/atomics.hpp"
#include "stick/data_type.hpp"
#include "stick/record_table.hpp"

namespace corelane::stick {

struct TableShape {
  KeyType key = KeyType::ip;
  std::uint32_t key_bytes = 4;
  std::uint32_t size = 0;       // entries, at least 1
  std::uint32_t expire_ms = 0;  // 0: never
  bool nopurge = false;
  std::vector<StoredData> store;

  friend bool operator==(const TableShape&, const TableShape&) = default;
};

/// A key has so many words of 32 bits.
constexpr std::uint32_t key_words(const TableShape& shape) noexcept {
  return (shape.key_bytes + 3) / 4;
}

/// A stick table: what is known of keys, for all lanes. They use it at once and wait for nobody; see
/// record_table.hpp for what that rests on. Times are milliseconds of one clock, whose 32 bits may wrap.
class Table {
 public:
  using Records = RecordTable<ProcessAtomics>;
  static constexpr std::uint32_t none = Records::none;

  Table(const TableShape& shape, const HashSeed& seed);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  /// Brings a key to the form that records have: `key_words()` words, cut off or filled up with zeros.
  void make_key(std::span<const std::byte> bytes, std::span<std::uint32_t> key) const noexcept;
  std::uint32_t key_words() const noexcept { return records_.shape().key_words; }
  /// The key of a pinned record, with what fills it up.
  std::span<const std::byte> key_bytes(std::uint32_t record) noexcept;

  /// Like those of RecordTable: what they return is pinned until it is released or removed.
  std::uint32_t find(Records::Key key, std::uint32_t now_ms) noexcept { return records_.find(key, now_ms); }
  std::uint32_t get(Records::Key key, std::uint32_t now_ms) noexcept { return records_.get(key, now_ms); }
  std::uint32_t next(std::uint32_t first, std::uint32_t now_ms) noexcept {
    return records_.next(first, now_ms);
  }
  /// Pinned records only, as all below.
  Records::Key key(std::uint32_t record) noexcept { return records_.key(record); }
  void release(std::uint32_t record) noexcept { records_.release(record); }
  bool remove(std::uint32_t record) noexcept { return records_.remove(record); }
  void touch(std::uint32_t record, std::uint32_t now_ms) noexcept { records_.touch(record, now_ms); }
  std::uint32_t age_ms(std::uint32_t record, std::uint32_t now_ms) noexcept {
    return records_.age_ms(record, now_ms);
  }
  std::uint32_t pins(std::uint32_t record) noexcept { return records_.pins(record); }

  /// Elements of an array, 1 for what is none; 0: the table does not keep it.
  std::uint32_t elements(DataType type) const noexcept { return columns_[place(type)].elements; }
  std::uint32_t period_ms(DataType type) const noexcept { return columns_[place(type)].period_ms; }
  /// `element` is below elements(); of a rate: events in the last period.
  std::uint64_t value(std::uint32_t record, DataType type, std::uint32_t element,
                      std::uint32_t now_ms) noexcept;
  /// The value afterwards.
  std::uint64_t add(std::uint32_t record, DataType type, std::uint32_t element, std::uint64_t amount,
                    std::uint32_t now_ms) noexcept;
  /// One less, unless it is 0 already (somebody has set it).
  void take_away(std::uint32_t record, DataType type) noexcept;
  /// The value before. A rate is so many events at once.
  std::uint64_t set(std::uint32_t record, DataType type, std::uint32_t element, std::uint64_t value,
                    std::uint32_t now_ms) noexcept;

  /// Looks at `count` records from `first` on; see RecordTable::expire().
  std::uint32_t expire(std::uint32_t first, std::uint32_t count, std::uint32_t now_ms) noexcept {
    return records_.expire(first, count, now_ms);
  }

  const TableShape& shape() const noexcept { return shape_; }
  std::uint32_t used() noexcept { return records_.used(); }
  std::uint64_t evicted() noexcept { return records_.evicted(); }
  /// What it takes when every entry is in use.
  std::size_t memory_bytes() const noexcept { return Records::bytes(records_.shape()); }

 private:
  struct Column {
    DataKind kind = DataKind::narrow;
    std::uint32_t elements = 0;
    std::uint32_t first = 0;  // of the record's wide or narrow words
    std::uint32_t period_ms = 0;
  };
  /// All zero. A large block comes from the kernel page by page: what is never written costs no memory.
  class Memory {
   public:
    explicit Memory(std::size_t bytes);
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory();
    std::byte* start() const noexcept { return start_; }

   private:
    void* block_;
    std::byte* start_;
  };

  static constexpr std::size_t place(DataType type) noexcept { return static_cast<std::size_t>(type); }
  static RecordShape place_columns(const TableShape& shape, std::array<Column, data_types>& columns);
  std::uint64_t* wide(std::uint32_t record, const Column& column, std::uint32_t element) noexcept;
  std::uint32_t& narrow(std::uint32_t record, const Column& column, std::uint32_t element) noexcept;

  TableShape shape_;
  std::array<Column, data_types> columns_{};
  RecordShape record_shape_;
  Memory memory_;
  Records records_;
};

}  // namespace corelane::stick
