// SPDX-License-Identifier: Apache-2.0
// What simulated tests of TLS have in common.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel.hpp"
#include "sim/talker.hpp"
#include "tls/connection.hpp"
#include "unit/tls/certificates.hpp"

namespace corelane::sim {

inline constexpr std::int64_t tls_test_time = 1'811'808'000;  // when the certificates are good
inline constexpr std::size_t tls_scratch_bytes = 64 * 1024;

/// One end of a TLS connection: its bytes go through here, what they mean is decided by step().
class TlsTalker : public Talker {
 protected:
  TlsTalker(Kernel& kernel, const Pace& pace, Random random)
      : Talker(kernel, pace, random), memory_(tls_scratch_bytes) {}

  /// Something has come.
  virtual void step() = 0;

  template <class Call>
  tls::Step with_io(Call call) {
    tls::Io io{std::as_writable_bytes(std::span(incoming_)), memory_};
    const tls::Step result = call(io);
    incoming_.erase(0, incoming_.size() - io.in.size());
    const std::size_t made = memory_.size() - io.out.size();
    if (made != 0) say({reinterpret_cast<const char*>(memory_.data()), made});
    return result;
  }

  /// Goes on with the handshake, where it is not over. Whether it is then.
  bool ready() {
    if (!connection_.is_ready()) with_io([this](tls::Io& io) { return connection_.handshake(io, 0); });
    return connection_.is_ready();
  }
  /// Says all of it inside; false: it cannot be said.
  bool say_inside(std::span<const std::byte> rest) {
    while (!rest.empty())
      if (with_io([&](tls::Io& io) { return connection_.write(io, rest, 0); }) == tls::Step::failed)
        return false;
    return true;
  }
  /// Calls take(bytes) with what was said inside, until there is no more; what ended it.
  template <class Take>
  tls::Step hear_inside(Take take) {
    std::vector<std::byte> read(tls_scratch_bytes);
    tls::Step step = tls::Step::done;
    while (step == tls::Step::done) {
      std::span<std::byte> plain(read);
      step = with_io([&](tls::Io& io) { return connection_.read(io, plain); });
      take(std::string_view(reinterpret_cast<const char*>(read.data()), read.size() - plain.size()));
    }
    return step;
  }

  tls::Connection connection_;

 private:
  void heard(std::string_view bytes) override {
    incoming_ += bytes;
    step();
  }
  void heard_end() override { end(); }
  void heard_break() override {}
  void said_all() override {}

  std::string incoming_;
  std::vector<std::byte> memory_;
};

inline std::unique_ptr<tls::ServerContext> server_context(bool early_data = false) {
  tls::ServerSettings settings;
  tls::CertificateSettings& certificate = settings.certificates.emplace_back();
  certificate.chain = {"site.pem", std::string(test::ecdsa_pem) + test::ecdsa_key};
  settings.tickets.secret = std::string(32, 's');
  settings.early_data = early_data;
  tls::ServerContext::Built built = tls::ServerContext::build(settings, tls_test_time);
  REQUIRE(built.context != nullptr);
  return std::move(built.context);
}

inline std::unique_ptr<tls::ClientContext> client_context() {
  tls::ClientSettings settings;
  settings.handshake.client_ca = {{"ca.pem", test::ca_pem}};
  tls::ClientContext::Built built = tls::ClientContext::build(settings, tls_test_time);
  REQUIRE(built.context != nullptr);
  return std::move(built.context);
}

inline Weather rough(Random& random) {
  Weather weather;
  weather.short_io = random.pick({0U, 300U, 800U});
  weather.spurious_poll = random.pick({0U, 200U});
  weather.no_buffer = random.pick({0U, 5U, 100U});
  weather.multishot_ends = random.pick({0U, 500U});
  weather.multishot_capped = random.chance(500);
  weather.socket_buffer_min = random.pick({64U, 512U});
  weather.socket_buffer_max = weather.socket_buffer_min + 4000;
  return weather;
}

}  // namespace corelane::sim
