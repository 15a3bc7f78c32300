// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "proxy/tls_servers.hpp"
#include "tls/connection.hpp"

namespace corelane::control {

/// What a check over TLS needs to know of its server. What stands in the place is the control thread's.
struct CheckTlsTarget {
  const proxy::TlsServerPlace* place = nullptr;  // null: the check is not over TLS
  std::string_view server_name;                  // SNI, and what the certificate must be for; may be empty
};

/// The TLS between what a check says and hears, and what goes over the network. Times are monotonic.
class CheckTls {
 public:
  /// Begins a handshake; `output` gets what is to be sent. False: no memory.
  bool open(const CheckTlsTarget& target, base::TimeUs now, std::string& output);
  void forget() noexcept { connection_.reset(); }
  bool is_open() const noexcept { return connection_.is_open(); }

  enum class State : std::uint8_t {
    shaking_hands,  // more has to come
    talking,
    ended,   // the server has said close_notify
    failed,  // see failure()
  };
  /// What the network brought, which is written to. What the server says is appended to `plain`, what is to
  /// be sent to `output`.
  State take(std::span<std::byte> bytes, base::TimeUs now, std::string& plain, std::string& output);
  /// Appends to `output` what says `plain`; only while talking. False: that failed.
  bool say(std::string_view plain, base::TimeUs now, std::string& output);
  /// Why, in words.
  std::string_view failure() const noexcept { return connection_.failure(); }

 private:
  tls::Connection connection_;
};

}  // namespace corelane::control
