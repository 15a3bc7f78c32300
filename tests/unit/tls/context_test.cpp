// SPDX-License-Identifier: Apache-2.0
#include "tls/context.hpp"

#include <doctest/doctest.h>

#include "pair.hpp"
#include "tls/sni_map.hpp"

using namespace corelane::tls;
using namespace corelane::test;

namespace {

/// What the settings are refused for; empty: they are not.
std::string refused(const ServerSettings& settings) {
  const ServerContext::Built built = ServerContext::build(settings, test_time);
  CHECK((built.context == nullptr) == !built.errors.empty());
  return built.errors.empty() ? std::string() : built.errors.front().key + ": " + built.errors.front().text;
}

bool contains(const std::string& text, std::string_view part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

/// The subject of the certificate that a client sees who asks for `name`.
std::string shown(const ServerContext& server, const ClientSettings& settings, std::string_view name) {
  ClientSettings ours = settings;
  ours.verify = false;
  const auto client = build(ours);
  Pair pair;
  if (!pair.connect(server, *client, name)) return std::string(words(pair.server.connection.error()));
  std::array<char, 256> out{};
  return std::string(*distinguished_name(pair.client.connection, Whose::peer, Name::subject, {"CN", 1},
                                         NameFormat::slashes, out)) +
         " " + std::string(*key_algorithm(pair.client.connection, Whose::peer));
}

constexpr const char* ec = "id-ecPublicKey";
constexpr const char* rsa = "rsaEncryption";

}  // namespace

TEST_CASE("names choose the certificate, exactly or by wildcard") {
  ServerSettings settings = server_settings();
  settings.certificates.push_back(certificate(b_pem, b_key));
  const auto server = build(settings);
  const ClientSettings client = client_settings();
  CHECK(shown(*server, client, "a.example") == std::string("a.example ") + ec);
  CHECK(shown(*server, client, "b.example") == std::string("b.example ") + ec);
  CHECK(shown(*server, client, "B.EXAMPLE") == std::string("b.example ") + ec);
  CHECK(shown(*server, client, "x.wild.example") == std::string("a.example ") + ec);
  CHECK(shown(*server, client, "unknown.example") == std::string("a.example ") + ec);
  CHECK(shown(*server, client, "") == std::string("a.example ") + ec);
}

TEST_CASE("ECDSA and RSA stand side by side") {
  for (const bool rsa_first : {false, true}) {
    ServerSettings settings = server_settings();
    settings.certificates.push_back(certificate(rsa_pem, rsa_key));
    if (rsa_first) std::swap(settings.certificates[0], settings.certificates[1]);
    const auto server = build(settings);
    ClientSettings client = client_settings();
    CHECK(shown(*server, client, "a.example") == std::string("a.example ") + ec);
    client.handshake.sigalgs = "RSA-PSS+SHA256:RSA+SHA256";
    CHECK(shown(*server, client, "a.example") == std::string("a.example ") + rsa);
    CHECK(shown(*server, client, "unknown.example") == std::string("a.example ") + rsa);
    client.handshake.sigalgs.clear();
    client.handshake.version_max = Version::tls12;
    client.handshake.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
    CHECK(shown(*server, client, "a.example") == std::string("a.example ") + rsa);
    client.handshake.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    CHECK(shown(*server, client, "a.example") == std::string("a.example ") + ec);
  }
}

TEST_CASE("strict SNI refuses names that no certificate is for") {
  ServerSettings settings = server_settings();
  settings.strict_sni = true;
  const auto server = build(settings);
  const ClientSettings client = client_settings();
  CHECK(shown(*server, client, "a.example") == std::string("a.example ") + ec);
  CHECK(shown(*server, client, "unknown.example") == words(Error::unknown_name));
  CHECK(shown(*server, client, "") == words(Error::unknown_name));
  const auto ours = build(client);
  Pair pair;
  CHECK_FALSE(pair.connect(*server, *ours, "unknown.example"));
  CHECK(alert_words(pair.server.connection.alert_sent()) == "unrecognized name");
}

TEST_CASE("an entry's own settings are for its names") {
  ServerSettings settings = server_settings();
  settings.handshake.alpn = {"http/1.1"};
  CertificateSettings other = certificate(b_pem, b_key);
  other.handshake.version_max = Version::tls12;
  other.handshake.alpn = {"h2", "http/1.1"};
  other.handshake.client_ca = {{"ca.pem", ca_pem}};
  settings.certificates.push_back(other);
  const auto server = build(settings);
  ClientSettings ours = client_settings();
  ours.handshake.alpn = {"http/1.1", "h2"};
  const auto client = build(ours);
  Pair pair;
  REQUIRE(pair.connect(*server, *client));
  CHECK(protocol(pair.server.connection) == "TLSv1.3");
  CHECK(alpn(pair.server.connection) == "http/1.1");
  CHECK_FALSE(pair.connect(*server, *client, "b.example"));
  CHECK(pair.server.connection.error() == Error::no_peer_certificate);
  ours.certificate = certificate(client_pem, client_key);
  const auto with_certificate = build(ours);
  Pair second;
  REQUIRE(second.connect(*server, *with_certificate, "b.example"));
  CHECK(protocol(second.server.connection) == "TLSv1.2");
  CHECK(alpn(second.server.connection) == "h2");
  CHECK(has_peer_certificate(second.server.connection));
}

TEST_CASE("an entry may offer no protocols") {
  ServerSettings settings = server_settings();
  settings.handshake.alpn = {"http/1.1"};
  settings.certificates.push_back(certificate(b_pem, b_key));
  settings.certificates.back().no_alpn = true;
  const auto server = build(settings);
  ClientSettings ours = client_settings();
  ours.handshake.alpn = {"http/1.1"};
  const auto client = build(ours);
  Pair pair;
  REQUIRE(pair.connect(*server, *client));
  CHECK(alpn(pair.server.connection) == "http/1.1");
  REQUIRE(pair.connect(*server, *client, "b.example"));
  CHECK(alpn(pair.server.connection).value_or("").empty());
}

TEST_CASE("names of entries: wildcards are for one label, exclusions take names away") {
  SniMap map;
  using Key = SniMap::Key;
  map.add("*.example", Key::rsa, 1);
  map.add("!no.example", Key::rsa, 1);
  map.add("Exact.Example", Key::ecdsa, 2);
  map.add("exact.example", Key::rsa, 3);
  CHECK(map.find("a.example", true) == 1);
  CHECK(map.find("a.b.example", true) == std::nullopt);
  CHECK(map.find("example", true) == std::nullopt);
  CHECK(map.find("no.example", true) == std::nullopt);
  CHECK(map.find("exact.example.", true) == 2);
  CHECK(map.find("exact.example", false) == 3);
  CHECK(map.find("", true) == std::nullopt);
  CHECK(map.find(std::string(300, 'a'), true) == std::nullopt);
  map.add("*", Key::ecdsa, 4);
  CHECK(map.find("no.example", false) == 4);
}

TEST_CASE("files that are not right are named, with what to do") {
  ServerSettings settings = server_settings();
  settings.certificates = {certificate(ecdsa_pem, rsa_key)};
  CHECK(contains(refused(settings), "not the one of the certificate of CN=a.example"));
  settings.certificates = {certificate(ecdsa_pem, "")};
  CHECK(contains(refused(settings), "site.pem has no private key"));
  settings.certificates = {certificate(ecdsa_pem, encrypted_key)};
  CHECK(contains(refused(settings), "openssl pkey -in site.pem"));
  settings.certificates = {certificate("", ecdsa_key)};
  CHECK(contains(refused(settings), "site.pem has no certificate"));
  settings.certificates = {
      certificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ecdsa_key)};
  CHECK(contains(refused(settings), "damaged"));
  settings.certificates = {
      certificate(ecdsa_pem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")};
  CHECK(contains(refused(settings), "private key is damaged"));
  settings.certificates = {};
  CHECK(contains(refused(settings), "at least one certificate"));
  settings = server_settings();
  settings.handshake.client_ca = {{"ca.pem", "nothing"}};
  CHECK(contains(refused(settings), "client_ca: ca.pem has no certificate"));
  settings = server_settings();
  settings.handshake.crl = {{"crl.pem", ca_pem}};
  CHECK(contains(refused(settings), "crl: crl.pem has no list of revoked certificates"));
  settings = server_settings();
  settings.handshake.verify = Verify::required;
  CHECK(contains(refused(settings), "\"client_ca\", which is missing"));
}

TEST_CASE("an entry with a fault is told by its place") {
  ServerSettings settings = server_settings();
  settings.certificates.push_back(certificate(b_pem, rsa_key));
  const ServerContext::Built built = ServerContext::build(settings, test_time);
  REQUIRE(built.errors.size() == 1);
  CHECK(built.errors.front().certificate == 1);
}

TEST_CASE("what is old or out of order is a warning") {
  ServerSettings settings = server_settings();
  settings.certificates = {certificate(expired_pem, expired_key)};
  ServerContext::Built built = ServerContext::build(settings, test_time);
  REQUIRE(built.warnings.size() == 1);
  CHECK(built.warnings.front().text == "site.pem: the certificate of CN=expired has expired");
  settings.certificates = {certificate(ecdsa_pem, ecdsa_key)};
  built = ServerContext::build(settings, 1'577'836'800);
  REQUIRE(built.warnings.size() == 1);
  CHECK(contains(built.warnings.front().text, "not valid yet"));
  settings.certificates.front().chain.bytes += other_ca_pem;
  built = ServerContext::build(settings, test_time);
  REQUIRE(built.warnings.size() == 1);
  CHECK(contains(built.warnings.front().text, "is not by CN=Other CA"));
}

TEST_CASE("lists of ciphers, curves and algorithms are checked word by word") {
  const auto with = [](auto set) {
    ServerSettings settings = server_settings();
    set(settings.handshake);
    return refused(settings);
  };
  const auto ciphers = [&](const char* text) {
    return with([text](HandshakeSettings& handshake) { handshake.ciphers = text; });
  };
  CHECK(ciphers("ECDHE+AESGCM:!aNULL:!MD5:!DSS") == "");
  CHECK(ciphers("ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305") == "");
  CHECK(contains(ciphers("RC4-SHA"), "BoringSSL has no such cipher any more"));
  CHECK(contains(ciphers("DHE-RSA-AES128-GCM-SHA256"), "BoringSSL has no such cipher any more"));
  CHECK(contains(ciphers("ECDHE-RSA-AES128-GCM-SHA265"), "did you mean \"ECDHE-RSA-AES128-GCM-SHA256\"?"));
  CHECK(contains(ciphers("ALL:!ALL"), "no cipher is left"));
  const auto suites = [&](const char* text) {
    return with([text](HandshakeSettings& handshake) { handshake.ciphersuites = text; });
  };
  CHECK(suites("TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == "");
  CHECK(contains(suites("TLS_AES_128_GCM_SHA256"), "always"));
  CHECK(contains(suites("TLS_AES_128_GCM_SHA265"), "did you mean"));
  const auto curves = [&](const char* text) {
    return with([text](HandshakeSettings& handshake) { handshake.curves = text; });
  };
  CHECK(curves("X25519:P-256:P-384") == "");
  CHECK(contains(curves("X25519:P-257"), "\"P-257\" is no curve"));
  const auto sigalgs = [&](const char* text) {
    return with([text](HandshakeSettings& handshake) { handshake.sigalgs = text; });
  };
  CHECK(sigalgs("ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256") == "");
  CHECK(contains(sigalgs("ECDSA+SHA0"), "signature algorithms"));
  CHECK(contains(with([](HandshakeSettings& handshake) {
                   handshake.version_min = Version::tls13;
                   handshake.version_max = Version::tls12;
                 }),
                 "before the lowest version"));
}

TEST_CASE("curves are those of the setting") {
  ServerSettings settings = server_settings();
  settings.handshake.curves = "P-384";
  const auto server = build(settings);
  const auto client = build(client_settings());
  Pair pair;
  REQUIRE(pair.connect(*server, *client));
  CHECK(curve(pair.server.connection) == "P-384");
  ClientSettings other = client_settings();
  other.handshake.curves = "X25519";
  const auto stranger = build(other);
  CHECK_FALSE(pair.connect(*server, *stranger));
}

TEST_CASE("names of versions and of results") {
  CHECK(find_version("TLSv1.2") == Version::tls12);
  CHECK(find_version("tlsv1.0") == Version::tls10);
  CHECK(find_version("SSLv3") == std::nullopt);
  CHECK(find_verify_code("X509_V_ERR_CERT_HAS_EXPIRED") == 10);
  CHECK(find_verify_code("cert_has_expired") == 10);
  CHECK(find_verify_code("10") == 10);
  CHECK(find_verify_code("-1") == std::nullopt);
  CHECK(find_verify_code("1000") == std::nullopt);
  CHECK(verify_code_name(10) == "X509_V_ERR_CERT_HAS_EXPIRED");
  CHECK(verify_code_words(10) == "certificate has expired");
}
