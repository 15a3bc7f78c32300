// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "pair.hpp"

using namespace corelane::tls;
using namespace corelane::test;

namespace {

constexpr std::int64_t hour = 3600;

TicketKey key(char c) {
  return {std::string(16, c), std::string(32, c), std::string(32, c)};
}

/// A session of a connection with `server`.
Session session_of(const ServerContext& server, const ClientContext& client) {
  Pair pair;
  REQUIRE(pair.connect(server, client));
  CHECK_FALSE(is_resumed(pair.server.connection));
  // In TLS 1.3 tickets come with the first that the server says.
  CHECK(pair.pass(pair.server, pair.client, "welcome") == "welcome");
  return pair.client.connection.take_session();
}

bool resumes(const ServerContext& server, const ClientContext& client, const Session& session,
             std::int64_t now = test_time) {
  Pair pair;
  set_time(now);
  REQUIRE(pair.connect(server, client, "a.example", &session));
  CHECK(is_resumed(pair.server.connection) == is_resumed(pair.client.connection));
  CHECK(pair.pass(pair.client, pair.server, "hello") == "hello");
  return is_resumed(pair.server.connection);
}

}  // namespace

TEST_CASE("sessions are taken up by another lane with the same secret") {
  for (const Version version : {Version::tls12, Version::tls13}) {
    ServerSettings settings = server_settings();
    settings.handshake.version_max = version;
    const auto first = build(settings);
    const auto second = build(settings);
    settings.tickets.secret = std::string(32, 'x');
    const auto stranger = build(settings);
    const auto client = build(client_settings());
    const Session session = session_of(*first, *client);
    REQUIRE(session);
    CHECK(resumes(*first, *client, session));
    CHECK(resumes(*second, *client, session));
    CHECK_FALSE(resumes(*stranger, *client, session));
    CHECK_FALSE(resumes(*first, *client, session, test_time + hour));
  }
}

TEST_CASE("keys derived from a secret rotate, and the one before still opens") {
  ServerSettings settings = server_settings();
  settings.session_seconds = 100 * hour;
  const auto server = build(settings);
  const auto client = build(client_settings());
  const Session session = session_of(*server, *client);
  const std::int64_t rotation = settings.tickets.rotation_seconds;
  CHECK(resumes(*server, *client, session, test_time + rotation));
  CHECK_FALSE(resumes(*server, *client, session, test_time + 2 * rotation));
}

TEST_CASE("keys of a file are rotated between machines without losing sessions") {
  ServerSettings settings = server_settings();
  settings.tickets.secret.clear();
  settings.tickets.keys = {key('a'), key('b'), key('c')};
  const auto first = build(settings);
  const auto client = build(client_settings());
  const Session by_b = session_of(*first, *client);
  settings.tickets.keys = {key('b'), key('c'), key('d')};
  const auto second = build(settings);
  CHECK(resumes(*second, *client, by_b));
  const Session by_c = session_of(*second, *client);
  CHECK(resumes(*first, *client, by_c));
  first->replace_tickets(settings.tickets);
  CHECK(resumes(*first, *client, by_c));
  settings.tickets.keys = {key('d'), key('e'), key('f')};
  first->replace_tickets(settings.tickets);
  CHECK_FALSE(resumes(*first, *client, by_c));
}

TEST_CASE("tickets may be off") {
  for (const Version version : {Version::tls12, Version::tls13}) {
    ServerSettings settings = server_settings();
    settings.handshake.version_max = version;
    settings.tickets.enabled = false;
    const auto server = build(settings);
    const auto client = build(client_settings());
    const Session session = session_of(*server, *client);
    if (session) CHECK_FALSE(resumes(*server, *client, session));
  }
}

TEST_CASE("a session of a bind that asks for no certificate is none where one is required") {
  const auto open = build(server_settings());
  ServerSettings settings = server_settings();
  settings.handshake.client_ca = {{"ca.pem", ca_pem}};
  const auto strict = build(settings);
  const auto client = build(client_settings());
  const Session session = session_of(*open, *client);
  Pair pair;
  CHECK_FALSE(pair.connect(*strict, *client, "a.example", &session));
  CHECK(pair.server.connection.error() == Error::no_peer_certificate);
}

TEST_CASE("a resumed session remembers the client's certificate") {
  ServerSettings settings = server_settings();
  settings.handshake.client_ca = {{"ca.pem", ca_pem}};
  const auto server = build(settings);
  ClientSettings ours = client_settings();
  ours.certificate = certificate(client_pem, client_key);
  const auto client = build(ours);
  const Session session = session_of(*server, *client);
  Pair pair;
  REQUIRE(pair.connect(*server, *client, "a.example", &session));
  CHECK(is_resumed(pair.server.connection));
  CHECK(has_peer_certificate(pair.server.connection));
  CHECK_FALSE(is_peer_certificate_fresh(pair.server.connection));
  std::array<char, 64> out{};
  CHECK(distinguished_name(pair.server.connection, Whose::peer, Name::subject, {"CN", 1}, NameFormat::slashes,
                           out) == "client");
}

TEST_CASE("files of ticket keys") {
  const std::string key80 =
      "MDEyMzQ1Njc4OWFiY2RlZkhISEhISEhISEhISEhISEhISEhISEhISEhISEhISEhIQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
      "FBQUE=";
  const std::string key48 = "MDEyMzQ1Njc4OWFiY2RlZkFBQUFBQUFBQUFBQUFBQUFISEhISEhISEhISEhISEhI";
  std::vector<TicketKey> keys;
  std::string error;
  REQUIRE(read_ticket_keys({"keys", key80 + "\n" + key48 + "\r\n\n" + key80 + "\n"}, keys, error));
  REQUIRE(keys.size() == 3);
  CHECK(keys[0].name == "0123456789abcdef");
  CHECK(keys[0].hmac == std::string(32, 'H'));
  CHECK(keys[0].aes == std::string(32, 'A'));
  CHECK(keys[1].hmac == std::string(16, 'H'));
  CHECK(keys[1].aes == std::string(16, 'A'));
  keys.clear();
  CHECK_FALSE(read_ticket_keys({"keys", key80 + "\nabc\n"}, keys, error));
  CHECK(error.starts_with("keys, line 2: a ticket key is base64 of 48 bytes"));
  keys.clear();
  CHECK_FALSE(read_ticket_keys({"keys", key80 + "\n" + key80 + "\n"}, keys, error));
  CHECK(error.starts_with("keys has 2 ticket keys, and needs 3"));
}
