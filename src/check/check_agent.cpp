// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include "check/agent.hpp"

namespace corelane::check {

namespace {

constexpr std::string_view line_ends = "\r\n";

/// Printable, and with the same words: what is not printable was in none of them.
std::string report_line(std::string_view line) {
  std::string text(line);
  for (char& c : text) {
    if (c == '\t') c = ' ';
    if (c < ' ' || c > '~') c = '?';
    if (c == '"') c = '\'';
  }
  return text;
}

class Agent final : public Conversation {
 public:
  explicit Agent(std::string_view says) : says_(says) {}

  Step advance(Input& input) override {
    if (!asked_) {
      asked_ = true;
      Step step;
      step.send = says_;
      return step;
    }
    const std::string_view rest = input.rest();
    const std::size_t end = rest.find_first_of(line_ends);
    if (end > agent_line_bytes_max && rest.size() > agent_line_bytes_max)
      return done(CheckStatus::l7_response, "too long a line");
    if (end != std::string_view::npos) return done(CheckStatus::l7_ok, report_line(rest.substr(0, end)));
    if (input.ended && !rest.empty()) return done(CheckStatus::l7_ok, report_line(rest));
    return {};
  }
  std::string waiting_for() const override { return " (expect a line)"; }

 private:
  std::string_view says_;
  bool asked_ = false;
};

constexpr CheckType agent_type{
    .name = "agent",
    .help = "asks an agent for a line",
    .timed_out = CheckStatus::l7_timeout,
    .broken = CheckStatus::l7_response,
    .linger = true,
    .start = start_agent,
};

}  // namespace

const CheckType& agent_check_type() {
  return agent_type;
}

std::unique_ptr<Conversation> start_agent(const Plan& plan) {
  const Options& options = plan.options();
  return std::make_unique<Agent>(options.steps.empty() ? std::string_view() : options.steps.front().send);
}

}  // namespace corelane::check
