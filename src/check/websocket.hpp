// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "proto/http_head.hpp"

/// The opening and closing of a websocket (RFC 6455) as far as a check needs them.
namespace corelane::check {

inline constexpr std::uint16_t switching_protocols = 101;

/// "Corelane checks!" in base64. One key does for all checks: the answer to it proves that whoever answers
/// speaks the protocol, and keeps nothing secret. So what it must be is known beforehand: the SHA-1 of the
/// key and of RFC 6455's GUID, in base64.
inline constexpr std::string_view websocket_key = "Q29yZWxhbmUgY2hlY2tzIQ==";
inline constexpr std::string_view websocket_accept = "JHHXH8eJRN4sAB3iaT3Bkr9GZ7U=";

/// A close frame, status 1000, masked as a client's must be.
inline constexpr std::string_view websocket_close{"\x88\x82\x12\x34\x56\x78\x11\xdc", 8};

/// What is wrong with the head of an answer 101; empty when nothing is.
inline std::string_view websocket_fault(const proto::HttpResponseHead& head) {
  const proto::HttpField* accept = head.fields.first(proto::HttpName::sec_websocket_accept);
  const proto::HttpField* upgrade = head.fields.first(proto::HttpName::upgrade);
  if (!head.upgrade || upgrade == nullptr || !proto::http_same_name(upgrade->value, "websocket"))
    return "101 without an upgrade to websocket";
  if (accept == nullptr) return "101 without Sec-WebSocket-Accept";
  return accept->value == websocket_accept ? "" : "Sec-WebSocket-Accept does not answer the key";
}

}  // namespace corelane::check
