// SPDX-License-Identifier: Apache-2.0
#include "balance/hash.hpp"

#include <array>
#include <bit>
#include <cstddef>

namespace corelane::balance {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::uint32_t sdbm(Bytes bytes) {
  std::uint32_t hash = 0;
  for (const std::uint8_t byte : bytes) hash = hash * 65'599 + byte;
  return hash;
}

std::uint32_t djb2(Bytes bytes) {
  std::uint32_t hash = 5381;
  for (const std::uint8_t byte : bytes) hash = hash * 33 + byte;
  return hash;
}

/// HAProxy's own: two halves that change places after each byte, rotated by what they hold.
std::uint32_t wt6(Bytes bytes) {
  std::uint32_t first = 0xa53c'965a;
  std::uint32_t second = 0x5ca6'953a;
  int first_turn = 6;
  int second_turn = 18;
  for (const std::uint8_t byte : bytes) {
    const std::uint32_t old_first = ~(first ^ byte);
    first = std::rotl(~(second + byte), first_turn);
    second = std::rotl(old_first, second_turn);
    const std::uint32_t mixed = ((first >> 16) ^ second) & 0xffff;
    first_turn = static_cast<int>(mixed & 0x1f);
    second_turn = static_cast<int>(mixed >> 11);
  }
  return first ^ second;
}

constexpr std::array<std::uint32_t, 256> crc32_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xedb8'8320 : 0);
    table[byte] = rest;
  }
  return table;
}();

std::uint32_t crc32(Bytes bytes) {
  std::uint32_t rest = ~0U;
  for (const std::uint8_t byte : bytes) rest = (rest >> 8) ^ crc32_table[(rest ^ byte) & 0xff];
  return ~rest;
}

/// Words in network order, whatever the machine's. Bytes behind the last whole word do not count.
std::uint32_t xor_words(Bytes bytes) {
  std::uint32_t hash = 0;
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
    hash ^= std::uint32_t{bytes[i]} << 24 | std::uint32_t{bytes[i + 1]} << 16 |
            std::uint32_t{bytes[i + 2]} << 8 | bytes[i + 3];
  }
  return hash;
}

std::uint32_t modified(const Hash& hash, std::uint32_t plain) {
  return hash.modifier == HashModifier::avalanche ? avalanche(plain) : plain;
}

}  // namespace

std::uint32_t hash_bytes(HashFunction function, Bytes bytes) {
  switch (function) {
    case HashFunction::sdbm:
      return sdbm(bytes);
    case HashFunction::djb2:
      return djb2(bytes);
    case HashFunction::wt6:
      return wt6(bytes);
    case HashFunction::crc32:
      return crc32(bytes);
    case HashFunction::xor_words:
      return xor_words(bytes);
  }
  return 0;
}

std::uint32_t avalanche(std::uint32_t value) {
  value = value * 4097 + 0x7ed5'5d16;
  value = (value ^ 0xc761'c23c) ^ (value >> 19);
  value = value * 33 + 0x1656'67b1;
  value = (value + 0xd3a2'646c) ^ (value << 9);
  value = value * 9 + 0xfd70'46c5;
  value = (value ^ 0xb55a'4f09) ^ (value >> 16);
  return value * 3'221'225'473U;
}

std::uint32_t hash_text(const Hash& hash, std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  return modified(hash, hash_bytes(hash.function, {bytes, text.size()}));
}

std::optional<std::uint32_t> source_hash(const Hash& hash, const base::Endpoint& client) {
  std::size_t bytes = 0;
  if (client.family == base::Family::ipv4) bytes = 4;
  if (client.family == base::Family::ipv6) bytes = 16;
  if (bytes == 0) return std::nullopt;
  return modified(hash, hash_bytes(hash.function, Bytes(client.ip).first(bytes)));
}

}  // namespace corelane::balance
