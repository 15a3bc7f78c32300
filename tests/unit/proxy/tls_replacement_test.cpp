// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls_replacement.hpp"

#include <doctest/doctest.h>

#include <string>

#include "../tls/certificates.hpp"

using namespace corelane;
using proxy::TlsBinds;
using proxy::TlsContexts;
using proxy::TlsReplacement;
using proxy::TlsServerPlace;
using proxy::TlsServers;

namespace {

std::unique_ptr<tls::ServerContext> context() {
  tls::ServerSettings settings;
  settings.certificates.emplace_back().chain = {"site.pem", std::string(test::ecdsa_pem) + test::ecdsa_key};
  return tls::ServerContext::build(settings, 0).context;
}

TlsServerPlace server_context() {
  tls::ClientSettings settings;
  settings.verify = false;
  return tls::ClientContext::build(settings, 0).context;
}

/// Two frontends: one bind, and two of which the first has no TLS.
TlsBinds binds(bool first, bool second) {
  TlsBinds made(2);
  made[0].push_back(first ? context() : nullptr);
  made[1].push_back(nullptr);
  made[1].push_back(second ? context() : nullptr);
  return made;
}

/// Two kinds of servers.
std::vector<TlsServerPlace> servers(bool first, bool second) {
  std::vector<TlsServerPlace> made;
  made.push_back(first ? server_context() : nullptr);
  made.push_back(second ? server_context() : nullptr);
  return made;
}

/// A lane's.
struct Mine {
  TlsBinds binds = ::binds(true, true);
  TlsServers servers{.contexts = ::servers(true, true), .of_server = {{1, 2}}};
};

}  // namespace

TEST_CASE("a lane takes what is to be replaced, and keeps the rest") {
  Mine mine;
  const tls::ServerContext* const kept = mine.binds[1][1].get();
  const tls::ClientContext* const server_kept = mine.servers.contexts[0].get();
  const tls::ClientContext* const server_before = mine.servers.contexts[1].get();
  TlsReplacement replacement;
  CHECK_FALSE(replacement.waiting());
  CHECK(replacement.take(mine.binds, mine.servers) == nullptr);
  TlsContexts next{.binds = binds(true, false), .servers = servers(false, true)};
  const tls::ServerContext* const given = next.binds[0][0].get();
  const tls::ClientContext* const server_given = next.servers[1].get();
  replacement.give(std::move(next));
  CHECK(replacement.waiting());
  const std::unique_ptr<TlsContexts> before = replacement.take(mine.binds, mine.servers);
  REQUIRE(before != nullptr);
  CHECK(mine.binds[0][0].get() == given);
  CHECK(mine.binds[1][0] == nullptr);
  CHECK(mine.binds[1][1].get() == kept);
  CHECK(mine.servers.find(0, 0)->get() == server_kept);
  CHECK(mine.servers.find(0, 1)->get() == server_given);
  // Those that went are where they were replaced.
  CHECK(before->servers[0] == nullptr);
  CHECK(before->servers[1].get() == server_before);
  CHECK_FALSE(replacement.waiting());
}

TEST_CASE("what was not taken yet is given all the same, but for what is newer") {
  Mine mine;
  TlsReplacement replacement;
  TlsContexts first{.binds = binds(true, true), .servers = {}};
  const tls::ServerContext* const older = first.binds[1][1].get();
  TlsContexts second{.binds = binds(true, false), .servers = servers(true, true)};
  const tls::ServerContext* const newer = second.binds[0][0].get();
  const tls::ClientContext* const server_older = second.servers[0].get();
  TlsContexts third{.binds = {}, .servers = servers(false, true)};
  const tls::ClientContext* const server_newer = third.servers[1].get();
  for (TlsContexts* next : {&first, &second, &third}) replacement.give(std::move(*next));
  replacement.take(mine.binds, mine.servers);
  CHECK(mine.binds[0][0].get() == newer);
  CHECK(mine.binds[1][1].get() == older);
  CHECK(mine.servers.contexts[0].get() == server_older);
  CHECK(mine.servers.contexts[1].get() == server_newer);
}

TEST_CASE("what nobody takes is freed with its place") {
  TlsReplacement replacement;
  replacement.give({.binds = binds(true, true), .servers = servers(true, false)});
}
