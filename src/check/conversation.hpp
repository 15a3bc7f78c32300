// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/endpoint.hpp"
#include "check/options.hpp"
#include "check/status.hpp"

namespace corelane::check {

/// How a check ended.
struct Verdict {
  CheckStatus status = CheckStatus::initializing;
  std::uint32_t code = 0;  // the protocol's own: a reply code, an error number; 0: none
  std::string text;        // short and printable

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// What a server has sent on the present connection and a conversation has not used yet.
struct Input {
  std::string_view bytes;
  bool ended = false;    // the server sends no more
  std::size_t used = 0;  // the first so many bytes are not shown again

  std::string_view rest() const noexcept { return bytes.substr(used); }
  void use(std::size_t count) noexcept { used += count; }
};

/// What a conversation wants next.
struct Step {
  enum class Kind : std::uint8_t { receive, connect, done };

  Kind kind = Kind::receive;
  std::string send;         // first of all; with `done` it is a farewell
  Verdict verdict;          // done
  bool awaits_end = false;  // done: the server has not said all yet; leaving at once would break it off
  ConnectOptions connect;   // connect: ends the present connection and makes another
};

/// One side of a protocol, the balancer's, from the connection to the verdict: one file per check type. It
/// sees every byte as soon as it comes and says the same whichever way the network cut them.
class Conversation {
 public:
  virtual ~Conversation() = default;
  /// Called first after each connection. `peer` is the address that was connected to.
  virtual void connected(const base::Endpoint& peer) { static_cast<void>(peer); }
  /// Called once after each connection, with nothing in `input`, and whenever more came. Goes on as far as
  /// the input allows. At the end of the input it need not decide: not being done then is a verdict by
  /// itself.
  virtual Step advance(Input& input) = 0;
  /// What it waits for, for a report of what did not come: " at step 2 of tcp-check (expect string '+PONG')".
  virtual std::string waiting_for() const { return {}; }
};

/// A step that ends the check.
Step done(CheckStatus status, std::string text = {}, std::uint32_t code = 0, std::string farewell = {});

/// A server's own words for a report: the first line, printable and no longer than HAProxy's.
std::string report_text(std::string_view text);

}  // namespace corelane::check
