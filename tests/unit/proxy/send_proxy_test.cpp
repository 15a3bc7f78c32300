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

  client.ssl.reset();
  CHECK(written({.version = ProxyVersion::v2, .options = {ProxyOption::ssl_cipher}}, client).ssl ==
        proto::ProxySsl{});

  const proto::ProxyHeader line = written({.version = ProxyVersion::v1, .options = {}}, client);
  CHECK(line.source == client.source);
  CHECK_FALSE(line.alpn);
}

TEST_CASE("of TLS a server gets the parts that it asks for") {
  std::array<char, 512> memory{};
  const proto::ProxySslFacts facts{.version = "v",
                                   .common_name = "n",
                                   .key_algorithm = "RSA2048",
                                   .signature_algorithm = "s",
                                   .cipher = "c"};
  const std::string all(proto::write_proxy_ssl(facts, memory));
  proto::ProxyHeader client;
  client.local = false;
  client.source = client.destination = endpoint("192.0.2.1");
  client.ssl = proto::ProxySsl{.client = 1, .verify = 0, .sub_tlvs = all};
  struct Row {
    ProxyOption option;
    std::string_view types;  // of the sub-TLVs
  };
  for (const Row& row : {Row{ProxyOption::ssl, "\x21"}, Row{ProxyOption::cert_cn, "\x21\x22"},
                         Row{ProxyOption::ssl_cipher, "\x21\x23"}, Row{ProxyOption::cert_sig, "\x21\x24"},
                         Row{ProxyOption::cert_key, "\x21\x25"}}) {
    const proto::ProxyHeader told = written({.version = ProxyVersion::v2, .options = {row.option}}, client);
    REQUIRE(told.ssl);
    std::string types;
    std::string_view rest = told.ssl->sub_tlvs;
    while (!rest.empty()) {
      types += rest[0];
      rest.remove_prefix(3 + static_cast<std::size_t>(rest[2]));
    }
    CHECK(types == row.types);
  }
}

TEST_CASE("the longest header that comes has room for all that is added") {
  const std::string name(4096 - 28 - 3 - 258 - 131 - 258 - 8, 'n');
  const std::string host(255, 'h');
  const std::string id(128, 'i');
  const std::string sub_tlvs(512, '\0');
  proto::ProxyHeader client;
  client.local = false;
  client.source = client.destination = endpoint("192.0.2.1");
  client.netns = name;
  client.alpn = client.authority = host;
  client.unique_id = id;
  std::array<char, proto::proxy_header_bytes_max> memory{};
  client.ssl = proto::ProxySsl{.client = 1, .verify = 0, .sub_tlvs = {}};
  CHECK(proto::write_proxy_v2(client, false, memory) == memory.size());
  // As much again of what the balancer says itself.
  const std::string longer(4096 - 28 - 3, 'n');
  client.netns = longer;
  client.ssl->sub_tlvs = sub_tlvs;
  std::array<char, proto::proxy_header_written_bytes_max> out{};
  CHECK(proto::write_proxy_v2(client, true, out) != 0);
}
