// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "sim/random.hpp"

/// What clients and servers of simulated HTTP runs say. Heads and bodies are made in one piece before they
/// are said: what passes the program is compared with them byte for byte.
namespace corelane::sim {

using base::TimeUs;

struct HttpText {
  std::string start_line;               // as it is passed on
  std::string start_line_sent;          // empty: the same
  std::vector<std::string> fields;      // are passed on, in this order
  std::vector<std::string> hop_fields;  // are for this connection alone
  std::string body;                     // with its chunk framing

  std::string head() const;
  std::string text() const { return head() + body; }
};

/// What is wrong with a head that the program passed on; empty: nothing.
std::string head_fault(std::string_view head, const HttpText& wanted);
/// The value of a field; empty: there is none. Names are given in small letters.
std::string_view field_of(std::string_view head, std::string_view name);

/// Bytes that depend on `key` alone, as a body of that framing.
std::string body_bytes(std::uint64_t key, std::size_t size);
std::string chunked_body(Random& random, std::uint64_t key, std::size_t size);

struct HttpAttempt;

/// What a client asks.
struct HttpRequest {
  enum class Fault : std::uint8_t { none, head, body };
  enum class Tunnel : std::uint8_t { none, upgrade, connect };
  enum class AfterCut : std::uint8_t { stalls, ends, breaks };
  static constexpr std::size_t uncut = SIZE_MAX;

  std::string token;  // in its target: no other has it
  std::string method;
  HttpText text;
  std::uint32_t client = 0;
  std::size_t said_max = uncut;    // then it is not gone on with
  std::size_t body_sound = uncut;  // so much of the body may be passed on
  std::size_t tunnel_bytes = 0;    // to the server, once there is one
  Fault fault = Fault::none;
  Tunnel tunnel = Tunnel::none;
  AfterCut after_cut = AfterCut::stalls;
  bool http10 = false;
  bool closes = false;  // the client says that it is the last one
  bool expects_continue = false;
  bool reaches_servers = true;  // nothing before it on its connection is refused, nor it
  bool monitored = false;       // asks for monitor_uri
  std::string wanted_cookie;    // of the server that it is to go to

  std::vector<HttpAttempt*> attempts;  // that a server heard of

  bool idempotent() const noexcept { return method != "POST" && method != "PATCH" && method != "CONNECT"; }
  bool sound() const noexcept { return fault == Fault::none && said_max == uncut; }
};

/// What a server says to one request.
struct HttpAnswer {
  enum class Fault : std::uint8_t { none, cut, junk, excess };
  enum class AfterCut : std::uint8_t { stalls, ends, breaks };
  static constexpr std::size_t uncut = SIZE_MAX;

  HttpText text;
  std::vector<std::string> interims;  // whole
  std::string said;                   // all of it, to where it breaks off
  std::size_t tunnel_bytes = 0;
  TimeUs delay_us = 0;
  int status = 200;
  Fault fault = Fault::none;
  AfterCut after_cut = AfterCut::stalls;
  bool at_head = false;      // does not wait for the body
  bool closes = false;       // and says so
  bool until_close = false;  // its end is the connection's
  bool cuts_in_body = false;
  bool tunnels = false;
};

/// A request at a server: that its first line came is enough.
struct HttpAttempt {
  HttpRequest* request = nullptr;
  std::uint32_t number = 0;
  std::uint32_t backend = 0;
  std::uint32_t server = 0;
  std::uint32_t connection = 0;  // number of the server's
  bool reused = false;           // the connection had served another request
  bool complete = false;         // all of the request came
  bool answered = false;         // all of the answer was said
  std::size_t body_heard = 0;
  TimeUs complete_at = base::time_never;
  HttpAnswer answer;
};

}  // namespace corelane::sim
