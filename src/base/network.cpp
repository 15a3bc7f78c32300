// SPDX-License-Identifier: Apache-2.0
#include "base/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace corelane::base {
namespace {

std::uint8_t address_bits(Family family) {
  return family == Family::ipv4 ? 32 : 128;
}

void clear_beyond(std::array<std::uint8_t, 16>& ip, std::uint8_t prefix_bits) {
  for (unsigned byte = 0; byte < ip.size(); ++byte) {
    const unsigned kept = prefix_bits > 8 * byte ? std::min(prefix_bits - 8 * byte, 8U) : 0U;
    ip[byte] = static_cast<std::uint8_t>(ip[byte] & (0xff00U >> kept));
  }
}

}  // namespace

bool Network::contains(const Endpoint& endpoint) const noexcept {
  Endpoint seen = address.family == Family::ipv4 ? endpoint_unmapped(endpoint) : endpoint;
  seen.port = 0;
  clear_beyond(seen.ip, prefix_bits);
  return seen == address;
}

NetworkResult network_from_text(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = endpoint_from_ip(text.substr(0, slash), 0);
  if (!address) return {{}, "this is no IP address"};
  std::uint8_t bits = address_bits(address->family);
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const std::uint8_t most = bits;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > most)
      return {{}, fmt::format("the prefix is a number from 0 to {}", most)};
  }
  NetworkResult result{{.address = *address, .prefix_bits = bits}, {}};
  clear_beyond(result.network.address.ip, bits);
  if (result.network.address != *address) {
    result.fault = fmt::format("the address has bits beyond its prefix; the network is {}",
                               network_text(result.network));
  }
  return result;
}

std::string network_text(const Network& network) {
  const std::string ip = endpoint_ip_text(network.address);
  if (network.prefix_bits == address_bits(network.address.family)) return ip;
  return fmt::format("{}/{}", ip, network.prefix_bits);
}

}  // namespace corelane::base
