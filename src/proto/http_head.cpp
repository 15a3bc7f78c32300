// SPDX-License-Identifier: Apache-2.0
// The way through a head: empty lines, start line, fields, and then what only the whole of it tells.
#include "proto/http_head.hpp"

#include <algorithm>
#include <cstddef>

#include "proto/http_read.hpp"
#include "proto/http_tokens.hpp"

namespace corelane::proto {
namespace {

using http::Step;

/// A line up to this long is read again from its beginning with each byte that comes, which finds faults
/// early; of a longer one only what is new is looked at.
constexpr std::size_t line_bytes_reread = 64;

std::uint32_t offset(const char* at, const char* begin) {
  return static_cast<std::uint32_t>(at - begin);
}

/// Whether the new bytes only make an incomplete line longer, without anything that a line cannot have.
bool line_goes_on(std::string_view window, const HttpReadOptions& options, HttpHeadProgress& progress) {
  if (progress.scanned == 0 || window.size() == options.limits.head_bytes) return false;
  if (window.size() - progress.line <= line_bytes_reread) return false;
  const char* const end = window.data() + window.size();
  const bool lax = http_accepts(options.accept_invalid, HttpLaxity::control_in_values);
  const char* const stop = http::skip_field_value(window.data() + progress.scanned, end, lax);
  if (stop != end && (*stop != '\r' || stop + 1 != end)) return false;
  progress.scanned = offset(stop, window.data());
  return true;
}

Step skip_empty_lines(const char* at, const char* end, HttpHeadProgress& progress) {
  while (at != end && (*at == '\r' || *at == '\n')) {
    if (progress.empty_lines == http_empty_lines_max) return http::fault(at, HttpError::too_many_empty_lines);
    const Step line = http::read_line_end(at, end, HttpError::bad_line_end);
    if (!line.done()) return line;
    at = line.at;
    ++progress.empty_lines;
    progress.line += 2;
  }
  return {.at = at};
}

/// Reads on from the line that was not complete. `Message` has the parts that differ.
template <typename Message>
Step walk(std::string_view window, const HttpReadOptions& options, const Message& message,
          HttpHeadProgress& progress) {
  const char* const begin = window.data();
  const char* const end = begin + window.size();
  Step step{.at = begin + progress.line};
  if (!progress.start_line) {
    if constexpr (Message::empty_lines_before) {
      step = skip_empty_lines(step.at, end, progress);
      if (!step.done()) return step;
    }
    const char* const line = step.at;
    if (line == end) return http::need_more;
    step = message.read_start_line(line, end, options);
    if (!step.done()) return step;
    message.head.bytes = {line, window.size() - progress.line};
    progress.start_line = true;
    progress.line = offset(step.at, begin);
  }
  return http::read_fields(step.at, end, options, begin, message.head.fields, progress);
}

template <typename Message>
HttpRead read_head(std::string_view bytes, const HttpReadOptions& options, const Message& message,
                   HttpHeadProgress& progress) {
  const std::string_view window = bytes.substr(0, options.limits.head_bytes);
  Step step;
  if (!line_goes_on(window, options, progress)) {
    const bool anew = progress.line == 0;
    step = walk(window, options, message, progress);
    if (step.done() && !anew) {
      // The views of earlier calls are gone.
      progress = {};
      step = walk(window, options, message, progress);
    }
    if (step.done()) {
      const char* const head_end = step.at;
      message.head.bytes = {message.head.bytes.data(),
                            static_cast<std::size_t>(head_end - message.head.bytes.data())};
      step = message.judge();
      if (step.done())
        return {.state = HttpRead::State::head,
                .consumed = static_cast<std::size_t>(head_end - window.data())};
    }
    progress.scanned = offset(window.data() + window.size(), window.data());
    if (!window.empty() && window.back() == '\r') --progress.scanned;
  }
  if (step.error != HttpError::none)
    return {.state = HttpRead::State::error,
            .error = step.error,
            .position = static_cast<std::size_t>(step.at - window.data())};
  if (window.size() == options.limits.head_bytes)
    return {.state = HttpRead::State::error, .error = HttpError::head_too_large, .position = window.size()};
  return {};
}

struct Request {
  static constexpr bool empty_lines_before = true;
  HttpRequestHead& head;

  Step read_start_line(const char* at, const char* end, const HttpReadOptions& options) const {
    return http::read_request_line(at, end, options, head);
  }
  Step judge() const {
    Step step = http::judge_host(head);
    if (step.done()) step = http::judge_request_framing(head);
    if (!step.done()) return step;
    http::judge_connection(head);
    head.expect_continue = false;
    if (const HttpField* expect = head.fields.first(HttpName::expect))
      head.expect_continue =
          head.version == HttpVersion::http11 && http_same_name(expect->value, "100-continue");
    return step;
  }
};

struct Response {
  static constexpr bool empty_lines_before = false;
  HttpResponseHead& head;
  HttpMethod request_method;

  Step read_start_line(const char* at, const char* end, const HttpReadOptions& options) const {
    return http::read_status_line(at, end, options, head);
  }
  Step judge() const {
    const Step step = http::judge_response_framing(request_method, head);
    if (step.done()) http::judge_connection(head);
    return step;
  }
};

}  // namespace

HttpRead read_request_head(std::string_view bytes, const HttpReadOptions& options, HttpRequestHead& head,
                           HttpHeadProgress& progress) {
  return read_head(bytes, options, Request{head}, progress);
}

HttpRead read_response_head(std::string_view bytes, const HttpReadOptions& options, HttpMethod request_method,
                            HttpResponseHead& head, HttpHeadProgress& progress) {
  return read_head(bytes, options, Response{head, request_method}, progress);
}

}  // namespace corelane::proto
