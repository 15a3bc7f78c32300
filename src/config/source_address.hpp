// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/model.hpp"

namespace corelane::config {

struct SourceAddressResult {
  std::optional<SourceAddress> address;
  std::string fault;  // when there is no address: what is wrong with the text
};

/// Reads "10.0.0.2", "10.0.0.2:1025-65000", "fd00::2", "[fd00::2]:1025-65000". One port is
/// "10.0.0.2:5000-5000".
SourceAddressResult source_address_from_text(std::string_view text);

/// Whether both can mean the same port of the same address; without a range an address has all ports.
bool source_addresses_overlap(const SourceAddress& one, const SourceAddress& other);

inline constexpr std::string_view source_address_forms = "IP, IP:FIRST-LAST, IPV6, [IPV6]:FIRST-LAST";

}  // namespace corelane::config
