// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/http_persistence.hpp"
#include "proxy/topology.hpp"

namespace corelane::proxy {

/// A backend's `cookie` as one lane works with it: its rules, and which value stands for which server.
class CookiePersistence {
 public:
  /// The backend has a cookie.
  explicit CookiePersistence(const Backend& backend);
  CookiePersistence(const CookiePersistence&) = delete;
  CookiePersistence& operator=(const CookiePersistence&) = delete;

  const proto::PersistenceRules& rules() const noexcept { return rules_; }
  /// Whether log lines tell of it: not of a cookie that is the servers' affair alone.
  bool is_logged() const noexcept { return logged_; }
  /// Empty for a server that has none. Good until the next call.
  std::string_view cookie_of(std::uint32_t server);
  /// In the next request that is read.
  void take_servers_that_are_down(bool taken) noexcept { takes_down_ = taken; }
  /// For proto::read_persistence().
  proto::PersistenceServers servers() noexcept { return {&CookiePersistence::find, this}; }

 private:
  static proto::PersistenceServer find(void* self, std::string_view value);
  void refresh(std::uint32_t server);

  struct Value {
    std::string text;
    const io::SocketAddress* made_of = nullptr;  // of a dynamic one
    bool dynamic = false;
  };

  const Backend& backend_;
  std::string attributes_;
  proto::PersistenceRules rules_;
  std::vector<Value> values_;  // one per server
  bool logged_;
  bool takes_down_ = false;
};

}  // namespace corelane::proxy
