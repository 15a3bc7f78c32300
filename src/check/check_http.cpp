// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "check/http_script.hpp"
#include "check/registry.hpp"
#include "check/websocket.hpp"

namespace corelane::check {
namespace {

constexpr std::uint16_t not_found = 404;
constexpr std::uint16_t http_port = 80;

/// What a request names where no host is configured.
std::string host_of(const base::Endpoint& peer) {
  if (!base::is_ip(peer.family)) return "localhost";
  if (peer.port != http_port) return base::endpoint_text(peer);
  const std::string ip = base::endpoint_ip_text(peer);
  return peer.family == base::Family::ipv6 ? fmt::format("[{}]", ip) : ip;
}

/// HAProxy's http-check, and a websocket's handshake: requests and what is expected of their answers.
/// Requests share a connection as long as the server keeps it.
class Http final : public Conversation {
 public:
  explicit Http(const HttpScript& script) : script_(script), acts_(script.acts()) {
    if (acts_.front().kind != HttpAct::Kind::connect) return;
    present_ = acts_.front().connect;
    position_ = 1;
  }

  void connected(const base::Endpoint& peer) override {
    host_ = host_of(peer);
    asked_ = false;
    was_connected_ = true;
  }

  Step advance(Input& input) override {
    Step step;
    for (; position_ < acts_.size(); ++position_) {
      const HttpAct& act = acts_[position_];
      current_ = position_;
      if (act.kind == HttpAct::Kind::connect) {
        present_ = act.connect;
        ++position_;
        return connect(std::move(step));
      }
      if (act.kind == HttpAct::Kind::request) {
        const Room room = room_on_connection(input);
        if (room == Room::none) return step;
        if (room == Room::on_another) return connect(std::move(step));
        ask(act.request, step.send);
        continue;
      }
      answer_.read(input);
      const HttpExpectation::Outcome outcome = act.expectation->judge(answer_);
      if (outcome == HttpExpectation::Outcome::open) {
        const bool broken = answer_.state() == HttpAnswer::State::broken;
        return broken ? finish(broken_at(act), std::move(step)) : step;
      }
      if (outcome == HttpExpectation::Outcome::failed) return finish(failed(act), std::move(step));
    }
    return finish(passed(), std::move(step));
  }

  std::string waiting_for() const override {
    const HttpAct& act = acts_[current_];
    if (act.step == 0) return was_connected_ ? fmt::format(" ({})", act.text()) : "";
    if (!was_connected_ && act.kind != HttpAct::Kind::connect)
      return " at initial connection step of http-check";
    const std::string comment =
        act.comment.empty() ? "" : fmt::format(" comment: '{}'", report_text(act.comment));
    return fmt::format(" at step {} of http-check ({}){}", act.step, act.text(), comment);
  }

 private:
  /// Where the next request can go now.
  enum class Room : std::uint8_t { here, on_another, none };

  Room room_on_connection(Input& input) {
    if (!asked_) return Room::here;
    const HttpAnswer::State state = answer_.read(input);
    if (closes_ || state == HttpAnswer::State::broken || !answer_.head().keep_alive || input.ended)
      return Room::on_another;
    return state == HttpAnswer::State::complete ? Room::here : Room::none;
  }

  Step connect(Step step) const {
    step.kind = Step::Kind::connect;
    step.connect = present_;
    return step;
  }

  void ask(const HttpRequestText& request, std::string& output) {
    output += request.bytes(host_);
    answer_.begin(request.method);
    asked_ = true;
    closes_ = request.closes;
  }

  Verdict broken_at(const HttpAct& act) const {
    return {
        .status = CheckStatus::l7_response, .code = 0, .text = std::string(answer_.fault()) + act.place()};
  }

  Verdict failed(const HttpAct& act) const {
    Verdict verdict = act.expectation->failure(answer_);
    verdict.text += act.place();
    if (verdict.text.starts_with(' ')) verdict.text.erase(0, 1);
    return verdict;
  }

  Verdict passed() const {
    if (!answer_.has_head()) return {.status = CheckStatus::l4_ok, .code = 0, .text = {}};
    return {.status = CheckStatus::l7_ok, .code = answer_.head().status, .text = {}};
  }

  Step finish(Verdict verdict, Step step) const {
    step.kind = Step::Kind::done;
    step.verdict = std::move(verdict);
    step.awaits_end = asked_ && answer_.state() == HttpAnswer::State::body;
    if (!answer_.has_head()) return step;
    const proto::HttpResponseHead& head = answer_.head();
    // Whatever was expected, as in HAProxy: who removes the page says so to all checks.
    if (script_.disable_on_404() && head.status == not_found)
      step.verdict = {CheckStatus::l7_ok_conditional, head.status, report_text(head.reason)};
    if (head.status == switching_protocols && websocket_fault(head).empty()) step.send += websocket_close;
    return step;
  }

  const HttpScript& script_;
  const std::vector<HttpAct>& acts_;
  std::size_t position_ = 0;
  std::size_t current_ = 0;  // what the last advance() was about
  ConnectOptions present_;   // of the present connection
  std::string host_;
  bool was_connected_ = false;
  bool asked_ = false;   // on the present connection
  bool closes_ = false;  // the last request does
  HttpAnswer answer_;
};

}  // namespace

std::unique_ptr<Conversation> start_http(const Plan& plan) {
  return std::make_unique<Http>(plan.http());
}

std::unique_ptr<Conversation> start_websocket(const Plan& plan) {
  return std::make_unique<Http>(plan.http());
}

}  // namespace corelane::check
