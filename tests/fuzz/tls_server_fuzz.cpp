// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "../unit/tls/certificates.hpp"
#include "base/check.hpp"
#include "tls/connection.hpp"
#include "tls/peer_facts.hpp"

namespace {

namespace tls = corelane::tls;
namespace test = corelane::test;

constexpr std::int64_t june_2027 = 1'811'808'000;

std::unique_ptr<tls::ServerContext> make_server() {
  tls::ServerSettings settings;
  settings.handshake.version_min = tls::Version::tls10;
  settings.handshake.alpn = {"h2", "http/1.1"};
  settings.handshake.client_ca = {{"ca.pem", test::ca_pem}};
  settings.handshake.verify = tls::Verify::optional;
  for (const auto& [chain, key] :
       {std::pair{test::ecdsa_pem, test::ecdsa_key}, {test::rsa_pem, test::rsa_key}}) {
    tls::CertificateSettings certificate;
    certificate.chain = {"site.pem", std::string(chain) + key};
    settings.certificates.push_back(certificate);
  }
  settings.tickets.secret = std::string(32, 's');
  tls::ServerContext::Built built = tls::ServerContext::build(settings, june_2027);
  CORELANE_CHECK(built.context);
  tls::set_time(june_2027);
  return std::move(built.context);
}

struct Outcome {
  tls::Error error = tls::Error::none;
  int alert = -1;
  bool ready = false;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// What a server makes of bytes that come `piece` at a time.
Outcome serve(const tls::ServerContext& server, std::string bytes, std::size_t piece) {
  tls::Connection connection;
  CORELANE_CHECK(connection.open(server, 0));
  std::array<std::byte, 16'384> out{};
  std::array<std::byte, 16'384> plain{};
  Outcome outcome;
  auto rest = std::as_writable_bytes(std::span(bytes));
  tls::Step step = tls::Step::want_input;
  while (step != tls::Step::failed && step != tls::Step::closed) {
    if (step == tls::Step::want_input && rest.empty()) break;
    const std::size_t size = std::min(piece, rest.size());
    tls::Io io{rest.first(size), out};
    std::span<std::byte> free = plain;
    step = connection.is_ready() ? connection.read(io, free) : connection.handshake(io, 0);
    CORELANE_CHECK(step != tls::Step::want_input || io.in.empty());
    rest = rest.subspan(size - io.in.size());
  }
  if (step == tls::Step::want_input) CORELANE_CHECK(connection.error() == tls::Error::none);
  if (step == tls::Step::failed) CORELANE_CHECK(connection.error() != tls::Error::none);
  connection.end_of_input();
  outcome.error = connection.error();
  outcome.alert = connection.alert_sent();
  outcome.ready = connection.is_ready();
  CORELANE_CHECK(!tls::words(outcome.error).empty());
  CORELANE_CHECK(tls::server_name(connection).value_or("").size() <= 255);
  return outcome;
}

}  // namespace

/// A server has one opinion of any bytes, whichever way they come.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::unique_ptr<tls::ServerContext> server = make_server();
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = serve(*server, bytes, bytes.size() + 1);
  CORELANE_CHECK(serve(*server, bytes, 1) == whole);
  CORELANE_CHECK(serve(*server, bytes, 7) == whole);
  return 0;
}
