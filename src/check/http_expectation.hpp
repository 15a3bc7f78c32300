// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "check/conversation.hpp"
#include "check/http_answer.hpp"
#include "check/pattern.hpp"

namespace corelane::check {

/// Names of fields compare in lower case.
std::string http_lower_case(std::string_view text);

/// How a text is compared: HAProxy's -m.
struct HttpMatch {
  enum class Method : std::uint8_t { str, beg, end, sub, reg };
  Method method = Method::str;
  std::string text;
  std::optional<Pattern> pattern;  // reg

  bool matches(std::string_view candidate) const;
};

/// What an answer must be, or with `!` must not be: HAProxy's http-check expect.
///   status 200-299,304       rstatus 4..
///   string ready             rstring [oO][kK]
///   hdr name [-m METHOD] NAME [value [-m METHOD] VALUE]     values between commas count alone
///   fhdr name ...                                           the whole value of each field
class HttpExpectation {
 public:
  enum class Kind : std::uint8_t {
    status,
    status_regex,
    string,
    regex,
    header,
    full_header,
    websocket,  // the handshake's answer; not part of a configuration
  };
  enum class Outcome : std::uint8_t { open, passed, failed };

  struct Fault {
    std::string text;
    std::vector<std::string> allowed = {};
    std::string near_miss = {};
  };

  static std::variant<HttpExpectation, Fault> read(std::string_view text);
  /// Answers 2xx and 3xx.
  static HttpExpectation good_status();
  static HttpExpectation websocket();

  Kind kind() const noexcept { return kind_; }
  /// As it was written.
  const std::string& text() const noexcept { return text_; }

  /// `open` as long as it depends on what is still to come.
  Outcome judge(const HttpAnswer& answer) const;
  /// What a check that failed by this answer says, in HAProxy's words where it has some.
  Verdict failure(const HttpAnswer& answer) const;

 private:
  struct StatusRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };
  class Reader;

  bool met(const HttpAnswer& answer) const;
  bool header_met(const proto::HttpResponseHead& head) const;
  bool value_met(std::string_view value) const;
  Outcome judge_body(const HttpAnswer& answer) const;

  Kind kind_ = Kind::status;
  bool negate_ = false;
  std::string text_;
  std::vector<StatusRange> statuses_;
  HttpMatch content_;               // status_regex, string, regex: what to look for
  HttpMatch name_;                  // header: lower case
  std::optional<HttpMatch> value_;  // header: nothing when any will do
};

}  // namespace corelane::check
