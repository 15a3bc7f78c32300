// SPDX-License-Identifier: Apache-2.0
#include "check/mysql_packet.hpp"

#include "check/run.hpp"

namespace corelane::check {
namespace {

constexpr std::uint8_t protocol_version = 10;
constexpr std::uint32_t long_password = 0x1;
constexpr std::uint32_t secure_connection = 0x8000;
constexpr std::uint32_t packet_bytes_max = 1 << 24;
constexpr std::uint8_t charset_utf8 = 33;
constexpr std::size_t login_filler_bytes = 23;
constexpr std::string_view native_password = "mysql_native_password";

void put_number(std::string& payload, std::uint32_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) payload += static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace

std::string_view MysqlReader::take(std::uint64_t count) {
  if (count > rest_.size()) {
    ok_ = false;
    count = rest_.size();
  }
  const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
  rest_.remove_prefix(taken.size());
  return taken;
}

std::string_view MysqlReader::take_until_zero() {
  const std::size_t end = rest_.find('\0');
  if (end == std::string_view::npos) {
    ok_ = false;
    return take(rest_.size());
  }
  const std::string_view taken = take(end);
  take(1);
  return taken;
}

std::uint64_t MysqlReader::number(unsigned bytes) {
  const std::string_view digits = take(bytes);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(digits[i])} << (8 * i);
  }
  return value;
}

std::optional<std::uint64_t> MysqlReader::length() {
  const std::uint64_t first = number(1);
  switch (first) {
    case 0xfb:
      return std::nullopt;
    case 0xfc:
      return number(2);
    case 0xfd:
      return number(3);
    case 0xfe:
      return number(8);
    default:
      return first;
  }
}

std::optional<std::string_view> MysqlReader::text() {
  const std::optional<std::uint64_t> size = length();
  if (!size) return std::nullopt;
  return take(*size);
}

MysqlPacket mysql_next_packet(Input& input) {
  MysqlPacket packet;
  const std::string_view bytes = input.rest();
  if (bytes.size() < mysql_header_bytes) return packet;
  MysqlReader header(bytes);
  const std::uint64_t size = header.number(3);
  packet.sequence = static_cast<std::uint8_t>(header.number(1));
  if (size == 0 || size + mysql_header_bytes > received_bytes_max) {
    packet.state = MysqlPacket::State::impossible;
  } else if (bytes.size() >= mysql_header_bytes + size) {
    packet.state = MysqlPacket::State::whole;
    packet.payload = bytes.substr(mysql_header_bytes, static_cast<std::size_t>(size));
    input.use(mysql_header_bytes + packet.payload.size());
  }
  return packet;
}

std::string mysql_packet_bytes(std::uint8_t sequence, std::string_view payload) {
  std::string bytes;
  put_number(bytes, static_cast<std::uint32_t>(payload.size()), 3);
  bytes += static_cast<char>(sequence);
  bytes += payload;
  return bytes;
}

std::optional<MysqlGreeting> mysql_greeting(std::string_view payload) {
  MysqlReader reader(payload);
  if (reader.number(1) != protocol_version) return std::nullopt;
  MysqlGreeting greeting;
  greeting.version = reader.take_until_zero();
  reader.take(4 + 8 + 1);  // connection number, first part of the challenge, filler
  greeting.capabilities = static_cast<std::uint32_t>(reader.number(2));
  if (!reader.ok()) return std::nullopt;
  reader.take(1 + 2);  // character set, status
  greeting.capabilities |= static_cast<std::uint32_t>(reader.number(2)) << 16;
  return greeting;
}

std::string mysql_login(std::string_view user, std::uint32_t server_capabilities) {
  const std::uint32_t plugin = server_capabilities & mysql_plugin_auth;
  std::string payload;
  put_number(payload, long_password | mysql_protocol_41 | secure_connection | plugin, 4);
  put_number(payload, packet_bytes_max, 4);
  put_number(payload, charset_utf8, 1);
  payload.append(login_filler_bytes, '\0');
  payload += user;
  payload += '\0';
  payload += '\0';  // no bytes of a scrambled password
  if (plugin != 0) {
    payload += native_password;
    payload += '\0';
  }
  return payload;
}

Verdict mysql_error(std::string_view payload) {
  MysqlReader reader(payload);
  reader.take(1);
  const auto code = static_cast<std::uint32_t>(reader.number(2));
  // The SQL state; an error instead of a greeting has none.
  if (reader.rest().starts_with('#')) reader.take(6);
  return {.status = CheckStatus::l7_status, .code = code, .text = report_text(reader.rest())};
}

}  // namespace corelane::check
