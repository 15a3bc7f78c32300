// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario.hpp"

#include <algorithm>
#include <memory>

namespace corelane::sim {

namespace {

constexpr unsigned bind_ports = 10;  // of one frontend
constexpr unsigned turns_max = 400'000;
constexpr TimeUs gentle_us_max = 3'000'000'000;
constexpr TimeUs stop_us_max = 100'000;  // from the order to stop to the end
constexpr TimeUs wait_us_max = 1'000'000;
constexpr TimeUs drain_spread_us_max = 20'000;  // between the lanes' orders to drain
constexpr TimeUs wait_of_all_us_max =
    10'000;  // of several lanes: while one waits, the others' timers are late
constexpr std::size_t events_after_max = 500'000;

/// One run, from its plan to its checks.
class Run {
 public:
  Run(std::uint64_t seed, bool traced, const Kernel::FailureHandler& on_failure);

  void play();
  void check(RunCounts& counts);

 private:
  void count(RunCounts& counts);
  void start_servers();
  bool may_connect(std::size_t backend, std::size_t server, std::uint32_t open) const;
  void start_lanes();
  void listen(proxy::Lane& lane, std::uint32_t index, std::uint32_t frontend);
  void start_clients();
  void schedule_control();
  void end_sessions(const ControlStep& step);
  void tell_lanes(const proxy::LaneMessage& message);
  void turn_lanes(TimeUs wait_us);
  void after_turn();
  void drain();
  bool clients_over() const;

  const Plan plan_;
  Kernel kernel_;
  Peers peers_;
  HttpWorld http_;
  std::deque<Host> hosts_;
  std::vector<std::vector<Listener*>> frontend_listeners_;
  std::deque<Client> clients_;
  proxy::Topology topology_;
  proxy::LaneShared shared_;
  std::deque<proxy::Lane> lanes_;
  std::vector<proxy::Lane*> turning_;  // those that have not finished
  std::vector<logfmt::ConnectionRecord> records_;
  std::vector<std::string> texts_;
  TimeUs stop_at_ = base::time_never;
  bool drained_ = false;
};

Run::Run(std::uint64_t seed, bool traced, const Kernel::FailureHandler& on_failure)
    : plan_(make_plan(seed)),
      kernel_(seed + 0x5eed, plan_.weather, on_failure, traced),
      peers_(kernel_),
      http_(kernel_, plan_.model, plan_.gentle, plan_.lanes),
      topology_(plan_.model, plan_.server_addresses),
      shared_(topology_, plan_.max_connections, plan_.lanes) {
  shared_.system_ports = plan_.system_ports;
  start_servers();
  start_lanes();
  start_clients();
  if (!plan_.gentle) schedule_control();
}

void Run::start_servers() {
  for (std::size_t b = 0; b < plan_.hosts.size(); ++b) {
    for (std::size_t s = 0; s < plan_.hosts[b].size(); ++s) {
      Host& host = hosts_.emplace_back(peers_, plan_.hosts[b][s], kernel_.random().split(),
                                       [this, b, s](std::uint32_t open) { return may_connect(b, s, open); });
      kernel_.serve(plan_.server_addresses[b][s], host);
    }
  }
  for (std::size_t b = 0; plan_.http && b < plan_.http->hosts.size(); ++b) {
    for (std::size_t s = 0; s < plan_.http->hosts[b].size(); ++s)
      kernel_.serve(plan_.server_addresses[b][s],
                    http_.add_host(plan_.http->hosts[b][s], static_cast<std::uint32_t>(b),
                                   static_cast<std::uint32_t>(s)));
  }
}

// A retry may come back to the server that failed, whatever has changed meanwhile, and of several lanes one
// may submit what it decided while another waited; else the rules are plain.
bool Run::may_connect(std::size_t backend, std::size_t server, std::uint32_t open) const {
  const config::Backend& configured = plan_.model.backends[backend];
  if (configured.retries != 0 || plan_.lanes > 1) return true;
  const proxy::Backend& present = topology_.backends()[backend];
  const auto usable = [&](std::size_t s) {
    return configured.servers[s].weight != 0 && present.servers[s].state->status == proxy::ServerStatus::up;
  };
  if (!usable(server)) return false;
  const config::Server& wanted = configured.servers[server];
  for (std::size_t s = 0; wanted.backup && s < configured.servers.size(); ++s) {
    if (!configured.servers[s].backup && usable(s)) return false;
  }
  return wanted.max_connections == 0 || open <= wanted.max_connections;
}

void Run::start_lanes() {
  frontend_listeners_.resize(plan_.model.frontends.size());
  for (std::uint32_t index = 0; index < plan_.lanes; ++index) {
    proxy::LaneOptions options = plan_.lane;
    options.index = index;
    options.lanes = plan_.lanes;
    proxy::Lane& lane = lanes_.emplace_back(shared_, options);
    shared_.blocks.push_back(&lane.counters());
    std::string failure;
    if (!lane.start(failure)) kernel_.fail(failure);
    for (std::uint32_t f = 0; f < plan_.model.frontends.size(); ++f) listen(lane, index, f);
  }
}

void Run::listen(proxy::Lane& lane, std::uint32_t index, std::uint32_t frontend) {
  auto& listeners = frontend_listeners_[frontend];
  for (std::uint32_t b = 0; b < plan_.model.frontends[frontend].bind.size(); ++b) {
    const bool shared = plan_.listeners_shared && index > 0 && b < listeners.size();
    const auto port = static_cast<std::uint16_t>(8000 + frontend * bind_ports + b);
    Listener& listener =
        shared ? *listeners[b]
               : kernel_.make_listener(*base::endpoint_from_ip("10.0.0.1", port), plan_.backlog);
    const Descriptor descriptor = kernel_.open(listener);
    if (descriptor < 0) continue;  // no descriptor left for it
    if (!shared) listeners.push_back(&listener);
    lane.listen(frontend, b, descriptor);
  }
}

void Run::start_clients() {
  for (const ClientPlan& planned : plan_.clients) {
    auto& listeners = frontend_listeners_[planned.frontend];
    if (listeners.empty()) continue;
    const auto number = static_cast<std::uint16_t>(clients_.size());
    Listener& listener = *listeners[number % std::min(listeners.size(), plan_.listeners_used)];
    const auto ip = number % 3 == 0 ? "fd00::2" : "10.2.0.1";
    const config::Bind& bind =
        plan_.model.frontends[planned.frontend].bind[listener.address.port % bind_ports];
    Script script = planned.script;
    if (bind.accept_proxy.enabled) script.opening = planned.opening;
    if (script.opening.kind == Opening::Kind::incomplete) script.bytes_to_send = 0;
    Client& client = clients_.emplace_back(peers_, listener, *base::endpoint_from_ip(ip, 20000 + number),
                                           script, kernel_.random().split());
    client.arrive_at(planned.arrives_at);
  }
  for (std::size_t number = 0; plan_.http && number < plan_.http->clients.size(); ++number) {
    const HttpClientPlan& planned = plan_.http->clients[number];
    auto& listeners = frontend_listeners_[planned.frontend];
    if (listeners.empty()) continue;
    Listener& listener = *listeners[number % std::min(listeners.size(), plan_.listeners_used)];
    const auto port = static_cast<std::uint16_t>(20000 + number);
    http_.add_client(planned, listener, *base::endpoint_from_ip("10.2.0.1", port));
  }
}

void Run::schedule_control() {
  for (const ControlStep& step : plan_.control) {
    kernel_.schedule(step.at, [this, &step] {
      if (step.ends_sessions) return end_sessions(step);
      kernel_.trace("server {}/{} is {}", step.backend, step.server, step.up ? "up" : "down");
      const config::Server& server = plan_.model.backends[step.backend].servers[step.server];
      topology_.publish(step.backend, step.server,
                        {.status = step.up ? proxy::ServerStatus::up : proxy::ServerStatus::down,
                         .weight = server.weight,
                         .connections_max = server.max_connections});
      tell_lanes({.kind = proxy::LaneMessage::Kind::servers_changed, .backend = step.backend});
      if (step.up || server.on_marked_down != config::OnMarkedDown::shutdown_sessions) return;
      tell_lanes(
          {.kind = proxy::LaneMessage::Kind::server_down, .backend = step.backend, .server = step.server});
    });
  }
  kernel_.schedule(plan_.drain_at, [this] { drain(); });
  stop_at_ = kernel_.now() + plan_.stop_at;
  kernel_.schedule(plan_.stop_at, [this] {
    kernel_.trace("stop");
    tell_lanes({.kind = proxy::LaneMessage::Kind::stop});
  });
}

// So few rows that the answers to all steps have room.
void Run::end_sessions(const ControlStep& step) {
  kernel_.trace("sessions of {}/{} are ended", step.backend, step.server);
  tell_lanes(
      {.kind = proxy::LaneMessage::Kind::sessions, .sessions = {.matches = 8, .backend = step.backend}});
  tell_lanes({.kind = proxy::LaneMessage::Kind::sessions,
              .sessions = {.end = true, .backend = step.backend, .server = step.server}});
}

void Run::tell_lanes(const proxy::LaneMessage& message) {
  for (proxy::Lane* lane : turning_) lane->post(message, nullptr);
}

void Run::drain() {
  if (drained_) return;
  drained_ = true;
  // One lane may have finished before another knows.
  for (proxy::Lane* lane : turning_) {
    kernel_.schedule(kernel_.random().between(0, drain_spread_us_max), [this, lane] {
      if (std::find(turning_.begin(), turning_.end(), lane) == turning_.end()) return;
      kernel_.trace("drain");
      lane->post({.kind = proxy::LaneMessage::Kind::drain}, nullptr);
    });
  }
}

bool Run::clients_over() const {
  return http_.clients_over() &&
         std::all_of(clients_.begin(), clients_.end(), [](const Client& client) { return client.over(); });
}

void Run::turn_lanes(TimeUs wait_us) {
  for (std::size_t i = 0; i < turning_.size();) {
    proxy::Lane* lane = turning_[i];
    if (lane->turn(wait_us)) {
      ++i;
      continue;
    }
    turning_.erase(turning_.begin() + static_cast<std::ptrdiff_t>(i));
    lane->turn(0);  // takes what it was told during its last turn, or the others could not sleep
  }
}

void Run::play() {
  const TimeUs began = kernel_.now();
  const TimeUs wait_us = plan_.lanes == 1 ? wait_us_max : wait_of_all_us_max / plan_.lanes;
  for (proxy::Lane& lane : lanes_) turning_.push_back(&lane);
  for (unsigned turns = 0; !turning_.empty(); ++turns) {
    turn_lanes(wait_us);
    after_turn();
    if (turns > turns_max) kernel_.fail("the lane turns without end");
    if (plan_.gentle) {
      if (clients_over()) drain();
      if (kernel_.now() - began > gentle_us_max) {
        kernel_.fail("a connection does not come to its end" + http_.unfinished());
      }
    } else if (kernel_.now() - began > plan_.stop_at + stop_us_max + wait_us_max) {
      kernel_.fail("the lane does not stop");
    }
  }
}

void Run::after_turn() {
  logfmt::ConnectionRecord record;
  std::string text;
  for (proxy::Lane& lane : lanes_) {
    while (lane.log_queue().pop(record, text)) {
      records_.push_back(record);
      texts_.push_back(text);
    }
  }
  // Above this a multishot accept may run, which can take a burst beyond the limit.
  constexpr std::uint64_t exact_below = 4096;
  const auto watch = [&](std::uint64_t current, std::uint64_t limit, const char* what) {
    if (limit != 0 && limit < exact_below && current > limit) {
      kernel_.fail(fmt::format("{} connections where the {} allows {}", current, what, limit));
    }
  };
  std::uint64_t current = 0;
  for (const stats::LaneBlock* block : shared_.blocks) current += block->lane().connections_current.get();
  watch(current, plan_.max_connections, "process");
  for (std::size_t f = 0; f < plan_.model.frontends.size(); ++f) {
    current = 0;
    for (const stats::LaneBlock* block : shared_.blocks)
      current += block->frontend(f).connections_current.get();
    watch(current, plan_.model.frontends[f].max_connections, "frontend");
  }
}

void Run::check(RunCounts& counts) {
  std::uint64_t log_dropped = 0;
  for (const stats::LaneBlock* block : shared_.blocks) log_dropped += block->lane().log_dropped.get();
  const Outcome outcome{plan_, kernel_,     peers_,         clients_,  records_, texts_,
                        http_, log_dropped, shared_.blocks, topology_, stop_at_};
  plan_.http ? check_http_books(outcome) : check_books(outcome);
  for (const stats::LaneBlock* block : shared_.blocks)
    counts.handed_over += block->lane().connections_handed_over.get();
  lanes_.clear();
  if (kernel_.descriptors_open() != 0) {
    kernel_.fail(fmt::format("descriptors left open: {}", kernel_.descriptors_text()));
  }
  std::size_t events = 0;
  while (kernel_.next_event() != base::time_never && ++events < events_after_max) kernel_.run_next_event();
  plan_.http ? check_http_connections(outcome) : check_connections(outcome);
  count(counts);
}

void Run::count(RunCounts& counts) {
  const auto completed =
      static_cast<std::uint64_t>(std::count_if(records_.begin(), records_.end(), [](const auto& r) {
        return r.reason == logfmt::EndReason::completed;
      }));
  counts.splices += kernel_.counts().splices;
  counts.relays += kernel_.counts().relays;
  counts.buffers_exhausted += kernel_.counts().buffers_exhausted;
  counts.operations += kernel_.counts().operations;
  if (!plan_.http) {
    counts.connections += records_.size();
    counts.completed += completed;
    return;
  }
  counts.exchanges += completed;
  for (const HttpAttempt& attempt : http_.attempts) {
    counts.reused += attempt.reused;
    counts.repeated += attempt.request->attempts.front() != &attempt;
  }
}

}  // namespace

void run_scenario(std::uint64_t seed, bool traced, const Kernel::FailureHandler& on_failure,
                  RunCounts& counts) {
  Run run(seed, traced, on_failure);
  run.play();
  run.check(counts);
}

}  // namespace corelane::sim
