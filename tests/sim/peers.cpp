// SPDX-License-Identifier: Apache-2.0
#include "sim/peers.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace corelane::sim {

namespace {
constexpr TimeUs knock_again_us_min = 5'000;
constexpr TimeUs knock_again_us_max = 100'000;
}  // namespace

// --- Bytes -------------------------------------------------------------------------------------------------

std::string_view Peer::strip_header(std::string_view bytes) {
  if (script_.header.version == config::ProxyVersion::none) return bytes;
  std::string fault;
  const std::string_view rest = header_reader_.take(bytes, fault);
  if (!fault.empty()) peers_.kernel().fail(fault);
  return rest;
}

std::optional<std::size_t> Peer::header_size() const noexcept {
  if (script_.header.version == config::ProxyVersion::none) return 0;
  return header_reader_.complete() ? std::optional(header_reader_.size()) : std::nullopt;
}

// The client that the header speaks of is the one that its bytes are from.
void Peer::check_header() {
  if (script_.header.version == config::ProxyVersion::none) return;
  const Script& client = partner_->script();
  const base::Endpoint& real = partner_->socket_->other->peer;
  const base::Endpoint& said = header_reader_.header().source;
  const base::Endpoint wanted = client.opening.announced.value_or(real);
  if (partner_->socket_->broken || said == wanted) return;
  peers_.kernel().fail(fmt::format("the header speaks of {} where the client is {}",
                                   base::endpoint_text(said), base::endpoint_text(wanted)));
}

// Number and its complement, then a sequence of the number's own.
std::byte Peer::byte_at(std::uint32_t number, std::uint64_t offset) noexcept {
  if (offset < 4) return static_cast<std::byte>(number >> (8 * offset));
  if (offset < header_bytes) return static_cast<std::byte>(~number >> (8 * (offset - 4)));
  const std::uint64_t mixed = (offset + (std::uint64_t{number} << 32)) * 0x9e3779b97f4a7c15;
  return static_cast<std::byte>(mixed >> 56);
}

void Peer::check(std::span<const std::byte> bytes) {
  for (const std::byte byte : bytes) {
    if (received_ < header_bytes) {
      header_[received_++] = byte;
      if (received_ == header_bytes) meet_partner();
      if (received_ == header_bytes && partner_ == nullptr) return;
      continue;
    }
    if (byte != byte_at(partner_->number_, received_)) {
      peers_.kernel().fail(fmt::format("peer {} got a wrong byte from peer {} at position {}", number_,
                                       partner_->number_, received_));
      return;
    }
    ++received_;
  }
}

void Peer::meet_partner() {
  std::uint32_t number = 0;
  for (unsigned i = 0; i < 4; ++i) number |= std::to_integer<std::uint32_t>(header_[i]) << (8 * i);
  Peer* partner = peers_.find(number);
  bool right = partner != nullptr && partner->client_ != client_;
  for (std::uint64_t i = 0; right && i < header_bytes; ++i) right = header_[i] == byte_at(number, i);
  if (right && partner_ == nullptr && partner->partner_ != nullptr) right = partner->partner_ == this;
  if (right && partner_ != nullptr) right = partner_ == partner;
  if (!right) {
    peers_.kernel().fail(
        fmt::format("peer {} got the bytes of no one, or of somebody else's partner", number_));
    return;
  }
  partner_ = partner;
  partner->partner_ = this;
  check_header();
}

// --- Behaviour ---------------------------------------------------------------------------------------------

Peer::Peer(Peers& peers, std::uint32_t number, bool client, const Script& script, Random random)
    : peers_(peers),
      script_(script),
      random_(random),
      header_reader_(script.header),
      number_(number),
      client_(client) {}

void Peer::attach(Socket& socket) {
  socket_ = &socket;
  socket.on_change = [this] { on_change(); };
  if (script_.break_after != base::time_never) {
    peers_.kernel().schedule(script_.break_after, [this] { break_now(); });
  }
  plan_write();
  plan_read();
}

void Peer::on_change() {
  plan_write();
  plan_read();
}

void Peer::plan_write() {
  if (closed_ || write_planned_ || end_sent_ || !socket_->writable()) return;
  write_planned_ = true;
  peers_.kernel().schedule(random_.between(0, script_.write_pause_us_max), [this] { write(); });
}

void Peer::plan_read() {
  if (closed_ || read_planned_ || !script_.reads || end_seen_ || !socket_->readable()) return;
  if (script_.writes_first && sent_ < script_.bytes_to_send && !socket_->writable()) return;
  read_planned_ = true;
  peers_.kernel().schedule(random_.between(0, script_.read_pause_us_max), [this] { read(); });
}

void Peer::write() {
  write_planned_ = false;
  if (closed_ || end_sent_) return;
  if (!opened()) {
    const std::string_view rest = std::string_view(script_.opening.bytes).substr(opening_sent_);
    const auto part =
        rest.substr(0, random_.size(1, std::max<std::size_t>(script_.write_max, rest.size() / 4)));
    const std::int64_t taken = peers_.kernel().send(*socket_, std::as_bytes(std::span(part)));
    if (taken < 0 && taken != -EAGAIN) {
      reset_seen_ = true;
      return close();
    }
    if (taken > 0) opening_sent_ += static_cast<std::size_t>(taken);
    if (taken != -EAGAIN) plan_write();
    return;
  }
  const std::uint64_t left = script_.bytes_to_send - sent_;
  if (left == 0) {
    end_if_due();
    return;
  }
  std::vector<std::byte> bytes(std::min<std::uint64_t>(left, random_.size(1, script_.write_max)));
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = byte_at(number_, sent_ + i);
  const std::int64_t taken = peers_.kernel().send(*socket_, bytes);
  if (taken == -EAGAIN) return;
  if (taken < 0) {
    reset_seen_ = true;
    close();
    return;
  }
  sent_ += static_cast<std::uint64_t>(taken);
  plan_write();
}

void Peer::read() {
  read_planned_ = false;
  if (closed_ || end_seen_) return;
  std::vector<std::byte> bytes(random_.size(1, script_.read_max));
  const std::int64_t count = peers_.kernel().receive(*socket_, bytes);
  if (count == -EAGAIN) return;
  if (count > 0) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(count));
    check(std::as_bytes(std::span(strip_header(text))));
    plan_read();
  } else if (count < 0 || !socket_->end_arrived()) {
    reset_seen_ = true;
    close();
  } else {
    end_seen_ = true;
    peers_.kernel().trace("peer {} sees the end after {} bytes", number_, received_);
    end_if_due();
  }
}

void Peer::end_if_due() {
  if (closed_) return;
  const bool due = script_.ending == Script::Ending::when_sent ||
                   (script_.ending == Script::Ending::after_the_other && end_seen_);
  if (due && !end_sent_ && sent_ == script_.bytes_to_send) {
    end_sent_ = true;
    peers_.kernel().trace("peer {} half-closes after {} bytes", number_, sent_);
    peers_.kernel().shutdown_send(*socket_);
  }
  if (end_sent_ && end_seen_) close();
}

void Peer::break_now() {
  if (closed_) return;
  broke_ = true;
  ++peers_.breaks;
  peers_.kernel().trace("peer {} breaks by {}", number_, script_.breaks_by_reset ? "reset" : "close");
  if (script_.breaks_by_reset) socket_->reset_on_close = true;
  close();
}

void Peer::close() {
  if (closed_) return;
  closed_ = true;
  peers_.kernel().trace("peer {} closes: sent {}, received {}", number_, sent_, received_);
  peers_.kernel().close(*socket_);
  if (socket_->fin_sent && !socket_->broken) end_sent_ = true;
}

Peer& Peers::add(bool client, const Script& script, Random random) {
  return all_.emplace_back(*this, static_cast<std::uint32_t>(all_.size()), client, script, random);
}

// --- Hosts and clients -------------------------------------------------------------------------------------

Host::Host(Peers& peers, HostHabits habits, Random random, MayConnect may_connect)
    : peers_(peers), habits_(std::move(habits)), random_(random), may_connect_(std::move(may_connect)) {}

Target::Answer Host::on_connect() {
  if (!may_connect_(++open_)) peers_.kernel().fail("a server that must not be used got a connection");
  const TimeUs delay = random_.between(0, habits_.answer_us_max);
  if (random_.chance(habits_.never_answers)) return {.error = 0, .delay = base::time_never};
  if (random_.chance(habits_.unreachable)) return {.error = EHOSTUNREACH, .delay = delay};
  if (random_.chance(habits_.no_source_port)) return {.error = EADDRNOTAVAIL, .delay = 0};
  if (random_.chance(habits_.refuses)) return {.error = ECONNREFUSED, .delay = delay};
  return {.error = 0, .delay = delay};
}

void Host::on_established(Socket& server_end) {
  Peer& peer = peers_.add(false, habits_.next_script(random_), random_.split());
  peers_.kernel().trace("peer {} is a server", peer.number());
  peer.attach(server_end);
}

Client::Client(Peers& peers, Listener& listener, const base::Endpoint& address, const Script& script,
               Random random)
    : peers_(peers),
      listener_(listener),
      address_(address),
      random_(random),
      peer_(peers.add(true, script, random.split())) {}

void Client::arrive_at(TimeUs delay) {
  peers_.kernel().schedule(delay, [this] { knock(); });
}

void Client::knock() {
  Kernel& kernel = peers_.kernel();
  if (listener_.closed) {
    arrival_ = Arrival::refused;
    return;
  }
  Socket* socket = kernel.connect_to_listener(listener_, address_);
  if (socket == nullptr) {
    arrive_at(random_.between(knock_again_us_min, knock_again_us_max));
    return;
  }
  kernel.trace("peer {} is a client and connects", peer_.number());
  arrival_ = Arrival::connected;
  peer_.attach(*socket);
}

}  // namespace corelane::sim
