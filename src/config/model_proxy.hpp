// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/network.hpp"

/// PROXY headers, as docs/configuration.md has them.
namespace corelane::config {

enum class ProxyVersion : std::uint8_t { none, v1, v2 };
enum class ProxyOption : std::uint8_t {
  crc32c,
  unique_id,
  authority,
  ssl,
  cert_cn,
  ssl_cipher,
  cert_sig,
  cert_key,
};

/// Whose connections begin with a PROXY header.
struct AcceptProxy {
  bool enabled = false;
  std::vector<base::Network> from;  // empty: everybody's

  friend bool operator==(const AcceptProxy&, const AcceptProxy&) = default;
};

/// The PROXY header that connections to a server begin with.
struct SendProxy {
  ProxyVersion version = ProxyVersion::none;
  std::vector<ProxyOption> options;  // v2

  friend bool operator==(const SendProxy&, const SendProxy&) = default;
};

}  // namespace corelane::config
