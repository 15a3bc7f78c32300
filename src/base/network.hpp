// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/endpoint.hpp"

namespace corelane::base {

/// The addresses that begin with the same bits: "10.0.0.0/8", "2001:db8::/32".
struct Network {
  Endpoint address;  // without port; the bits beyond the prefix are 0
  std::uint8_t prefix_bits = 0;

  /// An IPv4 address counts as itself, too, where it comes as IPv6 ("::ffff:10.0.0.1").
  bool contains(const Endpoint& endpoint) const noexcept;

  friend bool operator==(const Network&, const Network&) = default;
};

struct NetworkResult {
  Network network;
  std::string fault;  // empty: sound
};

/// Reads "10.0.0.0/8", "::1/128", or one address without prefix.
NetworkResult network_from_text(std::string_view text);

/// As network_from_text reads it; one address has no prefix.
std::string network_text(const Network& network);

}  // namespace corelane::base
