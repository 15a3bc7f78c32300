// SPDX-License-Identifier: Apache-2.0
#include "check/conversation.hpp"

#include <utility>

namespace corelane::check {
namespace {

constexpr std::size_t report_bytes_max = 127;

}  // namespace

Step done(CheckStatus status, std::string text, std::uint32_t code, std::string farewell) {
  Step step;
  step.kind = Step::Kind::done;
  step.send = std::move(farewell);
  step.verdict = {status, code, std::move(text)};
  return step;
}

std::string report_text(std::string_view text) {
  std::string report(text.substr(0, text.find_first_of("\r\n")).substr(0, report_bytes_max));
  for (char& c : report) {
    if (c < ' ' || c > '~') c = '?';
    if (c == '"') c = '\'';  // the report stands in double quotes
  }
  return report;
}

}  // namespace corelane::check
