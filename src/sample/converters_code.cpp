// SPDX-License-Identifier: Apache-2.0
// Converters from and to other ways to write bytes, and hashes of them.
#include <algorithm>

#include "balance/hash.hpp"
#include "sample/base64.hpp"
#include "sample/functions.hpp"
#include "sample/numbers.hpp"

namespace corelane::sample {
namespace {

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
    if (digit < 0) return false;
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
