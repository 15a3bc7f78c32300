// SPDX-License-Identifier: Apache-2.0
#include "proxy/lane.hpp"

#include <algorithm>
#include <utility>

#include "proxy/lane_state.hpp"

namespace corelane::proxy {

namespace {

constexpr unsigned completions_per_turn_max = 1024;
constexpr std::uint32_t inbox_messages_max = 16 * 1024;  // power of two

std::vector<std::size_t> binds_per_frontend(const config::Model& model) {
  std::vector<std::size_t> counts;
  for (const config::Frontend& frontend : model.frontends) counts.push_back(frontend.bind.size());
  return counts;
}

std::vector<std::size_t> servers_per_backend(const config::Model& model) {
  std::vector<std::size_t> counts;
  for (const config::Backend& backend : model.backends) counts.push_back(backend.servers.size());
  return counts;
}

std::size_t http_servers_of(const config::Model& model) {
  std::size_t servers = 0;
  for (const config::Backend& backend : model.backends)
    servers += backend.mode == config::Mode::http ? backend.servers.size() : 0;
  return servers;
}

}  // namespace

LaneShared::LaneShared(Topology& topology_in, std::uint32_t max_connections, std::uint32_t lanes)
    : topology(topology_in),
      tls_replacements(lanes),
      process_budget(max_connections, lanes),
      idle_budget(max_connections, lanes),
      nudges(lanes),
      quiet_points(lanes) {
  for (Backend& backend : topology.backends()) {
    if (backend.limited) {
      const auto servers = static_cast<std::uint32_t>(backend.servers.size());
      backend.queue_board = std::make_unique<QueueBoard>(lanes, servers);
    }
  }
  for (const config::Frontend& frontend : topology.model().frontends) {
    auto& budget = frontend_budgets.emplace_back();
    if (frontend.max_connections != 0) {
      budget = std::make_unique<ConnectionBudget>(frontend.max_connections, lanes);
    }
  }
  if (lanes > 1 && topology.model().global.even_lanes) lane_board = std::make_unique<LaneBoard>(lanes);
  const std::size_t http_servers = http_servers_of(topology.model());
  if (lanes > 1 && http_servers != 0)
    idle_board = std::make_unique<IdleBoard>(http_servers, lanes, max_connections);
}

void LaneShared::nudge(std::uint32_t lane, LaneNudge::Wish wish, io::Ring& from) {
  if (nudges[lane].wanted.fetch_or(wish, std::memory_order_acq_rel) != 0) return;
  if (io::Ring* ring = nudges[lane].ring.load(std::memory_order_acquire)) ring->wake(&from);
}

LaneState::LaneState(LaneShared& shared_in, const LaneOptions& options_in)
    : shared(shared_in),
      options(options_in),
      counters(binds_per_frontend(shared_in.topology.model()),
               servers_per_backend(shared_in.topology.model()), shared_in.topology.source_pools().size()),
      log_queue(options_in.log_queue_records, options_in.log_text_bytes),
      inbox(inbox_messages_max),
      session_replies(session_replies_max),
      sessions(options_in.connections_max),
      server_connections(2 * options_in.connections_max),  // those in use, and as many idle ones
      streams(options_in.connections_max),
      stream_slots(options_in.connections_max),
      waiters(options_in.connections_max),
      proxy_headers(uses_proxy_headers(shared_in.topology.model()) ? options_in.proxy_headers_max : 0),
      pipes(model().global.tune.pipes_max, model().global.tune.pipe_size),
      relay_scratch(options_in.ring.buffer_size),
      source_ports(shared_in.topology, shared_in.system_ports, {options_in.index, options_in.lanes},
                   options_in.seed, counters),
      connect_addresses(shared_in.topology.any_to_destination() ? options_in.ring.submission_entries : 0),
      process_budget(shared_in.process_budget),
      idle_connections(*this) {
  for (Backend& backend : shared.topology.backends()) {
    const auto number = static_cast<std::uint32_t>(choices.size());
    choices.emplace_back(backend, options.index, options.lanes, options.seed + number);
    auto& queue = queues.emplace_back();
    if (backend.queue_board != nullptr) {
      queue = std::make_unique<ServerQueue>(*this, number, *backend.queue_board);
    }
  }
  for (const auto& budget : shared.frontend_budgets) {
    auto& mine = frontend_budgets.emplace_back();
    if (budget != nullptr) mine.emplace(*budget);
  }
  if (speaks_http(model())) http = std::make_unique<HttpLane>(model(), choices, options.connections_max);
  if (!shared.tls_binds.empty() || !shared.tls_servers.empty()) {
    tls = std::make_unique<LaneTls>(
        shared.tls_binds.empty() ? TlsBinds() : std::move(shared.tls_binds[options.index]),
        shared.tls_servers.empty() ? TlsServers() : std::move(shared.tls_servers[options.index]),
        shared.tls_replacements[options.index], options.connections_max, options.ring.buffer_size);
  }
  if (shared.topology.any_rules()) rules = std::make_unique<LaneRules>(shared.topology, options);
  if (shared.topology.rules_change_patterns()) pattern_changes = std::make_unique<PatternChangeQueue>();
  if (shared.lane_board != nullptr) handover.emplace(*this, *shared.lane_board, options.seed + options.index);
}

LaneState::~LaneState() = default;

bool LaneState::acquire_permits(std::uint32_t frontend) {
  if (!process_budget.acquire()) return false;
  auto& budget = frontend_budgets[frontend];
  if (!budget || budget->acquire()) return true;
  process_budget.release();
  return false;
}

void LaneState::acquire_permits_beyond_limit(std::uint32_t frontend) {
  process_budget.acquire_beyond_limit();
  if (auto& budget = frontend_budgets[frontend]) budget->acquire_beyond_limit();
}

void LaneState::release_permits(std::uint32_t frontend) {
  process_budget.release();
  if (auto& budget = frontend_budgets[frontend]) budget->release();
}

bool LaneState::at_limit(std::uint32_t frontend) const {
  if (shared.listeners_short_of_permits.load(std::memory_order_relaxed) != 0) return true;
  const auto& budget = frontend_budgets[frontend];
  return process_budget.in_debt() || (budget && budget->in_debt());
}

void LaneState::serve(const AcceptedClient& client) {
  if (Stream::start(*this, client)) return;
  lane_counters().accept_errors.add();
  release_permits(client.frontend);
  ring->close(client.socket);
}

void LaneState::count_retry(std::uint32_t backend, std::uint32_t server) {
  counters.server(backend, server).retries.add();
  counters.backend(backend).retries.add();
}

void LaneState::descriptors_ran_out() {
  lane_counters().accept_paused_descriptors.add();
  idle_connections.free_descriptors();
  for (Listener& listener : listeners) listener.hold();
}

// Where listeners of other lanes wait as well, nobody goes first because the permit came back in his lane:
// all try again when their pause ends.
void LaneState::resume_listeners() {
  if (shared.listeners_short_of_permits.load(std::memory_order_relaxed) > listeners_short_of_permits) return;
  for (Listener& listener : listeners) listener.resume();
}

void LaneState::place_given_back(std::uint32_t backend) {
  if (queues[backend] != nullptr) queues[backend]->look_again();
}

void LaneState::renew_tls() {
  if (tls != nullptr && tls->replacement.waiting() && tls->take_replacement())
    idle_connections.tls_replaced();
}

std::uint32_t LaneState::take_wishes() {
  std::atomic<std::uint32_t>& wanted = shared.nudges[options.index].wanted;
  return wanted.load(std::memory_order_relaxed) == 0 ? 0 : wanted.exchange(0, std::memory_order_acq_rel);
}

void LaneState::serve_queues(bool look_everywhere) {
  if (!std::exchange(look_at_queues, false) && !look_everywhere) return;
  for (const auto& queue : queues) {
    if (queue != nullptr && (look_everywhere || queue->wants_to_look())) queue->serve();
  }
}

void LaneState::write_log(logfmt::ConnectionRecord& record, std::string_view text) {
  if (!log_queue.push(record, text)) lane_counters().log_dropped.add();
  log_written = true;
}

void LaneState::announce_log() {
  if (!std::exchange(log_written, false) || shared.on_log_waiting == nullptr) return;
  shared.on_log_waiting(shared.on_log_waiting_context, ring.get());
}

Lane::Lane(LaneShared& shared, const LaneOptions& options)
    : state_(std::make_unique<LaneState>(shared, options)) {}
Lane::~Lane() = default;

bool Lane::start(std::string& failure) {
  state_->ring = io::Ring::create(state_->options.ring, failure);
  if (state_->ring == nullptr) return false;
  state_->ring->on_ahead(&Stream::fetch_ahead);
  state_->now = state_->ring->now();
  state_->wheel.emplace(state_->now);
  state_->shared.nudges[state_->options.index].ring.store(state_->ring.get(), std::memory_order_release);
  return true;
}

void Lane::listen(std::uint32_t frontend, std::uint32_t bind, io::Descriptor listener) {
  state_->listeners.emplace_back(*state_, frontend, bind, listener);
  state_->listeners.back().advance();
}

namespace {

// Every stream gets its turn once, though each may end, or park itself, meanwhile. It stays in the list that
// it stood in: a parked one still waits for its buffer.
template <class Visit>
void for_each_stream(LaneState& lane, Visit visit) {
  for (base::List* list : {&lane.streams_parked, &lane.streams_active}) {
    base::List todo;
    todo.splice_back(*list);
    while (base::ListNode* node = todo.front()) {
      node->unlink();
      list->push_back(*node);
      visit(static_cast<Stream&>(*node));
    }
  }
}

void obey(LaneState& lane, const LaneMessage& message) {
  switch (message.kind) {
    case LaneMessage::Kind::drain:
      lane.draining = true;
      for (Listener& listener : lane.listeners) listener.drain();
      lane.idle_connections.close_all();
      for_each_stream(lane, [](Stream& stream) { stream.drain(); });
      break;
    case LaneMessage::Kind::stop:
      lane.draining = lane.stopping = true;
      for (Listener& listener : lane.listeners) listener.drain();
      lane.idle_connections.close_all();
      for_each_stream(lane, [](Stream& stream) { stream.end(logfmt::EndReason::process_stopping); });
      break;
    case LaneMessage::Kind::server_down:
      for_each_stream(lane, [&](Stream& stream) {
        if (stream.uses_server(message.backend, message.server))
          stream.end(logfmt::EndReason::server_marked_down);
      });
      break;
    case LaneMessage::Kind::servers_changed:
      lane.place_given_back(message.backend);
      lane.idle_connections.servers_changed(message.backend);
      break;
    case LaneMessage::Kind::sessions:
      answer_session_query(lane, message.sessions);
      break;
    case LaneMessage::Kind::tls_replaced:
      lane.renew_tls();
      break;
    case LaneMessage::Kind::quiet_point:
      // Whatever this lane has looked at before is behind it.
      lane.shared.quiet_points[lane.options.index].passed.store(message.round, std::memory_order_release);
      break;
  }
}

// Buffers went to nobody for a while: as many of those who wait as there are buffers, the longest waiting
// first.
void resume_parked(LaneState& lane) {
  std::uint32_t buffers = lane.ring->buffers_receivable();
  while (buffers-- > 0 && !lane.streams_parked.empty()) {
    static_cast<Stream*>(lane.streams_parked.front())->resume_starved();
  }
}

void publish_counters(LaneState& lane) {
  stats::LaneCounters& counters = lane.lane_counters();
  const io::RingCounters& ring = lane.ring->counters();
  counters.turns.add();
  counters.completions.set(ring.completions);
  counters.submit_calls.set(ring.submit_calls);
  counters.buffers_exhausted.set(ring.buffers_exhausted);
  counters.completion_overflows.set(ring.completion_overflows);
  counters.buffers_in_use.set(lane.ring->buffers().capacity() - lane.ring->buffers_receivable());
  counters.pipes_open.set(lane.pipes.open_count());
}

// The kernel had more to tell than its queue holds: new connections wait until the lane has caught up.
void hold_after_overflow(LaneState& lane) {
  const std::uint64_t overflows = lane.ring->counters().completion_overflows;
  if (overflows == lane.completion_overflows_seen) return;
  lane.completion_overflows_seen = overflows;
  for (Listener& listener : lane.listeners) listener.hold();
}

bool finished(LaneState& lane) {
  return lane.draining && lane.streams.used() == 0 && lane.idle_connections.empty() &&
         std::all_of(lane.listeners.begin(), lane.listeners.end(),
                     [](const Listener& l) { return l.finished(); }) &&
         (!lane.handover || lane.handover->close());
}

}  // namespace

bool Lane::turn(base::TimeUs wait_us) {
  LaneState& lane = *state_;
  const base::TimeUs turn_end = lane.ring->now();
  lane.lane_counters().busy_us.add(static_cast<std::uint64_t>(turn_end - lane.now));
  const base::TimeUs deadline = lane.wheel->next_deadline();
  if (deadline != base::time_never)
    wait_us = std::min(wait_us, std::max<base::TimeUs>(deadline - turn_end, 0));
  const bool parked_can_go = !lane.streams_parked.empty() && lane.ring->buffers_receivable() > 0;
  const bool tls_can_go = lane.tls != nullptr && !lane.tls->ready.empty();
  lane.ring->submit_and_wait(parked_can_go || tls_can_go || lane.look_at_queues ? 0 : wait_us);
  lane.now = lane.ring->now();
  if (lane.tls != nullptr) lane.tls->set_time(lane.now + lane.options.wall_offset_us);
  lane.ring->dispatch(completions_per_turn_max);
  lane.wheel->advance(lane.now);
  LaneMessage message;
  while (lane.inbox.pop(message)) obey(lane, message);
  const std::uint32_t wishes = lane.take_wishes();
  if ((wishes & LaneNudge::take_clients) != 0) lane.handover->take();
  if (!lane.streams_parked.empty()) resume_parked(lane);
  if (lane.tls != nullptr) lane.tls->run_ready();
  lane.serve_queues((wishes & LaneNudge::look_at_queues) != 0);
  hold_after_overflow(lane);
  lane.announce_log();
  publish_counters(lane);
  if (!finished(lane)) return true;
  lane.shared.nudges[lane.options.index].ring.store(nullptr, std::memory_order_release);
  lane.ring->submit_and_wait(0);  // the last closes
  return false;
}

void Lane::post(const LaneMessage& message, io::Ring* from) {
  // A full inbox means that the lane has not turned for thousands of messages: waiting is all that helps.
  while (!state_->inbox.push(message)) {
  }
  state_->ring->wake(from);
}

const stats::LaneBlock& Lane::counters() const noexcept {
  return state_->counters;
}
logfmt::LogQueue& Lane::log_queue() noexcept {
  return state_->log_queue;
}
base::SpscQueue<SessionReply>& Lane::session_replies() noexcept {
  return state_->session_replies;
}
PatternChangeQueue* Lane::pattern_changes() noexcept {
  return state_->pattern_changes.get();
}
bool Lane::running() const noexcept {
  return state_->shared.nudges[state_->options.index].ring.load(std::memory_order_acquire) != nullptr;
}
const io::RingFeatures& Lane::ring_features() const noexcept {
  return state_->ring->features();
}

}  // namespace corelane::proxy
