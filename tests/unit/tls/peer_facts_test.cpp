// SPDX-License-Identifier: Apache-2.0
#include "tls/peer_facts.hpp"

#include <doctest/doctest.h>

#include "pair.hpp"

using namespace corelane::tls;
using namespace corelane::test;

namespace {

struct Meeting {
  Pair pair;
  std::unique_ptr<ServerContext> server;
  std::unique_ptr<ClientContext> client;

  explicit Meeting(Version version) {
    ServerSettings settings = server_settings();
    settings.handshake.version_max = version;
    settings.handshake.client_ca = {{"ca.pem", ca_pem}};
    settings.handshake.alpn = {"http/1.1"};
    server = build(settings);
    ClientSettings ours = client_settings();
    ours.handshake.alpn = {"h2", "http/1.1"};
    ours.certificate = certificate(client_pem, client_key);
    client = build(ours);
    REQUIRE(pair.connect(*server, *client));
  }

  const Connection& facts() const { return pair.server.connection; }
};

}  // namespace

TEST_CASE("what a connection is") {
  const Meeting modern(Version::tls13);
  CHECK(server_name(modern.facts()) == "a.example");
  CHECK(alpn(modern.facts()) == "http/1.1");
  CHECK(protocol(modern.facts()) == "TLSv1.3");
  CHECK(cipher(modern.facts())->starts_with("TLS_"));
  CHECK(curve(modern.facts()) == "X25519");
  CHECK_FALSE(is_resumed(modern.facts()));
  std::array<char, 64> out{};
  CHECK(unique_id(modern.facts(), out) == std::nullopt);
  CHECK(client_random(modern.facts(), out)->size() == 32);
  const Meeting older(Version::tls12);
  CHECK(protocol(older.facts()) == "TLSv1.2");
  CHECK(cipher(older.facts())->starts_with("ECDHE-ECDSA-"));
  CHECK((cipher_key_bits(older.facts()) == 128 || cipher_key_bits(older.facts()) == 256));
  CHECK(cipher_strength_bits(older.facts()) == cipher_key_bits(older.facts()));
  CHECK(unique_id(older.facts(), out)->size() == 12);
  std::array<char, 64> other{};
  CHECK(unique_id(older.facts(), out) == unique_id(older.pair.client.connection, other));
}

TEST_CASE("the client's certificate") {
  for (const Version version : {Version::tls12, Version::tls13}) {
    const Meeting meeting(version);
    const Connection& facts = meeting.facts();
    CHECK(has_peer_certificate(facts));
    CHECK(is_peer_certificate_fresh(facts));
    std::array<char, 512> out{};
    const auto subject = [&](NameEntry entry) {
      return distinguished_name(facts, Whose::peer, Name::subject, entry, NameFormat::slashes, out);
    };
    CHECK(subject({}) == "/C=FR/ST=Some-State/O=HAProxy Technologies/OU=one/OU=two/CN=client");
    CHECK(subject({"CN", 1}) == "client");
    CHECK(subject({"cn", 1}) == "client");
    CHECK(subject({"c", 1}) == "FR");
    CHECK(subject({"CNN", 1}) == std::nullopt);
    CHECK(subject({"OU", 1}) == "one");
    CHECK(subject({"OU", 2}) == "two");
    CHECK(subject({"OU", 3}) == std::nullopt);
    CHECK(subject({"OU", -1}) == "two");
    CHECK(subject({"OU", -2}) == "one");
    CHECK(subject({"L", 1}) == std::nullopt);
    CHECK(distinguished_name(facts, Whose::peer, Name::subject, {}, NameFormat::rfc2253, out) ==
          "CN=client,OU=two,OU=one,O=HAProxy Technologies,ST=Some-State,C=FR");
    CHECK(distinguished_name(facts, Whose::peer, Name::issuer, {"CN", 1}, NameFormat::slashes, out) ==
          "Test CA");
    CHECK(distinguished_name(facts, Whose::own, Name::subject, {"CN", 1}, NameFormat::slashes, out) ==
          "a.example");
    std::array<char, 4> small{};
    CHECK(distinguished_name(facts, Whose::peer, Name::subject, {}, NameFormat::slashes, small) ==
          std::nullopt);
    CHECK(validity(facts, Whose::peer, Bound::not_before)->starts_with("2611"));
    CHECK(validity(facts, Whose::peer, Bound::not_before)->size() == 13);
    // In 2126, which two digits do not say.
    CHECK(validity(facts, Whose::peer, Bound::not_after) == std::nullopt);
    CHECK(serial(facts, Whose::peer)->size() == 20);
    CHECK(sha1(facts, Whose::peer, out)->size() == 20);
    CHECK(corelane::tls::version(facts, Whose::peer) == 3);
    CHECK(signature_algorithm(facts, Whose::peer) == "ecdsa-with-SHA256");
    CHECK(key_algorithm(facts, Whose::peer) == "id-ecPublicKey");
    CHECK(key_bits(facts, Whose::peer) == 256);
    CHECK(key_kind(facts, Whose::peer, out) == "EC256");
    CHECK(key_kind(facts, Whose::peer, std::span(out).first(4)) == std::nullopt);
    const std::string der(*certificate_der(facts, Whose::peer));
    CHECK(der.starts_with("\x30\x82"));
    std::array<char, 4096> room{};
    CHECK(chain_der_size(facts) == 0);  // of a client, what comes behind its own
    CHECK(chain_der(facts, room) == std::nullopt);
    const Connection& of_server = meeting.pair.client.connection;
    const std::string shown(*certificate_der(of_server, Whose::peer));
    CHECK(chain_der_size(of_server) == shown.size());
    CHECK(chain_der(of_server, room) == shown);
    CHECK(certificate_der(facts, Whose::own) == certificate_der(meeting.pair.client.connection, Whose::peer));
  }
}

TEST_CASE("there are no facts of what is not there") {
  const Connection none;
  std::array<char, 64> out{};
  CHECK(server_name(none) == std::nullopt);
  CHECK(protocol(none) == std::nullopt);
  CHECK(cipher(none) == std::nullopt);
  CHECK_FALSE(has_peer_certificate(none));
  CHECK(certificate_der(none, Whose::own) == std::nullopt);
  CHECK(key_bits(none, Whose::peer) == std::nullopt);
  CHECK(key_kind(none, Whose::own, out) == std::nullopt);
  CHECK(sha1(none, Whose::peer, out) == std::nullopt);
  CHECK(cipher_key_bits(none) == 0);
}
