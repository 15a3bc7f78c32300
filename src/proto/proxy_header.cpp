// SPDX-License-Identifier: Apache-2.0
#include "proto/proxy_header.hpp"

#include <array>

#include "proto/proxy_read.hpp"
#include "proto/proxy_wire.hpp"

namespace corelane::proto {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(ProxyError::count)> words{
    "",         "no_header",  "bad_version", "bad_command",  "bad_family", "bad_line",
    "too_long", "bad_length", "bad_tlv",     "bad_checksum", "no_room"};

/// As much of `expected` as there is.
bool begins_as(std::string_view bytes, std::string_view expected) {
  return expected.starts_with(bytes.substr(0, expected.size()));
}

}  // namespace

std::string_view proxy_error_word(ProxyError error) {
  return words[static_cast<std::size_t>(error)];
}

ProxyHeaderResult read_proxy_header(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (begins_as(bytes, wire::v2_signature)) {
    return bytes.size() < wire::v2_signature.size() ? ProxyHeaderResult{} : read_proxy_v2(bytes);
  }
  if (begins_as(bytes, wire::v1_prefix)) {
    return bytes.size() < wire::v1_prefix.size() ? ProxyHeaderResult{} : read_proxy_v1(bytes);
  }
  return proxy_header_error(ProxyError::no_header);
}

}  // namespace corelane::proto
