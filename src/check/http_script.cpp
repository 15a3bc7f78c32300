// SPDX-License-Identifier: Apache-2.0
#include "check/http_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "check/websocket.hpp"

namespace corelane::check {
namespace {

constexpr std::string_view user_agent = "corelane";

proto::HttpMethod method_of(std::string_view text) {
  for (unsigned i = 0; i < static_cast<unsigned>(proto::HttpMethod::other); ++i) {
    const auto method = static_cast<proto::HttpMethod>(i);
    if (proto::http_method_text(method) == text) return method;
  }
  return proto::HttpMethod::other;
}

/// Methods whose requests have a body, if only an empty one.
bool sends_body(proto::HttpMethod method) {
  return method == proto::HttpMethod::post || method == proto::HttpMethod::put ||
         method == proto::HttpMethod::patch;
}

HttpRequestText request_text(const HttpRequest& request) {
  HttpRequestText text;
  text.host = request.host;
  text.body = request.body;
  text.method = method_of(request.method);
  text.http11 = request.version == proto::HttpVersion::http11;
  text.before_host =
      fmt::format("{} {} HTTP/1.{}\r\nHost: ", request.method, request.uri, text.http11 ? 1 : 0);
  text.after_host = "\r\n";
  const bool names_itself =
      std::any_of(request.headers.begin(), request.headers.end(),
                  [](const HttpHeader& header) { return proto::http_same_name(header.name, "user-agent"); });
  if (!names_itself) text.after_host += fmt::format("User-Agent: {}\r\n", user_agent);
  for (const HttpHeader& header : request.headers)
    text.after_host += fmt::format("{}: {}\r\n", header.name, header.value);
  if (!request.body.empty() || sends_body(text.method))
    text.after_host += fmt::format("Content-Length: {}\r\n", request.body.size());
  return text;
}

HttpExpectation expectation_of(const std::string& text) {
  auto read = HttpExpectation::read(text);
  CORELANE_CHECK(std::holds_alternative<HttpExpectation>(read));
  return std::move(std::get<HttpExpectation>(read));
}

}  // namespace

std::string HttpRequestText::bytes(std::string_view peer) const {
  return fmt::format("{}{}{}{}\r\n{}", before_host, host.empty() ? peer : std::string_view(host), after_host,
                     closes && http11 ? "Connection: close\r\n" : "", body);
}

std::string HttpAct::text() const {
  switch (kind) {
    case Kind::connect:
      return connect.port == 0 ? "connect" : fmt::format("connect port {}", connect.port);
    case Kind::request:
      return fmt::format("request {}",
                         report_text(request.before_host.substr(0, request.before_host.find(" HTTP/"))));
    case Kind::expect:
      return fmt::format("expect {}", report_text(expectation->text()));
  }
  return {};
}

std::string HttpAct::place() const {
  std::string place;
  if (step != 0) place += fmt::format(" at step {}", step);
  if (!comment.empty()) place += fmt::format(" comment: {}", report_text(comment));
  return place;
}

HttpScript HttpScript::of_http(const Options& options) {
  HttpScript script;
  script.disable_on_404_ = options.disable_on_404;
  for (std::size_t i = 0; i < options.steps.size(); ++i) {
    const bool expectation_follows = i + 1 < options.steps.size() && options.steps[i + 1].expects();
    script.add_step(options.steps[i], i + 1, expectation_follows);
  }
  if (options.steps.empty()) {
    script.add_request(options, 0, "");
    script.add_expectation(
        options.expect.empty() ? HttpExpectation::good_status() : expectation_of(options.expect), 0, "");
  }
  script.mark_last_requests();
  return script;
}

HttpScript HttpScript::of_websocket(const Options& options) {
  HttpScript script;
  script.add_request(options, 0, "");
  HttpRequestText& request = script.acts_.back().request;
  request.after_host += fmt::format(
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n",
      websocket_key);
  script.add_expectation(HttpExpectation::websocket(), 0, "");
  return script;
}

void HttpScript::add_request(const HttpRequest& request, std::size_t step, const std::string& comment) {
  HttpAct& act = acts_.emplace_back();
  act.kind = HttpAct::Kind::request;
  act.step = step;
  act.comment = comment;
  act.request = request_text(request);
}

void HttpScript::add_expectation(HttpExpectation expectation, std::size_t step, const std::string& comment) {
  HttpAct& act = acts_.emplace_back();
  act.kind = HttpAct::Kind::expect;
  act.step = step;
  act.comment = comment;
  act.expectation = std::move(expectation);
}

/// A request that no expectation follows has the usual one.
void HttpScript::add_step(const ScriptStep& step, std::size_t number, bool expectation_follows) {
  if (step.request) {
    add_request(*step.request, number, step.comment);
    if (!expectation_follows) add_expectation(HttpExpectation::good_status(), number, step.comment);
  } else if (step.connect) {
    HttpAct& act = acts_.emplace_back();
    act.step = number;
    act.comment = step.comment;
    act.connect = *step.connect;
  } else {
    add_expectation(expectation_of(step.expect), number, step.comment);
  }
}

/// From the last act to the first: a request closes unless another one follows before the next connection.
void HttpScript::mark_last_requests() {
  bool closes = true;
  for (auto act = acts_.rbegin(); act != acts_.rend(); ++act) {
    if (act->kind == HttpAct::Kind::connect) closes = true;
    if (act->kind != HttpAct::Kind::request) continue;
    act->request.closes = closes || !act->request.http11;
    closes = false;
  }
}

}  // namespace corelane::check
