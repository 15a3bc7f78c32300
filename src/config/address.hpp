// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/model.hpp"

namespace corelane::config {

inline constexpr std::size_t unix_path_bytes_max = 107;
inline constexpr int descriptor_min = 3;  // 0 to 2 are the standard streams
inline constexpr int descriptor_max = 1'048'576;

/// What an address is for, which decides the forms it may take.
enum class AddressUse : std::uint8_t {
  bind,    // every form
  admin,   // no inherited socket
  server,  // names one peer, or the client's destination: neither ":80" nor an inherited socket
  check,   // one peer, without a port
  log      // as server, without UNIX sockets: those have a spelling of their own
};

struct AddressResult {
  std::optional<Address> address;
  std::string fault;  // when there is no address: what is wrong with the text
};

/// Reads "127.0.0.1:80", "[::1]:80", ":80" (every IPv4 address; every IPv6 address is "[::]:80"), "db1:3306",
/// "unix:/run/x.sock", "unix:@abstract" and "fd@7". A server's "*:3306", "0.0.0.0:3306" and "[::]:3306" are
/// the client's destination; its port too where they say 0.
AddressResult address_from_text(std::string_view text, AddressUse use);

/// The forms in words, for messages, the schema and the reference page.
std::string_view address_forms(AddressUse use);

}  // namespace corelane::config
