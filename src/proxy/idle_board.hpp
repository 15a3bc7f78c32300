// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/time.hpp"
#include "io/socket.hpp"

namespace corelane::proxy {

/// A connection to a server that waits for whichever lane wants it. Nothing on it is in flight, and it has no
/// source port, which would be a lane's.
struct SharedConnection {
  io::Descriptor socket = io::no_descriptor;
  std::uint32_t exchanges = 0;
  const io::SocketAddress* address = nullptr;
  base::TimeUs since = 0;
};

/// What lanes know of each other's need of connections to servers, and where they leave each other idle ones.
///
/// Each server has a stack: whoever puts or takes does so at once, without a lock and without the other lane.
/// A lane keeps connections to itself up to its share of what the process needs, and looks here before it
/// opens another. So a new one is opened only while every idle one is within some lane's share: all lanes
/// together hold hardly more than the process had in use at once, plus one each.
class IdleBoard {
 public:
  /// Servers are numbered through all http backends. At most `connections_max` connections are here at a
  /// time.
  IdleBoard(std::size_t servers, std::uint32_t lanes, std::uint32_t connections_max);

  /// Any lane. False: no room.
  bool put(std::size_t server, const SharedConnection& connection) noexcept;
  /// Any lane: the one that came last. False: there is none.
  bool take(std::size_t server, SharedConnection& connection) noexcept;
  bool empty(std::size_t server) const noexcept;

  /// Any lane: the process has so many connections to the server in use.
  void saw_in_use(std::size_t server, std::uint32_t connections) noexcept;
  /// Connections, in use and idle, that a lane may have before it leaves idle ones here.
  std::uint32_t share(std::size_t server) const noexcept;

  /// Of all lanes that ask, one in `delay` has to purge the server's stack: it gets the time of the last
  /// purge, the others time_never. `connections` are in use now.
  base::TimeUs begin_purge(std::size_t server, base::TimeUs now, base::TimeUs delay,
                           std::uint32_t connections) noexcept;
  /// That lane: drops what `fit` does not want (drop(connection, true)), and half of the connections that are
  /// here since before `last`, those first that have been here longest (drop(connection, false)). Meanwhile
  /// others find few or none.
  template <class Fit, class Drop>
  void purge(std::size_t server, base::TimeUs last, Fit fit, Drop drop);

 private:
  static constexpr std::uint32_t none = 0;  // else a place's number + 1

  struct Place {
    std::atomic<std::uint32_t> next{none};
    SharedConnection connection;
  };
  /// Two halves: the first place, and a number that every change makes another one, so that who was
  /// interrupted does not take an old first place for the present one.
  using Stack = std::atomic<std::uint64_t>;
  struct alignas(128) ServerBoard {
    Stack stack{0};                          // written by lanes that put and take
    std::atomic<std::uint32_t> peak{0};      // in use at once since the last purge; written by who saw it
    std::atomic<std::uint32_t> need{0};      // what `peak` was lately; written by the lane that purges
    std::atomic<base::TimeUs> purged_at{0};  // written by that lane
  };

  void push(Stack& stack, std::uint32_t place) noexcept;
  std::uint32_t pop(Stack& stack) noexcept;
  std::uint32_t pop_all(Stack& stack) noexcept;
  std::uint32_t free_place() noexcept;
  Place& at(std::uint32_t place) noexcept { return places_[place - 1]; }
  /// Turns the chain round: the first one is then the one that has been there longest. Counts those from
  /// before `last`.
  std::uint32_t oldest_first(std::uint32_t place, base::TimeUs last, std::uint32_t& before) noexcept;

  std::uint32_t lanes_;
  std::uint32_t places_max_;
  std::unique_ptr<ServerBoard[]> boards_;
  std::unique_ptr<Place[]> places_;
  alignas(128) Stack free_{0};                 // written by lanes that put and take
  std::atomic<std::uint32_t> places_used_{0};  // ever; written by lanes that put
};

template <class Fit, class Drop>
void IdleBoard::purge(std::size_t server, base::TimeUs last, Fit fit, Drop drop) {
  Stack& stack = boards_[server].stack;
  std::uint32_t before = 0;
  std::uint32_t place = oldest_first(pop_all(stack), last, before);
  for (std::uint32_t too_many = before - before / 2; place != none;) {
    const std::uint32_t next = at(place).next.load(std::memory_order_relaxed);
    if (too_many > 0 || !fit(at(place).connection)) {
      drop(at(place).connection, too_many == 0);
      push(free_, place);
      too_many -= too_many > 0 ? 1U : 0U;
    } else {
      push(stack, place);
    }
    place = next;
  }
}

}  // namespace corelane::proxy
