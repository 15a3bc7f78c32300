// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// Hellos as clients write them.
namespace corelane::test {

inline std::string number(std::size_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}
inline std::string sized(std::size_t size_bytes, const std::string& text) {
  return number(text.size(), size_bytes) + text;
}
inline std::string extension(std::size_t type, const std::string& body) {
  return number(type, 2) + sized(2, body);
}
inline std::string server_name(const std::string& name) {
  return extension(0, sized(2, '\0' + sized(2, name)));
}
inline std::string alpn(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += sized(1, name);
  return extension(16, sized(2, list));
}
inline std::string versions(const std::vector<std::size_t>& values) {
  std::string list;
  for (const std::size_t value : values) list += number(value, 2);
  return extension(43, sized(1, list));
}

inline std::string hello_start(std::size_t version = 0x0303) {
  return number(version, 2) + std::string(32, 'r') + sized(1, std::string(32, 's')) +
         sized(2, std::string("\x13\x01\xc0\x2f", 4)) + sized(1, std::string(1, '\0'));
}
inline std::string message(std::size_t type, const std::string& body) {
  return number(type, 1) + sized(3, body);
}
inline std::string client_hello(const std::string& extensions) {
  return message(1, hello_start() + sized(2, extensions));
}
inline std::string record(const std::string& part, std::size_t type = 22) {
  return number(type, 1) + std::string("\x03\x01", 2) + sized(2, part);
}
/// In records of so many bytes each.
inline std::string records(const std::string& message, std::size_t part_bytes) {
  std::string text;
  for (std::size_t at = 0; at < message.size(); at += part_bytes)
    text += record(message.substr(at, part_bytes));
  return text;
}

}  // namespace corelane::test
