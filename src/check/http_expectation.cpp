// SPDX-License-Identifier: Apache-2.0
#include "check/http_expectation.hpp"

#include <algorithm>

#include "check/websocket.hpp"

namespace corelane::check {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The elements of a field's value, which commas separate outside of quotes.
template <class Visit>
bool any_element(std::string_view value, Visit visit) {
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= value.size(); ++i) {
    if (i < value.size() && quoted && value[i] == '\\') {
      ++i;
      continue;
    }
    if (i < value.size() && value[i] == '"') quoted = !quoted;
    if (i < value.size() && (quoted || value[i] != ',')) continue;
    if (visit(trimmed(value.substr(start, i - start)))) return true;
    start = i + 1;
  }
  return false;
}

}  // namespace

std::string http_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

bool HttpMatch::matches(std::string_view candidate) const {
  switch (method) {
    case Method::str:
      return candidate == text;
    case Method::beg:
      return candidate.starts_with(text);
    case Method::end:
      return candidate.ends_with(text);
    case Method::sub:
      return candidate.find(text) != std::string_view::npos;
    case Method::reg:
      return pattern->first_end(candidate) != Pattern::none;
  }
  return false;
}

HttpExpectation HttpExpectation::good_status() {
  HttpExpectation expectation;
  expectation.text_ = "status 200-399";
  expectation.statuses_ = {{200, 399}};
  return expectation;
}

HttpExpectation HttpExpectation::websocket() {
  HttpExpectation expectation;
  expectation.kind_ = Kind::websocket;
  expectation.text_ = "status 101";
  expectation.statuses_ = {{switching_protocols, switching_protocols}};
  return expectation;
}

HttpExpectation::Outcome HttpExpectation::judge(const HttpAnswer& answer) const {
  if (!answer.has_head()) return Outcome::open;
  if (kind_ == Kind::string || kind_ == Kind::regex) return judge_body(answer);
  return met(answer) != negate_ ? Outcome::passed : Outcome::failed;
}

HttpExpectation::Outcome HttpExpectation::judge_body(const HttpAnswer& answer) const {
  if (content_.matches(answer.body())) return negate_ ? Outcome::failed : Outcome::passed;
  if (!answer.body_conclusive()) return Outcome::open;
  // As HAProxy: who expects something of a body expects a body.
  return negate_ && !answer.body().empty() ? Outcome::passed : Outcome::failed;
}

bool HttpExpectation::met(const HttpAnswer& answer) const {
  const std::uint32_t status = answer.head().status;
  if (kind_ == Kind::status_regex) return content_.matches(std::to_string(status));
  if (kind_ == Kind::header || kind_ == Kind::full_header) return header_met(answer.head());
  const bool wanted = std::any_of(statuses_.begin(), statuses_.end(), [status](const StatusRange& range) {
    return status >= range.first && status <= range.last;
  });
  return wanted && (kind_ != Kind::websocket || websocket_fault(answer.head()).empty());
}

bool HttpExpectation::header_met(const proto::HttpResponseHead& head) const {
  return std::any_of(head.fields.begin(), head.fields.end(), [this](const proto::HttpField& field) {
    if (!name_.matches(http_lower_case(field.name))) return false;
    if (!value_) return true;
    if (kind_ == Kind::full_header) return value_->matches(field.value);
    return any_element(field.value, [this](std::string_view element) { return value_->matches(element); });
  });
}

Verdict HttpExpectation::failure(const HttpAnswer& answer) const {
  const proto::HttpResponseHead& head = answer.head();
  switch (kind_) {
    case Kind::string:
    case Kind::regex:
      return {.status = CheckStatus::l7_response,
              .code = 0,
              .text = answer.body().empty() ? "HTTP content check could not find a response body"
                      : negate_             ? "HTTP check matched unwanted content"
                                            : "HTTP content check did not match"};
    case Kind::header:
    case Kind::full_header:
      return {.status = CheckStatus::l7_status,
              .code = head.status,
              .text = negate_ ? "HTTP check matched unwanted header" : "HTTP header check did not match"};
    case Kind::websocket:
      if (head.status == switching_protocols)
        return {.status = CheckStatus::l7_response, .code = 0, .text = std::string(websocket_fault(head))};
      break;
    default:
      break;
  }
  return {.status = CheckStatus::l7_status, .code = head.status, .text = report_text(head.reason)};
}

}  // namespace corelane::check
