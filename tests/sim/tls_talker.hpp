// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel.hpp"
#include "sim/talker.hpp"
#include "tls/connection.hpp"

namespace corelane::sim {

/// Seconds since 1970 when the tests' certificates are good.
inline constexpr std::int64_t tls_test_time = 1'811'808'000;

/// One end of a TLS connection: its bytes go through here, what they mean is decided by step().
class TlsTalker : public Talker {
 protected:
  TlsTalker(Kernel& kernel, const Pace& pace, Random random)
      : Talker(kernel, pace, random), memory_(memory_bytes) {}

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

  tls::Connection connection_;

 private:
  static constexpr std::size_t memory_bytes = 64 * 1024;

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

}  // namespace corelane::sim
