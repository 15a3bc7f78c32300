// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

struct ssl_early_callback_ctx;

/// What a client's hello offers (RFC 8446, 4.1.2), of which clients can be told apart: HAProxy's "capture
/// buffer". Kept for connections that were opened with `keeps_hello`, in one piece of the library's memory.
namespace corelane::tls {

/// All lists of one hello together; what is longer is cut there.
inline constexpr std::size_t offered_bytes_max = 4096;

/// In network byte order, as they came: views into memory that offered_free() frees.
struct Offered {
  std::uint16_t version = 0;       // that of the hello itself: 0x0303 for TLS 1.2 and later
  std::string_view ciphers;        // two bytes each, as the next two
  std::string_view extensions;     // their types, in their order
  std::string_view groups;         // supported_groups
  std::string_view point_formats;  // ec_point_formats, a byte each
};

/// Null: there is no memory.
Offered* offered_copy(const ssl_early_callback_ctx& hello) noexcept;
void offered_free(Offered* offered) noexcept;

/// A value that clients offer so that servers get used to what they do not know (RFC 8701).
constexpr bool is_grease(unsigned char first, unsigned char second) noexcept {
  return first == second && (first & 0x0f) == 0x0a;
}

/// OpenSSL's name of a cipher suite, known to this library or not; empty: it has none.
std::string_view cipher_name(std::uint16_t suite) noexcept;

}  // namespace corelane::tls
