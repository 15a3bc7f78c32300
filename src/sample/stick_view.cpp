// SPDX-License-Identifier: Apache-2.0
#include "sample/stick_view.hpp"

#include <bit>
#include <cstring>

namespace corelane::sample {

using stick::DataType;
using stick::KeyType;

namespace {

/// The array whose first elements have names of their own, and which one this is.
struct Alias {
  DataType named;
  DataType array;
  std::uint32_t element;
};
constexpr Alias aliases[] = {
    {DataType::gpt0, DataType::gpt, 0},           {DataType::gpc0, DataType::gpc, 0},
    {DataType::gpc1, DataType::gpc, 1},           {DataType::gpc0_rate, DataType::gpc_rate, 0},
    {DataType::gpc1_rate, DataType::gpc_rate, 1},
};

DataType rate_of(DataType counter) {
  if (counter == DataType::gpc0) return DataType::gpc0_rate;
  return counter == DataType::gpc1 ? DataType::gpc1_rate : DataType::gpc_rate;
}

/// The bytes of the key; empty: there are none.
std::string_view bytes_of(KeyType key, Sample& sample, std::span<char, 16> memory) {
  if (key == KeyType::integer) {
    const auto number = static_cast<std::uint32_t>(sample.integer);
    std::memcpy(memory.data(), &number, sizeof number);
    return {memory.data(), sizeof number};
  }
  if (key != KeyType::ip && key != KeyType::ipv6) return sample.text;
  const base::Endpoint address =
      key == KeyType::ip ? base::endpoint_unmapped(sample.address) : base::endpoint_as_ipv6(sample.address);
  if (address.family != (key == KeyType::ip ? base::Family::ipv4 : base::Family::ipv6)) return {};
  std::memcpy(memory.data(), address.ip.data(), memory.size());
  return {memory.data(), key == KeyType::ip ? 4UL : 16UL};
}

}  // namespace

Type stick_key_sample(KeyType key) noexcept {
  switch (key) {
    case KeyType::ip:
    case KeyType::ipv6:
      return Type::address;
    case KeyType::integer:
      return Type::sint;
    case KeyType::string:
      return Type::string;
    case KeyType::binary:
      break;
  }
  return Type::binary;
}

std::optional<StickPlace> stick_place(const stick::Table& table, DataType type, std::uint32_t element) {
  if (element < table.elements(type)) return StickPlace{type, element};
  for (const Alias& alias : aliases) {
    if (alias.named == type && element == 0 && alias.element < table.elements(alias.array))
      return StickPlace{alias.array, alias.element};
  }
  return std::nullopt;
}

bool stick_keeps(const stick::TableShape& shape, DataType type) {
  for (const stick::StoredData& stored : shape.store) {
    if (stored.type == type) return true;
    for (const Alias& alias : aliases)
      if (alias.named == type && alias.array == stored.type && alias.element < stored.elements) return true;
  }
  return false;
}

void stick_count(stick::Table& table, std::uint32_t record, DataType type, std::uint64_t amount,
                 std::uint32_t now_ms) {
  table.touch(record, now_ms);
  if (table.elements(type) != 0) table.add(record, type, 0, amount, now_ms);
}

std::uint64_t stick_increment(stick::Table& table, std::uint32_t record, DataType counter,
                              std::uint32_t element, std::uint64_t amount, std::uint32_t now_ms) {
  table.touch(record, now_ms);
  std::uint64_t value = 0;
  if (const auto place = stick_place(table, rate_of(counter), element))
    value = table.add(record, place->type, place->element, amount, now_ms);
  if (const auto place = stick_place(table, counter, element))
    value = table.add(record, place->type, place->element, amount, now_ms);
  return value;
}

std::span<const std::uint32_t> stick_key(const stick::Table& table, Sample& sample, Arena& arena) {
  const KeyType type = table.shape().key;
  if (!cast(sample, stick_key_sample(type), arena)) return {};
  std::array<char, 16> memory{};
  const std::string_view bytes = bytes_of(type, sample, memory);
  if (bytes.empty()) return {};
  constexpr std::size_t alignment = alignof(std::uint32_t);
  char* taken = arena.take(table.key_words() * sizeof(std::uint32_t) + alignment - 1);
  if (taken == nullptr) return {};
  taken += (alignment - std::bit_cast<std::uintptr_t>(taken) % alignment) % alignment;
  const std::span<std::uint32_t> key(reinterpret_cast<std::uint32_t*>(taken), table.key_words());
  table.make_key(std::as_bytes(std::span(bytes)), key);
  return key;
}

}  // namespace corelane::sample
