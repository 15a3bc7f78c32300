// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "check/registry.hpp"

namespace corelane::check {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t code_digits = 3;

/// The last line of a whole reply, which may have several. `text` has no meaning in a faulty one.
struct Reply {
  bool sound = false;
  std::uint32_t code = 0;
  std::string_view text;
};

std::optional<std::uint32_t> code_of(std::string_view line) {
  if (line.size() < code_digits) return std::nullopt;
  std::uint32_t code = 0;
  for (const char c : line.substr(0, code_digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    code = code * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return code;
}

/// Takes the lines of one reply from the input, as far as they came.
std::optional<Reply> next_reply(Input& input) {
  while (true) {
    const std::size_t end = input.rest().find(line_end);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = input.rest().substr(0, end);
    input.use(end + line_end.size());
    const std::optional<std::uint32_t> code = code_of(line);
    const char mark = line.size() > code_digits ? line[code_digits] : ' ';
    if (!code || (mark != ' ' && mark != '-')) return Reply{.sound = false, .code = 0, .text = line};
    if (mark == ' ') {
      return Reply{.sound = true,
                   .code = *code,
                   .text = line.substr(line.size() > code_digits ? code_digits + 1 : code_digits)};
    }
  }
}

/// HAProxy's smtpchk: greeting, HELO or EHLO, QUIT.
class Smtp final : public Conversation {
 public:
  Smtp(std::string_view verb, const Options& options) : hello_(std::string(verb) + ' ' + options.domain) {}

  Step advance(Input& input) override {
    Step step;
    while (const std::optional<Reply> reply = next_reply(input)) {
      if (!reply->sound) {
        Step last = done(CheckStatus::l7_response, report_text(reply->text));
        last.send = std::move(step.send);
        return last;
      }
      const bool positive = reply->code / 100 == 2;
      if (!positive || greeted_) {
        Step last = done(positive ? CheckStatus::l7_ok : CheckStatus::l7_status, report_text(reply->text),
                         reply->code, "QUIT\r\n");
        last.send.insert(0, step.send);
        return last;
      }
      greeted_ = true;
      step.send = hello_ + std::string(line_end);
    }
    return step;
  }

  std::string waiting_for() const override {
    return greeted_ ? " (expect the answer to '" + report_text(hello_) + "')" : " (expect the SMTP greeting)";
  }

 private:
  const std::string hello_;
  bool greeted_ = false;
};

}  // namespace

std::unique_ptr<Conversation> start_smtp(const Plan& plan) {
  return std::make_unique<Smtp>("HELO", plan.options());
}

std::unique_ptr<Conversation> start_esmtp(const Plan& plan) {
  return std::make_unique<Smtp>("EHLO", plan.options());
}

}  // namespace corelane::check
