// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/time.hpp"
#include "tls/client_context.hpp"
#include "tls/context.hpp"
#include "tls/offered.hpp"

struct ssl_st;

namespace corelane::tls {

/// Why a connection failed. `words` is what logs say.
enum class Error : std::uint8_t {
  none,
  not_tls,     // the first bytes are no TLS record
  plain_http,  // they are a request of HTTP
  no_common_version,
  no_common_cipher,
  no_common_curve,  // or no common signature algorithm
  unknown_name,     // strict_sni
  no_peer_certificate,
  bad_peer_certificate,  // see verify_result
  peer_alert,            // the peer gave up: see alert_received
  renegotiation,         // asked for by the client, and refused
  bad_record,            // does not decrypt
  protocol,              // anything else that a peer must not do
  truncated,             // ended without close_notify
  internal,              // no memory
};
std::string_view words(Error error) noexcept;
/// "handshake failure" for 40 (RFC 8446, 6); never empty.
std::string_view alert_words(int alert) noexcept;
/// "the client's alert: handshake failure"; in words that live for ever, as the next.
std::string_view alert_of_client(int alert) noexcept;
std::string_view alert_of_server(int alert) noexcept;

/// What is at hand in a call. Each call takes bytes off the front of `in` and fills the front of `out`.
struct Io {
  std::span<std::byte> in;   // from the peer; may be written to while it is taken
  std::span<std::byte> out;  // to the peer; at least output_bytes_min
};
inline constexpr std::size_t output_bytes_min = 512;

/// The largest record that goes out has this much plaintext, so that one with everything around it fits 16
/// KiB.
inline constexpr std::size_t plaintext_bytes_max = 16384 - 128;
/// The first records after a pause fit a packet, so that the peer can begin with the first one that arrives.
inline constexpr std::size_t plaintext_bytes_small = 1370;
inline constexpr std::size_t small_records_bytes = 16 * 1024;
inline constexpr base::TimeUs small_records_after_us = 1'000'000;

/// What the cache of sessions had to do with a handshake.
enum class SessionUse : std::uint8_t {
  none,
  found,   // the client has named a session that is there
  missed,  // or one that is not
};

enum class Step : std::uint8_t {
  done,         // what was asked for has happened
  want_input,   // everything of `in` is taken; more is needed
  want_output,  // `out` is full; call again with more room
  closed,       // read: the peer has said close_notify, and everything before it is read
  failed,       // for good: see error(). An alert may be in `out`.
};

/// One TLS connection: bytes in and bytes out, no sockets. Belongs to a lane, does not move, and costs no
/// memory while it is not open. Only the library allocates: at open, in the handshake, and for a record that
/// came in part.
class Connection {
 public:
  Connection() noexcept = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { reset(); }

  /// Begins the server's or the client's side. False: no memory. `now` is the monotonic time. `keeps_hello`:
  /// offered() will know what the client's hello offers.
  bool open(const ServerContext& context, base::TimeUs now, bool keeps_hello = false) noexcept;
  bool open(const ClientContext& context, const ClientTarget& target, base::TimeUs now) noexcept;
  /// Forgets everything; not open any more.
  void reset() noexcept;
  bool is_open() const noexcept { return ssl_ != nullptr; }
  /// Of a client's side that is open. A context that is gone by now is no other one's.
  bool began_with(const ClientContext& context) const noexcept { return client_ == &context.state(); }

  /// Goes on with the handshake. done: application data may flow. With early data it is done before the
  /// client has shown that it is not a recording: see is_early.
  Step handshake(Io& io, base::TimeUs now) noexcept;

  /// Reads application data to the front of `plain`, which shrinks by it. done: some was read; call again for
  /// more.
  Step read(Io& io, std::span<std::byte>& plain) noexcept;

  /// Writes application data from the front of `plain`. done: all of it is in `out`. After want_output the
  /// next call begins with the bytes that are left, and writes nothing else in between.
  Step write(Io& io, std::span<const std::byte>& plain, base::TimeUs now) noexcept;

  /// Says close_notify, once. Reading may go on. done, want_output or failed.
  Step close(Io& io) noexcept;

  /// The transport has ended after all bytes that came have been read. False: it is an attack, or a rude
  /// peer: without close_notify, and error() is truncated.
  bool end_of_input() noexcept;

  bool is_ready() const noexcept { return ready_; }
  /// What is read now may be a repeated recording (0-RTT, RFC 8446, 8). It may turn false in any read.
  bool is_early() const noexcept;
  /// Plaintext that was decrypted and not read: read gives some without input.
  bool has_pending() const noexcept;
  bool has_peer_closed() const noexcept;

  Error error() const noexcept { return error_; }
  /// Why it failed, in words that live for ever: of the peer's certificate, or its alert, where that was it.
  /// Empty: nothing failed.
  std::string_view failure() const noexcept;
  int alert_sent() const noexcept { return alert_sent_; }          // -1: none
  int alert_received() const noexcept { return alert_received_; }  // -1: none
  /// X509_V_*: 0 is a good certificate, or none; else the last error, ignored ones included. The first ones
  /// are in ca_error and crt_error.
  int verify_result() const noexcept { return verify_result_; }
  int ca_error() const noexcept { return ca_error_; }
  int ca_error_depth() const noexcept { return ca_error_depth_; }
  int crt_error() const noexcept { return crt_error_; }

  /// Of the server's side.
  SessionUse session_use() const noexcept { return session_use_; }
  /// The session was too large for the cache.
  bool session_not_kept() const noexcept { return session_not_kept_; }

  base::TimeUs handshake_begun() const noexcept { return begun_; }
  /// Of a handshake that is done; how long it took is for logs.
  base::TimeUs handshake_done() const noexcept { return done_; }

  /// What the client's hello offers; null: none has come, it was not to be kept, or there was no memory.
  const Offered* offered() const noexcept { return offered_; }

  /// A session to offer the server the next time, if one has come since the last call.
  Session take_session() noexcept;

  /// For this folder alone.
  ssl_st* native() const noexcept { return ssl_; }

 private:
  friend struct Callbacks;

  Step step_of(int result) noexcept;
  Step fail(Error error) noexcept;
  bool begin(ssl_st* ssl, base::TimeUs now) noexcept;
  std::size_t record_size(std::size_t wanted, base::TimeUs now) noexcept;

  ssl_st* ssl_ = nullptr;
  ServerContextState* server_ = nullptr;  // one reference, as below
  ClientContextState* client_ = nullptr;
  Io* io_ = nullptr;  // of the call that is being made
  ssl_session_st* session_ = nullptr;
  Offered* offered_ = nullptr;
  base::TimeUs begun_ = 0;
  base::TimeUs done_ = 0;
  base::TimeUs last_write_ = 0;
  std::uint32_t small_left_ = 0;
  std::uint16_t blocked_write_ = 0;  // of a record that is made and did not fit
  std::int16_t alert_sent_ = -1;
  std::int16_t alert_received_ = -1;
  std::int16_t verify_result_ = 0;
  std::int16_t ca_error_ = 0;
  std::int16_t crt_error_ = 0;
  std::int16_t ca_error_depth_ = 0;
  Error error_ = Error::none;
  SessionUse session_use_ = SessionUse::none;
  bool session_not_kept_ = false;
  bool ready_ = false;
  bool close_said_ = false;
  bool unknown_name_ = false;
  bool keeps_hello_ = false;
};

}  // namespace corelane::tls
