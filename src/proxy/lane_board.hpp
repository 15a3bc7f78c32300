// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>

#include "proxy/accepted_client.hpp"

namespace corelane::proxy {

/// What lanes know of each other's load, and where they leave each other new connections.
///
/// A connection is handed over in this order: the sender reserves a place, which counts as load of the other
/// lane at once; it puts the client there; it nudges the lane; that one takes the client, and gives the place
/// back when the client counts among those it carries. A lane that is closing refuses reservations and waits
/// for the clients of those it has granted, so none is left in a box that nobody opens.
class LaneBoard {
 public:
  static constexpr std::uint32_t clients_coming_max = 256;  // of one lane; power of two
  static constexpr std::uint32_t closed_load = UINT32_MAX;

  explicit LaneBoard(std::uint32_t lanes) : boxes_(lanes) {}

  std::uint32_t lanes() const noexcept { return static_cast<std::uint32_t>(boxes_.size()); }

  /// Any lane: connections that this lane carries and those on their way to it, about. closed_load: it takes
  /// none.
  std::uint32_t load(std::uint32_t lane) const noexcept;
  /// Any lane: a place for one more client, if the lane's load is below this and it has room.
  bool reserve(std::uint32_t lane, std::uint32_t below) noexcept;
  /// After reserve().
  void put(std::uint32_t lane, const AcceptedClient& client) noexcept;

  /// The lane itself: how many connections it carries.
  void publish(std::uint32_t lane, std::uint32_t carried) noexcept;
  /// The lane itself: the client that came first. False when there is none yet.
  bool take(std::uint32_t lane, AcceptedClient& client) noexcept;
  /// The lane itself: a client that it took is among those it carries, or was let go.
  void give_back_place(std::uint32_t lane) noexcept;
  /// The lane itself: nobody hands it anything from now on. False while somebody still does.
  bool close(std::uint32_t lane) noexcept;

 private:
  static constexpr std::uint32_t closed = 1U << 31;

  struct Place {
    AcceptedClient client;
    std::atomic<std::uint64_t> filled{0};  // its position + 1; written by whoever put the client there
  };
  struct alignas(128) Box {
    std::atomic<std::uint32_t> carried{0};  // written by the lane itself
    /// Places reserved and not given back, or `closed`. Written by those who hand over, and by the lane.
    std::atomic<std::uint32_t> coming{0};
    alignas(128) std::atomic<std::uint64_t> puts{0};  // written by those who hand over
    std::array<Place, clients_coming_max> places;
    std::uint64_t takes = 0;  // the lane's own
  };

  std::deque<Box> boxes_;
};

}  // namespace corelane::proxy
