// SPDX-License-Identifier: Apache-2.0
// The PROXY header that a client begins with, and the one that a server gets.
#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "proxy/lane_rules.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/send_proxy.hpp"
#include "proxy/stream.hpp"
#include "proxy/stream_tls.hpp"
#include "proxy/tls_transport.hpp"

namespace corelane::proxy {

namespace {

/// Appends what there is room for.
void append(ProxyHeaderBytes& to, std::string_view text) {
  text = text.substr(0, proto::proxy_header_bytes_max - to.size);
  std::copy(text.begin(), text.end(), to.bytes.begin() + to.size);
  to.size += static_cast<std::uint32_t>(text.size());
}

}  // namespace

// --- Receiving ---------------------------------------------------------------------------------------------

void Stream::expect_proxy_header() {
  const config::AcceptProxy& accept = frontend_config().bind[session_->bind].accept_proxy;
  const bool by_rule = phase_ == Phase::reading_header;
  if (!by_rule && !begins_with_header(accept, session_->endpoint)) return;
  phase_ = Phase::reading_header;
  phase_deadline_ = lane_.deadline_in(frontend_config().timeouts.client_hs_ms);
  update_timer();
}

Stream::Step Stream::await_proxy_header() {
  if (broken_peer() != nullptr) return begin_close(reason_);
  if (header_error_ != proto::ProxyError::none) return begin_close(logfmt::EndReason::proxy_header_invalid);
  if (header_complete_) {
    phase_ = Phase::inspecting;
    StreamTls::expect(*this);
    if (phase_ == Phase::inspecting) phase_deadline_ = base::time_never;
    return Step::next;
  }
  if (to_server_.source_ended) return begin_close(logfmt::EndReason::proxy_header_incomplete);
  if (phase_deadline_ <= lane_.now) return begin_close(logfmt::EndReason::proxy_header_timeout);
  if (!session_->receive.in_flight && !to_server_.starved) {
    session_->receive.handler = &Stream::on_proxy_header;
    lane_.ring->receive(session_->receive, session_->socket, lane_.ring->buffers().buffer_size());
  }
  return Step::wait;
}

void Stream::on_proxy_header(io::Op& op, io::Completion& completion) {
  Stream& stream = *op.as<Peer>().stream;
  if (completion.result > 0 && stream.phase_ == Phase::handshaking) {
    stream.to_server_.queue.push(std::move(completion.lease));
  } else if (completion.result > 0 && stream.phase_ == Phase::reading_header) {
    stream.take_proxy_header(std::move(completion.lease));
    // What else this operation brings comes after the header; where TLS follows, it is TLS's.
    if (stream.header_complete_ && !stream.frontend_config().bind[stream.session_->bind].tls)
      op.handler = &Stream::on_receive;
  } else if (completion.result == 0) {
    stream.to_server_.source_ended = true;
  } else if (completion.result == -ENOBUFS) {
    Flow& flow = stream.to_server_;
    flow.starved = flow.source_ready = flow.sink_ready = true;
    stream.park();
  } else if (completion.result != -ECANCELED && stream.phase_ == Phase::reading_header) {
    stream.broken(*stream.session_, -completion.result, true);
  }
  stream.advance();
}

// A header in one piece, as nearly all are, is read where it lies; what comes in several is gathered first.
void Stream::take_proxy_header(io::BufferLease&& lease) {
  if (header_error_ != proto::ProxyError::none) return;
  const std::string_view fresh = io::text_of(lease.bytes());
  const std::uint32_t gathered = header_received_ == nullptr ? 0 : header_received_->size;
  std::string_view text = fresh;
  if (header_received_ != nullptr) {
    append(*header_received_, fresh);
    text = header_received_->text();
  }
  const proto::ProxyHeaderResult result = proto::read_proxy_header(text);
  switch (result.state) {
    case proto::ProxyHeaderResult::State::need_more:
      if (header_received_ != nullptr) return;
      keep_proxy_header(fresh);
      return;
    case proto::ProxyHeaderResult::State::error:
      header_error_ = result.error;
      return;
    case proto::ProxyHeaderResult::State::header:
      use_proxy_header(result.header, text.substr(0, result.consumed));
      if (!header_complete_) return;
      break;
  }
  const auto in_lease = static_cast<std::uint32_t>(result.consumed - gathered);
  const std::uint32_t surplus = lease.size() - in_lease;
  if (surplus == 0) return;
  to_server_.queue.push(std::move(lease));
  to_server_.queue.consume(lane_.ring->buffers(), in_lease);
  if (!frontend_config().bind[session_->bind].tls) count_received(to_server_, *session_, surplus, false);
}

void Stream::keep_proxy_header(std::string_view bytes) {
  header_received_ = lane_.proxy_headers.acquire();
  if (header_received_ == nullptr) {
    header_error_ = proto::ProxyError::no_room;
  } else {
    append(*header_received_, bytes);
  }
}

// The header is kept where a server may be told what it says.
void Stream::use_proxy_header(const proto::ProxyHeader& header, std::string_view bytes) {
  const bool for_rules = (header.authority || header.unique_id) && rules_of({lane_, *session_}) != nullptr;
  const bool kept = !header.local && (lane_.shared.topology.any_needs_proxy_headers() || for_rules);
  if (kept && header_received_ == nullptr) keep_proxy_header(bytes);
  if (header_error_ != proto::ProxyError::none) return;
  header_complete_ = true;
  session_->handshake_us = static_cast<std::uint32_t>(
      std::min<base::TimeUs>(lane_.now - session_->accepted_at, std::numeric_limits<std::uint32_t>::max()));
  if (!header.local) {
    session_->endpoint = header.source;
    session_->destination = header.destination;
  }
  if (kept) {
    header_received_->size = static_cast<std::uint32_t>(bytes.size());
  } else {
    release_proxy_headers();
  }
}

// For further requests: rules ask each time, and each connection to a server is told the same.
bool Stream::header_stays_of_use() const {
  if (!speaks_http_ || header_received_ == nullptr) return false;
  const proto::ProxyHeader header = proto::read_proxy_header(header_received_->text()).header;
  if (header.authority || header.unique_id) return true;
  return lane_.shared.topology.any_needs_proxy_headers() && (header.alpn || header.ssl || header.netns);
}

std::string_view Stream::proxy_header_text() const {
  return header_received_ != nullptr ? header_received_->text() : std::string_view();
}

void Stream::release_proxy_headers() {
  for (ProxyHeaderBytes** header : {&header_received_, &header_to_send_}) {
    if (*header != nullptr) lane_.proxy_headers.release(std::exchange(*header, nullptr));
  }
}

// --- Sending -----------------------------------------------------------------------------------------------

Stream::Step Stream::connected() {
  const config::Server& server = backend_config().servers[server_index_];
  if (server.send_proxy.version == config::ProxyVersion::none) return StreamTls::begin_with_server(*this);
  if (!compose_proxy_header(server.send_proxy)) return connect_failed(ENOBUFS);
  phase_ = Phase::sending_header;
  return Step::next;
}

// Addresses that are no IP addresses are unknown to most receivers: as HAProxy, nothing is said of them.
// Rules may have said others than a header did. False when no room is left for the header.
bool Stream::compose_proxy_header(const config::SendProxy& wanted) {
  proto::ProxyHeader client;
  if (header_received_ != nullptr) client = proto::read_proxy_header(header_received_->text()).header;
  client.local = false;
  client.source = session_->endpoint;
  client.destination = session_->own_endpoint();
  if (!base::is_ip(client.source.family) || !base::is_ip(client.destination.family)) client = {};
  if (const std::string_view id = unique_id_of({lane_, *session_}); !id.empty()) client.unique_id = id;
  TlsTexts memory;
  if (session_->tls != nullptr) tell_of_tls(wanted, session_->tls->connection(), client, memory);
  if (header_to_send_ == nullptr) header_to_send_ = lane_.proxy_headers.acquire();
  if (header_to_send_ == nullptr) return false;
  header_to_send_->size =
      static_cast<std::uint32_t>(write_proxy_header(wanted, client, header_to_send_->bytes));
  header_to_send_->sent = 0;
  return true;
}

// Part of connecting: under its time-out, and a server that does not take the header has failed to connect.
Stream::Step Stream::send_proxy_header() {
  if (broken_peer() != nullptr) return begin_close(reason_);
  if (client_left()) return begin_close(logfmt::EndReason::client_aborted_connect);
  const bool late = phase_deadline_ <= lane_.now;
  if (server_->send.in_flight) {
    if (late) lane_.ring->cancel(server_->send);
    arm_receive(to_server_, *session_);
    return Step::wait;
  }
  if (connect_result_ < 0) return connect_failed(-connect_result_);
  ProxyHeaderBytes& header = *header_to_send_;
  if (header.sent == header.size) {
    lane_.proxy_headers.release(std::exchange(header_to_send_, nullptr));
    return StreamTls::begin_with_server(*this);
  }
  if (late) return connect_failed(ETIMEDOUT);
  server_->send.handler = &Stream::on_proxy_header_sent;
  lane_.ring->send(server_->send, server_->socket,
                   std::as_bytes(std::span(header.text().substr(header.sent))));
  return Step::wait;
}

void Stream::on_proxy_header_sent(io::Op& op, io::Completion& completion) {
  Stream& stream = *op.as<Peer>().stream;
  if (completion.result >= 0) {
    stream.header_to_send_->sent += static_cast<std::uint32_t>(completion.result);
  } else if (completion.result != -ECANCELED) {
    stream.connect_result_ = static_cast<std::int16_t>(completion.result);
  }
  stream.advance();
}

}  // namespace corelane::proxy
