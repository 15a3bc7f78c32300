// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <malloc.h>

#include <memory>
#include <vector>

#include "pair.hpp"

using namespace corelane::tls;
using namespace corelane::test;

namespace {

constexpr std::size_t connections = 200;
constexpr std::size_t idle_bytes_max = 10'000;

/// What a server's connection holds of the heap when both ends have said something and wait. Clients are
/// forgotten by then.
std::size_t idle_bytes(Version version, bool with_certificate) {
  ServerSettings settings = server_settings();
  settings.handshake.version_max = version;
  if (with_certificate) settings.handshake.client_ca = {{"ca.pem", ca_pem}};
  ClientSettings ours = client_settings();
  ours.reuse_sessions = false;
  if (with_certificate) ours.certificate = certificate(client_pem, client_key);
  const auto server = build(settings);
  const auto client = build(ours);
  const std::string large(50'000, 'x');
  std::vector<std::unique_ptr<Pair>> pairs;
  for (std::size_t i = 0; i < connections; ++i) pairs.push_back(std::make_unique<Pair>());
  const std::size_t before = mallinfo2().uordblks;
  for (const auto& pair : pairs) {
    REQUIRE(pair->connect(*server, *client));
    REQUIRE(pair->pass(pair->client, pair->server, large) == large);
    REQUIRE(pair->pass(pair->server, pair->client, large) == large);
    pair->client.connection.reset();
    for (End* const end : {&pair->client, &pair->server}) {
      std::string().swap(end->incoming);
      std::string().swap(end->outgoing);
    }
  }
  return (mallinfo2().uordblks - before) / connections;
}

}  // namespace

TEST_CASE("an idle connection is small") {
  for (const Version version : {Version::tls12, Version::tls13}) {
    for (const bool with_certificate : {false, true}) {
      const std::size_t bytes = idle_bytes(version, with_certificate);
      CAPTURE(version_name(version));
      CAPTURE(with_certificate);
      MESSAGE(bytes);
      CHECK(bytes < idle_bytes_max);
    }
  }
}
