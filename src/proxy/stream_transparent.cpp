// SPDX-License-Identifier: Apache-2.0
// Connections from the client's address and to where the client wanted to go.
#include <cerrno>

#include "proxy/http_exchange.hpp"
#include "proxy/http_lane.hpp"
#include "proxy/lane_rules.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/stream.hpp"

namespace corelane::proxy {

// What the PROXY header says counts, as for HAProxy. Whoever asks for the listener's own address would be
// connected to the listener, which would connect to itself in turn, until nothing is left to do it with.
const io::SocketAddress* Stream::client_destination(const Server& server) {
  const base::Endpoint asked = header_received_ != nullptr
                                   ? proto::read_proxy_header(header_received_->text()).header.destination
                                   : session_->own_endpoint();
  base::Endpoint destination = base::endpoint_unmapped(asked);
  if (!base::is_ip(destination.family)) {
    fail(logfmt::EndReason::destination_unknown);
    return nullptr;
  }
  const std::uint16_t port = server.config->address.endpoint.port;
  if (port != 0) destination.port = port;
  const config::Address& listener = frontend_config().bind[session_->bind].address;
  if (destination.port == listener.endpoint.port && io::address_is_local(destination)) {
    fail(logfmt::EndReason::destination_is_self);
    return nullptr;
  }
  return &lane_.connect_addresses.keep(destination);
}

// 0, or the error of the failed connect that it amounts to; EAFNOSUPPORT: no retry would help.
int Stream::prepare_socket(const Server& server, base::Family family) {
  if (family == base::Family::unix_socket) return 0;
  const io::SocketOptionFailure failure =
      io::socket_set_options(server_->socket, family, server.socket_options);
  if (failure.error_number != 0) return failure.error_number;
  if (!server.from_client) return 0;
  base::Endpoint client = base::endpoint_unmapped(session_->endpoint);
  if (server.client_expression) {
    client = http_->client_address(*server.client_expression);
    if (client.family == base::Family::none) return 0;  // as HAProxy, from this machine
  }
  if (client.family != family) return EAFNOSUPPORT;
  if (server.config->source.transparent != config::TransparentSource::client) client.port = 0;
  return -io::socket_bind_source(server_->socket, io::SocketAddress::from_endpoint(client));
}

// The head is read again as it goes to the server: as HAProxy.
bool HttpExchange::sample_of_request(const sample::Expression& expression, sample::Type type,
                                     sample::Sample& sample) const {
  proto::HttpRequestHead& head = lane().http->request;
  proto::HttpHeadProgress progress;
  const proto::HttpRead read = proto::read_request_head(
      request_.block->text(), lane().http->request_options[stream_.session_->frontend], head, progress);
  if (read.state != proto::HttpRead::State::head) return false;
  RuleInput input{lane(), *stream_.session_, &head, stream_.exchanges_};
  input.backend = stream_.backend_;
  input.server = stream_.server_index_;
  const RuleScene scene(input);
  const rules::Evaluation evaluation = scene.evaluation();
  return expression.make({evaluation.context, evaluation.arena}, type, sample);
}

base::Endpoint HttpExchange::client_address(const sample::Expression& expression) const {
  sample::Sample sample;
  if (!sample_of_request(expression, sample::Type::address, sample)) return {};
  base::Endpoint client = base::endpoint_unmapped(sample.address);
  client.port = 0;
  return client;
}

// Requests of several clients may come on one connection of another proxy.
bool HttpExchange::is_from_client(const ServerConnection& connection, const Server& server) const {
  if (!server.client_expression) return true;
  const base::Endpoint client = client_address(*server.client_expression);
  base::Endpoint source = base::endpoint_unmapped(io::socket_local(connection.socket));
  source.port = 0;
  return client.family != base::Family::none && client == source;
}

}  // namespace corelane::proxy
