// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tls/client_context.hpp"

namespace corelane::proxy {

/// TLS sessions of one server that a lane may come back to. A server is what it was verified to be when the
/// session began: a session is only for connections that ask for the same name.
class ServerSessions {
 public:
  static constexpr std::size_t kept_max = 4;

  /// What stands for a name that is asked for; the empty one is a name, too.
  using NameKey = std::uint64_t;

  /// The latest one for this name; empty: there is none. One that may be used once is not kept any more.
  tls::Session take(NameKey name);
  void keep(NameKey name, tls::Session&& session);
  /// The server did not take one up, or is not what it was.
  void forget(NameKey name);
  void forget_all();

 private:
  struct Kept {
    NameKey name = 0;
    tls::Session session;
  };

  Kept* find(NameKey name);

  std::array<Kept, kept_max> kept_;  // the latest first
};

}  // namespace corelane::proxy
