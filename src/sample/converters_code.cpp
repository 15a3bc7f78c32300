// SPDX-License-Identifier: Apache-2.0
// Converters from and to other ways to write bytes, and hashes of them.
#include <algorithm>

#include "balance/hash.hpp"
#include "sample/functions.hpp"
#include "sample/numbers.hpp"

namespace corelane::sample {
namespace {

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void write_base64(std::string_view bytes, char* out) {
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t there = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < there ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) *out++ = k <= there ? base64_digits[group >> (18 - 6 * k) & 63] : '=';
  }
}

/// False: it is no base64. `size` is how many bytes were written.
bool read_base64(std::string_view text, char* out, std::size_t& size) {
  std::size_t digits = text.size();
  while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=') --digits;
  std::uint32_t group = 0;
  size = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const std::size_t digit = base64_digits.find(text[i]);
    if (digit == std::string_view::npos) return false;
    group = group << 6 | static_cast<std::uint32_t>(digit);
    const std::size_t bits = 6 * (i % 4 + 1);
    if (i % 4 != 0) out[size++] = static_cast<char>(group >> (bits % 8));
  }
  return true;
}

std::int64_t hash(balance::HashFunction function, const Arguments& arguments, std::string_view text) {
  const std::uint32_t plain =
      balance::hash_bytes(function, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return arguments[0].integer != 0 ? balance::avalanche(plain) : plain;
}

}  // namespace

bool convert_hex(const Arguments&, Arena& arena, Sample& sample) {
  char* text = arena.take(2 * sample.text.size());
  if (text == nullptr) return false;
  write_hex(sample.text, text);
  sample.set(std::string_view(text, 2 * sample.text.size()));
  return true;
}

bool convert_hex2i(const Arguments&, Arena&, Sample& sample) {
  std::uint64_t value = 0;
  for (const char c : sample.text) {
    const int digit = hex_digit(c);
    if (digit < 0) break;
    value = value << 4 | static_cast<std::uint64_t>(digit);
  }
  sample.set(static_cast<std::int64_t>(value));
  return true;
}

bool convert_base64(const Arguments&, Arena& arena, Sample& sample) {
  const std::size_t size = (sample.text.size() + 2) / 3 * 4;
  char* text = arena.take(size);
  if (text == nullptr) return false;
  write_base64(sample.text, text);
  sample.set(std::string_view(text, size));
  return true;
}

bool convert_b64dec(const Arguments&, Arena& arena, Sample& sample) {
  if (sample.text.size() % 4 != 0) return false;
  const std::size_t room = sample.text.size() / 4 * 3;
  char* bytes = arena.take(room);
  std::size_t size = 0;
  if (bytes == nullptr || !read_base64(sample.text, bytes, size)) return false;
  arena.give_back(room - size);
  sample.set(std::string_view(bytes, size), Type::binary);
  return true;
}

// A plus is a space behind the question mark, and with in_form everywhere.
bool convert_url_dec(const Arguments& arguments, Arena& arena, Sample& sample) {
  const std::string_view text = sample.text;
  char* out = arena.take(text.size());
  if (out == nullptr) return false;
  bool in_form = arguments[0].integer != 0;
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && in_form) {
      c = ' ';
    } else if (c == '?') {
      in_form = true;
    } else if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high << 4 | low);
      i += 2;
    }
    out[size++] = c;
  }
  arena.give_back(text.size() - size);
  sample.set(std::string_view(out, size));
  return true;
}

bool convert_crc32(const Arguments& arguments, Arena&, Sample& sample) {
  sample.set(hash(balance::HashFunction::crc32, arguments, sample.text));
  return true;
}
bool convert_djb2(const Arguments& arguments, Arena&, Sample& sample) {
  sample.set(hash(balance::HashFunction::djb2, arguments, sample.text));
  return true;
}
bool convert_sdbm(const Arguments& arguments, Arena&, Sample& sample) {
  sample.set(hash(balance::HashFunction::sdbm, arguments, sample.text));
  return true;
}
bool convert_wt6(const Arguments& arguments, Arena&, Sample& sample) {
  sample.set(hash(balance::HashFunction::wt6, arguments, sample.text));
  return true;
}

}  // namespace corelane::sample
