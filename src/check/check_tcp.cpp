// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "check/registry.hpp"

namespace corelane::check {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

std::string hex_text(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += hex_digits[byte >> 4];
    text += hex_digits[byte & 15];
  }
  return text;
}

std::string content_text(const ScriptStep& step) {
  if (!step.expect.empty()) return report_text(step.expect);
  return report_text(step.expect_binary.empty() ? step.expect_regex : hex_text(step.expect_binary));
}

/// The step in the words of HAProxy's configuration.
std::string step_text(const ScriptStep& step) {
  if (step.connect) {
    return step.connect->port == 0 ? "connect" : fmt::format("connect port {}", step.connect->port);
  }
  if (!step.expects()) return "send";
  const char* kind = !step.expect.empty() ? "string" : step.expect_binary.empty() ? "rstring" : "binary";
  return fmt::format("expect {}{} '{}'", step.negate ? "! " : "", kind, content_text(step));
}

/// HAProxy's tcp-check. A script that does not begin with a connect step makes the first connection by
/// itself.
class Script final : public Conversation {
 public:
  explicit Script(const Plan& plan) : plan_(plan), steps_(plan.options().steps) {
    if (!steps_.empty() && steps_.front().connect) position_ = 1;
  }

  Step advance(Input& input) override {
    Step step;
    at_connect_ = false;
    while (position_ < steps_.size()) {
      const ScriptStep& now = steps_[position_];
      if (now.expects()) {
        const Outcome outcome = expect(now, input);
        if (outcome == Outcome::open) return step;
        if (outcome == Outcome::failed) return failed(now, std::move(step.send));
        answered_ = true;
      } else if (now.connect) {
        step.kind = Step::Kind::connect;
        step.connect = *now.connect;
        matched_ = 0;
        at_connect_ = true;
        ++position_;
        return step;
      } else {
        step.send += now.send.empty() ? now.send_binary : now.send;
        // What was matched before this send is no answer to it.
        input.use(std::exchange(matched_, 0));
      }
      ++position_;
    }
    Step last = answered_ ? done(CheckStatus::l7_ok, "(tcp-check)") : done(CheckStatus::l4_ok);
    last.send = std::move(step.send);
    return last;
  }

  std::string waiting_for() const override {
    if (steps_.empty()) return {};
    if (at_connect_ && position_ == 0) return " at initial connection step of tcp-check";
    const std::size_t current = std::min(position_ - (at_connect_ ? 1 : 0), steps_.size() - 1);
    const ScriptStep& step = steps_[current];
    return fmt::format(" at step {} of tcp-check ({}){}", current + 1, step_text(step), comment(step));
  }

 private:
  enum class Outcome : std::uint8_t { open, passed, failed };

  static std::string comment(const ScriptStep& step) {
    return step.comment.empty() ? "" : fmt::format(" comment: '{}'", report_text(step.comment));
  }

  /// Expects that follow each other look at the same bytes; a send uses up what they matched.
  Outcome expect(const ScriptStep& step, const Input& input) {
    std::string_view bytes = input.rest();
    bool conclusive = input.ended;
    if (step.within != 0 && bytes.size() >= step.within) {
      bytes = bytes.substr(0, step.within);
      conclusive = true;
    }
    const std::size_t end = find(step, bytes);
    if (end != Pattern::none) {
      if (step.negate) return Outcome::failed;
      matched_ = std::max(matched_, end);
      return Outcome::passed;
    }
    if (!conclusive) return Outcome::open;
    return step.negate ? Outcome::passed : Outcome::failed;
  }

  std::size_t find(const ScriptStep& step, std::string_view bytes) const {
    if (!step.expect_regex.empty()) return plan_.pattern(position_).first_end(bytes);
    const std::string& wanted = step.expect.empty() ? step.expect_binary : step.expect;
    const std::size_t at = bytes.find(wanted);
    return at == std::string_view::npos ? Pattern::none : at + wanted.size();
  }

  Step failed(const ScriptStep& step, std::string unsent) const {
    return done(CheckStatus::l7_response,
                fmt::format("TCPCHK {} '{}' at step {}{}",
                            step.negate ? "matched unwanted content" : "did not match content",
                            content_text(step), position_ + 1, comment(step)),
                0, std::move(unsent));
  }

  const Plan& plan_;
  const std::vector<ScriptStep>& steps_;
  std::size_t position_ = 0;
  bool at_connect_ = true;   // the connection is being made; a connect step is behind position_ already
  std::size_t matched_ = 0;  // of the input, by the expects since the last send
  bool answered_ = false;
};

}  // namespace

std::unique_ptr<Conversation> start_tcp(const Plan& plan) {
  return std::make_unique<Script>(plan);
}

}  // namespace corelane::check
