// SPDX-License-Identifier: Apache-2.0
#include "stick/table.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace corelane;
using stick::DataType;
using stick::KeyType;
using stick::Table;

namespace {

constexpr stick::HashSeed seed{11, 12};

stick::TableShape integers(std::uint32_t size, std::uint32_t expire_ms = 0) {
  return {KeyType::integer, 4,     size,
          expire_ms,        false, {{DataType::gpc0, 1, 0}, {DataType::http_req_rate, 1, 10'000}}};
}

std::uint32_t get(Table& table, std::uint32_t key, std::uint32_t now_ms = 0) {
  return table.get({&key, 1}, now_ms);
}
bool has(Table& table, std::uint32_t key, std::uint32_t now_ms = 0) {
  const std::uint32_t record = table.find({&key, 1}, now_ms);
  if (record != Table::none) table.release(record);
  return record != Table::none;
}
void put(Table& table, std::uint32_t key, std::uint32_t now_ms = 0) {
  const std::uint32_t record = get(table, key, now_ms);
  REQUIRE(record != Table::none);
  table.touch(record, now_ms);
  table.release(record);
}

}  // namespace

TEST_CASE("what is counted with a key is there when the key comes again") {
  Table table(integers(100), seed);
  const std::uint32_t record = get(table, 5);
  CHECK(table.add(record, DataType::gpc0, 0, 1, 0) == 1);
  CHECK(table.add(record, DataType::gpc0, 0, 2, 0) == 3);
  CHECK(table.add(record, DataType::http_req_rate, 0, 1, 0) == 1);
  table.release(record);
  CHECK(get(table, 5) == record);
  CHECK(table.value(record, DataType::gpc0, 0, 0) == 3);
  CHECK(table.set(record, DataType::gpc0, 0, 9, 0) == 3);
  CHECK(table.value(record, DataType::gpc0, 0, 0) == 9);
  CHECK(table.pins(record) == 1);
  table.release(record);
  CHECK(!has(table, 6));
  CHECK(table.used() == 1);
}

TEST_CASE("every kind of value stands for itself") {
  stick::TableShape shape = integers(4);
  shape.store = {{DataType::gpc, 3, 0},          {DataType::bytes_in_cnt, 1, 0},
                 {DataType::gpc_rate, 2, 1'000}, {DataType::conn_cur, 1, 0},
                 {DataType::gpt, 2, 0},          {DataType::bytes_out_rate, 1, 500},
                 {DataType::server_id, 1, 0}};
  Table table(shape, seed);
  for (const std::uint32_t key : {1U, 2U}) {
    const std::uint32_t record = get(table, key);
    std::uint64_t number = key;
    for (const stick::StoredData& stored : shape.store)
      for (std::uint32_t i = 0; i < stored.elements; ++i) table.set(record, stored.type, i, number += 10, 0);
    table.set(record, DataType::bytes_in_cnt, 0, std::uint64_t{1} << 40, 0);
  }
  for (const std::uint32_t key : {1U, 2U}) {
    const std::uint32_t record = get(table, key);
    std::uint64_t number = key;
    for (const stick::StoredData& stored : shape.store)
      for (std::uint32_t i = 0; i < stored.elements; ++i) {
        number += 10;
        const std::uint64_t wanted = stored.type == DataType::bytes_in_cnt ? std::uint64_t{1} << 40 : number;
        CHECK(table.value(record, stored.type, i, 0) == wanted);
      }
    table.take_away(record, DataType::conn_cur);
    CHECK(table.value(record, DataType::conn_cur, 0, 0) == 70 + key - 1);
  }
  CHECK(table.elements(DataType::gpc) == 3);
  CHECK(table.elements(DataType::gpc0) == 0);
  CHECK(table.period_ms(DataType::gpc_rate) == 1'000);
}

TEST_CASE("a current count is never below nothing") {
  stick::TableShape shape = integers(4);
  shape.store = {{DataType::conn_cur, 1, 0}};
  Table table(shape, seed);
  const std::uint32_t record = get(table, 1);
  table.take_away(record, DataType::conn_cur);
  CHECK(table.value(record, DataType::conn_cur, 0, 0) == 0);
}

TEST_CASE("a key that nobody touches for its lifetime is not there any more") {
  Table table(integers(100, 1'000), seed);
  put(table, 1, 0xffff'ff00);  // the clock wraps
  CHECK(has(table, 1, 0xffff'ff00 + 999));
  CHECK(!has(table, 1, 0xffff'ff00 + 1'000));
  CHECK(table.used() == 1);
  const std::uint32_t record = get(table, 1, 0xffff'ff00 + 1'000);
  CHECK(table.value(record, DataType::gpc0, 0, 0) == 0);
  // Who has it pinned keeps it.
  CHECK(has(table, 1, 0xffff'ff00 + 9'000));
  CHECK(table.expire(0, 100, 0xffff'ff00 + 9'000) == 0);
  CHECK(table.used() == 1);
  table.release(record);
  CHECK(table.expire(0, 100, 0xffff'ff00 + 9'000) == 0);
  CHECK(table.used() == 0);
}

TEST_CASE("expiry goes through the records piece by piece") {
  Table table(integers(100, 1'000), seed);
  for (std::uint32_t key = 0; key < 50; ++key) put(table, key, key < 25 ? 0 : 500);
  CHECK(table.expire(0, 20, 1'000) == 20);
  CHECK(table.used() == 30);
  CHECK(table.expire(20, 20, 1'000) == 40);
  CHECK(table.used() == 25);
  CHECK(table.expire(40, 20, 1'500) == 0);
  CHECK(table.used() == 15);
}

TEST_CASE("the oldest makes room, in a table up to 512 entries exactly it") {
  for (const std::uint32_t size : {1U, 2U, 10U, 100U, 512U}) {
    CAPTURE(size);
    Table table(integers(size), seed);
    for (std::uint32_t key = 0; key < size; ++key) put(table, key, key);
    CHECK(table.used() == size);
    if (size > 2) put(table, 0, size);  // touched again: 1 is the oldest
    for (std::uint32_t key = size; key < size + size / 2 + 1; ++key) {
      put(table, key, key + 1);
      CHECK(table.used() == size);
    }
    if (size > 2) CHECK(has(table, 0));
    const std::uint32_t gone = size / 2 + 1 + (size > 2 ? 1 : 0);
    for (std::uint32_t key = size > 2 ? 1 : 0; key < gone; ++key) CHECK(!has(table, key));
    for (std::uint32_t key = gone; key < size + size / 2 + 1; ++key) CHECK(has(table, key));
    CHECK(table.evicted() == size / 2 + 1);
  }
}

TEST_CASE("of entries of the same millisecond the first goes first") {
  Table table(integers(10), seed);
  for (std::uint32_t key = 0; key < 15; ++key) put(table, key);
  for (std::uint32_t key = 0; key < 15; ++key) CHECK(has(table, key) == (key >= 5));
}

TEST_CASE("in a large table one of the older ones makes room") {
  constexpr std::uint32_t size = 20'000;
  Table table(integers(size), seed);
  for (std::uint32_t key = 0; key < size; ++key) put(table, key, key);
  for (std::uint32_t key = size; key < size + 200; ++key) put(table, key, key);
  CHECK(table.evicted() < 220);  // a few buckets are full before the table is
  CHECK(table.used() > size - 30);
  std::uint32_t young = 0;
  for (std::uint32_t key = size / 4 * 3; key < size + 200; ++key) young += has(table, key) ? 0U : 1U;
  CHECK(young < 60);
}

TEST_CASE("a full table with nopurge takes nothing new until something is too old") {
  stick::TableShape shape = integers(3, 1'000);
  shape.nopurge = true;
  Table table(shape, seed);
  for (std::uint32_t key = 0; key < 3; ++key) put(table, key, key);
  CHECK(get(table, 9, 500) == Table::none);
  CHECK(has(table, 0, 500));
  CHECK(table.evicted() == 0);
  put(table, 9, 1'000);
  CHECK(table.used() == 3);
  CHECK(has(table, 1, 1'000));
}

TEST_CASE("who is tracked makes no room, and a table of tracked ones is full") {
  Table table(integers(2), seed);
  const std::uint32_t first = get(table, 1, 0);
  put(table, 2, 1);
  put(table, 3, 2);
  CHECK(has(table, 1));
  CHECK(!has(table, 2));
  const std::uint32_t third = get(table, 3, 2);
  CHECK(get(table, 4, 3) == Table::none);
  table.release(first);
  put(table, 4, 4);
  table.release(third);
}

TEST_CASE("taken out by hand: only what nobody else has") {
  Table table(integers(10), seed);
  const std::uint32_t record = get(table, 1);
  CHECK(get(table, 1) == record);
  CHECK(!table.remove(record));
  CHECK(has(table, 1));
  CHECK(table.remove(record));
  CHECK(!has(table, 1));
  CHECK(table.used() == 0);
  put(table, 2);
  CHECK(has(table, 2));
}

TEST_CASE("texts and bytes are cut off at their length, and compared with what fills them up") {
  stick::TableShape shape{KeyType::string, 6, 10, 0, false, {{DataType::gpc0, 1, 0}}};
  Table table(shape, seed);
  const auto key_of = [&](std::string_view text) {
    std::vector<std::uint32_t> key(table.key_words());
    table.make_key(std::as_bytes(std::span(text)), key);
    return key;
  };
  const std::uint32_t record = table.get(key_of("abcdefgh"), 0);
  CHECK(table.find(key_of("abcdef"), 0) == record);
  CHECK(table.find(key_of("abcde"), 0) == Table::none);
  CHECK(table.key_bytes(record).size() == 6);
  CHECK(table.find(key_of(""), 0) == Table::none);
  CHECK(table.get(key_of(""), 0) != record);
}

TEST_CASE("a walk meets every entry once") {
  Table table(integers(100, 1'000), seed);
  for (std::uint32_t key = 0; key < 60; ++key) put(table, key, key < 10 ? 0 : 500);
  std::uint64_t sum = 0;
  std::uint32_t count = 0;
  for (std::uint32_t record = table.next(0, 1'000); record != Table::none;
       record = table.next(record + 1, 1'000)) {
    sum += table.key(record)[0];
    ++count;
    table.release(record);
  }
  CHECK(count == 50);
  CHECK(sum == (10 + 59) * 50 / 2);
}

TEST_CASE("a million addresses with a counter and a rate take at most 100 bytes each") {
  stick::TableShape shape = integers(1'000'000);
  shape.key = KeyType::ip;
  CHECK(Table(shape, seed).memory_bytes() <= 100 * std::size_t{shape.size});
}

TEST_CASE("a table fills up before entries have to go, but for one in some thousand") {
  constexpr std::uint32_t size = 50'000;
  Table table(integers(size), seed);
  for (std::uint32_t key = 0; key < size; ++key) put(table, key);
  CHECK(table.evicted() < size / 5'000);
}

TEST_CASE("data types and key types are found by their names") {
  for (const stick::DataRow& row : stick::data_rows()) CHECK(stick::data_type_named(row.name) == row.type);
  CHECK(!stick::data_type_named("gpc2"));
  for (const stick::KeyTypeRow& row : stick::key_type_rows()) CHECK(&stick::row_of(row.type) == &row);
}
