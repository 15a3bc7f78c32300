// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "check/conversation.hpp"

/// The packets of MySQL's client protocol, version 4.1, as far as a check needs them.
namespace corelane::check {

/// Reads a payload from its front. Reading beyond the end gives zeros and makes it not ok().
class MysqlReader {
 public:
  explicit MysqlReader(std::string_view payload) : rest_(payload) {}

  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return rest_.empty(); }
  std::string_view rest() const noexcept { return rest_; }
  std::string_view take(std::uint64_t count);
  std::string_view take_until_zero();
  std::uint64_t number(unsigned bytes);    // little-endian
  std::optional<std::uint64_t> length();   // length-encoded; nothing for NULL
  std::optional<std::string_view> text();  // length-encoded; nothing for NULL

 private:
  std::string_view rest_;
  bool ok_ = true;
};

inline constexpr std::size_t mysql_header_bytes = 4;

/// The next whole packet of a server.
struct MysqlPacket {
  enum class State : std::uint8_t { incomplete, whole, impossible };
  State state = State::incomplete;
  std::uint8_t sequence = 0;
  std::string_view payload;

  bool is_error() const noexcept { return !payload.empty() && payload.front() == '\xff'; }
  bool is_end() const noexcept { return payload.size() < 9 && !payload.empty() && payload.front() == '\xfe'; }
};

/// Takes it from the input. `impossible`: longer than any that a check is sent, so not MySQL at all.
MysqlPacket mysql_next_packet(Input& input);

std::string mysql_packet_bytes(std::uint8_t sequence, std::string_view payload);

/// The server's greeting: protocol version 10.
struct MysqlGreeting {
  std::string_view version;
  std::uint32_t capabilities = 0;
};
std::optional<MysqlGreeting> mysql_greeting(std::string_view payload);

inline constexpr std::uint32_t mysql_protocol_41 = 0x200;
inline constexpr std::uint32_t mysql_plugin_auth = 0x80000;

/// The payload that logs a user in who has no password.
std::string mysql_login(std::string_view user, std::uint32_t server_capabilities);

/// What an error packet says, as a verdict: L7STS with the server's number and words.
Verdict mysql_error(std::string_view payload);

}  // namespace corelane::check
