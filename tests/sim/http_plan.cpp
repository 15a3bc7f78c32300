// SPDX-License-Identifier: Apache-2.0
// What a seed decides where clients and servers speak HTTP.
#include <fmt/format.h>

#include <algorithm>

#include "balance/balancer.hpp"
#include "sim/scenario.hpp"

namespace corelane::sim {

namespace {

constexpr std::size_t spliced_bytes = 140'000;  // enough for a pipe
constexpr const char* monitor_uri = "/monitor";

// --- Configuration -----------------------------------------------------------------------------------------

void add_http_timeouts(config::Timeouts& timeouts, Random& random, bool gentle) {
  const auto timeout = [&] {
    return gentle ? random.pick<std::int64_t>({0, 600'000})
                  : random.pick<std::int64_t>({0, 0, 20, 100, 1000, 30'000});
  };
  timeouts.http_request_ms = timeout();
  timeouts.http_keep_alive_ms = timeout();
  timeouts.tunnel_ms = timeout();
}

void make_frontend_http(config::Frontend& frontend, Random& random, bool gentle) {
  frontend.mode = config::Mode::http;
  for (config::Bind& bind : frontend.bind) bind.accept_proxy.enabled = false;
  add_http_timeouts(frontend.timeouts, random, gentle);
  using config::HttpConnection;
  frontend.http.http_connection =
      random.pick({HttpConnection::keep_alive, HttpConnection::keep_alive, HttpConnection::keep_alive,
                   HttpConnection::server_close, HttpConnection::close});
  if (random.chance(300)) frontend.http.monitor_uri = monitor_uri;
  if (random.chance(300))
    frontend.http.forward_for = config::ForwardedAddress{.header = "X-Forwarded-For", .except = {}};
}

void make_server_http(config::Server& server, Random& random, std::uint32_t index) {
  server.mode = config::Mode::http;
  server.send_proxy = {};
  server.cookie = fmt::format("s{}", index);
  server.pool_purge_delay_ms = random.pick<std::int64_t>({0, 20, 5000, 5000});
  server.pool_max_connections = random.pick({0U, 0U, 1U});
  server.max_reuse = random.pick({0U, 0U, 1U, 5U});
}

void make_backend_http(config::Backend& backend, Random& random, bool gentle) {
  backend.mode = config::Mode::http;
  backend.close = {};
  using config::HttpConnection;
  using config::HttpReuse;
  backend.http.http_connection =
      random.pick({HttpConnection::keep_alive, HttpConnection::keep_alive, HttpConnection::server_close});
  backend.http.http_reuse =
      random.pick({HttpReuse::never, HttpReuse::safe, HttpReuse::aggressive, HttpReuse::always});
  const auto bit = [](config::RetryReason reason) { return 1U << static_cast<unsigned>(reason); };
  using config::RetryReason;
  for (const RetryReason reason :
       {RetryReason::conn_failure, RetryReason::empty_response, RetryReason::junk_response,
        RetryReason::response_timeout, RetryReason::status_503, RetryReason::status_404}) {
    if (random.chance(300)) backend.http.retry_on.bits |= bit(reason);
  }
  backend.http.abort_on_close = random.chance(200);
  add_http_timeouts(backend.timeouts, random, gentle);
  backend.balance.param = "id";
  backend.balance.name = "X-Key";
  backend.balance.check_post = random.chance(500);
  if (random.chance(200)) {
    config::Cookie cookie;
    cookie.name = "SRV";
    cookie.mode = config::CookieMode::insert;
    cookie.indirect = random.chance(500);
    backend.http.cookie = cookie;
  }
  for (std::uint32_t s = 0; s < backend.servers.size(); ++s) make_server_http(backend.servers[s], random, s);
}

// Rules that wait, with and without a body to wait for.
void add_waits(std::vector<config::Rule>& rules, Random& random) {
  const std::uint32_t count = random.number(0, 2);
  for (std::uint32_t i = 0; i < count; ++i) {
    config::Rule& rule = rules.emplace_back();
    const bool pauses = random.chance(300);
    rule.action = pauses ? rules::Action::pause : rules::Action::wait_for_body;
    rule.time_ms =
        pauses ? random.pick<std::int64_t>({1, 20, 200}) : random.pick<std::int64_t>({20, 300, 30'000});
    if (!pauses) rule.at_least = random.pick({0U, 0U, 1U, 200U});
  }
}

template <class Owner>
void make_wait(Owner& owner, Random& random) {
  owner.http.buffer_request = random.chance(300);
  add_waits(owner.rules[rules::RuleList::http_request], random);
  add_waits(owner.rules[rules::RuleList::http_response], random);
}

// --- Clients -----------------------------------------------------------------------------------------------

/// What the clients of one run have in common.
struct Habits {
  bool gentle = false;
  bool monitor = false;
  bool may_half_close = false;
  bool may_end = false;  // or the program may wait for ever
  std::size_t body_max = 0;
  std::size_t step_max = 0;
  TimeUs pause_us_max = 0;
};

std::string pick_method(Random& random, bool with_body) {
  if (with_body) return random.pick({"POST", "POST", "PUT", "PATCH"});
  return random.pick({"GET", "GET", "GET", "HEAD", "DELETE", "OPTIONS"});
}

std::size_t body_size(Random& random, std::size_t body_max) {
  return random.size(0, body_max >> random.number(0, 6));
}

void add_body(HttpRequest& request, Random& random, std::size_t body_max) {
  const std::size_t size = body_size(random, body_max);
  const std::uint64_t key = random.next();
  if (!request.http10 && random.chance(400)) {
    request.text.fields.push_back("Transfer-Encoding: chunked");
    request.text.body = chunked_body(random, key, size);
  } else {
    request.text.fields.push_back(fmt::format("Content-Length: {}", size));
    request.text.body = body_bytes(key, size);
  }
  request.expects_continue = !request.http10 && size != 0 && random.chance(150);
  if (request.expects_continue) request.text.fields.push_back("Expect: 100-continue");
}

void add_hop_fields(HttpRequest& request, Random& random) {
  auto& hop = request.text.hop_fields;
  if (request.http10) {
    if (!request.closes) hop.push_back("Connection: keep-alive");
  } else if (request.closes) {
    hop.push_back("Connection: close");
  } else if (random.chance(150)) {
    hop.insert(hop.end(), {"Connection: X-Hop", "X-Hop: 1", "Keep-Alive: timeout=5"});
  }
}

void make_tunnel(HttpRequest& request, Random& random, std::size_t body_max) {
  request.tunnel_bytes = body_size(random, body_max);
  if (random.chance(300)) {
    request.method = "CONNECT";
    request.tunnel = HttpRequest::Tunnel::connect;
    return;
  }
  request.method = random.chance(800) ? "GET" : "OPTIONS";
  request.tunnel = HttpRequest::Tunnel::upgrade;
  request.text.hop_fields.push_back("Connection: upgrade");
  request.text.fields.push_back("Upgrade: websocket");
}

void add_start_line(HttpRequest& request, Random& random) {
  const char* version = request.http10 ? "HTTP/1.0" : "HTTP/1.1";
  HttpText& text = request.text;
  const std::string host = request.token + ".test";
  if (request.tunnel == HttpRequest::Tunnel::connect) {
    text.start_line = fmt::format("CONNECT {}:443 {}", request.token, version);
    text.fields.insert(text.fields.begin(), fmt::format("Host: {}:443", request.token));
    return;
  }
  std::string path = "/" + request.token;
  if (random.chance(300)) path += fmt::format("?id={}", random.number(0, 20));
  text.start_line = fmt::format("{} {} {}", request.method, path, version);
  text.fields.insert(text.fields.begin(), "Host: " + host);
  if (random.chance(100))
    text.start_line_sent = fmt::format("{} http://{}{} {}", request.method, host, path, version);
}

// A request that must be refused, wherever the fault is.
void spoil(HttpRequest& request, Random& random) {
  HttpText& text = request.text;
  const bool chunked =
      std::find(text.fields.begin(), text.fields.end(), "Transfer-Encoding: chunked") != text.fields.end();
  if (chunked && random.chance(600)) {
    request.fault = HttpRequest::Fault::body;
    request.body_sound = text.body.size() - 5;  // the last chunk becomes an unsound one
    const std::size_t last = text.body.rfind("0\r\n");
    request.body_sound = last;
    text.body = text.body.substr(0, last) + random.pick({"zz\r\n\r\n", "-1\r\n\r\n", "0\r \r\n"});
    if (text.body.ends_with("0\r \r\n")) request.body_sound = last + 2;
    return;
  }
  request.fault = HttpRequest::Fault::head;
  text.hop_fields.push_back(
      random.pick({"Bad Field: 1", "Content-Length: 1, 2", "Host: other.test", "X-Nul: \x01",
                   "Transfer-Encoding: gzip", "X-Space : 1", "no colon here"}));
}

HttpRequest make_request(Random& random, const Habits& habits, bool last) {
  HttpRequest request;
  request.http10 = random.chance(100);
  request.closes = last && random.chance(400);
  request.text.fields.push_back(fmt::format("X-Key: {}", random.number(0, 50)));
  if (random.chance(200)) request.text.fields.push_back("X-Long: " + std::string(random.size(1, 400), 'a'));
  const bool tunnel = last && !request.http10 && random.chance(150);
  const bool with_body = !tunnel && random.chance(400);
  request.method = pick_method(random, with_body);
  if (tunnel) make_tunnel(request, random, habits.body_max);
  if (with_body) add_body(request, random, habits.body_max);
  if (random.chance(100)) request.text.fields.push_back(fmt::format("Cookie: SRV=s{}", random.number(0, 3)));
  if (!tunnel) add_hop_fields(request, random);
  return request;
}

void spoil_some(HttpClientPlan& client, Random& random) {
  bool reaches = true;
  for (HttpRequest& request : client.requests) {
    const bool last = &request == &client.requests.back();
    if (random.chance(60) && request.tunnel == HttpRequest::Tunnel::none) spoil(request, random);
    if (last && random.chance(150)) {
      request.said_max = random.size(0, request.text.text().size() - 1);
      request.after_cut = random.pick(
          {HttpRequest::AfterCut::stalls, HttpRequest::AfterCut::ends, HttpRequest::AfterCut::breaks});
      request.expects_continue = false;
    }
    request.reaches_servers = reaches && request.fault != HttpRequest::Fault::head;
    reaches = reaches && request.fault == HttpRequest::Fault::none;
  }
  if (random.chance(250)) {
    client.leaves_after = random.between(0, random.pick<TimeUs>({1000, 20'000, 200'000}));
    client.leaves_by_reset = random.chance(500);
  }
  client.pace.reads = !random.chance(50);
}

Pace make_pace(Random& random, const Habits& habits) {
  return {.write_max = random.size(1, habits.step_max),
          .read_max = random.size(1, habits.step_max),
          .write_pause_us_max = random.pick<TimeUs>({0, habits.pause_us_max, habits.pause_us_max / 10}),
          .read_pause_us_max = random.pick<TimeUs>({0, habits.pause_us_max, habits.pause_us_max / 10})};
}

void add_http_client(Plan& plan, Random& random, const Habits& habits, TimeUs span) {
  HttpClientPlan& client = plan.http->clients.emplace_back();
  const auto number = static_cast<std::uint32_t>(plan.http->clients.size() - 1);
  client.frontend = random.number(0, static_cast<std::uint32_t>(plan.model.frontends.size()) - 1);
  client.arrives_at = random.between(0, span);
  client.pace = make_pace(random, habits);
  client.ahead = random.pick<std::size_t>({1, 1, 2, 100});
  client.think_us_max = random.pick<TimeUs>({0, 1000, 50'000});
  client.patience_us_max = random.pick<TimeUs>({0, 5000, 100'000});
  using Ending = HttpClientPlan::Ending;
  client.ending = habits.may_half_close ? random.pick({Ending::closes, Ending::closes, Ending::half_closes})
                                        : Ending::closes;
  if (habits.may_end && random.chance(300)) client.ending = Ending::waits;
  const std::uint32_t requests = random.number(1, random.pick({1U, 3U, 3U, 8U}));
  for (std::uint32_t r = 0; r < requests; ++r) {
    HttpRequest request = make_request(random, habits, r + 1 == requests);
    request.client = number;
    request.token = fmt::format("c{}r{}", number, r);
    const bool monitored = habits.monitor && request.method == "GET" &&
                           request.tunnel == HttpRequest::Tunnel::none && random.chance(100);
    add_start_line(request, random);
    if (monitored) {
      request.monitored = true;
      request.reaches_servers = false;
      request.text.start_line_sent = fmt::format("GET {} HTTP/1.{}", monitor_uri, request.http10 ? 0 : 1);
    }
    client.requests.push_back(request);
  }
  if (!habits.gentle) spoil_some(client, random);
  for (HttpRequest& request : client.requests) request.reaches_servers &= !request.monitored;
}

// --- Servers -----------------------------------------------------------------------------------------------

HttpHabits make_http_habits(Random& random, const Habits& habits) {
  HttpHabits host;
  host.pace = make_pace(random, habits);
  host.body_max = habits.body_max;
  host.connects.answer_us_max = random.pick<TimeUs>({0, 500, 15'000});
  host.delay_us_max = random.pick<TimeUs>({0, 500, 15'000, 200'000});
  host.dies_after_us_max = random.pick<TimeUs>({100, 2000, 50'000});
  if (habits.gentle) return host;
  host.connects.refuses = random.pick({0U, 0U, 200U, 1000U});
  host.connects.unreachable = random.pick({0U, 0U, 100U});
  host.connects.no_source_port = random.pick({0U, 0U, 30U});
  host.connects.never_answers = random.pick({0U, 0U, 200U});
  host.cuts = random.pick({0U, 100U, 400U});
  host.junk = random.pick({0U, 50U});
  host.excess = random.pick({0U, 50U, 500U});
  host.dies = random.pick({0U, 100U, 600U});
  return host;
}

bool large_bodies_fit(const Plan& plan) {
  return plan.weather.socket_buffer_max > 2000 && plan.weather.short_io < 500 &&
         plan.lane.ring.buffer_size >= 256;
}

Habits make_http_manners(Random& random, const Plan& plan) {
  Habits habits;
  habits.gentle = plan.gentle;
  habits.body_max = random.pick<std::size_t>({100, 1000, 1000, 10'000, 30'000});
  habits.body_max = std::min<std::size_t>(habits.body_max, 100 * plan.weather.socket_buffer_min);
  if (large_bodies_fit(plan) && random.chance(100)) habits.body_max = 2 * spliced_bytes;
  habits.step_max = random.pick<std::size_t>({50, 500, 5000});
  habits.pause_us_max = random.pick<TimeUs>({0, 500, 5000, 50'000});
  return habits;
}

}  // namespace

void make_http(Plan& plan, Random& random) {
  plan.http.emplace();
  for (config::Backend& backend : plan.model.backends) make_backend_http(backend, random, plan.gentle);
  for (config::Frontend& frontend : plan.model.frontends) make_frontend_http(frontend, random, plan.gentle);
  plan.http->waits = random.chance(300);
  if (plan.http->waits) {
    for (config::Backend& backend : plan.model.backends) make_wait(backend, random);
    for (config::Frontend& frontend : plan.model.frontends) make_wait(frontend, random);
  }
  plan.model.global.tune.http = {
      .head_bytes = 16'384, .fields = 128, .uri_bytes = 8192, .chunk_line_bytes = 256, .trailer_bytes = 8192};
  plan.lane.ring.buffers_reserved = 2 * plan.lane.connections_max;
  plan.lane.log_queue_records = 1024;
  plan.lane.log_text_bytes = 64 * 1024;
  Habits habits = make_http_manners(random, plan);
  habits.monitor = std::all_of(plan.model.frontends.begin(), plan.model.frontends.end(),
                               [](const auto& frontend) { return !frontend.http.monitor_uri.empty(); });
  habits.may_half_close = !plan.gentle || std::none_of(plan.model.backends.begin(), plan.model.backends.end(),
                                                       [](const auto& b) { return b.http.abort_on_close; });
  habits.may_end = !plan.gentle;
  for (const config::Backend& backend : plan.model.backends) {
    auto& hosts = plan.http->hosts.emplace_back();
    for (std::size_t s = 0; s < backend.servers.size(); ++s)
      hosts.push_back(make_http_habits(random, habits));
  }
  const std::uint32_t clients = random.number(1, random.pick({2U, 6U, 6U, 12U, 30U}));
  const TimeUs span = random.pick<TimeUs>({0, 2000, 50'000, 500'000});
  for (std::uint32_t c = 0; c < clients; ++c) add_http_client(plan, random, habits, span);
}

}  // namespace corelane::sim
