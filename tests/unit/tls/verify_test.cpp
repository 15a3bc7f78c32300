// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "pair.hpp"

using namespace corelane::tls;
using namespace corelane::test;

namespace {

constexpr int expired = 10;
constexpr int revoked = 23;
constexpr int no_issuer = 20;

struct Who {
  const char* chain;
  const char* key;
};

/// A bind that looks at clients' certificates.
struct Bind {
  ServerSettings settings = server_settings();

  explicit Bind(Verify verify) {
    settings.handshake.verify = verify;
    settings.handshake.client_ca = {{"ca.pem", ca_pem}};
  }

  /// False: the handshake has failed. Both ends have gone as far as they can.
  bool meets(Pair& pair, std::optional<Who> who, Version version) const {
    ClientSettings ours = client_settings();
    ours.handshake.version_max = version;
    if (who) ours.certificate = certificate(who->chain, who->key, "client.pem");
    const auto server = build(settings);
    const auto client = build(ours);
    const bool done = pair.connect(*server, *client);
    return done;
  }
};

const Who known{client_pem, client_key};
const Who stranger{stranger_pem, stranger_key};
const Who old{expired_pem, expired_key};
const Who withdrawn{revoked_pem, revoked_key};

/// What the client hears when it reads on: in TLS 1.3 it is done before the server has looked at it.
std::string_view heard(Pair& pair) {
  std::string ignored;
  if (pair.client.connection.is_ready())
    pair.client.read_all(ignored);
  else
    pair.client.handshake();
  return alert_words(pair.client.connection.alert_received());
}

}  // namespace

TEST_CASE("clients' certificates: none, optional and required") {
  for (const Version version : {Version::tls12, Version::tls13}) {
    CAPTURE(version_name(version));
    {
      Pair pair;
      CHECK(Bind(Verify::required).meets(pair, known, version));
      CHECK(has_peer_certificate(pair.server.connection));
      CHECK(pair.server.connection.verify_result() == 0);
    }
    {
      Pair pair;
      CHECK(Bind(Verify::optional).meets(pair, std::nullopt, version));
      CHECK_FALSE(has_peer_certificate(pair.server.connection));
    }
    {
      Pair pair;
      CHECK(Bind(Verify::none).meets(pair, known, version));
      CHECK_FALSE(has_peer_certificate(pair.server.connection));
    }
    {
      Pair pair;
      CHECK_FALSE(Bind(Verify::required).meets(pair, std::nullopt, version));
      CHECK(pair.server.connection.error() == Error::no_peer_certificate);
      CHECK(heard(pair) == (version == Version::tls13 ? "certificate required" : "handshake failure"));
    }
  }
}

TEST_CASE("certificates that are refused: why, and by which alert") {
  struct Row {
    Who who;
    int result;
    std::string_view alert;
  };
  const std::array rows{Row{stranger, no_issuer, "unknown CA"}, Row{old, expired, "certificate expired"},
                        Row{withdrawn, revoked, "certificate revoked"}};
  for (const Version version : {Version::tls12, Version::tls13}) {
    for (const Row& row : rows) {
      CAPTURE(row.alert);
      for (const Verify verify : {Verify::optional, Verify::required}) {
        Bind bind(verify);
        bind.settings.handshake.crl = {{"crl.pem", crl_pem}};
        Pair pair;
        CHECK_FALSE(bind.meets(pair, row.who, version));
        CHECK(pair.server.connection.error() == Error::bad_peer_certificate);
        CHECK(pair.server.connection.verify_result() == row.result);
        CHECK(heard(pair) == row.alert);
      }
    }
  }
}

TEST_CASE("without a list of revoked ones nobody is") {
  Pair pair;
  CHECK(Bind(Verify::required).meets(pair, withdrawn, Version::tls13));
}

TEST_CASE("errors that are ignored are told to who asks") {
  for (const Version version : {Version::tls12, Version::tls13}) {
    Bind bind(Verify::required);
    bind.settings.crt_ignore_errors.set(expired);
    Pair pair;
    CHECK(bind.meets(pair, old, version));
    CHECK(pair.server.connection.crt_error() == expired);
    CHECK(pair.server.connection.ca_error() == 0);
    CHECK(pair.server.connection.verify_result() == expired);
    CHECK(has_peer_certificate(pair.server.connection));
    Pair second;
    CHECK_FALSE(bind.meets(second, stranger, version));
    bind.settings.crt_ignore_errors.set();
    bind.settings.ca_ignore_errors.set();
    Pair third;
    CHECK(bind.meets(third, stranger, version));
    CHECK(third.server.connection.crt_error() == no_issuer);
  }
}

TEST_CASE("servers' certificates are verified, and must be for the name") {
  const auto server = build(server_settings());
  const auto error = [&server](const ClientSettings& settings, std::string_view name) {
    const auto client = build(settings);
    Pair pair;
    if (pair.connect(*server, *client, name)) return 0;
    CHECK(pair.client.connection.error() == Error::bad_peer_certificate);
    return pair.client.connection.verify_result();
  };
  constexpr int wrong_name = 62;
  constexpr int wrong_address = 64;
  ClientSettings settings = client_settings();
  CHECK(error(settings, "a.example") == 0);
  CHECK(error(settings, "x.wild.example") == 0);
  CHECK(error(settings, "x.y.wild.example") == wrong_name);
  CHECK(error(settings, "b.example") == wrong_name);
  CHECK(error(settings, "") == 0);
  CHECK(error(settings, "127.0.0.1") == wrong_address);
  settings.verify_host = "a.example";
  CHECK(error(settings, "b.example") == 0);
  CHECK(error(settings, "") == 0);
  settings.verify_host = "c.example";
  CHECK(error(settings, "a.example") == wrong_name);
  settings.verify = false;
  CHECK(error(settings, "b.example") == 0);
  settings = client_settings();
  settings.handshake.client_ca = {{"other.pem", other_ca_pem}};
  CHECK(error(settings, "a.example") == no_issuer);
  settings.handshake.client_ca.clear();
  const ClientContext::Built built = ClientContext::build(settings, test_time);
  REQUIRE(built.errors.size() == 1);
  CHECK(built.errors.front().key == "verify");
}

TEST_CASE("a server's certificate is judged by the time that the lane says") {
  const auto server = build(server_settings());
  const auto client = build(client_settings());
  Pair pair;
  set_time(test_time - 365 * 86'400);
  CHECK_FALSE(pair.connect(*server, *client));
  CHECK(verify_code_words(pair.client.connection.verify_result()) == "certificate is not yet valid");
}
