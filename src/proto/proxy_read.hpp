// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "proto/proxy_header.hpp"

/// The readers behind read_proxy_header, which has seen that the bytes begin as theirs must.
namespace corelane::proto {

ProxyHeaderResult read_proxy_v1(std::string_view bytes);
ProxyHeaderResult read_proxy_v2(std::string_view bytes);

inline ProxyHeaderResult proxy_header_error(ProxyError error) {
  ProxyHeaderResult result;
  result.state = ProxyHeaderResult::State::error;
  result.error = error;
  return result;
}

}  // namespace corelane::proto
