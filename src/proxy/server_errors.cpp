// SPDX-License-Identifier: Apache-2.0
#include "proxy/server_errors.hpp"

#include <cerrno>

namespace corelane::proxy {

namespace {

bool is_our_own(int error_number) {
  switch (error_number) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL:
    case EADDRINUSE:
      return true;
    default:
      return false;
  }
}

}  // namespace

void observe_connected(const Server& server) {
  if (server.error_limit == 0) return;
  std::atomic<std::uint32_t>& row = server.state->errors_in_a_row;
  if (row.load(std::memory_order_relaxed) != 0) row.store(0, std::memory_order_relaxed);
}

bool observe_connect_failed(const Server& server, int error_number) {
  if (server.error_limit == 0 || is_our_own(error_number)) return false;
  std::atomic<std::uint32_t>& row = server.state->errors_in_a_row;
  std::uint32_t before = row.load(std::memory_order_relaxed);
  std::uint32_t after = 0;
  do {
    after = before + 1 >= server.error_limit ? 0 : before + 1;
  } while (!row.compare_exchange_weak(before, after, std::memory_order_relaxed));
  if (after != 0) return false;
  server.state->error_limits_reached.fetch_add(1, std::memory_order_release);
  return true;
}

}  // namespace corelane::proxy
