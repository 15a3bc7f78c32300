// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "logfmt/end_reason.hpp"

namespace corelane::logfmt {

inline constexpr std::uint32_t no_index = UINT32_MAX;

/// What became of the persistence cookie that the client sent: the third of HAProxy's termination letters.
enum class ClientCookie : char {
  not_configured = '-',
  none = 'N',
  invalid = 'I',  // names no server
  down = 'D',     // names a server that was down
  valid = 'V',
  expired = 'E',  // older than maxidle
  old = 'O',      // first given longer ago than maxlife
  unused = 'U',   // something else chose the server
};
/// What was done about the server's persistence cookie: the fourth.
enum class ServerCookie : char {
  not_configured = '-',
  none = 'N',
  inserted = 'I',
  updated = 'U',  // its date
  provided = 'P',
  rewritten = 'R',
  deleted = 'D',
};

/// What an HTTP exchange adds to a record. Its texts (HttpLogText) travel beside it.
///
///     accept_wall_us     the request's date
///           | handshake_us | idle_us | request_us | queue_us | connect_us | response_us | body
///           |<-------------------------------- total_us -------------------------------->|
///                                    |<----------- http_active_us() ------------------->|
struct HttpRecord {
  base::TimeUs handshake_us = 0;          // Th: from accept, PROXY header and the like; 0 for later requests
  base::TimeUs idle_us = -1;              // Ti: until the request's first byte; -1: none came
  base::TimeUs request_us = -1;           // TR: from its first byte to the end of its head; -1: no sound head
  base::TimeUs response_us = -1;          // Tr: from connected to the end of the response's head
  std::int32_t refusal_position = -1;     // which byte of the message broke the rule that `detail` names
  std::uint32_t request_number = 0;       // from 1, on its connection
  std::uint32_t text_bytes = 0;           // set by LogQueue
  std::int8_t level = -1;                 // the syslog level that a rule has set; -1: none has
  std::int16_t status = -1;               // what the client was sent; -1: nothing
  std::uint8_t version = 0;               // of the request: 10 or 11; 0: unknown
  bool server_connection_reused = false;  // it had served another request
  bool before_end = false;                // log_as_soon_as_possible: the response's body is still to come
  ClientCookie client_cookie = ClientCookie::not_configured;
  ServerCookie server_cookie = ServerCookie::not_configured;
};

/// Whether a record stands for a line that was not asked for by a log: its text, for standard error or
/// output.
enum class Note : std::uint8_t { none, standard_error, standard_output };

/// Everything a lane notes about an ended connection or exchange: plain data of fixed size that is queued to
/// the control thread, where alone it becomes text. Spans are -1 when the phase was never reached.
struct ConnectionRecord {
  // When it was accepted, since 1970, UTC. A later request of a connection: when the exchange before it
  // ended.
  std::int64_t accept_wall_us = 0;
  base::TimeUs queue_us = -1;    // Tw: waiting for a server
  base::TimeUs connect_us = -1;  // Tc: until the server's connection stood, retries included
  base::TimeUs total_us = 0;     // Tt: from there to the end
  std::uint64_t bytes_to_server = 0;
  std::uint64_t bytes_to_client = 0;
  std::uint64_t connections_process = 0;  // the five counts of %ac/%fc/%bc/%sc/%rc, this connection included
  std::uint32_t connections_frontend = 0;
  std::uint32_t connections_backend = 0;
  std::uint32_t connections_server = 0;
  std::uint32_t retries = 0;
  std::uint32_t queue_server = 0;     // how many were ahead of it in a server's queue when it joined
  std::uint32_t queue_backend = 0;    // the same in the queue for any server of the backend
  std::uint32_t frontend = no_index;  // positions in the configuration
  std::uint32_t bind = no_index;      // position in the frontend's bind list
  std::uint32_t backend = no_index;
  std::uint32_t server = no_index;
  std::uint32_t lane = 0;
  std::int32_t error_number = 0;  // the errno that ended it, 0 when none
  std::string_view detail;        // a word that says more than the reason, lives for ever; empty: none
  std::string_view tls_version;   // "TLSv1.3", where the client's connection has TLS; as the next as `detail`
  std::string_view tls_cipher;    // empty: the handshake did not come so far
  base::Endpoint client;
  bool with_tls = false;  // the client has come to a bind with TLS
  bool redispatched = false;
  EndReason reason = EndReason::none;
  EndPhase phase = EndPhase::queue;
  bool is_http = false;
  Note note = Note::none;
  HttpRecord http;
};

/// How long after accept_wall_us the request began; 0 when nothing came, as HAProxy has it.
constexpr base::TimeUs http_waited_us(const ConnectionRecord& record) noexcept {
  return record.http.idle_us < 0 ? 0 : record.http.handshake_us + record.http.idle_us;
}
/// Ta: from the request's first byte to the end.
constexpr base::TimeUs http_active_us(const ConnectionRecord& record) noexcept {
  return record.total_us - http_waited_us(record);
}

}  // namespace corelane::logfmt
