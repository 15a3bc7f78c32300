// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>

#include "headers.hpp"
#include "proto/proxy_header.hpp"

using namespace corelane::proto;
using namespace std::string_view_literals;
using corelane::base::Family;

namespace {

std::string v1_of(const ProxyHeader& header) {
  std::array<char, proxy_v1_bytes_max> out{};
  return {out.data(), write_proxy_v1(header, out)};
}

std::string v2_of(const ProxyHeader& header, bool checksum = false) {
  std::array<char, proxy_header_written_bytes_max> out{};
  return {out.data(), write_proxy_v2(header, checksum, out)};
}

ProxyHeader between_ips(const char* source, const char* destination) {
  return between(endpoint(source, 1025), endpoint(destination, 443));
}

}  // namespace

TEST_CASE("version 1") {
  CHECK(v1_of(between_ips("192.0.2.1", "198.51.100.2")) == "PROXY TCP4 192.0.2.1 198.51.100.2 1025 443\r\n");
  CHECK(v1_of(between_ips("2001:db8::1", "::1")) == "PROXY TCP6 2001:db8::1 ::1 1025 443\r\n");
  CHECK(v1_of(between_ips("192.0.2.1", "::1")) == "PROXY TCP6 ::ffff:192.0.2.1 ::1 1025 443\r\n");
  CHECK(v1_of(between_ips("::1", "192.0.2.1")) == "PROXY TCP6 ::1 ::ffff:192.0.2.1 1025 443\r\n");
  CHECK(v1_of({}) == "PROXY UNKNOWN\r\n");
  ProxyHeader unix_header = between_ips("::1", "::1");
  unix_header.source = unix_header.destination =
      corelane::base::Endpoint{.ip = {}, .port = 0, .family = Family::unix_socket};
  CHECK(v1_of(unix_header) == "PROXY UNKNOWN\r\n");
  const char* longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  CHECK(v1_of(between_ips(longest, longest)).size() == 101);
}

TEST_CASE("version 2") {
  CHECK(v2_of(between_ips("192.0.2.1", "198.51.100.2")) == v2('\x21', '\x11', ipv4_block));
  CHECK(v2_of(between_ips("2001:db8::1", "2001:db8::2")) == v2('\x21', '\x21', ipv6_block));
  CHECK(v2_of({}) == v2('\x20', '\x00', ""));
  const corelane::base::Endpoint no_name{.ip = {}, .port = 0, .family = Family::unix_socket};
  ProxyHeader unix_header = between(no_name, no_name);
  unix_header.transport = ProxyTransport::datagram;
  unix_header.source_path = "/run/client";
  const std::string abstract = "\0abstract"s;
  unix_header.destination_path = abstract;
  CHECK(v2_of(unix_header) == v2('\x21', '\x32', unix_block));
  const std::string mixed = v2_of(between_ips("192.0.2.1", "::1"));
  CHECK(read_proxy_header(mixed).header.source == endpoint("::ffff:192.0.2.1", 1025));
}

TEST_CASE("what was read is written again") {
  for (const bool checksum : {false, true}) {
    ProxyHeader header = between_ips("2001:db8::1", "2001:db8::2");
    header.alpn = "smtp";
    header.authority = "";
    header.unique_id = "id";
    header.ssl = ProxySsl{.client = 3, .verify = 0x01020304, .sub_tlvs = "\x21\x00\x01x"sv};
    header.netns = "blue";
    const std::string bytes = v2_of(header, checksum);
    const ProxyHeaderResult result = read_proxy_header(bytes);
    CHECK(result.error == ProxyError::none);
    CHECK(result.consumed == bytes.size());
    CHECK(result.header == header);
  }
}

TEST_CASE("a header that does not fit is not written") {
  const ProxyHeader header = between_ips("192.0.2.1", "198.51.100.2");
  std::array<char, 64> out{};
  const std::size_t v1_size = v1_of(header).size();
  const std::size_t v2_size = v2_of(header, true).size();
  CHECK(write_proxy_v1(header, std::span(out).first(v1_size)) == v1_size);
  CHECK(write_proxy_v1(header, std::span(out).first(v1_size - 1)) == 0);
  CHECK(write_proxy_v1({}, std::span(out).first(14)) == 0);
  CHECK(write_proxy_v2(header, true, std::span(out).first(v2_size)) == v2_size);
  for (std::size_t size = 0; size < v2_size; ++size)
    CHECK(write_proxy_v2(header, true, std::span(out).first(size)) == 0);
}

TEST_CASE("the longest header that is read can be written with a checksum") {
  ProxyHeader header = between_ips("192.0.2.1", "198.51.100.2");
  const std::string netns(proxy_header_bytes_max - 16 - 12 - 3, 'n');
  header.netns = netns;
  const std::string longest = v2_of(header);
  CHECK(longest.size() == proxy_header_bytes_max);
  CHECK(read_proxy_header(longest).header == header);
  CHECK(v2_of(header, true).size() == longest.size() + 7);
}
