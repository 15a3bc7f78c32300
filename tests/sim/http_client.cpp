// SPDX-License-Identifier: Apache-2.0
// Clients that speak HTTP, and hold every answer to what was asked.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "sim/http_peers.hpp"

namespace corelane::sim {

namespace {

constexpr TimeUs knock_again_us_min = 5'000;
constexpr TimeUs knock_again_us_max = 100'000;
constexpr std::size_t head_bytes_max = 64 * 1024;

std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

HttpClient::HttpClient(HttpWorld& world, const HttpClientPlan& plan, Listener& listener,
                       const base::Endpoint& address, std::uint32_t number)
    : Talker(world.kernel, plan.pace, world.kernel.random().split()),
      world_(world),
      plan_(plan),
      listener_(listener),
      address_(address),
      number_(number) {
  for (HttpRequest& request : plan_.requests) world.requests[request.token] = &request;
  kernel().schedule(plan_.arrives_at, [this] { knock(); });
}

void HttpClient::fail(const std::string& what) {
  kernel().fail(fmt::format("http client {}: {}", number_, what));
}

void HttpClient::knock() {
  if (listener_.closed) {
    refused_ = true;
    return;
  }
  Socket* socket = kernel().connect_to_listener(listener_, address_);
  if (socket == nullptr) {
    kernel().schedule(random().between(knock_again_us_min, knock_again_us_max), [this] { knock(); });
    return;
  }
  kernel().trace("http client {} connects", number_);
  attach(*socket);
  if (plan_.leaves_after != base::time_never) kernel().schedule(plan_.leaves_after, [this] { leave_now(); });
  ask();
}

void HttpClient::leave_now() {
  if (closed()) return;
  left_ = true;
  ++world_.breaks;
  kernel().trace("http client {} leaves", number_);
  leave(plan_.leaves_by_reset);
}

// --- Asking ------------------------------------------------------------------------------------------------

void HttpClient::ask() {
  while (!closed() && !end_seen() && !cut_ && !last_was_final_ && unsaid_body_.empty() &&
         asked_ < plan_.requests.size() && asked_ - answered_ < plan_.ahead) {
    const HttpRequest& request = plan_.requests[asked_++];
    const std::string head = request.text.head();
    kernel().trace("http client {} asks, with a body of {} bytes: {}", number_, request.text.body.size(),
                   head);
    if (request.expects_continue) {
      say(head);
      unsaid_body_ = request.text.body;
      kernel().schedule(random().between(0, plan_.patience_us_max), [this, at = asked_] {
        if (asked_ == at) say_body();
      });
      return;
    }
    const std::string text = head + request.text.body;
    cut_ = request.said_max < text.size();
    say(std::string_view(text).substr(0, request.said_max));
  }
  if (cut_ || (asked_ == plan_.requests.size() && unsaid_body_.empty())) said_all();
}

void HttpClient::say_body() {
  if (closed() || unsaid_body_.empty()) return;
  say(std::exchange(unsaid_body_, std::string()));
  ask();
}

void HttpClient::ask_later() {
  kernel().schedule(random().between(0, plan_.think_us_max), [this] { ask(); });
}

void HttpClient::said_all() {
  if (!has_said_all()) return;
  if (cut_) return cut_off();
  const bool all = asked_ == plan_.requests.size() && unsaid_body_.empty();
  const bool tunnels = !plan_.requests.empty() && plan_.requests.back().tunnel != HttpRequest::Tunnel::none;
  if (tunnel_ != nullptr || (all && !tunnels && plan_.ending == HttpClientPlan::Ending::half_closes)) end();
}

// The last request was not said to its end.
void HttpClient::cut_off() {
  switch (plan_.requests[asked_ - 1].after_cut) {
    case HttpRequest::AfterCut::stalls:
      return;
    case HttpRequest::AfterCut::ends:
      return end();
    case HttpRequest::AfterCut::breaks:
      kernel().schedule(random().between(0, 1000), [this] { leave_now(); });
      return;
  }
}

// --- Hearing -----------------------------------------------------------------------------------------------

void HttpClient::heard(std::string_view bytes) {
  in_ += bytes;
  std::size_t taken = 1;
  while (taken != 0 && !in_.empty()) {
    taken = tunnel_ != nullptr ? hear_tunnel() : in_body_ ? hear_body() : hear_head();
    in_.erase(0, taken);
  }
}

std::size_t HttpClient::hear_head() {
  if (last_was_final_ && deaf_) return in_.size();
  if (last_was_final_) fail(fmt::format("'{}' after the last response", in_.substr(0, 40)));
  const std::size_t end = in_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (in_.size() > head_bytes_max) fail("a head without end");
    return 0;
  }
  const std::string head = in_.substr(0, end + 4);
  const int status =
      static_cast<int>(number_in(std::string_view(head).substr(std::min<std::size_t>(9, end))));
  if (!head.starts_with("HTTP/1.") || status < 100 || status > 599) fail("no response: " + head);
  kernel().trace("http client {} hears {}", number_, head);
  const std::string_view attempt_text = field_of(head, "x-attempt");
  HttpAttempt* attempt = attempt_text.empty() ? nullptr : world_.attempt(attempt_text);
  if (is_interim(head, status, attempt)) return head.size();
  const bool impatient = finals_.empty() && asked_ == 0 && status == 408;
  if (answered_ == asked_ && !impatient) fail("a response that it did not ask for: " + head);
  HttpFinal& final = finals_.emplace_back();
  final.status = status;
  final.attempt = attempt;
  final.at = heard_bytes() - in_.size();
  const std::string connection(field_of(head, "connection"));
  const bool http10 = answered_ < asked_ && plan_.requests[answered_].http10;
  final.stays =
      connection != "close" && (connection == "keep-alive" || (head.starts_with("HTTP/1.1") && !http10));
  in_body_ = true;
  body_at_ = 0;
  until_close_ = any_body_ = false;
  if (attempt != nullptr) {
    hear_attempt(head, *attempt, status);
  } else {
    hear_own(head);
  }
  if (tunnel_ == nullptr && !until_close_ && body_.empty()) finish();
  return head.size();
}

bool HttpClient::is_interim(std::string_view head, int status, const HttpAttempt* attempt) {
  if (status >= 200 || status == 101) return false;
  if (status == 100 && asked_to_continue_ == answered_ + 1) fail("asked twice for a body");
  if (status == 100 && attempt == nullptr && answered_ < asked_ &&
      plan_.requests[answered_].expects_continue) {
    asked_to_continue_ = answered_ + 1;
    say_body();
    return true;
  }
  if (answered_ == asked_ || attempt == nullptr || attempt->request != &plan_.requests[answered_])
    fail(fmt::format("an interim response for another request: {}", head));
  if (attempt->request->http10) fail("an interim response for a client of HTTP/1.0");
  if (interim_of_ != nullptr && interim_of_->request == attempt->request && interim_of_ != attempt)
    fail("interim responses of two attempts");
  interim_of_ = attempt;
  if (status == 100) say_body();
  return true;
}

void HttpClient::hear_own(std::string_view head) {
  HttpFinal& final = finals_.back();
  const std::string_view length = field_of(head, "content-length");
  if (length.empty()) fail(fmt::format("a page without a length: {}", head));
  final.excess = !field_of(head, "x-excess").empty();
  if (final.excess && world_.gentle) fail("what a server said unasked");
  if (world_.gentle && answered_ < asked_ && !plan_.requests[answered_].monitored)
    fail(fmt::format("the program answered itself: {}", head));
  if (interim_of_ != nullptr && interim_of_->request == &plan_.requests[answered_])
    fail("an answer of the program's own behind a server's interim response");
  any_body_ = true;
  const bool head_only = answered_ < asked_ && plan_.requests[answered_].method == "HEAD";
  deaf_ = head_only && !final.stays;  // the program may not have known that it was HEAD
  body_ = std::string(head_only ? 0 : number_in(length), '?');
}

void HttpClient::hear_attempt(std::string_view head, HttpAttempt& attempt, int status) {
  const HttpRequest& request = plan_.requests[answered_];
  if (attempt.request != &request)
    fail(fmt::format("the answer to {} for {}", attempt.request->token, request.token));
  if (interim_of_ != nullptr && interim_of_->request == &request && interim_of_ != &attempt)
    fail("a final response of another attempt than the interim one");
  if (status != attempt.answer.status) fail("another status than the server's");
  if (const std::string fault = head_fault(head, attempt.answer.text); !fault.empty())
    fail(fmt::format("response to {}: {}", request.token, fault));
  if (attempt.answer.tunnels) return begin_tunnel(attempt);
  body_ = attempt.answer.text.body;
  until_close_ = attempt.answer.until_close;
}

std::size_t HttpClient::hear_body() {
  const std::size_t count = std::min(in_.size(), body_.size() - body_at_);
  if (!any_body_ && std::string_view(in_).substr(0, count) != std::string_view(body_).substr(body_at_, count))
    fail(fmt::format("wrong bytes in the body behind byte {}", body_at_));
  if (count == 0) fail("bytes behind a body that ends with its connection");
  body_at_ += count;
  if (body_at_ == body_.size() && !until_close_) finish();
  return count;
}

void HttpClient::finish() {
  HttpFinal& final = finals_.back();
  final.complete = true;
  in_body_ = false;
  if (answered_ < asked_) ++answered_;
  last_was_final_ = !final.stays;
  if (last_was_final_) {
    unsaid_body_.clear();
    // What it still has to say of its request, it says.
    if (plan_.ending != HttpClientPlan::Ending::waits) end();
    return;
  }
  say_body();
  if (answered_ < plan_.requests.size() && !cut_) return ask_later();
  if (plan_.ending != HttpClientPlan::Ending::waits) end();
}

void HttpClient::begin_tunnel(const HttpAttempt& attempt) {
  finals_.back().complete = true;
  in_body_ = false;
  ++answered_;
  tunnel_ = &attempt;
  say(body_bytes(attempt.number * 2 + 1, attempt.request->tunnel_bytes));
  if (has_said_all()) said_all();
}

std::size_t HttpClient::hear_tunnel() {
  const std::string wanted = body_bytes(tunnel_->number * 2, tunnel_->answer.tunnel_bytes);
  if (wanted.compare(tunnel_heard_, in_.size(), in_) != 0)
    fail(fmt::format("wrong bytes in the tunnel behind byte {}", tunnel_heard_));
  tunnel_heard_ += in_.size();
  return in_.size();
}

void HttpClient::heard_end() {
  kernel().trace("http client {} sees the end", number_);
  if (tunnel_ != nullptr) {
    if (tunnel_heard_ != tunnel_->answer.tunnel_bytes && world_.gentle) fail("the tunnel lost bytes");
    if (has_said_all()) end();
    return;
  }
  if (in_body_ && until_close_) {
    if (body_at_ != body_.size()) fail("a body was cut off, and the end was a clean one");
    finish();
  }
  fall_silent();
  unsaid_body_.clear();
  end();
}

void HttpClient::heard_break() {
  kernel().trace("http client {} sees a break", number_);
  const bool accepted = !program_view().read.all().empty();  // or the kernel lost it before
  if (world_.gentle && accepted) fail("its connection broke");
}

}  // namespace corelane::sim
