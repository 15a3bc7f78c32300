// SPDX-License-Identifier: Apache-2.0
#include "control/check_tls.hpp"

#include <array>

namespace corelane::control {
namespace {

/// Room for one record each.
constexpr std::size_t room_bytes = 16 * 1024;

/// Lends the engine room and appends to `output` what it has put there.
class Room {
 public:
  tls::Io io(std::span<std::byte> in) { return {.in = in, .out = room_}; }
  void take(const tls::Io& io, std::string& output) const {
    output.append(reinterpret_cast<const char*>(room_.data()), room_.size() - io.out.size());
  }

 private:
  std::array<std::byte, room_bytes> room_;
};

}  // namespace

bool CheckTls::open(const CheckTlsTarget& target, base::TimeUs now, std::string& output) {
  if (!connection_.open(**target.place, {.server_name = target.server_name}, now)) return false;
  std::string plain;
  return take({}, now, plain, output) == State::shaking_hands;
}

CheckTls::State CheckTls::take(std::span<std::byte> bytes, base::TimeUs now, std::string& plain,
                               std::string& output) {
  Room room;
  std::array<char, room_bytes> text;
  while (true) {
    tls::Io io = room.io(bytes);
    std::span<std::byte> unread = std::as_writable_bytes(std::span(text));
    const bool ready = connection_.is_ready();
    const tls::Step step = ready ? connection_.read(io, unread) : connection_.handshake(io, now);
    bytes = io.in;
    room.take(io, output);
    plain.append(text.data(), text.size() - unread.size());
    switch (step) {
      case tls::Step::done:
      case tls::Step::want_output:
        break;
      case tls::Step::want_input:
        return ready ? State::talking : State::shaking_hands;
      case tls::Step::closed:
        return State::ended;
      case tls::Step::failed:
        return State::failed;
    }
  }
}

bool CheckTls::say(std::string_view plain, base::TimeUs now, std::string& output) {
  Room room;
  std::span<const std::byte> rest = std::as_bytes(std::span(plain));
  while (true) {
    tls::Io io = room.io({});
    const tls::Step step = connection_.write(io, rest, now);
    room.take(io, output);
    if (step == tls::Step::done) return true;
    if (step != tls::Step::want_output) return false;
  }
}

}  // namespace corelane::control
