// SPDX-License-Identifier: Apache-2.0
// Servers that speak HTTP: they hold every request to what was asked, and its coming to the rules.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sim/http_peers.hpp"

namespace corelane::sim {

namespace {

constexpr std::size_t line_bytes_max = 64 * 1024;
constexpr std::size_t body_repeated_max = 2048;  // so much goes with the head, and can be said again

/// "/TOKEN?query", "TOKEN:port"
std::string token_of(std::string_view line) {
  line.remove_prefix(std::min(line.find(' ') + 1, line.size()));
  if (line.starts_with('/')) line.remove_prefix(1);
  return std::string(line.substr(0, line.find_first_of(" ?:")));
}

bool has(const config::RetryOn& retry_on, std::initializer_list<config::RetryReason> reasons) {
  return std::any_of(reasons.begin(), reasons.end(), [&](auto reason) { return retry_on.has(reason); });
}

/// Why the rules do not allow that the request comes to a server once more; empty: they do.
std::string repetition_fault(const HttpRequest& request, const config::Backend& backend) {
  if (request.attempts.empty()) return {};
  const HttpAttempt& last = *request.attempts.back();
  if (request.attempts.size() > backend.retries + 1) return "more attempts than retries allow";
  if (last.body_heard > body_repeated_max) return "some of its body was gone";
  if (last.reused && request.idempotent()) return {};  // the connection had died
  if (backend.retries == 0) return "there are no retries";
  using config::RetryReason;
  const config::RetryOn& on = backend.http.retry_on;
  if (on.has_status(static_cast<std::uint16_t>(last.answer.status))) return {};
  return has(on, {RetryReason::empty_response, RetryReason::junk_response, RetryReason::response_timeout})
             ? ""
             : "nothing allows to try it again";
}

}  // namespace

HttpServer::HttpServer(HttpWorld& world, HttpHost& host, Random random, std::uint32_t number)
    : Talker(world.kernel, host.habits().pace, random), world_(world), host_(host), number_(number) {}

void HttpServer::fail(const std::string& what) {
  kernel().fail(
      fmt::format("http server {}/{}, connection {}: {}", host_.backend(), host_.server(), number_, what));
}

bool HttpServer::busy() const noexcept {
  const bool answered = attempt_ != nullptr && (attempt_->answered || out_of_step_ ||
                                                attempt_->answer.fault == HttpAnswer::Fault::excess);
  const bool in_progress = state_ != State::idle && state_ != State::deaf && !answered;
  return in_progress && !closed() && !socket().other->closed && !in_tunnel_;
}

void HttpServer::heard(std::string_view bytes) {
  in_ += bytes;
  bool more = true;
  while (more && !in_.empty() && !closed()) {
    switch (state_) {
      case State::idle:
        begin_request();
        break;
      case State::line:
        more = hear_line();
        break;
      case State::head:
        more = hear_head();
        break;
      case State::body:
        more = hear_body();
        break;
      case State::done:
        if (in_tunnel_) {
          hear_tunnel();
        } else if (attempt_->answer.tunnels) {
          more = false;  // the tunnel's, once it is one
        } else if (out_of_step_ || attempt_->answer.fault == HttpAnswer::Fault::excess) {
          // The program has the answer, and cannot know that more is to come.
          died_ = true;
          leave(true);
        } else {
          fail("a request before the answer to the one before it");
        }
        break;
      case State::deaf:
        fail("a request on a connection that was to be closed");
        more = false;
        break;
    }
  }
}

// On a kept connection nothing but what was asked for had come when the program began this request.
void HttpServer::begin_request() {
  state_ = State::line;
  const ProgramView& view = program_view();
  for (const ProgramView::SendBegin& begun : view.sends) {
    if (out_of_step_ || begun.taken != requests_end_ || begun.told == responses_end_) continue;
    fail(fmt::format("the program had read {} bytes, and not {}, when it began a request", begun.told,
                     responses_end_));
  }
  out_of_step_ =
      out_of_step_ || (!attempts_.empty() && attempts_.back()->answer.fault == HttpAnswer::Fault::excess);
  host_.watch_limit();
}

bool HttpServer::hear_line() {
  const std::size_t end = in_.find("\r\n");
  if (end == std::string::npos) {
    if (in_.size() > line_bytes_max) fail("a line without end");
    return false;
  }
  const std::string line = in_.substr(0, end);
  HttpRequest* request = world_.request(token_of(line));
  if (request == nullptr) {
    fail("a request that no client has: " + line);
    return false;
  }
  if (!request->reaches_servers) fail("a request that is to be refused: " + line);
  const config::Backend& backend = world_.model.backends[host_.backend()];
  if (const std::string fault = repetition_fault(*request, backend); !fault.empty())
    fail(fmt::format("{} comes again: {}", request->token, fault));
  HttpAttempt& attempt = world_.attempts.emplace_back();
  attempt.request = request;
  attempt.number = static_cast<std::uint32_t>(world_.attempts.size() - 1);
  attempt.backend = host_.backend();
  attempt.server = host_.server();
  attempt.connection = number_;
  attempt.reused = !attempts_.empty();
  attempt.answer = make_answer(random(), host_.habits(), *request, attempt.number);
  request->attempts.push_back(&attempt);
  attempts_.push_back(&attempt);
  attempt_ = &attempt;
  state_ = State::head;
  kernel().trace("http server connection {} hears {}, attempt {}", number_, request->token, attempt.number);
  return true;
}

bool HttpServer::hear_head() {
  const std::size_t end = in_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const HttpRequest& request = *attempt_->request;
  const std::string head = in_.substr(0, end + 4);
  HttpText wanted = request.text;
  // Where the program itself has asked for the body, the server is not told that somebody waits.
  if (request.expects_continue && field_of(head, "expect").empty())
    std::erase(wanted.fields, "Expect: 100-continue");
  if (const std::string fault = head_fault(head, wanted); !fault.empty())
    fail(fmt::format("{}: {}", request.token, fault));
  in_.erase(0, end + 4);
  state_ = State::body;
  // No answer comes in the microsecond of its question: the program tells what nobody asked for by that.
  kernel().schedule(1, [this, attempt = attempt_] {
    for (const std::string& interim : attempt->answer.interims) say(interim);
  });
  if (attempt_->answer.at_head) answer_later();
  return hear_body();
}

bool HttpServer::hear_body() {
  const HttpRequest& request = *attempt_->request;
  const std::string& body = request.text.body;
  const std::size_t count = std::min(in_.size(), body.size() - attempt_->body_heard);
  if (in_.compare(0, count, body, attempt_->body_heard, count) != 0)
    fail(fmt::format("wrong bytes in the body of {} behind byte {}", request.token, attempt_->body_heard));
  attempt_->body_heard += count;
  in_.erase(0, count);
  if (attempt_->body_heard > request.body_sound) fail(request.token + ": an unsound part of the body");
  if (attempt_->body_heard != body.size()) return false;
  attempt_->complete = true;
  attempt_->complete_at = kernel().now();
  state_ = State::done;
  if (!attempt_->answer.at_head) answer_later();
  if (attempt_->answered) next_request();
  return true;
}

void HttpServer::hear_tunnel() {
  const std::string wanted = body_bytes(attempt_->number * 2 + 1, attempt_->request->tunnel_bytes);
  if (wanted.compare(tunnel_heard_, in_.size(), in_) != 0)
    fail(fmt::format("wrong bytes in the tunnel behind byte {}", tunnel_heard_));
  tunnel_heard_ += in_.size();
  in_.clear();
}

void HttpServer::heard_end() {
  if (state_ == State::line || state_ == State::head || state_ == State::body) {
    if (!answering_ || !attempt_->answer.at_head) fail("a request was cut off, and the end was a clean one");
  }
  if (in_tunnel_ && world_.gentle && tunnel_heard_ != attempt_->request->tunnel_bytes)
    fail("the tunnel lost bytes");
  if (!in_tunnel_) fall_silent();
  end();
}

// --- Answering ---------------------------------------------------------------------------------------------

void HttpServer::answer_later() {
  kernel().schedule(attempt_->answer.delay_us, [this] { answer(); });
}

void HttpServer::answer() {
  if (closed() || died_) return;
  answering_ = true;
  const HttpAnswer& answer = attempt_->answer;
  if (answer.fault != HttpAnswer::Fault::none) ++world_.breaks;
  say(answer.said);
  if (answer.tunnels) {
    in_tunnel_ = true;
    say(body_bytes(attempt_->number * 2, answer.tunnel_bytes));
    std::string early = std::exchange(in_, std::string());
    if (!early.empty()) heard(early);
  }
  if (has_said_all()) said_all();
}

void HttpServer::said_all() {
  if (!answering_ || attempt_->answered || died_) return;
  attempt_->answered = true;
  answer_ends();
}

void HttpServer::answer_ends() {
  const HttpAnswer& answer = attempt_->answer;
  if (answer.tunnels) return end();
  switch (answer.fault) {
    case HttpAnswer::Fault::cut:
      if (answer.after_cut == HttpAnswer::AfterCut::stalls) return;
      return leave(answer.after_cut == HttpAnswer::AfterCut::breaks);
    case HttpAnswer::Fault::junk:
    case HttpAnswer::Fault::excess:
    case HttpAnswer::Fault::none:
      break;
  }
  if (answer.closes || answer.until_close) end();
  if (attempt_->complete) next_request();
}

void HttpServer::next_request() {
  const HttpAnswer& answer = attempt_->answer;
  requests_end_ = heard_bytes() - in_.size();
  responses_end_ = said();
  if (answer.fault == HttpAnswer::Fault::excess)
    responses_end_ -= answer.said.size() - answer.text.text().size();
  answering_ = false;
  attempt_ = nullptr;
  state_ = answer.closes || answer.until_close || answer.fault == HttpAnswer::Fault::junk ? State::deaf
                                                                                          : State::idle;
  if (random().chance(host_.habits().dies)) die_later();
}

// Whatever it does then: an idle connection, or in the middle of a request.
void HttpServer::die_later() {
  kernel().schedule(random().between(0, host_.habits().dies_after_us_max), [this] {
    if (closed()) return;
    died_ = true;
    ++world_.breaks;
    kernel().trace("http server connection {} dies", number_);
    // A clean end would make a body until close whole.
    leave(random().chance(500) || attempts_.back()->answer.until_close);
  });
}

// --- Hosts -------------------------------------------------------------------------------------------------

HttpHost::HttpHost(HttpWorld& world, const HttpHabits& habits, Random random, std::uint32_t backend,
                   std::uint32_t server)
    : world_(world), habits_(habits), random_(random), backend_(backend), server_(server) {}

Target::Answer HttpHost::on_connect() {
  const HostHabits& connects = habits_.connects;
  const TimeUs delay = random_.between(0, connects.answer_us_max);
  if (random_.chance(connects.never_answers)) return {.error = 0, .delay = base::time_never};
  if (random_.chance(connects.unreachable)) return {.error = EHOSTUNREACH, .delay = delay};
  if (random_.chance(connects.no_source_port)) return {.error = EADDRNOTAVAIL, .delay = 0};
  if (random_.chance(connects.refuses)) return {.error = ECONNREFUSED, .delay = delay};
  return {.error = 0, .delay = delay};
}

void HttpHost::on_established(Socket& server_end) {
  const auto number = static_cast<std::uint32_t>(world_.servers.size());
  HttpServer& connection = world_.servers.emplace_back(world_, *this, random_.split(), number);
  world_.kernel.trace("http server connection {} stands", number);
  connections_.push_back(&connection);
  connection.attach(server_end);
}

void HttpHost::watch_limit() {
  const config::Server& configured = world_.model.backends[backend_].servers[server_];
  if (configured.max_connections == 0 || world_.lanes > 1) return;
  const auto busy = std::count_if(connections_.begin(), connections_.end(),
                                  [](const HttpServer* connection) { return connection->busy(); });
  if (busy > configured.max_connections)
    world_.kernel.fail(fmt::format("{} requests in progress at server {}/{}, {} are its limit", busy,
                                   backend_, server_, configured.max_connections));
}

// --- World -------------------------------------------------------------------------------------------------

HttpRequest* HttpWorld::request(std::string_view token) {
  const auto found = requests.find(token);
  return found == requests.end() ? nullptr : found->second;
}

HttpAttempt* HttpWorld::attempt(std::string_view number) {
  std::size_t index = 0;
  for (const char digit : number) index = index * 10 + static_cast<std::size_t>(digit - '0');
  return index < attempts.size() ? &attempts[index] : nullptr;
}

void HttpWorld::add_client(const HttpClientPlan& plan, Listener& listener, const base::Endpoint& address) {
  clients.emplace_back(*this, plan, listener, address, static_cast<std::uint32_t>(clients.size()));
}

Target& HttpWorld::add_host(const HttpHabits& habits, std::uint32_t backend, std::uint32_t server) {
  return hosts.emplace_back(*this, habits, kernel.random().split(), backend, server);
}

bool HttpWorld::clients_over() const {
  return std::all_of(clients.begin(), clients.end(), [](const HttpClient& client) { return client.over(); });
}

std::string HttpWorld::unfinished() const {
  std::string names;
  for (const HttpClient& client : clients) {
    if (!client.over())
      names += fmt::format(", http client {} (asked {} of {}, {} answers)", client.number(), client.asked(),
                           client.requests().size(), client.finals().size());
  }
  return names;
}

}  // namespace corelane::sim
