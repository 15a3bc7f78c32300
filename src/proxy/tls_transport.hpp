// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/intrusive_list.hpp"
#include "io/buffer.hpp"
#include "io/op.hpp"
#include "proxy/peer.hpp"
#include "proxy/server_sessions.hpp"
#include "proxy/tls_servers.hpp"
#include "tls/connection.hpp"

namespace corelane::proxy {

struct LaneState;

/// The TLS of one end of a stream. Towards the stream it stands in the ring's place: it takes the end's two
/// operations and completes them with plaintext as the ring completes those of others, so that what streams
/// do with bytes does not know of TLS. Towards the kernel it has two operations of its own.
///
/// It holds at most one buffer of ciphertext that goes out, and what one receive has brought of that which
/// comes in; neither while nothing moves. More is received only for a stream that wants to read and has
/// read what was there: a slow reader is felt by the sender's TCP window.
///
/// Of its lane's thread. A completion may end the stream and with it this: nothing is touched behind one.
class TlsTransport : public base::ListNode, public io::OpOwner {
 public:
  TlsTransport(LaneState& lane, Peer& peer);
  ~TlsTransport();

  /// False: no memory. `keeps_hello` as tls::Connection::open.
  bool open(const tls::ServerContext& context, bool keeps_hello);
  /// Towards a server: what is asked of it, and how connections are told apart that ask for something else.
  struct ServerWanted {
    std::string_view name;           // SNI; may be empty
    std::string_view nameless_host;  // as tls::ClientTarget
    ServerSessions::NameKey name_key = 0;
    ServerSessions* sessions = nullptr;  // null: none are kept
  };
  /// False: no memory, or a name that cannot be asked for. The place lasts as long as this.
  bool open(const TlsServerPlace& place, const ServerWanted& wanted);
  /// The server's context is not the one any more that this began with: nothing new may begin on it, since
  /// the server may not be trusted any longer.
  bool is_outdated() const noexcept { return place_ != nullptr && !connection_.began_with(**place_); }
  ServerSessions::NameKey name_key() const noexcept { return name_key_; }
  /// Ciphertext that came before this was there.
  void take_over(io::BufferQueue& received);

  enum class Handshake : std::uint8_t { going_on, done, failed };
  /// Goes on with the handshake as far as it can; the stream is advanced when there is more to do.
  Handshake shake_hands();
  /// The handshake has failed: says so to the peer, and drops what still comes. True: that is over.
  bool part();

  /// As Ring::receive with the peer's `receive`, for one completion. `reserved`: without a buffer of the
  /// lane, the way of Ring::receive_reserved.
  void receive(bool reserved);
  /// As Ring::send with the peer's `send`; the bytes that a completion reports are plaintext.
  void send(std::span<const std::byte> bytes);
  /// Ends what is in flight, as Ring::cancel; nothing moves from now on.
  void cancel();
  /// close_notify, and a FIN behind it.
  void shutdown_send();
  /// The same for a connection that is about to be cancelled, as far as it goes out at once.
  void take_leave();
  /// Nothing that was to go out is still here.
  bool is_quiet() const noexcept;

  /// Whether the peer's operation is here, and not with the ring.
  bool holds(const io::Op& op) const noexcept { return &op == &peer_.receive ? receiving_ : sending_; }
  /// There is, or may be, something to read without the network.
  bool has_input() const noexcept;
  /// The other end stopped without close_notify: what it said may have been cut.
  bool is_truncated() const noexcept { return truncated_; }
  /// It broke the protocol, or a record was forged.
  bool has_failed() const noexcept { return connection_.error() != tls::Error::none; }
  bool heard_anything() const noexcept { return heard_; }
  /// Why, in words that live for ever; empty: nothing failed.
  std::string_view failure() const noexcept;
  const tls::Connection& connection() const noexcept { return connection_; }

  /// End of a turn, for those in LaneTls::ready.
  void advance();

 private:
  io::Op* next_completion(io::Completion& completion);
  bool finish_send(io::Completion& completion);
  bool finish_receive(io::Completion& completion);
  bool read(io::Completion& completion);
  tls::Step read_into(std::span<std::byte>& plain);
  void arm_receive();
  void encrypt();
  void say_goodbye();
  void flush();
  void schedule();
  std::span<std::byte> room();
  void sent_to(const tls::Io& io, std::span<std::byte> offered);
  std::span<std::byte> front_of_input();
  void taken(std::span<std::byte> before, const tls::Io& io);
  void drop_input();

  static void on_received(io::Op& op, io::Completion& completion);
  static void on_readable(io::Op& op, io::Completion& completion);
  static void on_sent(io::Op& op, io::Completion& completion);
  void note_received(io::Completion& completion);
  void keep_session();

  LaneState& lane_;
  Peer& peer_;
  tls::Connection connection_;
  const TlsServerPlace* place_ = nullptr;  // null towards clients
  ServerSessions* sessions_ = nullptr;     // of the server, where some are kept
  ServerSessions::NameKey name_key_ = 0;
  io::Op raw_receive_;
  io::Op raw_send_;
  io::BufferQueue input_;             // ciphertext that was not read yet
  io::BufferLease output_;            // ciphertext: what is between the two marks is to be sent
  std::span<const std::byte> plain_;  // of the peer's send: what is not encrypted yet
  std::uint32_t output_begin_ = 0;
  std::uint32_t output_end_ = 0;
  std::uint32_t send_bytes_ = 0;  // of the peer's send
  std::int16_t input_error_ = 0;  // -errno, as the next
  std::int16_t output_error_ = 0;
  bool receiving_ : 1 = false;  // the peer's receive is in flight, here
  bool sending_ : 1 = false;
  bool reserved_ = false;   // that receive takes no buffer of the lane
  bool no_buffer_ = false;  // the ring had none for it
  bool input_ended_ : 1 = false;
  bool truncated_ : 1 = false;
  bool heard_ : 1 = false;
  bool cancelled_ : 1 = false;
  bool ends_ : 1 = false;  // shutdown_send was called
  bool goodbye_said_ = false;
  bool ended_ : 1 = false;  // and the FIN is out
};

}  // namespace corelane::proxy
