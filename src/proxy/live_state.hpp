// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proxy/lane.hpp"
#include "proxy/peer.hpp"
#include "proxy/queue_priority.hpp"
#include "sample/context.hpp"

namespace corelane::proxy {

struct LaneState;

/// The state of the process as rules ask for it: sums over the lanes' counters, which other lanes may be
/// changing. Only reads.
class ProcessState final : public sample::LiveState {
 public:
  /// `server` is null where there is no connection to one; `ruled` outlives this.
  ProcessState(LaneState& lane, const Session& session, const ServerConnection* server,
               const RuledStream& ruled);

  base::Endpoint destination() const noexcept override;
  base::Endpoint connection_source() const noexcept override;
  base::Endpoint connection_destination() const noexcept override;
  base::Endpoint server_source() const noexcept override;
  base::Endpoint server_destination() const noexcept override;
  std::uint64_t process_connections() const noexcept override;
  std::uint64_t frontend_connections(std::uint32_t frontend) const noexcept override;
  std::uint64_t backend_connections(std::uint32_t backend) const noexcept override;
  std::uint64_t server_connections(std::uint32_t backend, std::uint32_t server) const noexcept override;
  std::uint64_t backend_queue(std::uint32_t backend) const noexcept override;
  std::uint64_t server_queue(std::uint32_t backend, std::uint32_t server) const noexcept override;
  std::uint32_t servers_usable(std::uint32_t backend) const noexcept override;
  bool server_is_up(std::uint32_t backend, std::uint32_t server) const noexcept override;
  std::optional<std::uint64_t> connection_slots(std::uint32_t backend) const noexcept override;
  std::optional<sample::TcpMeasures> client_measures() const noexcept override;
  sample::ProxyFacts proxy_header() const noexcept override;
  bool is_local(const base::Endpoint& address) const noexcept override;
  std::uint32_t bind() const noexcept override { return session_.bind; }
  std::uint64_t bind_connections() const noexcept override;
  sample::ConnectionError client_error() const noexcept override;
  std::optional<sample::ConnectionError> server_error() const noexcept override;
  std::string_view bind_name() const noexcept override;
  std::string_view backend_name(std::uint32_t backend) const noexcept override;
  std::optional<std::uint32_t> find_backend(std::string_view name) const noexcept override;
  std::optional<std::uint32_t> find_server(std::uint32_t backend,
                                           std::string_view name) const noexcept override;
  std::optional<std::uint32_t> slot_bytes(bool of_response, std::uint32_t slot) const noexcept override;
  void show(std::string_view line, sample::Display display) const noexcept override;
  std::string_view server_name(std::uint32_t backend, std::uint32_t server) const noexcept override;
  std::uint32_t server_id(std::uint32_t backend, std::uint32_t server) const noexcept override;
  std::uint32_t frontends() const noexcept override;
  std::uint32_t default_backend(std::uint32_t frontend) const noexcept override;
  std::int64_t client_timeout_ms(std::uint32_t frontend) const noexcept override;
  sample::BackendTimeouts backend_timeouts(std::uint32_t backend) const noexcept override;
  sample::Weights server_weights(std::uint32_t backend, std::uint32_t server) const noexcept override;
  std::optional<std::uint64_t> server_free(std::uint32_t backend,
                                           std::uint32_t server) const noexcept override;
  std::optional<std::uint64_t> backend_free(std::uint32_t backend) const noexcept override;
  std::uint64_t frontend_session_rate(std::uint32_t frontend) const noexcept override;
  std::uint64_t frontend_request_rate(std::uint32_t frontend) const noexcept override;
  std::uint64_t backend_session_rate(std::uint32_t backend) const noexcept override;
  std::uint64_t server_session_rate(std::uint32_t backend, std::uint32_t server) const noexcept override;
  sample::QueuePlace queue_place() const noexcept override;
  sample::LastRule last_rule() const noexcept override;

 private:
  LaneState& lane_;
  const LaneShared& shared_;
  const Session& session_;
  const ServerConnection* server_;
  base::TimeUs now_;
  const RuledStream& ruled_;
};

}  // namespace corelane::proxy
