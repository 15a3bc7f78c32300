// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "check/conversation.hpp"
#include "check/registry.hpp"

namespace corelane::check {

/// The most that a check keeps of a server's bytes, HAProxy's tune.bufsize. A server that sends more than
/// this before a step is content with it has failed.
inline constexpr std::size_t received_bytes_max = 16 * 1024;

/// One check from its first connection to its verdict, without the network: whoever runs it says what
/// happened and does what the step says. After `done` it is told nothing more.
class CheckRun {
 public:
  /// `plan` outlives the run.
  explicit CheckRun(const Plan& plan);

  /// A connection was made to `peer`.
  Step connected(const base::Endpoint& peer = {});
  Step received(std::string_view bytes);
  /// The server has ended the connection or its sending half; `how` is for the report.
  Step ended(std::string_view how = "connection closed by the server");
  /// No verdict came in time.
  Verdict timed_out() const { return failed(plan_.type().timed_out, {}); }
  /// A connection could not be made, or the check could not go on otherwise: says where it was.
  Verdict failed(CheckStatus status, std::string_view what) const;

 private:
  Step advance(bool ended);

  const Plan& plan_;
  std::unique_ptr<Conversation> conversation_;
  std::string bytes_;  // received on the present connection and not used
};

}  // namespace corelane::check
