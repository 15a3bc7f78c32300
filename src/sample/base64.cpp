// SPDX-License-Identifier: Apache-2.0
#include "sample/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace corelane::sample {
namespace {

constexpr std::string_view usual_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void write(std::string_view alphabet, bool padded, std::string_view bytes, char* out) {
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t there = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < there ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4 && (padded || k <= there); ++k)
      *out++ = k <= there ? alphabet[group >> (18 - 6 * k) & 63] : '=';
  }
}

bool read(std::string_view alphabet, std::string_view text, char* out, std::size_t& size) {
  std::size_t digits = text.size();
  while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=') --digits;
  std::uint32_t group = 0;
  size = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const std::size_t digit = alphabet.find(text[i]);
    if (digit == std::string_view::npos) return false;
    group = group << 6 | static_cast<std::uint32_t>(digit);
    const std::size_t bits = 6 * (i % 4 + 1);
    if (i % 4 != 0) out[size++] = static_cast<char>(group >> (bits % 8));
  }
  return digits % 4 != 1;
}

}  // namespace

void write_base64(std::string_view bytes, char* out) noexcept {
  write(usual_digits, true, bytes, out);
}
void write_base64url(std::string_view bytes, char* out) noexcept {
  write(url_digits, false, bytes, out);
}
bool read_base64(std::string_view text, char* out, std::size_t& size) noexcept {
  return read(usual_digits, text, out, size);
}
bool read_base64url(std::string_view text, char* out, std::size_t& size) noexcept {
  return read(url_digits, text, out, size);
}

}  // namespace corelane::sample
