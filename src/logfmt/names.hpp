// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// The names behind a record's positions, lent by whoever holds the configuration.
namespace corelane::logfmt {

struct FrontendNames {
  std::string_view name;
  std::span<const std::string_view> binds;                  // as written: ":3306"
  std::span<const std::string_view> request_captures = {};  // headers whose values HttpLogText has
  std::span<const std::string_view> response_captures = {};
};
struct BackendNames {
  std::string_view name;
  std::span<const std::string_view> servers;
};

struct Names {
  std::span<const FrontendNames> frontends;
  std::span<const BackendNames> backends;

  // Each is empty when the position names nothing, no_index above all.
  std::string_view frontend(std::uint32_t index) const noexcept {
    return index < frontends.size() ? frontends[index].name : std::string_view{};
  }
  std::span<const std::string_view> request_captures(std::uint32_t frontend_index) const noexcept {
    if (frontend_index >= frontends.size()) return {};
    return frontends[frontend_index].request_captures;
  }
  std::span<const std::string_view> response_captures(std::uint32_t frontend_index) const noexcept {
    if (frontend_index >= frontends.size()) return {};
    return frontends[frontend_index].response_captures;
  }
  std::string_view bind(std::uint32_t frontend_index, std::uint32_t index) const noexcept {
    if (frontend_index >= frontends.size() || index >= frontends[frontend_index].binds.size()) return {};
    return frontends[frontend_index].binds[index];
  }
  std::string_view backend(std::uint32_t index) const noexcept {
    return index < backends.size() ? backends[index].name : std::string_view{};
  }
  std::string_view server(std::uint32_t backend_index, std::uint32_t index) const noexcept {
    if (backend_index >= backends.size() || index >= backends[backend_index].servers.size()) return {};
    return backends[backend_index].servers[index];
  }
};

}  // namespace corelane::logfmt
