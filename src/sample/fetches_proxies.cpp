// SPDX-License-Identifier: Apache-2.0
// Samples of frontends, backends and servers.
#include "sample/functions.hpp"

namespace corelane::sample {
namespace {

constexpr std::uint32_t nobody = UINT32_MAX;

bool set_count(std::uint64_t count, Sample& sample) {
  sample.set(static_cast<std::int64_t>(count));
  return true;
}

/// -1 stands for no limit.
bool set_room(const std::optional<std::uint64_t>& room, Sample& sample) {
  sample.set(room ? static_cast<std::int64_t>(*room) : std::int64_t{-1});
  return true;
}

std::uint32_t frontend_of(const Arguments& arguments, const Input& input) {
  return arguments[0].given() ? arguments[0].position : input.context.frontend;
}

/// The one that is named, or that was chosen: false where none was yet.
bool find_backend(const Arguments& arguments, const Input& input, std::uint32_t& backend) {
  backend = arguments[0].given() ? arguments[0].position : input.context.backend;
  return backend != nobody;
}

}  // namespace

bool fetch_act_conn(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->process_connections(), sample);
}
bool fetch_fe_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.frontend + std::uint64_t{1}, sample);
}
bool fetch_fe_name(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.frontend_name);
  return true;
}
bool fetch_fe_defbe(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const std::uint32_t backend = input.context.live->default_backend(input.context.frontend);
  if (backend == nobody) return false;
  sample.set(input.context.live->backend_name(backend));
  return true;
}
bool fetch_fe_client_timeout(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.live->client_timeout_ms(input.context.frontend));
  return true;
}
bool fetch_fe_conn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->frontend_connections(frontend_of(arguments, input)), sample);
}
bool fetch_fe_sess_rate(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->frontend_session_rate(frontend_of(arguments, input)), sample);
}
bool fetch_fe_req_rate(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->frontend_request_rate(frontend_of(arguments, input)), sample);
}

bool fetch_be_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  if (input.context.backend == nobody) return false;
  return set_count(std::uint64_t{input.context.live->frontends()} + input.context.backend + 1, sample);
}
bool fetch_be_name(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  if (input.context.backend == nobody) return false;
  sample.set(input.context.live->backend_name(input.context.backend));
  return true;
}
bool fetch_be_server_timeout(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  if (input.context.backend == nobody) return false;
  sample.set(input.context.live->backend_timeouts(input.context.backend).server_ms);
  return true;
}
bool fetch_be_tunnel_timeout(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  if (input.context.backend == nobody) return false;
  sample.set(input.context.live->backend_timeouts(input.context.backend).tunnel_ms);
  return true;
}
bool fetch_be_conn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  std::uint32_t backend = nobody;
  return find_backend(arguments, input, backend) &&
         set_count(input.context.live->backend_connections(backend), sample);
}
bool fetch_be_conn_free(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  std::uint32_t backend = nobody;
  return find_backend(arguments, input, backend) &&
         set_room(input.context.live->backend_free(backend), sample);
}
bool fetch_be_sess_rate(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  std::uint32_t backend = nobody;
  return find_backend(arguments, input, backend) &&
         set_count(input.context.live->backend_session_rate(backend), sample);
}
bool fetch_nbsrv(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  std::uint32_t backend = nobody;
  return find_backend(arguments, input, backend) &&
         set_count(input.context.live->servers_usable(backend), sample);
}
bool fetch_connslots(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  std::uint32_t backend = nobody;
  return find_backend(arguments, input, backend) &&
         set_room(input.context.live->connection_slots(backend), sample);
}
bool fetch_queue(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  std::uint32_t backend = nobody;
  return find_backend(arguments, input, backend) &&
         set_count(input.context.live->backend_queue(backend), sample);
}

// Where no server is left, those who wait count double, so that a limit on this is reached.
bool fetch_avg_queue(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  std::uint32_t backend = nobody;
  if (!find_backend(arguments, input, backend)) return false;
  const std::uint64_t waiting = input.context.live->backend_queue(backend);
  const std::uint64_t servers = input.context.live->servers_usable(backend);
  return set_count(servers != 0 ? (waiting + servers - 1) / servers : 2 * waiting, sample);
}

bool fetch_cur_client_timeout(const Arguments& arguments, const Input& input, Cursor& cursor,
                              Sample& sample) {
  return fetch_fe_client_timeout(arguments, input, cursor, sample);
}
bool fetch_cur_server_timeout(const Arguments& arguments, const Input& input, Cursor& cursor,
                              Sample& sample) {
  const RuledTimeouts* ruled = input.context.timeouts;
  if (ruled == nullptr || ruled->server_ms < 0)
    return fetch_be_server_timeout(arguments, input, cursor, sample);
  sample.set(std::int64_t{ruled->server_ms});
  return true;
}
bool fetch_cur_tunnel_timeout(const Arguments& arguments, const Input& input, Cursor& cursor,
                              Sample& sample) {
  const RuledTimeouts* ruled = input.context.timeouts;
  if (ruled == nullptr || ruled->tunnel_ms < 0)
    return fetch_be_tunnel_timeout(arguments, input, cursor, sample);
  sample.set(std::int64_t{ruled->tunnel_ms});
  return true;
}

bool fetch_prio_class(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.live->queue_place().priority_class);
  return true;
}
bool fetch_prio_offset(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.live->queue_place().offset_ms);
  return true;
}

bool fetch_last_rule_file(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const LastRule last = input.context.live->last_rule();
  if (last.line != 0) sample.set(last.file);
  return last.line != 0;
}
bool fetch_last_rule_line(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const LastRule last = input.context.live->last_rule();
  if (last.line != 0) sample.set(std::int64_t{last.line});
  return last.line != 0;
}

bool fetch_srv_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  if (input.context.server == nobody) return false;
  return set_count(input.context.live->server_id(input.context.backend, input.context.server), sample);
}
bool fetch_srv_name(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  if (input.context.server == nobody) return false;
  sample.set(input.context.live->server_name(input.context.backend, input.context.server));
  return true;
}
bool fetch_srv_is_up(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.live->server_is_up(arguments[0].position, arguments[0].server));
  return true;
}
bool fetch_srv_conn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->server_connections(arguments[0].position, arguments[0].server),
                   sample);
}
bool fetch_srv_conn_free(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_room(input.context.live->server_free(arguments[0].position, arguments[0].server), sample);
}
bool fetch_srv_queue(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->server_queue(arguments[0].position, arguments[0].server), sample);
}
bool fetch_srv_sess_rate(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->server_session_rate(arguments[0].position, arguments[0].server),
                   sample);
}
bool fetch_srv_weight(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->server_weights(arguments[0].position, arguments[0].server).effective,
                   sample);
}
bool fetch_srv_uweight(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->server_weights(arguments[0].position, arguments[0].server).set,
                   sample);
}
bool fetch_srv_iweight(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->server_weights(arguments[0].position, arguments[0].server).initial,
                   sample);
}

}  // namespace corelane::sample
