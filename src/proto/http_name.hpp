// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The names of fields that the program works with. They compare without regard to case.
namespace corelane::proto {

enum class HttpName : std::uint8_t {
  other,
  host,
  connection,
  content_length,
  transfer_encoding,
  keep_alive,
  proxy_connection,
  te,
  trailer,
  upgrade,
  expect,
  cookie,
  set_cookie,
  forwarded,
  x_forwarded_for,
  x_forwarded_proto,
  x_original_to,
  via,
  date,
  server,
  location,
  cache_control,
  pragma,
  vary,
  user_agent,
  referer,
  authorization,
  content_type,
  content_encoding,
  sec_websocket_key,
  sec_websocket_accept,
  count,
};
inline constexpr std::size_t http_name_count = static_cast<std::size_t>(HttpName::count);

/// The longest name in the list has this many bytes.
inline constexpr std::size_t http_name_bytes_max = 20;

HttpName http_name(std::string_view text) noexcept;

/// "content-length"; empty for other.
std::string_view http_name_text(HttpName name) noexcept;

/// Whether the end of a message or the way that it takes depends on the field: Host, Content-Length,
/// Transfer-Encoding, the hop-by-hop fields, Trailer and Expect. They have no place in a trailer.
bool http_name_frames_or_routes(HttpName name) noexcept;

/// Equal but for the case of ASCII letters.
bool http_same_name(std::string_view a, std::string_view b) noexcept;

}  // namespace corelane::proto
