// SPDX-License-Identifier: Apache-2.0
// TLS with a stream's server: the handshake that ends connecting, and what becomes of it later.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>

#include "proxy/http_exchange.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/stream_faults.hpp"
#include "proxy/stream_tls.hpp"
#include "tls/peer_facts.hpp"

namespace corelane::proxy {

namespace {

constexpr int hostname_mismatch = 62;  // X509_V_ERR_HOSTNAME_MISMATCH
constexpr std::string_view ended_words = "the server ended the connection in the handshake";
constexpr std::string_view late_words = "the TLS handshake took too long";
constexpr std::string_view unnamed_words = "the name that tls.sni makes cannot be asked for";

/// The name that the certificate must be for is the configuration's, not the one that was asked for.
bool configured_name(const config::Backend& backend, std::uint32_t server) {
  return !backend.servers[server].tls->verify_host.empty();
}

ServerSessions::NameKey key_of(const LaneState& lane, std::string_view name) {
  return XXH3_64bits_withSeed(name.data(), name.size(), lane.options.seed);
}

}  // namespace

Stream::Step Stream::await_security() {
  return StreamTls::secure(*this);
}

const config::BackendRules::ServerName* StreamTls::name_rule(const Stream& stream) {
  const config::BackendRules* const rules = stream.lane_.shared.topology.backend_rules(stream.backend_);
  if (rules == nullptr || rules->server_names.empty()) return nullptr;
  const auto& name = rules->server_names[stream.server_index_];
  return name ? &*name : nullptr;
}

// The view lasts until something else is evaluated. As HAProxy, a sample that cannot be had asks for no name.
std::string_view StreamTls::name_for(Stream& stream) {
  const config::BackendRules::ServerName* const rule = name_rule(stream);
  if (rule == nullptr) return {};
  if (!rule->constant.empty()) return rule->constant;
  sample::Sample sample;
  if (stream.speaks_http_) {
    const bool made = stream.http_->sample_of_request(rule->expression, sample::Type::string, sample);
    return made ? sample.text : std::string_view{};
  }
  sample::Content content = stream.content(stream.to_server_);
  content.final = true;
  RuleInput input{stream.lane_, *stream.session_};
  input.content = &content;
  input.backend = stream.backend_;
  input.server = stream.server_index_;
  const RuleScene scene(input);
  const rules::Evaluation evaluation = scene.evaluation();
  const bool made =
      rule->expression.make({evaluation.context, evaluation.arena}, sample::Type::string, sample);
  return made ? sample.text : std::string_view{};
}

std::optional<ServerSessions::NameKey> StreamTls::name_wanted(Stream& stream) {
  const config::BackendRules::ServerName* const rule = name_rule(stream);
  if (rule == nullptr || !rule->constant.empty()) return std::nullopt;
  return key_of(stream.lane_, name_for(stream));
}

bool StreamTls::asks_for_same(Stream& stream, const ServerConnection& connection) {
  if (connection.tls == nullptr) return true;
  stream.lane_.renew_tls();
  if (connection.tls->is_outdated()) return false;
  const std::optional<ServerSessions::NameKey> wanted = name_wanted(stream);
  return !wanted || *wanted == connection.tls->name_key();
}

// --- The handshake -----------------------------------------------------------------------------------------

Stream::Step StreamTls::begin_with_server(Stream& stream) {
  LaneState& lane = stream.lane_;
  ServerConnection& server = *stream.server_;
  const std::optional<config::ServerTls>& configured =
      stream.backend_config().servers[stream.server_index_].tls;
  if (!configured) return stream.established();
  lane.renew_tls();
  const std::string_view name = name_for(stream);
  server.tls = lane.tls->transports.acquire(lane, server);
  CORELANE_CHECK(server.tls != nullptr);  // the pool is as large as that of the connections
  const TlsTransport::ServerWanted wanted{
      .name = name,
      .nameless_host = configured->verify_host,
      .name_key = key_of(lane, name),
      .sessions = configured->session_reuse ? lane.tls->sessions[stream.backend_][stream.server_index_].get()
                                            : nullptr};
  if (!server.tls->open(*lane.tls->servers.find(stream.backend_, stream.server_index_), wanted)) {
    fault(stream) = {unnamed_words, sample::ConnectionError::tls_handshake_failed};
    return stream.connect_failed(error_hopeless);
  }
  stream.connect_result_ = 0;
  stream.phase_ = Stream::Phase::securing;
  return Stream::Step::next;
}

Stream::Step StreamTls::secure(Stream& stream) {
  if (stream.broken_peer() != nullptr) return stream.begin_close(stream.reason_);
  TlsTransport& transport = *stream.server_->tls;
  if (stream.connect_result_ != 0)
    return transport.ops_in_flight != 0 ? Stream::Step::wait : stream.connect_failed(-stream.connect_result_);
  if (stream.client_left()) return stream.begin_close(logfmt::EndReason::client_aborted_connect);
  switch (transport.shake_hands()) {
    case TlsTransport::Handshake::done:
      return stream.established();
    case TlsTransport::Handshake::failed: {
      const tls::Connection& connection = transport.connection();
      // As HAProxy: who chooses the name that is asked for must not make us try again and again.
      const bool hopeless = connection.error() == tls::Error::bad_peer_certificate &&
                            connection.verify_result() == hostname_mismatch &&
                            tls::server_name(connection).has_value();
      const bool named = configured_name(stream.backend_config(), stream.server_index_);
      return give_up(stream, hopeless ? error_hopeless : error_failed,
                     transport.has_failed()
                         ? ServerFault{transport.failure(), StreamFaults::of_server_tls(connection, named)}
                         : ServerFault{ended_words, sample::ConnectionError::tls_closed});
    }
    case TlsTransport::Handshake::going_on:
      if (stream.phase_deadline_ <= stream.lane_.now)
        return give_up(stream, ETIMEDOUT, {late_words, sample::ConnectionError::tls_timeout});
      break;
  }
  stream.arm_receive(stream.to_server_, *stream.session_);
  return Stream::Step::wait;
}

// An alert that says why is on its way already.
Stream::Step StreamTls::give_up(Stream& stream, int error, const ServerFault& why) {
  fault(stream) = why;
  stream.connect_result_ = static_cast<std::int16_t>(-error);
  stream.server_->tls->cancel();
  return Stream::Step::next;
}

// --- What became of it -------------------------------------------------------------------------------------

ServerFault& StreamTls::fault(Stream& stream) {
  return stream.lane_.tls->server_faults[stream.lane_.streams.slot(&stream)];
}

void StreamTls::forget_fault(Stream& stream) {
  if (!stream.lane_.tls->servers.empty()) fault(stream) = {};
}

void StreamTls::note_fault(Stream& stream, const Peer& peer) {
  if (peer.side == Side::client) return;
  fault(stream) = {peer.tls->failure(), StreamFaults::of_server_tls(peer.tls->connection(), false)};
}

ServerFault StreamTls::last_fault(const Stream& stream) {
  const LaneState& lane = stream.lane_;
  if (lane.tls == nullptr || lane.tls->servers.empty()) return {};
  return lane.tls->server_faults[lane.streams.slot(&stream)];
}

std::string_view StreamTls::server_fault(const Stream& stream, logfmt::EndReason reason) {
  using logfmt::EndReason;
  constexpr std::array reasons{EndReason::server_tls_failed,  EndReason::server_tls_error,
                               EndReason::server_truncated,   EndReason::connect_timeout,
                               EndReason::server_no_response, EndReason::response_incomplete};
  const bool explains = std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
  return explains ? last_fault(stream).words : std::string_view{};
}

}  // namespace corelane::proxy
