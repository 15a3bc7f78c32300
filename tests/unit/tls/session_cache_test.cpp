// SPDX-License-Identifier: Apache-2.0
#include "tls/session_cache.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "pair.hpp"

using namespace corelane::tls;
using namespace corelane::test;

namespace {

using IdBytes = std::array<std::uint8_t, SessionCache::id_bytes>;

/// Ids are random; these look like it where the cache looks.
IdBytes id_of(std::uint64_t number) {
  IdBytes id{};
  for (std::size_t i = 0; i < id.size(); i += 8) {
    const std::uint64_t word = (number * 4 + i + 1) * 0x9E37'79B9'7F4A'7C15U;
    std::memcpy(id.data() + i, &word, sizeof(word));
  }
  return id;
}

bool keep(SessionCache& cache, std::uint64_t number, const std::string& session, std::int64_t end = 100) {
  return cache.keep(id_of(number), {reinterpret_cast<const std::uint8_t*>(session.data()), session.size()},
                    end);
}

std::string find(const SessionCache& cache, std::uint64_t number, std::int64_t now = 0) {
  SessionCache::Room room;
  const auto found = cache.find(id_of(number), now, room);
  return found ? std::string(reinterpret_cast<const char*>(found->data()), found->size()) : "none";
}

/// Of TLS 1.2, and a client that knows no tickets.
bool connect(Pair& pair, const ServerContext& server, const ClientContext& client,
             const Session* session = nullptr) {
  REQUIRE(pair.server.connection.open(server, 0));
  REQUIRE(pair.client.connection.open(client, {"a.example", session}, 0));
  SSL_set_options(pair.client.connection.native(), SSL_OP_NO_TICKET);
  SSL_set_max_proto_version(pair.client.connection.native(), TLS1_2_VERSION);
  return pair.shake();
}

Session session_of(const ServerContext& server, const ClientContext& client) {
  Pair pair;
  REQUIRE(connect(pair, server, client));
  CHECK_FALSE(is_resumed(pair.server.connection));
  CHECK(pair.server.connection.session_use() == SessionUse::none);
  return pair.client.connection.take_session();
}

SessionUse use_of(const ServerContext& server, const ClientContext& client, const Session& session,
                  bool resumed) {
  Pair pair;
  REQUIRE(connect(pair, server, client, &session));
  CHECK(is_resumed(pair.server.connection) == resumed);
  CHECK(is_resumed(pair.client.connection) == resumed);
  CHECK(pair.pass(pair.client, pair.server, "hello") == "hello");
  return pair.server.connection.session_use();
}

std::unique_ptr<ServerContext> build_with(SessionCache& cache, const ServerSettings& settings,
                                          std::int64_t now = test_time) {
  ServerContext::Built built = ServerContext::build(settings, now, &cache);
  REQUIRE(built.context);
  return std::move(built.context);
}

ServerSettings verifying_settings() {
  ServerSettings settings = server_settings();
  settings.handshake.client_ca = {{"ca.pem", ca_pem}};
  return settings;
}

}  // namespace

TEST_CASE("what was kept is found until it ends or is forgotten") {
  SessionCache cache(64);
  CHECK(find(cache, 1) == "none");
  REQUIRE(keep(cache, 1, "first"));
  REQUIRE(keep(cache, 2, "second", 50));
  CHECK(find(cache, 1) == "first");
  CHECK(find(cache, 2, 49) == "second");
  CHECK(find(cache, 2, 50) == "none");
  CHECK(find(cache, 3) == "none");
  cache.forget(id_of(3));
  cache.forget(id_of(1));
  CHECK(find(cache, 1) == "none");
  CHECK(find(cache, 2) == "second");
}

TEST_CASE("an id is looked at as a whole") {
  SessionCache cache(64);
  REQUIRE(keep(cache, 1, "first"));
  for (std::size_t place = 0; place < SessionCache::id_bytes; ++place) {
    IdBytes id = id_of(1);
    id[place] ^= 1;
    SessionCache::Room room;
    CHECK_FALSE(cache.find(id, 0, room));
    cache.forget(id);
  }
  CHECK(find(cache, 1) == "first");
}

TEST_CASE("sessions of all sizes come back as they were") {
  SessionCache cache(2 * SessionCache::session_blocks_max);
  for (std::size_t size = 1; size <= SessionCache::session_bytes_max; size += size < 600 ? 1 : 97) {
    std::string session(size, '\0');
    for (std::size_t i = 0; i < size; ++i) session[i] = static_cast<char>(i * 7 + size);
    REQUIRE(keep(cache, size, session));
    REQUIRE(find(cache, size) == session);
  }
  CHECK(keep(cache, 1, std::string(SessionCache::session_bytes_max, 'x')));
  CHECK_FALSE(keep(cache, 2, std::string(SessionCache::session_bytes_max + 1, 'x')));
  CHECK_FALSE(keep(cache, 3, ""));
}

TEST_CASE("the oldest make room") {
  constexpr std::uint64_t blocks = 100;
  SessionCache cache(blocks);
  for (std::uint64_t number = 1; number <= 10 * blocks; ++number) {
    REQUIRE(keep(cache, number, std::to_string(number)));
    CHECK(find(cache, number) == std::to_string(number));
    if (number > blocks) CHECK(find(cache, number - blocks) == "none");
  }
  std::uint64_t found = 0;
  for (std::uint64_t number = 1; number <= 10 * blocks; ++number)
    found += find(cache, number) != "none" ? 1U : 0U;
  CHECK(found >= blocks - 2);  // ids may meet in the index
  CHECK(found <= blocks);
  // One that takes three places pushes three out.
  REQUIRE(keep(cache, 5000, std::string(3 * SessionCache::block_bytes - 100, 'x')));
  for (std::uint64_t number = 9 * blocks + 1; number <= 9 * blocks + 3; ++number)
    CHECK(find(cache, number) == "none");
  CHECK(find(cache, 5000).size() == 3 * SessionCache::block_bytes - 100);
}

TEST_CASE("a small cache keeps what fits") {
  SessionCache cache(1);
  CHECK(keep(cache, 1, std::string(200, 'x')));
  CHECK(find(cache, 1).size() == 200);
  CHECK(keep(cache, 2, "other"));
  CHECK(find(cache, 1) == "none");
  CHECK(find(cache, 2) == "other");
  CHECK_FALSE(keep(cache, 3, std::string(SessionCache::block_bytes, 'x')));
  CHECK(find(cache, 2) == "other");
}

TEST_CASE("clients without tickets come back, on another lane, too") {
  SessionCache cache(64);
  const auto first = build_with(cache, server_settings());
  const auto second = build_with(cache, server_settings());
  const auto client = build(client_settings());
  const Session session = session_of(*first, *client);
  REQUIRE(session);
  for (int round = 0; round < 3; ++round) {
    CHECK(use_of(*first, *client, session, true) == SessionUse::found);
    CHECK(use_of(*second, *client, session, true) == SessionUse::found);
  }
  const auto without = build(server_settings());
  CHECK(use_of(*without, *client, session, false) == SessionUse::none);
}

TEST_CASE("a session without a client's certificate takes one place") {
  SessionCache cache(1);
  const auto server = build_with(cache, server_settings());
  const auto client = build(client_settings());
  CHECK(use_of(*server, *client, session_of(*server, *client), true) == SessionUse::found);
}

TEST_CASE("where tickets are off, sessions of TLS 1.2 are kept for all") {
  SessionCache cache(64);
  ServerSettings settings = server_settings();
  settings.tickets.enabled = false;
  settings.handshake.version_max = Version::tls12;
  const auto server = build_with(cache, settings);
  const auto client = build(client_settings());
  Pair pair;
  REQUIRE(pair.connect(*server, *client));
  const Session session = pair.client.connection.take_session();
  Pair again;
  REQUIRE(again.connect(*server, *client, "a.example", &session));
  CHECK(is_resumed(again.server.connection));
}

TEST_CASE("clients with tickets are not looked for") {
  for (const Version version : {Version::tls12, Version::tls13}) {
    SessionCache cache(1);
    ServerSettings settings = server_settings();
    settings.handshake.version_max = version;
    const auto server = build_with(cache, settings);
    const auto client = build(client_settings());
    // Its session is the one that the cache has room for.
    const Session kept = version == Version::tls12 ? session_of(*server, *client) : Session();
    Pair pair;
    REQUIRE(pair.connect(*server, *client));
    CHECK(pair.pass(pair.server, pair.client, "welcome") == "welcome");
    const Session session = pair.client.connection.take_session();
    Pair again;
    REQUIRE(again.connect(*server, *client, "a.example", &session));
    CHECK(is_resumed(again.server.connection));
    CHECK(again.server.connection.session_use() == SessionUse::none);
    if (kept) CHECK(use_of(*server, *client, kept, true) == SessionUse::found);
  }
}

TEST_CASE("a session ends with its lifetime") {
  SessionCache cache(64);
  ServerSettings settings = server_settings();
  settings.session_seconds = 60;
  const auto server = build_with(cache, settings);
  const auto client = build(client_settings());
  const Session session = session_of(*server, *client);
  SSL_SESSION_set_timeout(session.get(), 10'000);  // the client believes in it
  CHECK(use_of(*server, *client, session, true) == SessionUse::found);
  Pair pair;
  set_time(test_time + 60);
  REQUIRE(connect(pair, *server, *client, &session));
  CHECK_FALSE(is_resumed(pair.server.connection));
  CHECK(pair.server.connection.session_use() == SessionUse::missed);
}

TEST_CASE("a session is taken up only where its client would have been judged in the same way") {
  SessionCache cache(64);
  const auto open = build_with(cache, server_settings());
  const auto strict = build_with(cache, verifying_settings());
  ServerSettings settings = verifying_settings();
  settings.handshake.client_ca.push_back({"other.pem", ca_pem});
  const auto other = build_with(cache, settings);
  const auto nobody = build(client_settings());
  const Session of_nobody = session_of(*open, *nobody);
  Pair pair;
  CHECK_FALSE(connect(pair, *strict, *nobody, &of_nobody));
  CHECK(pair.server.connection.error() == Error::no_peer_certificate);
  ClientSettings ours = client_settings();
  ours.certificate = certificate(client_pem, client_key);
  const auto client = build(ours);
  const Session session = session_of(*strict, *client);
  use_of(*strict, *client, session, true);
  use_of(*other, *client, session, false);
  use_of(*open, *client, session, false);
}

TEST_CASE("a session that is kept knows the client's certificate and how it was judged") {
  SessionCache cache(64);
  ServerSettings settings = verifying_settings();
  ClientSettings ours = client_settings();
  SUBCASE("a good one") {
    ours.certificate = certificate(client_pem, client_key);
  }
  SUBCASE("one that has expired, which is let pass") {
    ours.certificate = certificate(expired_pem, expired_key);
    settings.crt_ignore_errors.set(X509_V_ERR_CERT_HAS_EXPIRED);
  }
  const auto server = build_with(cache, settings);
  const auto client = build(ours);
  Pair first;
  REQUIRE(connect(first, *server, *client));
  const Session session = first.client.connection.take_session();
  Pair pair;
  REQUIRE(connect(pair, *server, *client, &session));
  CHECK(is_resumed(pair.server.connection));
  CHECK(has_peer_certificate(pair.server.connection));
  CHECK_FALSE(is_peer_certificate_fresh(pair.server.connection));
  CHECK(pair.server.connection.verify_result() == first.server.connection.verify_result());
}

TEST_CASE("a session with too many certificates is not kept, and that is said") {
  SessionCache cache(1024);
  const auto server = build_with(cache, verifying_settings());
  ClientSettings ours = client_settings();
  std::string chain = client_pem;
  for (int i = 0; i < 30; ++i) chain += ca_pem;
  ours.certificate = certificate(chain.c_str(), client_key);
  const auto client = build(ours);
  Pair pair;
  REQUIRE(connect(pair, *server, *client));
  CHECK(pair.server.connection.session_not_kept());
  const Session session = pair.client.connection.take_session();
  CHECK(use_of(*server, *client, session, false) == SessionUse::missed);
}

TEST_CASE("nobody comes back to a session that ended with a fatal alert") {
  SessionCache cache(64);
  const auto server = build_with(cache, server_settings());
  const auto client = build(client_settings());
  Pair pair;
  REQUIRE(connect(pair, *server, *client));
  const Session session = pair.client.connection.take_session();
  CHECK(use_of(*server, *client, session, true) == SessionUse::found);
  pair.server.incoming = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x');
  std::string got;
  CHECK(pair.server.read_all(got) == Step::failed);
  CHECK(pair.server.connection.error() == Error::bad_record);
  CHECK(use_of(*server, *client, session, false) == SessionUse::missed);
}
