// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/endpoint.hpp"
#include "sample/connection_error.hpp"

namespace corelane::sample {

/// What the kernel has measured of a TCP connection.
struct TcpMeasures {
  std::uint32_t rtt_us = 0;
  std::uint32_t rtt_variance_us = 0;
  std::uint32_t unacked = 0;  // segments, as all below
  std::uint32_t sacked = 0;
  std::uint32_t lost = 0;
  std::uint32_t retransmitted = 0;
  std::uint32_t forward_acked = 0;
  std::uint32_t reordering = 0;
};

/// What the PROXY header said that the client's connection began with.
struct ProxyFacts {
  bool received = false;
  std::optional<std::string_view> authority;
  std::optional<std::string_view> unique_id;
};

struct Weights {
  std::uint32_t effective = 0;  // what the balance algorithm sees
  std::uint32_t set = 0;        // by agents and administrators
  std::uint32_t initial = 0;    // in the configuration
};

struct BackendTimeouts {
  std::int64_t server_ms = 0;
  std::int64_t tunnel_ms = 0;
};

/// Time-outs that rules have set; -1 is what the configuration says.
struct RuledTimeouts {
  std::int32_t server_ms = -1;
  std::int32_t tunnel_ms = -1;
};

/// Where a request or TCP connection stands among those that wait for a server.
struct QueuePlace {
  std::int64_t priority_class = 0;
  std::int64_t offset_ms = 0;
};

/// Where a line for people goes.
enum class Display : std::uint8_t { standard_error, standard_output };

/// A rule behind which no other one was looked at, where the configuration has it.
struct LastRule {
  std::string_view file;
  std::uint32_t line = 0;  // 0: there was none
};

/// What fetches can ask of the process while an expression is evaluated. The data path answers; these are for
/// what is asked rarely, everything else lies in Context.
class LiveState {
 public:
  /// The address that the client connected to.
  virtual base::Endpoint destination() const noexcept = 0;
  /// Both ends of the client's connection, whatever rules have set.
  virtual base::Endpoint connection_source() const noexcept = 0;
  virtual base::Endpoint connection_destination() const noexcept = 0;
  /// Both ends of the server's connection; Family::none where there is none.
  virtual base::Endpoint server_source() const noexcept = 0;
  virtual base::Endpoint server_destination() const noexcept = 0;

  virtual std::uint64_t process_connections() const noexcept = 0;
  virtual std::uint64_t frontend_connections(std::uint32_t frontend) const noexcept = 0;
  virtual std::uint64_t backend_connections(std::uint32_t backend) const noexcept = 0;
  virtual std::uint64_t server_connections(std::uint32_t backend, std::uint32_t server) const noexcept = 0;
  /// How many wait for one of the backend's servers, or for this one.
  virtual std::uint64_t backend_queue(std::uint32_t backend) const noexcept = 0;
  virtual std::uint64_t server_queue(std::uint32_t backend, std::uint32_t server) const noexcept = 0;
  /// Servers that get connections now: the active ones that are up, or else backups.
  virtual std::uint32_t servers_usable(std::uint32_t backend) const noexcept = 0;
  virtual bool server_is_up(std::uint32_t backend, std::uint32_t server) const noexcept = 0;
  /// How many more connections the backend's servers and their queues take; none: without limit.
  virtual std::optional<std::uint64_t> connection_slots(std::uint32_t backend) const noexcept = 0;

  /// The client's connection.
  virtual std::optional<TcpMeasures> client_measures() const noexcept = 0;
  virtual ProxyFacts proxy_header() const noexcept = 0;
  virtual ConnectionError client_error() const noexcept = 0;
  /// Of the server's connection, also of one that was given up; none where there was none.
  virtual std::optional<ConnectionError> server_error() const noexcept = 0;
  virtual bool is_local(const base::Endpoint& address) const noexcept = 0;
  virtual std::uint32_t bind() const noexcept = 0;              // position in its frontend
  virtual std::uint64_t bind_connections() const noexcept = 0;  // that came to it, this one included
  virtual std::string_view bind_name() const noexcept = 0;

  virtual std::string_view backend_name(std::uint32_t backend) const noexcept = 0;
  virtual std::optional<std::uint32_t> find_backend(std::string_view name) const noexcept = 0;
  virtual std::optional<std::uint32_t> find_server(std::uint32_t backend,
                                                   std::string_view name) const noexcept = 0;
  /// How many bytes a slot takes that is captured to, of the client's frontend; none: it has no such slot.
  virtual std::optional<std::uint32_t> slot_bytes(bool of_response, std::uint32_t slot) const noexcept = 0;
  /// Without a line end. May be lost, where there are too many.
  virtual void show(std::string_view line, Display display) const noexcept = 0;
  virtual std::string_view server_name(std::uint32_t backend, std::uint32_t server) const noexcept = 0;
  virtual std::uint32_t server_id(std::uint32_t backend, std::uint32_t server) const noexcept = 0;
  virtual std::uint32_t frontends() const noexcept = 0;  // how many there are
  virtual std::uint32_t default_backend(std::uint32_t frontend) const noexcept = 0;
  virtual std::int64_t client_timeout_ms(std::uint32_t frontend) const noexcept = 0;
  virtual BackendTimeouts backend_timeouts(std::uint32_t backend) const noexcept = 0;
  virtual Weights server_weights(std::uint32_t backend, std::uint32_t server) const noexcept = 0;
  /// How many more connections a server, or all that get connections, take now; none: without limit.
  virtual std::optional<std::uint64_t> server_free(std::uint32_t backend,
                                                   std::uint32_t server) const noexcept = 0;
  virtual std::optional<std::uint64_t> backend_free(std::uint32_t backend) const noexcept = 0;
  /// Connections, or requests, in the last second.
  virtual std::uint64_t frontend_session_rate(std::uint32_t frontend) const noexcept = 0;
  virtual std::uint64_t frontend_request_rate(std::uint32_t frontend) const noexcept = 0;
  virtual std::uint64_t backend_session_rate(std::uint32_t backend) const noexcept = 0;
  virtual std::uint64_t server_session_rate(std::uint32_t backend, std::uint32_t server) const noexcept = 0;

  /// What rules have made of the request or TCP connection.
  virtual QueuePlace queue_place() const noexcept = 0;
  virtual LastRule last_rule() const noexcept = 0;

 protected:
  ~LiveState() = default;
};

}  // namespace corelane::sample
