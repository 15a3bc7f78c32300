// SPDX-License-Identifier: Apache-2.0
#include "tls/connection.hpp"

#include <doctest/doctest.h>

#include "pair.hpp"

using namespace corelane::tls;
using namespace corelane::test;

namespace {

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
  return text;
}

/// Where the records of a stream of bytes begin (RFC 8446, 5.1).
std::vector<std::size_t> record_sizes(std::string_view bytes) {
  std::vector<std::size_t> sizes;
  while (bytes.size() >= 5) {
    const auto high = static_cast<unsigned char>(bytes[3]);
    const auto low = static_cast<unsigned char>(bytes[4]);
    const std::size_t size = std::size_t{5} + high * 256U + low;
    sizes.push_back(size);
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  return sizes;
}

}  // namespace

TEST_CASE("each version is spoken where both ends allow it") {
  for (const Version version : {Version::tls10, Version::tls11, Version::tls12, Version::tls13}) {
    CAPTURE(version_name(version));
    ServerSettings settings = server_settings();
    settings.handshake.version_min = Version::tls10;
    ClientSettings ours = client_settings();
    ours.handshake.version_min = ours.handshake.version_max = version;
    const auto server = build(settings);
    const auto client = build(ours);
    Pair pair;
    REQUIRE(pair.connect(*server, *client));
    CHECK(protocol(pair.server.connection) == version_name(version));
    CHECK(pair.pass(pair.client, pair.server, "hello") == "hello");
    CHECK(pair.pass(pair.server, pair.client, "welcome") == "welcome");
  }
}

TEST_CASE("old versions are refused by default, with the alert that says so") {
  ClientSettings ours = client_settings();
  ours.handshake.version_min = Version::tls10;
  ours.handshake.version_max = Version::tls11;
  const auto server = build(server_settings());
  const auto client = build(ours);
  Pair pair;
  CHECK_FALSE(pair.connect(*server, *client));
  CHECK(pair.server.connection.error() == Error::no_common_version);
  CHECK(pair.server.connection.alert_sent() == 70);
  pair.client.handshake();
  CHECK(pair.client.connection.error() == Error::peer_alert);
  CHECK(alert_words(pair.client.connection.alert_received()) == "protocol version");
  CHECK(pair.client.connection.failure() == "the server's alert: protocol version");
}

TEST_CASE("each cipher of TLS 1.2 works where it is asked for") {
  for (const char* const name :
       {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-SHA"}) {
    CAPTURE(name);
    ServerSettings settings = server_settings();
    settings.handshake.ciphers = name;
    settings.certificates.push_back(certificate(rsa_pem, rsa_key));
    ClientSettings ours = client_settings();
    ours.handshake.version_max = Version::tls12;
    ours.handshake.ciphers = name;
    const auto server = build(settings);
    const auto client = build(ours);
    Pair pair;
    REQUIRE(pair.connect(*server, *client));
    CHECK(cipher(pair.server.connection) == name);
    const std::string large = pattern(100'000);
    CHECK(pair.pass(pair.client, pair.server, large) == large);
    CHECK(pair.pass(pair.server, pair.client, large) == large);
  }
}

TEST_CASE("without a cipher in common the handshake ends") {
  ServerSettings settings = server_settings();
  settings.handshake.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
  ClientSettings ours = client_settings();
  ours.handshake.version_max = Version::tls12;
  ours.handshake.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
  const auto server = build(settings);
  const auto client = build(ours);
  Pair pair;
  CHECK_FALSE(pair.connect(*server, *client));
  CHECK(pair.server.connection.error() == Error::no_common_cipher);
  CHECK(pair.server.connection.alert_sent() == 40);
}

TEST_CASE("bytes may come and go one by one") {
  const auto server = build(server_settings());
  const auto client = build(client_settings());
  Pair pair;
  REQUIRE(pair.server.connection.open(*server, 0));
  REQUIRE(pair.client.connection.open(*client, {"a.example"}, 0));
  REQUIRE(pair.shake(1, 1));
  std::string got;
  CHECK(pair.client.write("one and two") == Step::done);
  pair.deliver();
  while (!pair.server.incoming.empty()) pair.server.read(got, 1);
  CHECK(got == "one and two");
}

TEST_CASE("records fit a packet at first, then what room there is") {
  const auto server = build(server_settings());
  const auto client = build(client_settings());
  Pair pair;
  REQUIRE(pair.connect(*server, *client));
  const std::string large = pattern(200'000);
  pair.server.outgoing.clear();
  CHECK(pair.server.write(large) == Step::done);
  const std::vector<std::size_t> sizes = record_sizes(pair.server.outgoing);
  CHECK(sizes.front() < 1400);
  CHECK(*std::max_element(sizes.begin(), sizes.end()) > 16'000);
  CHECK(*std::max_element(sizes.begin(), sizes.end()) <= 16'384);
  pair.deliver();
  std::string got;
  pair.client.read_all(got);
  CHECK(got == large);
  // After a pause, small ones again.
  auto rest = std::as_bytes(std::span(large));
  pair.server.with_io(0, 1 << 20, [&](Io& io) { return pair.server.connection.write(io, rest, 5'000'000); });
  CHECK(record_sizes(pair.server.outgoing).front() < 1400);
}

TEST_CASE("a write takes as much as there is room for") {
  const auto server = build(server_settings());
  const auto client = build(client_settings());
  Pair pair;
  REQUIRE(pair.connect(*server, *client));
  const std::string large = pattern(70'000);
  std::string_view rest = large;
  std::string got;
  for (int turn = 0; !rest.empty() && turn < 1000; ++turn) {
    auto plain = std::as_bytes(std::span(rest));
    const std::size_t room = turn % 2 == 0 ? output_bytes_min : 16'384;
    const Step step =
        pair.server.with_io(0, room, [&](Io& io) { return pair.server.connection.write(io, plain, 0); });
    CHECK_FALSE(pair.server.outgoing.empty());
    CHECK((step == Step::done) == plain.empty());
    rest = rest.substr(rest.size() - plain.size());
    pair.deliver();
    pair.client.read_all(got);
  }
  CHECK(got == large);
}

TEST_CASE("close_notify is said, heard, and missed") {
  for (const Version version : {Version::tls12, Version::tls13}) {
    ServerSettings settings = server_settings();
    settings.handshake.version_max = version;
    const auto server = build(settings);
    const auto client = build(client_settings());
    Pair pair;
    REQUIRE(pair.connect(*server, *client));
    CHECK(pair.client.write("last words") == Step::done);
    CHECK(pair.client.close() == Step::done);
    CHECK(pair.client.close() == Step::done);
    pair.deliver();
    std::string got;
    CHECK(pair.server.read_all(got) == Step::closed);
    CHECK(got == "last words");
    CHECK(pair.server.connection.end_of_input());
    CHECK(pair.server.connection.error() == Error::none);
    // The other direction is open until it is closed, too.
    CHECK(pair.pass(pair.server, pair.client, "an answer") == "an answer");
    CHECK_FALSE(pair.client.connection.end_of_input());
    CHECK(pair.client.connection.error() == Error::truncated);
  }
}

TEST_CASE("an end in the middle of the handshake is one without close_notify") {
  const auto server = build(server_settings());
  Pair pair;
  REQUIRE(pair.server.connection.open(*server, 0));
  pair.server.incoming = "\x16\x03\x01";
  CHECK(pair.server.handshake() == Step::want_input);
  CHECK_FALSE(pair.server.connection.end_of_input());
  CHECK(pair.server.handshake() == Step::failed);
  CHECK(pair.server.connection.error() == Error::truncated);
}

TEST_CASE("what is no TLS is called by its name") {
  const auto server = build(server_settings());
  const auto error_of = [&server](std::string bytes) {
    Pair pair;
    REQUIRE(pair.server.connection.open(*server, 0));
    pair.server.incoming = std::move(bytes);
    CHECK(pair.server.handshake() == Step::failed);
    return pair.server.connection.error();
  };
  CHECK(error_of("GET / HTTP/1.1\r\nhost: a\r\n\r\n") == Error::plain_http);
  CHECK(error_of("CONNECT a:443 HTTP/1.1\r\n\r\n") == Error::plain_http);
  CHECK(error_of("SSH-2.0-OpenSSH_9.2p1\r\n") == Error::not_tls);
}

TEST_CASE("a changed byte is noticed") {
  const auto server = build(server_settings());
  const auto client = build(client_settings());
  Pair pair;
  REQUIRE(pair.connect(*server, *client));
  CHECK(pair.client.write("the truth") == Step::done);
  pair.client.outgoing.back() ^= 1;
  pair.deliver();
  std::string got;
  CHECK(pair.server.read_all(got) == Step::failed);
  CHECK(got.empty());
  CHECK(pair.server.connection.error() == Error::bad_record);
  CHECK(pair.server.connection.alert_sent() == 20);
  CHECK_FALSE(pair.server.outgoing.empty());
}

TEST_CASE("a connection is opened again after it was forgotten, and outlives its context") {
  auto server = build(server_settings());
  const auto client = build(client_settings());
  Pair pair;
  for (int round = 0; round < 3; ++round) {
    REQUIRE(pair.connect(*server, *client));
    CHECK(pair.pass(pair.client, pair.server, "hello") == "hello");
    pair.client.connection.reset();
    pair.server.connection.reset();
    pair.client.incoming.clear();
    pair.server.incoming.clear();
  }
  REQUIRE(pair.server.connection.open(*server, 0));
  REQUIRE(pair.client.connection.open(*client, {"a.example"}, 0));
  server.reset();
  REQUIRE(pair.shake());
  CHECK(pair.pass(pair.client, pair.server, "hello") == "hello");
}
