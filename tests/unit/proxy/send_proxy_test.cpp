// SPDX-License-Identifier: Apache-2.0
#include "proxy/send_proxy.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace corelane;
using config::ProxyOption;
using config::ProxyVersion;

namespace {

base::Endpoint endpoint(const char* ip) {
  return *base::endpoint_from_ip(ip, 1025);
}

proto::ProxyHeader written(const config::SendProxy& wanted, const proto::ProxyHeader& client) {
  static std::array<char, proto::proxy_header_written_bytes_max> out;
  const std::size_t size = proxy::write_proxy_header(wanted, client, out);
  return proto::read_proxy_header({out.data(), size}).header;
}

}  // namespace

TEST_CASE("whose connections begin with a header") {
  using proxy::begins_with_header;
  CHECK_FALSE(begins_with_header({}, endpoint("10.0.0.1")));
  CHECK(begins_with_header({.enabled = true, .from = {}}, endpoint("10.0.0.1")));
  const config::AcceptProxy some{
      .enabled = true,
      .from = {base::network_from_text("10.0.0.0/8").network, base::network_from_text("::1").network}};
  CHECK(begins_with_header(some, endpoint("10.0.0.1")));
  CHECK(begins_with_header(some, endpoint("::1")));
  CHECK_FALSE(begins_with_header(some, endpoint("11.0.0.1")));
  CHECK_FALSE(begins_with_header(some, {}));
}

TEST_CASE("a server gets what its options ask for") {
  const std::string sub_tlvs = std::string("\x21\x00\x01x", 4) + std::string("\x22\x00\x02me", 5);
  proto::ProxyHeader client;
  client.local = false;
  client.source = endpoint("192.0.2.1");
  client.destination = endpoint("192.0.2.2");
  client.alpn = "h2";
  client.authority = "mail.example";
  client.unique_id = "id";
  client.netns = "blue";
  client.ssl = proto::ProxySsl{.client = 1, .verify = 0, .sub_tlvs = sub_tlvs};

  const proto::ProxyHeader plain = written({.version = ProxyVersion::v2, .options = {}}, client);
  CHECK(plain.source == client.source);
  CHECK(plain.alpn == "h2");
  CHECK(plain.netns == "blue");
  CHECK_FALSE(plain.authority);
  CHECK_FALSE(plain.unique_id);
  CHECK_FALSE(plain.ssl);

  const config::SendProxy all{
      .version = ProxyVersion::v2,
      .options = {ProxyOption::authority, ProxyOption::unique_id, ProxyOption::cert_cn, ProxyOption::crc32c}};
  CHECK(written(all, client) == client);
  const proto::ProxyHeader nameless =
      written({.version = ProxyVersion::v2, .options = {ProxyOption::ssl}}, client);
  REQUIRE(nameless.ssl);
  CHECK(nameless.ssl->sub_tlvs == sub_tlvs.substr(0, 4));

  const proto::ProxyHeader line = written({.version = ProxyVersion::v1, .options = {}}, client);
  CHECK(line.source == client.source);
  CHECK_FALSE(line.alpn);
}
