// SPDX-License-Identifier: Apache-2.0
// What a seed decides: configuration, kernel, servers, clients and what the control thread does.
#include <algorithm>

#include "balance/balancer.hpp"
#include "sim/scenario.hpp"

namespace corelane::sim {

namespace {

constexpr TimeUs second = 1'000'000;
constexpr std::uint64_t http_salt = 0x68747470;
constexpr std::uint32_t inspection_salt = 0x696e7370;
constexpr std::uint32_t response_inspection_salt = 0x72657370;
constexpr std::uint32_t buffers_max_ample = 512;  // both directions of every connection can hold their share

Weather make_weather(Random& random) {
  Weather weather;
  if (random.chance(200)) {  // a calm day: whole moves, nothing by chance
    weather.short_io = weather.spurious_poll = weather.no_buffer = weather.multishot_ends = 0;
    weather.splice_again = weather.dispatch_partial = weather.early_submit = 0;
  } else {
    weather.short_io = random.pick({0U, 50U, 300U, 800U});
    weather.spurious_poll = random.pick({0U, 10U, 200U});
    weather.spurious_listener_poll = random.pick({0U, 0U, 200U});
    weather.no_buffer = random.pick({0U, 5U, 100U});
    weather.multishot_ends = random.pick({0U, 50U, 500U});
    weather.accept_aborted = random.pick({0U, 0U, 0U, 50U});
    weather.accept_no_descriptor = random.pick({0U, 0U, 0U, 50U});
    weather.cancel_races = random.pick({0U, 400U, 1000U});
    weather.splice_again = random.pick({0U, 20U, 300U});
  }
  weather.splice_refused = random.chance(50);
  weather.multishot_capped = random.chance(500);
  weather.latency_us_max = random.pick<TimeUs>({0, 20, 200, 5000});
  weather.network_us_max = random.pick<TimeUs>({0, 100, 500, 20'000});
  weather.socket_buffer_min = random.pick({1U, 64U, 512U});
  weather.socket_buffer_max = weather.socket_buffer_min + random.pick({0U, 100U, 4000U});
  weather.pipe_capacity_max = random.pick({64U, 1024U, 8192U});
  return weather;
}

io::RingOptions make_ring_options(Random& random) {
  io::RingOptions options;
  options.submission_entries = random.pick({4U, 64U, 1024U});
  options.completion_entries = random.pick({4U, 16U, 8192U, 8192U});
  options.buffer_size = random.pick({16U, 64U, 128U, 256U, 1024U});
  options.buffers_max = random.pick({4U, 4U, 8U, 16U, 64U, buffers_max_ample});
  options.buffers_offered_max = random.pick({1U, 2U, 4U, 8U, 16U});
  options.buffers_offered_min = random.number(1, options.buffers_offered_max);
  return options;
}

// --- Configuration -----------------------------------------------------------------------------------------

config::Timeouts make_timeouts(Random& random, bool gentle) {
  const auto timeout = [&] {
    return gentle ? random.pick<std::int64_t>({0, 600'000})
                  : random.pick<std::int64_t>({0, 0, 20, 100, 1000, 30'000});
  };
  config::Timeouts timeouts;
  timeouts.connect_ms = timeout();
  timeouts.queue_ms = gentle ? 0 : timeout();
  timeouts.client_ms = timeout();
  timeouts.server_ms = timeout();
  timeouts.client_fin_ms = timeout();
  timeouts.server_fin_ms = timeout();
  timeouts.client_hs_ms = timeout();
  return timeouts;
}

config::Server make_server(Random& random, bool gentle, std::uint32_t index) {
  config::Server server;
  server.name = fmt::format("s{}", index);
  server.weight = random.pick({1U, 1U, 2U, 10U, 256U});
  server.backup = index > 0 && random.chance(200);
  server.max_connections = random.pick({0U, 0U, 0U, 1U, 3U});
  if (server.max_connections == 3) server.min_connections = random.pick({0U, 1U});
  if (server.max_connections != 0) server.max_queue = random.pick({0U, 1U});
  if (random.chance(300))
    server.send_proxy.version = random.pick({config::ProxyVersion::v1, config::ProxyVersion::v2});
  if (random.chance(500))
    server.send_proxy.options = {config::ProxyOption::crc32c, config::ProxyOption::authority};
  if (!gentle) {
    if (random.chance(100)) server.weight = 0;
    if (random.chance(500)) server.on_marked_down = config::OnMarkedDown::shutdown_sessions;
  }
  return server;
}

config::Backend make_backend(Random& random, bool gentle, std::uint32_t index) {
  config::Backend backend;
  backend.name = fmt::format("b{}", index);
  backend.balance.algorithm = random.number(0, static_cast<std::uint32_t>(balance::registry().size()) - 1);
  backend.balance.draws = random.number(1, 3);
  backend.retries = random.pick({0U, 1U, 3U});
  backend.redispatch = random.chance(500);
  backend.all_backups = random.chance(300);
  backend.timeouts = make_timeouts(random, gentle);
  backend.full_connections = random.pick({0U, 2U, 10U});
  const std::uint32_t servers = random.number(1, 4);
  for (std::uint32_t s = 0; s < servers; ++s) backend.servers.push_back(make_server(random, gentle, s));
  return backend;
}

config::Frontend make_frontend(Random& random, bool gentle, std::uint32_t index, std::uint32_t backends) {
  config::Frontend frontend;
  frontend.name = fmt::format("f{}", index);
  frontend.bind.resize(random.pick({1U, 1U, 2U}));
  for (config::Bind& bind : frontend.bind) bind.accept_proxy.enabled = random.chance(300);
  frontend.max_connections = random.pick({0U, 0U, 1U, 4U, 100'000U});
  frontend.timeouts = make_timeouts(random, gentle);
  frontend.dont_log_null = !gentle && random.chance(200);
  frontend.default_backend = random.number(0, backends - 1);
  return frontend;
}

config::Model make_model(Random& random, bool gentle) {
  config::Model model;
  model.global.tune.pipes_max = random.pick({0U, 1U, 2U, 4U});
  model.global.tune.pipe_size = random.pick({256U, 4096U, 65'536U});
  const std::uint32_t backends = random.pick({1U, 1U, 2U});
  for (std::uint32_t b = 0; b < backends; ++b) model.backends.push_back(make_backend(random, gentle, b));
  const std::uint32_t frontends = random.pick({1U, 1U, 2U});
  for (std::uint32_t f = 0; f < frontends; ++f)
    model.frontends.push_back(make_frontend(random, gentle, f, backends));
  return model;
}

io::SocketAddress make_address(Random& random, std::uint32_t backend, std::uint32_t server) {
  const auto port = static_cast<std::uint16_t>(3000 + backend * 100 + server);
  switch (random.number(0, 3)) {
    case 0:
      return io::SocketAddress::from_unix_path(fmt::format("/run/server.{}", port));
    case 1:
      return io::SocketAddress::from_endpoint(*base::endpoint_from_ip("fd00::1", port));
    default:
      return io::SocketAddress::from_endpoint(*base::endpoint_from_ip("10.1.0.1", port));
  }
}

// --- Peers -------------------------------------------------------------------------------------------------

/// What the scripts of one run have in common.
struct Manners {
  bool gentle = false;
  std::uint64_t bytes_max = 0;
  std::size_t step_max = 0;
  TimeUs pause_us_max = 0;
  bool may_write_first = false;
  bool may_wait = false;  // half-close only after the other side; two that wait would wait for ever
};

Script make_script(Random& random, const Manners& manners) {
  Script script;
  script.bytes_to_send = Peer::header_bytes + random.size(0, manners.bytes_max >> random.number(0, 6));
  if (random.chance(manners.gentle ? 30 : 100)) script.bytes_to_send = random.size(0, 3);
  script.write_max = random.size(1, manners.step_max);
  script.read_max = random.size(1, manners.step_max);
  // Few steps for many bytes, or a run takes long.
  script.write_max = std::max<std::size_t>(script.write_max, script.bytes_to_send / 64);
  script.read_max = std::max<std::size_t>(script.read_max, manners.bytes_max / 64);
  script.write_pause_us_max = random.pick<TimeUs>({0, manners.pause_us_max, manners.pause_us_max / 10});
  script.read_pause_us_max = random.pick<TimeUs>({0, manners.pause_us_max, manners.pause_us_max / 10});
  if (manners.may_wait && random.chance(500)) script.ending = Script::Ending::after_the_other;
  script.writes_first = manners.may_write_first && random.chance(300);
  if (manners.gentle) return script;
  if (random.chance(100)) script.ending = Script::Ending::never;
  script.reads = !random.chance(100);
  script.breaks_by_reset = random.chance(600);
  if (random.chance(250))
    script.break_after = random.between(0, random.pick<TimeUs>({1000, 20'000, 200'000}));
  return script;
}

Manners make_manners(Random& random, bool gentle, const Weather& weather) {
  Manners manners;
  manners.gentle = gentle;
  manners.bytes_max = random.pick<std::uint64_t>({100, 1000, 1000, 10'000, 60'000});
  // What goes through in steps of a few bytes must be little, or it takes a long day.
  manners.bytes_max = std::min<std::uint64_t>(manners.bytes_max, 100 * weather.socket_buffer_min);
  manners.step_max = random.pick<std::size_t>({50, 500, 5000});
  manners.pause_us_max = random.pick<TimeUs>({0, 500, 5000, 50'000});
  return manners;
}

HostHabits make_habits(Random& random, const Manners& manners, const config::SendProxy& header) {
  HostHabits habits;
  habits.answer_us_max = random.pick<TimeUs>({0, 500, 15'000});
  habits.next_script = [manners, header](Random& host_random) {
    Script script = make_script(host_random, manners);
    script.header = header;
    // A real kernel takes a whole header, whatever the server does.
    if (header.version != config::ProxyVersion::none) script.writes_first = false;
    return script;
  };
  if (manners.gentle) return habits;
  habits.refuses = random.pick({0U, 0U, 200U, 1000U});
  habits.unreachable = random.pick({0U, 0U, 100U});
  habits.no_source_port = random.pick({0U, 0U, 30U});
  habits.never_answers = random.pick({0U, 0U, 200U});
  return habits;
}

void add_clients(Plan& plan, Random& random, const Manners& manners) {
  const std::uint32_t clients = random.number(1, random.pick({2U, 6U, 6U, 12U, 40U}));
  const TimeUs span = random.pick<TimeUs>({0, 2000, 50'000, 500'000});
  for (std::uint32_t c = 0; c < clients; ++c) {
    ClientPlan& client = plan.clients.emplace_back();
    client.frontend = random.number(0, static_cast<std::uint32_t>(plan.model.frontends.size()) - 1);
    client.arrives_at = random.between(0, span);
    client.script = make_script(random, manners);
    client.opening = make_opening(random, plan.gentle, c);
  }
}

void add_server_addresses(Plan& plan, Random& random) {
  for (std::uint32_t b = 0; b < plan.model.backends.size(); ++b) {
    auto& addresses = plan.server_addresses.emplace_back();
    for (std::uint32_t s = 0; s < plan.model.backends[b].servers.size(); ++s)
      addresses.push_back(make_address(random, b, s));
  }
}

void add_servers(Plan& plan, Random& random, const Manners& manners) {
  add_server_addresses(plan, random);
  for (std::uint32_t b = 0; b < plan.model.backends.size(); ++b) {
    auto& hosts = plan.hosts.emplace_back();
    for (std::uint32_t s = 0; s < plan.model.backends[b].servers.size(); ++s) {
      hosts.push_back(make_habits(random, manners, plan.model.backends[b].servers[s].send_proxy));
    }
  }
}

/// Source ports, few of them where connections may fail, and servers that are left to close first.
void add_sources(Plan& plan, Random& random) {
  if (!plan.gentle) {
    plan.weather.source_port_busy = random.pick({0U, 50U, 500U});
    plan.weather.interface_gone = random.pick({0U, 50U, 500U});
    plan.system_ports = random.pick<proxy::PortRuns>({{}, {{6000, 1}, {6002, 3}}, {{6000, 20}}});
  }
  if (plan.gentle && random.chance(500)) plan.system_ports = {{6000, 100}, {6200, 1900}};
  for (std::uint32_t b = 0; b < plan.model.backends.size(); ++b) {
    config::Backend& backend = plan.model.backends[b];
    if (random.chance(300)) {
      backend.close = {.policy = config::ClosePolicy::server_first,
                       .wait_ms = random.pick<std::int64_t>({1, 10, 500})};
    }
    for (std::uint32_t s = 0; s < backend.servers.size(); ++s) {
      if (plan.server_addresses[b][s].family() != base::Family::ipv4) continue;
      config::Source& source = backend.servers[s].source;
      if (!plan.gentle && random.chance(150)) {
        source.transparent =
            random.pick({config::TransparentSource::client, config::TransparentSource::clientip});
        continue;
      }
      if (!plan.gentle && random.chance(200)) source.interface = "eth1";
      if (!random.chance(400)) continue;
      const std::uint16_t ports = plan.gentle ? 1000 : random.pick<std::uint16_t>({2, 4, 20});
      if (random.chance(400)) {
        for (const char* ip : {"10.1.1.1", "10.1.1.2"})
          source.addresses.push_back({.endpoint = *base::endpoint_from_ip(ip, 0), .text = ip});
        continue;
      }
      for (const char* ip : {"10.1.1.1", "10.1.1.2"}) {
        source.addresses.push_back({.endpoint = *base::endpoint_from_ip(ip, 0),
                                    .port_first = 5000,
                                    .port_last = static_cast<std::uint16_t>(4999 + ports),
                                    .text = fmt::format("{}:5000-{}", ip, 4999 + ports)});
      }
    }
  }
}

void add_control(Plan& plan, Random& random) {
  plan.drain_at = random.between(0, random.pick<TimeUs>({second / 100, second, 10 * second}));
  plan.stop_at = plan.drain_at + random.between(0, 5 * second);
  if (random.chance(200)) plan.drain_at = plan.stop_at;
  if (!random.chance(300)) return;
  for (std::uint32_t steps = random.number(1, 4); steps > 0; --steps) {
    ControlStep& step = plan.control.emplace_back();
    step.at = random.between(0, plan.drain_at);
    step.backend = random.number(0, static_cast<std::uint32_t>(plan.model.backends.size()) - 1);
    step.server =
        random.number(0, static_cast<std::uint32_t>(plan.model.backends[step.backend].servers.size()) - 1);
    step.up = random.chance(400);
    step.ends_sessions = random.chance(300);
  }
}

config::Rule rule_of(rules::Action action, std::string condition) {
  config::Rule rule;
  rule.action = action;
  rule.when.if_true = std::move(condition);
  return rule;
}

template <class Owner>
void add_content_rules(Owner& owner, Random& random, bool gentle) {
  owner.inspect_delay_ms = random.pick<std::int64_t>({0, 1, 20, 300});
  std::vector<config::Rule>& rules = owner.rules[rules::RuleList::tcp_request_content];
  rules.push_back(rule_of(
      rules::Action::accept,
      random.pick<const char*>({"{ req.len ge 1 }", "{ req.len ge 12 }", "{ req.len ge 900 }",
                                "{ req.payload(3,2) -m found }", "WAIT_END", "{ req.ssl_hello_type 1 }"})));
  if (!gentle && random.chance(500))
    rules.push_back(
        rule_of(rules::Action::reject, random.pick<const char*>({"WAIT_END", "{ req.len lt 4 }"})));
}

/// Rules look at what clients begin with, and some reject them.
void add_inspection(Plan& plan, Random random) {
  if (!random.chance(400)) return;
  for (config::Frontend& frontend : plan.model.frontends) {
    if (random.chance(700)) add_content_rules(frontend, random, plan.gentle);
    if (plan.gentle) continue;
    for (const rules::RuleList list :
         {rules::RuleList::tcp_request_connection, rules::RuleList::tcp_request_session}) {
      if (random.chance(300))
        frontend.rules[list].push_back(
            rule_of(random.pick({rules::Action::reject, rules::Action::silent_drop}), "{ rand(4) 0 }"));
    }
  }
  for (config::Backend& backend : plan.model.backends)
    if (random.chance(300)) add_content_rules(backend, random, plan.gentle);
}

/// And at what servers say first.
void add_response_inspection(Plan& plan, Random random) {
  if (!random.chance(300)) return;
  for (config::Backend& backend : plan.model.backends) {
    if (!random.chance(700)) continue;
    backend.response_inspect_delay_ms = random.pick<std::int64_t>({0, 1, 20, 300});
    std::vector<config::Rule>& rules = backend.rules[rules::RuleList::tcp_response_content];
    rules.push_back(
        rule_of(rules::Action::accept,
                random.pick<const char*>({"{ res.len ge 1 }", "{ res.len ge 12 }", "{ res.len ge 900 }",
                                          "{ res.payload(3,2) -m found }", "WAIT_END"})));
    if (!plan.gentle && random.chance(500))
      rules.push_back(
          rule_of(rules::Action::reject, random.pick<const char*>({"WAIT_END", "{ res.len lt 4 }"})));
  }
}

}  // namespace

Plan make_plan(std::uint64_t seed) {
  Random random(seed);
  Plan plan;
  plan.gentle = random.chance(500);
  plan.weather = make_weather(random);
  plan.model = make_model(random, plan.gentle);
  plan.lane.ring = make_ring_options(random);
  plan.lane.connections_max = 64;
  plan.lanes = random.pick({1U, 1U, 1U, 1U, 2U, 2U, 5U});
  plan.model.global.even_lanes = random.chance(800);
  plan.listeners_shared = random.chance(500);
  plan.listeners_used = random.pick({1U, 2U, 100U, 100U});
  plan.lane.seed = random.next();
  plan.lane.log_queue_records = 128;
  plan.max_connections = random.pick({1U, 5U, 100U, 4098U, 5000U, 5000U});
  plan.backlog = random.pick({1U, 8U, 128U});
  Manners client_manners = make_manners(random, plan.gentle, plan.weather);
  Manners server_manners = make_manners(random, plan.gentle, plan.weather);
  (random.chance(500) ? client_manners : server_manners).may_wait = true;
  if (!plan.gentle) {
    client_manners.may_wait = server_manners.may_wait = true;
    plan.lane.log_queue_records = random.pick({4U, 128U, 128U});
    plan.lane.proxy_headers_max = random.pick({1U, 3U, 64U, 64U});
    plan.lane.connections_max = random.pick({3U, 64U, 64U, 64U});
    if (random.chance(150)) plan.weather.descriptors_max = random.number(3, 30);
    add_control(plan, random);
  }
  if (Random(seed ^ http_salt).chance(500)) {
    make_http(plan, random);
    add_server_addresses(plan, random);
    return plan;
  }
  // One side at most: else both wait for room that only the other can make.
  server_manners.may_write_first = random.chance(500);
  add_servers(plan, random, server_manners);
  add_clients(plan, random, client_manners);
  add_sources(plan, random);
  add_inspection(plan, Random(seed ^ inspection_salt));
  add_response_inspection(plan, Random(seed ^ response_inspection_salt));
  return plan;
}

}  // namespace corelane::sim
