// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace corelane::sample {

/// With '=' to a multiple of four.
constexpr std::size_t base64_bytes(std::size_t bytes) noexcept {
  return (bytes + 2) / 3 * 4;
}
void write_base64(std::string_view bytes, char* out) noexcept;
/// The alphabet of URLs, without '=' at the end.
constexpr std::size_t base64url_bytes(std::size_t bytes) noexcept {
  return (bytes * 4 + 2) / 3;
}
void write_base64url(std::string_view bytes, char* out) noexcept;

/// False: it is no base64. `out` has room for three quarters of the text; `size` is how many bytes were
/// written.
bool read_base64(std::string_view text, char* out, std::size_t& size) noexcept;
/// With or without '=' at the end.
bool read_base64url(std::string_view text, char* out, std::size_t& size) noexcept;

}  // namespace corelane::sample
