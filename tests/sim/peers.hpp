// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "sim/kernel.hpp"
#include "sim/proxy_headers.hpp"
#include "sim/random.hpp"

namespace corelane::sim {

/// How one end of a connection behaves.
struct Script {
  enum class Ending : std::uint8_t {
    when_sent,        // half-closes after its last byte
    after_the_other,  // half-closes after its last byte and the other's end of stream
    never,            // keeps its half open
  };
  Opening opening;                                           // a client's, before the bytes that it counts
  config::SendProxy header{config::ProxyVersion::none, {}};  // a server's: what it must get first
  std::uint64_t bytes_to_send = 0;
  std::size_t write_max = 512;
  std::size_t read_max = 512;
  TimeUs write_pause_us_max = 1000;
  TimeUs read_pause_us_max = 1000;
  TimeUs break_after = base::time_never;  // reset, or closes without waiting for the rest
  Ending ending = Ending::when_sent;
  bool breaks_by_reset = true;
  bool reads = true;
  bool writes_first = false;  // does not read while it has something to send that is not taken
};

class Peers;

/// One end of a connection outside of the program under test. What it sends begins with its number, so that
/// the other end knows whose bytes to expect, and goes on with bytes that follow from number and position;
/// what it receives it checks.
class Peer {
 public:
  static constexpr std::uint64_t header_bytes = 8;

  Peer(Peers& peers, std::uint32_t number, bool client, const Script& script, Random random);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void attach(Socket& socket);

  std::uint32_t number() const noexcept { return number_; }
  const Script& script() const noexcept { return script_; }
  const Peer* partner() const noexcept { return partner_; }
  std::uint64_t sent() const noexcept { return sent_; }
  std::uint64_t received() const noexcept { return received_; }
  bool attached() const noexcept { return socket_ != nullptr; }
  /// What the program was told at its end of this peer's connection.
  const ProgramView& program_view() const noexcept { return socket_->other->seen; }
  bool end_sent() const noexcept { return end_sent_; }
  bool end_seen() const noexcept { return end_seen_; }
  bool reset_seen() const noexcept { return reset_seen_; }
  bool broke() const noexcept { return broke_; }
  /// Of the header that a server got; nothing when it is not known, since not all of it was read.
  std::optional<std::size_t> header_size() const noexcept;
  /// A client that begins with a header and has sent all of it.
  bool opened() const noexcept { return opening_sent_ == script_.opening.bytes.size(); }
  bool closed() const noexcept { return closed_; }

  static std::byte byte_at(std::uint32_t number, std::uint64_t offset) noexcept;

 private:
  void on_change();
  void plan_write();
  void plan_read();
  void write();
  void read();
  void check(std::span<const std::byte> bytes);
  std::string_view strip_header(std::string_view bytes);
  void check_header();
  void meet_partner();
  void end_if_due();
  void break_now();
  void close();

  Peers& peers_;
  const Script script_;
  Random random_;
  Socket* socket_ = nullptr;
  Peer* partner_ = nullptr;
  HeaderReader header_reader_;
  std::size_t opening_sent_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  std::array<std::byte, header_bytes> header_{};  // of the partner
  std::uint32_t number_;
  bool client_;
  bool write_planned_ = false;
  bool read_planned_ = false;
  bool end_sent_ = false;
  bool end_seen_ = false;
  bool reset_seen_ = false;
  bool broke_ = false;
  bool closed_ = false;
};

/// All peers of a run, by number.
class Peers {
 public:
  explicit Peers(Kernel& kernel) : kernel_(kernel) {}

  Kernel& kernel() noexcept { return kernel_; }
  Peer& add(bool client, const Script& script, Random random);
  Peer* find(std::uint32_t number) noexcept { return number < all_.size() ? &all_[number] : nullptr; }
  const std::deque<Peer>& all() const noexcept { return all_; }
  std::uint64_t breaks = 0;

 private:
  Kernel& kernel_;
  std::deque<Peer> all_;
};

/// What a server's machine does with connects. Chances are per mille.
struct HostHabits {
  unsigned refuses = 0;
  unsigned unreachable = 0;
  unsigned no_source_port = 0;
  unsigned never_answers = 0;
  TimeUs answer_us_max = 1000;
  std::function<Script(Random&)> next_script;
};

/// Whether the program may connect to a server now.
using MayConnect = std::function<bool(std::uint32_t connections)>;

/// A server.
class Host final : public Target {
 public:
  /// `may_connect` is asked at each attempt, with the number of those open, this one included.
  Host(Peers& peers, HostHabits habits, Random random, MayConnect may_connect);
  Answer on_connect() override;
  void on_gone() override { --open_; }
  void on_established(Socket& server_end) override;

 private:
  Peers& peers_;
  HostHabits habits_;
  Random random_;
  MayConnect may_connect_;
  std::uint32_t open_ = 0;  // connections and attempts that the program has not closed
};

/// A client's whole life: arrives, waits for a place in the backlog, talks.
class Client {
 public:
  enum class Arrival : std::uint8_t { coming, connected, refused };

  Client(Peers& peers, Listener& listener, const base::Endpoint& address, const Script& script,
         Random random);
  void arrive_at(TimeUs delay);

  const Peer& peer() const noexcept { return peer_; }
  const base::Endpoint& address() const noexcept { return address_; }
  Arrival arrival() const noexcept { return arrival_; }
  bool over() const noexcept { return arrival_ == Arrival::refused || peer_.closed(); }

 private:
  void knock();

  Peers& peers_;
  Listener& listener_;
  base::Endpoint address_;
  Random random_;
  Peer& peer_;
  Arrival arrival_ = Arrival::coming;
};

}  // namespace corelane::sim
