// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace corelane::balance {

struct ServerView;

/// HAProxy's map: a list in which every server stands as often as its weight says (divided by what the
/// weights have in common), spread as its weight allows. The order is HAProxy's to the last place.
class ServerMap {
 public:
  /// At most servers_max servers.
  void build(std::span<const ServerView> servers);

  std::size_t size() const noexcept { return places_.size(); }
  std::uint32_t server(std::size_t place) const noexcept { return places_[place]; }

 private:
  std::vector<std::uint16_t> places_;
};

}  // namespace corelane::balance
