// SPDX-License-Identifier: Apache-2.0
// The rules of tcp_request: what is looked at before a connection gets a backend and a server.
#include "proxy/http_exchange.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/peer_io.hpp"
#include "proxy/rule_run.hpp"
#include "proxy/stream.hpp"
#include "proxy/stream_tls.hpp"

namespace corelane::proxy {

namespace {

/// No more bytes are waited for.
RuleInput final_input(LaneState& lane, const Session& session, sample::Content& content,
                      std::uint32_t backend) {
  content.final = true;
  RuleInput input{lane, session};
  input.content = &content;
  input.backend = backend;
  return input;
}

}  // namespace

// False: a rule has rejected the connection.
bool Stream::passes(rules::RuleList list) {
  const config::FrontendRules* rules = rules_of({lane_, *session_});
  if (rules == nullptr || (*rules)[list].empty()) return true;
  RuleRun run({lane_, *session_});
  return run.look_at((*rules)[list]) != Verdict::answered;
}

// In one buffer, however many messages they came in; none while nothing has come.
sample::Content Stream::content(Flow& flow) {
  io::BufferQueue& queue = flow.queue;
  io::BufferPool& buffers = lane_.ring->buffers();
  queue.gather(buffers);
  sample::Content content;
  if (!queue.empty()) content.bytes = io::text_of(queue.front(buffers));
  content.full = queue.count() > 1 || content.bytes.size() == buffers.buffer_size();
  return content;
}

// What has come before the rules are looked at for the first time counts for them, though it was not received
// yet.
bool Stream::bytes_are_there() {
  if (phase_deadline_ != base::time_never || to_server_.source_ended || to_server_.starved) return false;
  if (session_->tls != nullptr) return session_->tls->has_input();
  const io::PeerState state = io::socket_peer_state(session_->socket);
  return state.has_bytes || (state.ended && !state.gone);
}

// As HAProxy: the rules are looked at at once, and again as bytes come, until one decides or all have been
// looked at without one that has to wait. At the end of the delay, or of the bytes, none waits.
Stream::Inspected Stream::inspect_content(const config::RuleSet* set, std::int64_t delay_ms) {
  if (set == nullptr || (*set)[rules::RuleList::tcp_request_content].empty()) return Inspected::passes;
  sample::Content content = this->content(to_server_);
  if (content.bytes.empty() && bytes_are_there()) {
    arm_receive(to_server_, *session_);
    return Inspected::waits;
  }
  content.final = content.full || to_server_.source_ended || delay_ms == 0 || phase_deadline_ <= lane_.now;
  RuleInput input{lane_, *session_};
  if (in_backend_) input.backend = backend_;
  input.content = &content;
  RuleRun run(input);
  const Verdict verdict = run.look_at((*set)[rules::RuleList::tcp_request_content]);
  if (verdict == Verdict::answered) return Inspected::rejected;
  if (verdict != Verdict::wait) return Inspected::passes;
  if (phase_deadline_ == base::time_never) {
    phase_deadline_ = lane_.deadline_in(delay_ms);
    update_timer();
  }
  arm_receive(to_server_, *session_);
  return Inspected::waits;
}

// The session's rules, those of the frontend about the first bytes, the backend, and its rules about them.
Stream::Step Stream::inspect() {
  if (broken_peer() != nullptr) return begin_close(reason_);
  if (!session_judged_) {
    session_judged_ = true;
    if (!passes(rules::RuleList::tcp_request_session)) return begin_close(logfmt::EndReason::session_denied);
    count_tracked_session(lane_, *this);
    if (speaks_http_) {
      expect_request();
      return Step::next;
    }
  }
  if (!in_backend_) {
    const Inspected inspected =
        inspect_content(rules_of({lane_, *session_}), frontend_config().inspect_delay_ms);
    if (inspected == Inspected::waits) return Step::wait;
    if (inspected == Inspected::rejected) return begin_close(logfmt::EndReason::request_denied);
    sample::Content content = this->content(to_server_);
    enter_backend(backend_by_rules(final_input(lane_, *session_, content, config::no_index)));
    phase_deadline_ = base::time_never;
  }
  const Inspected inspected =
      inspect_content(lane_.shared.topology.backend_rules(backend_), backend_config().inspect_delay_ms);
  if (inspected == Inspected::waits) return Step::wait;
  if (inspected == Inspected::rejected) return begin_close(logfmt::EndReason::request_denied);
  const config::BackendRules* rules = lane_.shared.topology.backend_rules(backend_);
  if (rules != nullptr && rules->sticks()) {
    sample::Content content = this->content(to_server_);
    stick_by_request(final_input(lane_, *session_, content, backend_), false);
  }
  phase_ = Phase::choosing;
  phase_deadline_ = base::time_never;
  if (timer_.linked()) update_timer();
  return Step::next;
}

// --- What the server says first
// -----------------------------------------------------------------------------

base::TimeUs Stream::response_deadline() const {
  if (!response_held_) return base::time_never;
  return established_at_ + base::ms_to_us(backend_config().response_inspect_delay_ms);
}

// As a client's bytes, while what the client says goes to the server.
Stream::Inspected Stream::inspect_response() {
  const config::BackendRules& rules = *lane_.shared.topology.backend_rules(backend_);
  sample::Content content = this->content(to_client_);
  content.final = content.full || to_client_.source_ended || response_deadline() <= lane_.now;
  RuleInput input{lane_, *session_};
  input.server_connection = server_;
  input.backend = backend_;
  input.server = server_index_;
  input.content = &content;
  const Verdict verdict = RuleRun(input).look_at(rules[rules::RuleList::tcp_response_content]);
  if (verdict == Verdict::wait) return Inspected::waits;
  if (verdict == Verdict::answered) return Inspected::rejected;
  content.final = true;
  stick_to_server(input);
  return Inspected::passes;
}

Stream::Step Stream::inspect_server() {
  const Inspected inspected = inspect_response();
  if (inspected == Inspected::rejected) return begin_close(logfmt::EndReason::response_denied);
  if (inspected == Inspected::waits) {
    arm_receive(to_client_, *server_);
    return Step::wait;
  }
  response_held_ = false;
  update_timer();  // it may have struck for this
  if (server_dropped_) peer_stop_receiving(lane_, *server_);
  return Step::next;
}

// A rule has closed the server's connection: the client gets what had come of it.
Stream::Step Stream::forward_without_server() {
  to_client_.source_ended = true;
  pump(to_client_, *server_, *session_);
  if (broken_peer() != nullptr) return begin_close(reason_);
  if (!to_client_.drained() || session_->send.in_flight || !StreamTls::closes_quietly(*this))
    return Step::wait;
  (void)io::socket_reset_on_close(server_->socket);
  return begin_close(logfmt::EndReason::completed);
}

// The server that a rule, the request's cookie or a stick table asks for, and that has not failed it;
// config::no_index: any.
std::uint32_t Stream::wanted_server() {
  if (speaks_http_) return http_->wanted_server();
  const config::BackendRules* rules = lane_.shared.topology.backend_rules(backend_);
  if (rules == nullptr) return config::no_index;
  std::uint32_t server = config::no_index;
  if (!rules->use_server.empty()) {
    sample::Content content = this->content(to_server_);
    server = server_by_rules(final_input(lane_, *session_, content, backend_), false);
  }
  if (server == config::no_index) server = stuck_server(lane_, *this, backend_);
  return server == failed_server_ ? config::no_index : server;
}

}  // namespace corelane::proxy
