// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls_binds.hpp"

#include <doctest/doctest.h>

#include <string>

#include "../tls/certificates.hpp"

using namespace corelane;
using proxy::TlsBinds;
using proxy::TlsReplacement;

namespace {

std::unique_ptr<tls::ServerContext> context() {
  tls::ServerSettings settings;
  settings.certificates.emplace_back().chain = {"site.pem", std::string(test::ecdsa_pem) + test::ecdsa_key};
  return tls::ServerContext::build(settings, 0).context;
}

/// Two frontends: one bind, and two of which the first has no TLS.
TlsBinds binds(bool first, bool second) {
  TlsBinds made(2);
  made[0].push_back(first ? context() : nullptr);
  made[1].push_back(nullptr);
  made[1].push_back(second ? context() : nullptr);
  return made;
}

}  // namespace

TEST_CASE("a lane takes what is to be replaced, and keeps the rest") {
  TlsBinds mine = binds(true, true);
  const tls::ServerContext* const kept = mine[1][1].get();
  TlsReplacement replacement;
  CHECK_FALSE(replacement.waiting());
  replacement.take(mine);
  TlsBinds next = binds(true, false);
  const tls::ServerContext* const given = next[0][0].get();
  replacement.give(std::move(next));
  CHECK(replacement.waiting());
  replacement.take(mine);
  CHECK(mine[0][0].get() == given);
  CHECK(mine[1][0] == nullptr);
  CHECK(mine[1][1].get() == kept);
  CHECK_FALSE(replacement.waiting());
}

TEST_CASE("what was not taken yet is given all the same, but for what is newer") {
  TlsBinds mine = binds(true, true);
  TlsReplacement replacement;
  TlsBinds first = binds(true, true);
  const tls::ServerContext* const older = first[1][1].get();
  TlsBinds second = binds(true, false);
  const tls::ServerContext* const newer = second[0][0].get();
  replacement.give(std::move(first));
  replacement.give(std::move(second));
  replacement.take(mine);
  CHECK(mine[0][0].get() == newer);
  CHECK(mine[1][1].get() == older);
}

TEST_CASE("what nobody takes is freed with its place") {
  TlsReplacement replacement;
  replacement.give(binds(true, true));
}
