// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "check/registry.hpp"

namespace corelane::check {
namespace {

constexpr std::string_view ping = "*1\r\n$4\r\nPING\r\n";
constexpr std::string_view quit = "*1\r\n$4\r\nQUIT\r\n";
constexpr std::string_view pong = "+PONG";
constexpr std::string_view line_end = "\r\n";

class Redis final : public Conversation {
 public:
  Step advance(Input& input) override {
    if (!asked_) {
      asked_ = true;
      Step step;
      step.send = ping;
      return step;
    }
    const std::size_t end = input.rest().find(line_end);
    if (end == std::string_view::npos) return {};
    const std::string_view line = input.rest().substr(0, end);
    input.use(end + line_end.size());
    if (line == pong) return done(CheckStatus::l7_ok, "Redis server is ok", 0, std::string(quit));
    const bool is_error = line.starts_with('-');
    return done(is_error ? CheckStatus::l7_status : CheckStatus::l7_response, report_text(line));
  }
  std::string waiting_for() const override { return " (expect '+PONG')"; }

 private:
  bool asked_ = false;
};

}  // namespace

std::unique_ptr<Conversation> start_redis(const Plan&) {
  return std::make_unique<Redis>();
}

}  // namespace corelane::check
