// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/model.hpp"
#include "proto/proxy_header.hpp"
#include "sim/random.hpp"

/// PROXY headers in simulated runs: what clients begin with, and what servers make of theirs.
namespace corelane::sim {

/// How a client begins.
struct Opening {
  enum class Kind : std::uint8_t {
    none,        // with its own bytes
    sound,       // with a header that the program must accept
    broken,      // with one that it must refuse
    incomplete,  // with a part of a sound one, and nothing more
  };
  Kind kind = Kind::none;
  std::string bytes;
  std::optional<base::Endpoint> announced;  // the client that it speaks of

  friend bool operator==(const Opening&, const Opening&) = default;
};

/// Only sound ones in gentle runs. `number` makes the announced address the client's own.
Opening make_opening(Random& random, bool gentle, std::uint32_t number);

/// Reads the header that a server was promised from the first bytes of a connection.
class HeaderReader {
 public:
  explicit HeaderReader(const config::SendProxy& wanted) : wanted_(wanted) {}

  /// Takes bytes until the header is complete and returns those behind it. `fault` says what is wrong.
  std::string_view take(std::string_view bytes, std::string& fault);
  bool complete() const noexcept { return complete_; }
  std::size_t size() const noexcept { return size_; }
  const proto::ProxyHeader& header() const noexcept { return header_; }

 private:
  const config::SendProxy wanted_;
  std::string bytes_;
  proto::ProxyHeader header_;
  std::size_t size_ = 0;
  bool complete_ = false;
};

}  // namespace corelane::sim
