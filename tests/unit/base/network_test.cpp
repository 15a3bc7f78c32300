// SPDX-License-Identifier: Apache-2.0
#include "base/network.hpp"

#include <doctest/doctest.h>

using namespace corelane::base;

TEST_CASE("what a network holds") {
  const struct {
    const char* network;
    const char* address;
    bool inside;
  } cases[] = {
      {"10.0.0.0/8", "10.255.0.1", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.0.0.0/9", "10.128.0.0", false},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "::1", false},
      {"192.0.2.7", "192.0.2.7", true},
      {"192.0.2.7", "192.0.2.6", false},
      {"10.0.0.0/8", "::ffff:10.1.2.3", true},
      {"10.0.0.0/8", "::ffff:11.1.2.3", false},
      {"::/0", "10.1.2.3", false},
      {"::/0", "::ffff:10.1.2.3", true},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"::1", "::1", true},
      {"::1", "::2", false},
  };
  for (const auto& one : cases) {
    CAPTURE(one.network);
    CAPTURE(one.address);
    const NetworkResult result = network_from_text(one.network);
    CHECK(result.fault.empty());
    CHECK(result.network.contains(*endpoint_from_ip(one.address, 1234)) == one.inside);
    CHECK(network_text(result.network) == one.network);
  }
  CHECK(!network_from_text("::/0").network.contains(Endpoint{.family = Family::unix_socket}));
}

TEST_CASE("one address may have its prefix") {
  CHECK(network_text(network_from_text("10.0.0.1/32").network) == "10.0.0.1");
  CHECK(network_text(network_from_text("::1/128").network) == "::1");
}

TEST_CASE("texts that are no network") {
  const struct {
    const char* text;
    const char* fault;
  } cases[] = {
      {"", "this is no IP address"},
      {"localhost", "this is no IP address"},
      {"10.0.0/8", "this is no IP address"},
      {"10.0.0.0/33", "the prefix is a number from 0 to 32"},
      {"10.0.0.0/", "the prefix is a number from 0 to 32"},
      {"10.0.0.0/8x", "the prefix is a number from 0 to 32"},
      {"::/129", "the prefix is a number from 0 to 128"},
      {"::/300", "the prefix is a number from 0 to 128"},
      {"10.0.0.1/8", "the address has bits beyond its prefix; the network is 10.0.0.0/8"},
      {"2001:db8::1/32", "the address has bits beyond its prefix; the network is 2001:db8::/32"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.text);
    CHECK(network_from_text(one.text).fault == one.fault);
  }
}
