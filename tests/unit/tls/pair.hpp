// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "certificates.hpp"
#include "tls/connection.hpp"
#include "tls/peer_facts.hpp"

namespace corelane::test {

/// The first of June 2027, when all certificates but one are good.
inline constexpr std::int64_t test_time = 1'811'808'000;

inline tls::CertificateSettings certificate(const char* chain, const char* key,
                                            std::string name = "site.pem") {
  tls::CertificateSettings settings;
  settings.chain = {std::move(name), std::string(chain) + key};
  return settings;
}

inline tls::ServerSettings server_settings() {
  tls::ServerSettings settings;
  settings.certificates = {certificate(ecdsa_pem, ecdsa_key)};
  settings.tickets.secret = std::string(32, 's');
  return settings;
}

inline tls::ClientSettings client_settings() {
  tls::ClientSettings settings;
  settings.handshake.client_ca = {{"ca.pem", ca_pem}};
  return settings;
}

inline std::unique_ptr<tls::ServerContext> build(const tls::ServerSettings& settings) {
  tls::ServerContext::Built built = tls::ServerContext::build(settings, test_time);
  for (const tls::SettingError& error : built.errors) MESSAGE(error.key << ": " << error.text);
  REQUIRE(built.context);
  return std::move(built.context);
}

inline std::unique_ptr<tls::ClientContext> build(const tls::ClientSettings& settings) {
  tls::ClientContext::Built built = tls::ClientContext::build(settings, test_time);
  for (const tls::SettingError& error : built.errors) MESSAGE(error.key << ": " << error.text);
  REQUIRE(built.context);
  return std::move(built.context);
}

/// One end of a pair: what it was sent and has not taken, and what it made.
struct End {
  tls::Connection connection;
  std::string incoming;
  std::string outgoing;
  tls::Step step = tls::Step::want_input;

  template <typename Call>
  tls::Step with_io(std::size_t input_max, std::size_t output_max, Call call) {
    std::string in = incoming.substr(0, input_max);
    std::string out(output_max, '\0');
    tls::Io io{std::as_writable_bytes(std::span(in)), std::as_writable_bytes(std::span(out))};
    const tls::Step result = call(io);
    incoming.erase(0, in.size() - io.in.size());
    outgoing.append(out, 0, out.size() - io.out.size());
    return result;
  }

  tls::Step handshake(std::size_t input_max = 1 << 16, std::size_t output_max = 1 << 16) {
    return step = with_io(input_max, output_max, [this](tls::Io& io) { return connection.handshake(io, 0); });
  }

  tls::Step write(std::string_view text, std::size_t output_max = 1 << 22) {
    auto plain = std::as_bytes(std::span(text));
    return with_io(0, output_max, [&](tls::Io& io) { return connection.write(io, plain, 0); });
  }

  tls::Step read(std::string& text, std::size_t input_max = 1 << 22) {
    std::string memory(1 << 16, '\0');
    auto plain = std::as_writable_bytes(std::span(memory));
    const tls::Step result =
        with_io(input_max, tls::output_bytes_min, [&](tls::Io& io) { return connection.read(io, plain); });
    text.append(memory, 0, memory.size() - plain.size());
    return result;
  }

  /// Everything that comes until there is no more.
  tls::Step read_all(std::string& text) {
    for (;;) {
      const tls::Step result = read(text);
      if (result != tls::Step::done) return result;
    }
  }

  tls::Step close() {
    return with_io(0, tls::output_bytes_min, [this](tls::Io& io) { return connection.close(io); });
  }
};

/// A client and a server, and the bytes between them.
struct Pair {
  End client;
  End server;

  Pair() { tls::set_time(test_time); }

  void deliver() {
    server.incoming += std::exchange(client.outgoing, {});
    client.incoming += std::exchange(server.outgoing, {});
  }

  /// Both go on until neither can: true when both are ready.
  bool shake(std::size_t input_max = 1 << 16, std::size_t output_max = 1 << 16) {
    for (int turn = 0; turn < 20'000; ++turn) {
      const auto moved = client.incoming.size() + server.incoming.size();
      client.handshake(input_max, output_max);
      server.handshake(input_max, output_max);
      const bool quiet = client.outgoing.empty() && server.outgoing.empty();
      deliver();
      if (client.connection.is_ready() && server.connection.is_ready()) return true;
      if (quiet && client.incoming.size() + server.incoming.size() == moved) return false;
    }
    return false;
  }

  bool connect(const tls::ServerContext& for_server, const tls::ClientContext& for_client,
               std::string_view name = "a.example", const tls::Session* session = nullptr) {
    REQUIRE(server.connection.open(for_server, 0));
    REQUIRE(client.connection.open(for_client, {name, session}, 0));
    return shake();
  }

  /// What a client gets when it says `text`.
  std::string pass(End& from, End& to, std::string_view text) {
    CHECK(from.write(text) == tls::Step::done);
    deliver();
    std::string got;
    to.read_all(got);
    return got;
  }
};

}  // namespace corelane::test
