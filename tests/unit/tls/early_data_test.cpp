// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include "pair.hpp"

using namespace corelane::tls;
using namespace corelane::test;

namespace {

Session session_of(const ServerContext& server, const ClientContext& client) {
  Pair pair;
  REQUIRE(pair.connect(server, client));
  CHECK_FALSE(pair.server.connection.is_early());
  CHECK(pair.pass(pair.server, pair.client, "welcome") == "welcome");
  return pair.client.connection.take_session();
}

}  // namespace

TEST_CASE("early data is told from what comes behind the handshake") {
  ServerSettings settings = server_settings();
  settings.early_data = true;
  const auto server = build(settings);
  const auto client = build(client_settings());
  const Session session = session_of(*server, *client);
  Pair pair;
  REQUIRE(pair.server.connection.open(*server, 0));
  REQUIRE(pair.client.connection.open(*client, {"a.example", &session}, 0));
  SSL_set_early_data_enabled(pair.client.connection.native(), 1);
  REQUIRE(pair.client.handshake() == Step::done);
  CHECK(pair.client.write("early words") == Step::done);
  pair.deliver();
  CHECK(pair.server.handshake() == Step::done);
  CHECK(pair.server.connection.is_early());
  std::string got;
  CHECK(pair.server.read_all(got) == Step::want_input);
  CHECK(got == "early words");
  CHECK(pair.server.connection.is_early());
  pair.deliver();
  CHECK(pair.pass(pair.server, pair.client, "an answer") == "an answer");
  CHECK(pair.pass(pair.client, pair.server, "later words") == "later words");
  CHECK_FALSE(pair.server.connection.is_early());
}

TEST_CASE("without the setting nothing comes early") {
  const auto server = build(server_settings());
  const auto client = build(client_settings());
  const Session session = session_of(*server, *client);
  Pair pair;
  REQUIRE(pair.server.connection.open(*server, 0));
  REQUIRE(pair.client.connection.open(*client, {"a.example", &session}, 0));
  SSL_set_early_data_enabled(pair.client.connection.native(), 1);
  REQUIRE(pair.shake());
  CHECK_FALSE(pair.server.connection.is_early());
  CHECK(is_resumed(pair.server.connection));
}

TEST_CASE("a certificate may take early data for its names, and others none") {
  ServerSettings settings = server_settings();
  settings.certificates.push_back(certificate(b_pem, b_key, "b.pem"));
  settings.certificates.front().early_data = true;
  settings.certificates.front().names = {"a.example"};
  settings.certificates.back().names = {"b.example"};
  const auto server = build(settings);
  const auto client = build(client_settings());
  const Session session = session_of(*server, *client);
  for (const std::string_view name : {"a.example", "b.example"}) {
    Pair pair;
    REQUIRE(pair.server.connection.open(*server, 0));
    REQUIRE(pair.client.connection.open(*client, {name, &session}, 0));
    SSL_set_early_data_enabled(pair.client.connection.native(), 1);
    REQUIRE(pair.client.handshake() == Step::done);
    CHECK(pair.client.write("early words") == Step::done);
    pair.deliver();
    pair.server.handshake();
    CHECK(pair.server.connection.is_early() == (name == "a.example"));
  }
}
