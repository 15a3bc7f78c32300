// SPDX-License-Identifier: Apache-2.0
// Samples of the client's connection, and of the state of frontends, backends and servers.
#include "sample/functions.hpp"

namespace corelane::sample {
namespace {

bool set_address(const base::Endpoint& endpoint, Sample& sample) {
  if (endpoint.family != base::Family::ipv4 && endpoint.family != base::Family::ipv6) return false;
  sample.set(base::endpoint_unmapped(endpoint));
  return true;
}

bool set_port(const base::Endpoint& endpoint, Sample& sample) {
  if (endpoint.family != base::Family::ipv4 && endpoint.family != base::Family::ipv6) return false;
  sample.set(std::int64_t{endpoint.port});
  return true;
}

bool set_count(std::uint64_t count, Sample& sample) {
  sample.set(static_cast<std::int64_t>(count));
  return true;
}

}  // namespace

bool fetch_src(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_address(*input.context.client, sample);
}
bool fetch_src_port(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_port(*input.context.client, sample);
}
bool fetch_dst(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_address(input.context.live->destination(), sample);
}
bool fetch_dst_port(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_port(input.context.live->destination(), sample);
}
bool fetch_bc_src(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_address(input.context.live->server_source(), sample);
}
bool fetch_bc_src_port(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_port(input.context.live->server_source(), sample);
}
bool fetch_bc_dst(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_address(input.context.live->server_destination(), sample);
}
bool fetch_bc_dst_port(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_port(input.context.live->server_destination(), sample);
}
bool fetch_fe_name(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.frontend_name);
  return true;
}

bool fetch_fe_conn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  const std::uint32_t frontend = arguments[0].given() ? arguments[0].position : input.context.frontend;
  return set_count(input.context.live->frontend_connections(frontend), sample);
}
bool fetch_be_conn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->backend_connections(arguments[0].position), sample);
}
bool fetch_nbsrv(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->servers_usable(arguments[0].position), sample);
}
bool fetch_connslots(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  const auto slots = input.context.live->connection_slots(arguments[0].position);
  sample.set(slots ? static_cast<std::int64_t>(*slots) : std::int64_t{-1});
  return true;
}
bool fetch_queue(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->backend_queue(arguments[0].position), sample);
}

// Where no server is left, those who wait count double, so that a limit on this is reached.
bool fetch_avg_queue(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  const std::uint64_t waiting = input.context.live->backend_queue(arguments[0].position);
  const std::uint64_t servers = input.context.live->servers_usable(arguments[0].position);
  return set_count(servers != 0 ? (waiting + servers - 1) / servers : 2 * waiting, sample);
}

bool fetch_srv_is_up(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.live->server_is_up(arguments[0].position, arguments[0].server));
  return true;
}
bool fetch_srv_conn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->server_connections(arguments[0].position, arguments[0].server),
                   sample);
}
bool fetch_srv_queue(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_count(input.context.live->server_queue(arguments[0].position, arguments[0].server), sample);
}

}  // namespace corelane::sample
