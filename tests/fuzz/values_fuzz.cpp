// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "base/endpoint.hpp"
#include "base/units.hpp"
#include "config/address.hpp"

namespace {

using namespace corelane;

void read_units(std::string_view text) {
  if (const auto ms = base::duration_ms_from_text(text)) {
    CORELANE_CHECK(*ms >= 0);
    CORELANE_CHECK(base::duration_ms_from_text(base::duration_text(*ms)) == ms);
  }
  if (const auto bytes = base::size_bytes_from_text(text)) {
    CORELANE_CHECK(base::size_bytes_from_text(base::size_text(*bytes)) == bytes);
  }
}

void read_ip(std::string_view text) {
  constexpr std::uint16_t port = 80;
  if (const auto endpoint = base::endpoint_from_ip(text, port)) {
    CORELANE_CHECK(base::endpoint_from_ip(base::endpoint_ip_text(*endpoint), port) == endpoint);
  }
}

void read_address(std::string_view text, config::AddressUse use) {
  const config::AddressResult result = config::address_from_text(text, use);
  CORELANE_CHECK(result.address.has_value() == result.fault.empty());
  if (!result.address) return;
  CORELANE_CHECK(config::address_from_text(result.address->text, use).address == result.address);
  if (result.address->kind != config::Address::Kind::ip) return;
  CORELANE_CHECK(base::endpoint_text(result.address->endpoint).size() > 2);
}

}  // namespace

/// What people write as one value: durations, sizes and addresses. What can be read is read back from its own
/// spelling as the same; what cannot has a fault in words.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_units(text);
  read_ip(text);
  for (const config::AddressUse use : {config::AddressUse::bind, config::AddressUse::admin,
                                       config::AddressUse::server, config::AddressUse::log}) {
    read_address(text, use);
  }
  return 0;
}
