// SPDX-License-Identifier: Apache-2.0
#include "base/endpoint.hpp"

#include <doctest/doctest.h>

namespace corelane::base {
namespace {

TEST_CASE("an IPv4 address stands in the first four bytes") {
  const auto endpoint = endpoint_from_ip("192.0.2.255", 80);
  REQUIRE(endpoint);
  CHECK(endpoint->family == Family::ipv4);
  CHECK(endpoint->port == 80);
  CHECK(endpoint->ip == std::array<std::uint8_t, 16>{192, 0, 2, 255});
}

TEST_CASE("an IPv6 address is read in all its spellings") {
  struct Row {
    const char* text;
    std::array<std::uint8_t, 16> bytes;
  };
  const Row rows[] = {
      {"::", {}},
      {"::1", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
      {"1::", {0, 1}},
      {"2001:db8::8:800:200c:417a", {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 8, 8, 0, 0x20, 0xc, 0x41, 0x7a}},
      {"1:2:3:4:5:6:7:8", {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
      {"1:2:3:4:5:6:7::", {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0}},
      {"::2:3:4:5:6:7:8", {0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
      {"::ffff:192.0.2.1", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}},
      {"1:2:3:4:5:6:7.8.9.10", {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 7, 8, 9, 10}},
      {"FE80::ABCD", {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xab, 0xcd}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto endpoint = endpoint_from_ip(row.text, 1);
    REQUIRE(endpoint);
    CHECK(endpoint->family == Family::ipv6);
    CHECK(endpoint->ip == row.bytes);
  }
}

TEST_CASE("what is not a numeric address is refused") {
  for (const char* text : {"",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.256",
                           "01.2.3.4",
                           "1.2.3.04",
                           "1..3.4",
                           ".1.2.3.4",
                           "1.2.3.4.",
                           "1.2.3.4 ",
                           "a.b.c.d",
                           "-1.2.3.4",
                           "1.2.3.0x4",
                           "localhost",
                           ":",
                           ":::",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7:8::",
                           "1::2::3",
                           "12345::",
                           "g::",
                           "::1%eth0",
                           "[::1]",
                           "1.2.3.4::",
                           "::1.2.3",
                           "::1.2.3.4:5",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           ":1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:",
                           "::-1",
                           "1:2:3:4:5:6:7:8 "}) {
    CAPTURE(text);
    CHECK_FALSE(endpoint_from_ip(text, 80));
  }
}

TEST_CASE("addresses are written in their canonical form, which reads back") {
  struct Row {
    const char* written;
    const char* canonical;
  };
  const Row rows[] = {{"127.0.0.1", "127.0.0.1"},
                      {"0.0.0.0", "0.0.0.0"},
                      {"::", "::"},
                      {"0:0:0:0:0:0:0:1", "::1"},
                      {"1:0:0:0:0:0:0:0", "1::"},
                      {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // the first of equal runs
                      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // the longest run
                      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // one zero is not shortened
                      {"::ffff:c000:201", "::ffff:192.0.2.1"},
                      {"1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"}};
  for (const Row& row : rows) {
    CAPTURE(row.written);
    const auto endpoint = endpoint_from_ip(row.written, 80);
    REQUIRE(endpoint);
    CHECK(endpoint_ip_text(*endpoint) == row.canonical);
    CHECK(endpoint_from_ip(endpoint_ip_text(*endpoint), 80) == endpoint);
  }
}

TEST_CASE("an endpoint with its port reads as a person writes it") {
  CHECK(endpoint_text(*endpoint_from_ip("127.0.0.1", 80)) == "127.0.0.1:80");
  CHECK(endpoint_text(*endpoint_from_ip("::1", 65535)) == "[::1]:65535");
  Endpoint endpoint;
  CHECK(endpoint_text(endpoint) == "-");
  endpoint.family = Family::unix_socket;
  CHECK(endpoint_text(endpoint) == "unix");
  CHECK(endpoint_ip_text(endpoint) == "unix");
}

TEST_CASE("an IPv4 address that comes as IPv6 is IPv4 again") {
  const Endpoint ipv4 = *endpoint_from_ip("10.1.2.3", 80);
  CHECK(endpoint_unmapped(endpoint_as_ipv6(ipv4)) == ipv4);
  CHECK(endpoint_unmapped(ipv4) == ipv4);
  for (const char* ip : {"::", "::1", "fd00::1", "::fffe:a01:203", "1::ffff:a01:203"}) {
    const Endpoint ipv6 = *endpoint_from_ip(ip, 80);
    CHECK(endpoint_unmapped(ipv6) == ipv6);
  }
}

}  // namespace
}  // namespace corelane::base
