// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proxy/lane.hpp"
#include "proxy/peer.hpp"
#include "sample/context.hpp"

namespace corelane::proxy {

/// The state of the process as rules ask for it: sums over the lanes' counters, which other lanes may be
/// changing. Only reads.
class ProcessState final : public sample::LiveState {
 public:
  /// `server` is null where there is no connection to one.
  ProcessState(const LaneShared& shared, const Session& session, const ServerConnection* server)
      : shared_(shared), session_(session), server_(server) {}

  base::Endpoint destination() const noexcept override;
  base::Endpoint server_source() const noexcept override;
  base::Endpoint server_destination() const noexcept override;
  std::uint64_t frontend_connections(std::uint32_t frontend) const noexcept override;
  std::uint64_t backend_connections(std::uint32_t backend) const noexcept override;
  std::uint64_t server_connections(std::uint32_t backend, std::uint32_t server) const noexcept override;
  std::uint64_t backend_queue(std::uint32_t backend) const noexcept override;
  std::uint64_t server_queue(std::uint32_t backend, std::uint32_t server) const noexcept override;
  std::uint32_t servers_usable(std::uint32_t backend) const noexcept override;
  bool server_is_up(std::uint32_t backend, std::uint32_t server) const noexcept override;
  std::optional<std::uint64_t> connection_slots(std::uint32_t backend) const noexcept override;

 private:
  const LaneShared& shared_;
  const Session& session_;
  const ServerConnection* server_;
};

}  // namespace corelane::proxy
