// SPDX-License-Identifier: Apache-2.0
#include "proxy/server_sessions.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <utility>

using namespace corelane;
using proxy::ServerSessions;

namespace {

/// Sessions that nothing was ever said in.
class Sessions {
 public:
  tls::Session make(std::uint16_t version) {
    SSL_SESSION* const session = SSL_SESSION_new(context_.get());
    SSL_SESSION_set_protocol_version(session, version);
    return tls::Session(session);
  }
  /// May be used again and again.
  tls::Session older() { return make(TLS1_2_VERSION); }
  /// May be used once.
  tls::Session newer() { return make(TLS1_3_VERSION); }

 private:
  bssl::UniquePtr<SSL_CTX> context_{SSL_CTX_new(TLS_method())};
};

constexpr ServerSessions::NameKey name = 7;
constexpr ServerSessions::NameKey other_name = 8;

}  // namespace

TEST_CASE("a session is for the name that it was begun with") {
  Sessions sessions;
  ServerSessions kept;
  CHECK_FALSE(kept.take(name));
  tls::Session session = sessions.newer();
  const ssl_session_st* const mine = session.get();
  kept.keep(name, std::move(session));
  CHECK_FALSE(kept.take(other_name));
  CHECK(kept.take(name).get() == mine);
}

TEST_CASE("one of TLS 1.3 is used once, an older one again and again") {
  Sessions sessions;
  ServerSessions kept;
  kept.keep(name, sessions.newer());
  CHECK(kept.take(name));
  CHECK_FALSE(kept.take(name));
  kept.keep(name, sessions.older());
  const tls::Session first = kept.take(name);
  CHECK(first);
  CHECK(kept.take(name).get() == first.get());
}

TEST_CASE("the latest one comes first, and a new one of the older kind replaces the one before") {
  Sessions sessions;
  ServerSessions kept;
  tls::Session first = sessions.newer();
  tls::Session second = sessions.newer();
  const ssl_session_st* const one = first.get();
  const ssl_session_st* const two = second.get();
  kept.keep(name, std::move(first));
  kept.keep(name, std::move(second));
  CHECK(kept.take(name).get() == two);
  CHECK(kept.take(name).get() == one);

  kept.keep(name, sessions.older());
  tls::Session renewed = sessions.older();
  const ssl_session_st* const three = renewed.get();
  kept.keep(name, std::move(renewed));
  CHECK(kept.take(name).get() == three);
  kept.forget(name);
  CHECK_FALSE(kept.take(name));
}

TEST_CASE("what is kept is bounded: the oldest goes") {
  Sessions sessions;
  ServerSessions kept;
  for (std::size_t i = 0; i <= ServerSessions::kept_max; ++i) kept.keep(i, sessions.older());
  CHECK_FALSE(kept.take(0));
  for (std::size_t i = 1; i <= ServerSessions::kept_max; ++i) CHECK(kept.take(i));
}

TEST_CASE("sessions are forgotten, all or those of a name; none is nothing to keep") {
  Sessions sessions;
  ServerSessions kept;
  kept.keep(name, sessions.newer());
  kept.keep(name, sessions.newer());
  kept.keep(other_name, sessions.older());
  kept.keep(other_name, {});
  kept.forget(name);
  CHECK_FALSE(kept.take(name));
  CHECK(kept.take(other_name));
  kept.keep(name, sessions.newer());
  kept.forget_all();
  CHECK_FALSE(kept.take(name));
  CHECK_FALSE(kept.take(other_name));
}
