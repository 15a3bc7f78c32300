// SPDX-License-Identifier: Apache-2.0
// Samples of the client's connection.
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

bool set_local(const base::Endpoint& endpoint, const Input& input, Sample& sample) {
  if (endpoint.family != base::Family::ipv4 && endpoint.family != base::Family::ipv6) return false;
  sample.set(input.context.live->is_local(base::endpoint_unmapped(endpoint)));
  return true;
}

bool set_text(const std::optional<std::string_view>& text, Type type, Sample& sample) {
  if (text) sample.set(*text, type);
  return text.has_value();
}

bool set_time(std::uint32_t TcpMeasures::*member, const Argument& unit, const Input& input, Sample& sample) {
  const auto measures = input.context.live->client_measures();
  if (!measures) return false;
  constexpr std::uint32_t us_per_ms = 1000;
  sample.set(std::int64_t{(*measures).*member / (unit.text == "us" ? 1 : us_per_ms)});
  return true;
}

bool set_measure(std::uint32_t TcpMeasures::*member, const Input& input, Sample& sample) {
  const auto measures = input.context.live->client_measures();
  if (measures) sample.set(std::int64_t{(*measures).*member});
  return measures.has_value();
}

}  // namespace

bool fetch_src(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_address(*input.context.client, sample);
}
bool fetch_src_port(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_port(*input.context.client, sample);
}
bool fetch_src_is_local(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_local(*input.context.client, input, sample);
}
bool fetch_dst(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_address(input.context.live->destination(), sample);
}
bool fetch_dst_port(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_port(input.context.live->destination(), sample);
}
bool fetch_fc_src(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_address(input.context.live->connection_source(), sample);
}
bool fetch_fc_src_port(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_port(input.context.live->connection_source(), sample);
}
bool fetch_fc_src_is_local(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_local(input.context.live->connection_source(), input, sample);
}
bool fetch_fc_dst(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_address(input.context.live->connection_destination(), sample);
}
bool fetch_fc_dst_port(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_port(input.context.live->connection_destination(), sample);
}
bool fetch_fc_dst_is_local(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_local(input.context.live->connection_destination(), input, sample);
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
bool fetch_dst_is_local(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_local(input.context.live->destination(), input, sample);
}
bool fetch_http_major(const Arguments&, const Input&, Cursor&, Sample& sample) {
  sample.set(std::int64_t{1});
  return true;
}

bool fetch_fc_rcvd_proxy(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.live->proxy_header().received);
  return true;
}
bool fetch_fc_pp_authority(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_text(input.context.live->proxy_header().authority, Type::string, sample);
}
bool fetch_fc_pp_unique_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_text(input.context.live->proxy_header().unique_id, Type::string, sample);
}

bool fetch_fc_rtt(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_time(&TcpMeasures::rtt_us, arguments[0], input, sample);
}
bool fetch_fc_rttvar(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_time(&TcpMeasures::rtt_variance_us, arguments[0], input, sample);
}
bool fetch_fc_unacked(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_measure(&TcpMeasures::unacked, input, sample);
}
bool fetch_fc_sacked(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_measure(&TcpMeasures::sacked, input, sample);
}
bool fetch_fc_lost(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_measure(&TcpMeasures::lost, input, sample);
}
bool fetch_fc_retrans(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_measure(&TcpMeasures::retransmitted, input, sample);
}
bool fetch_fc_fackets(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_measure(&TcpMeasures::forward_acked, input, sample);
}
bool fetch_fc_reordering(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_measure(&TcpMeasures::reordering, input, sample);
}

bool fetch_dst_conn(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(static_cast<std::int64_t>(input.context.live->bind_connections()));
  return true;
}

bool fetch_fc_err(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(static_cast<std::int64_t>(input.context.live->client_error()));
  return true;
}
bool fetch_fc_err_str(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(words(input.context.live->client_error()));
  return true;
}
bool fetch_bc_err(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const std::optional<ConnectionError> error = input.context.live->server_error();
  if (error) sample.set(static_cast<std::int64_t>(*error));
  return error.has_value();
}
bool fetch_bc_err_str(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const std::optional<ConnectionError> error = input.context.live->server_error();
  if (error) sample.set(words(*error));
  return error.has_value();
}

bool fetch_so_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(std::int64_t{input.context.live->bind()} + 1);
  return true;
}
bool fetch_so_name(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const std::string_view name = input.context.live->bind_name();
  if (!name.empty()) sample.set(name);
  return !name.empty();
}

}  // namespace corelane::sample
