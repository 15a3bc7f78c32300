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

bool lax_values(const HttpReadOptions& options) {
  return http_accepts(options.accept_invalid, HttpLaxity::control_in_values);
}

std::uint32_t offset(const char* at, const char* begin) {
  return static_cast<std::uint32_t>(at - begin);
}

/// Whether the new bytes only make an incomplete part of a line longer, without anything that it cannot have.
bool part_goes_on(std::string_view window, const HttpReadOptions& options, HttpHeadProgress& progress) {
  if (progress.part == HttpLinePart::other || window.size() == options.limits.head_bytes) return false;
  const char* stop = window.data() + progress.scanned;
  const char* const end = window.data() + window.size();
  switch (progress.part) {
    case HttpLinePart::token:
      stop = http::skip(stop, end, http::token);
      break;
    case HttpLinePart::target:
      if (window.size() - progress.part_begin > options.limits.uri_bytes) return false;
      stop = http::skip_target(stop, end);
      break;
    default:
      stop = http::skip_field_value(stop, end, lax_values(options) && progress.start_line);
      if (stop != end && *stop == '\r' && stop + 1 == end) {
        progress.scanned = offset(stop, window.data());
        return true;
      }
      break;
  }
  progress.scanned = offset(stop, window.data());
  return stop == end;
}

/// Where the incomplete line's last part begins, and what it is.
struct LinePart {
  HttpLinePart part = HttpLinePart::other;
  std::size_t begin = 0;
};

LinePart part_of_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {HttpLinePart::token, 0};
  return {HttpLinePart::value, colon + 1};
}

/// Notes the part of a line that was read to the end of the bytes without a fault.
void note_part(std::string_view window, LinePart last, HttpHeadProgress& progress) {
  progress.part = window.size() == progress.line ? HttpLinePart::other : last.part;
  progress.part_begin = progress.line + static_cast<std::uint32_t>(last.begin);
  progress.scanned = static_cast<std::uint32_t>(window.size());
  if (window.ends_with('\r')) --progress.scanned;
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
  if (!part_goes_on(window, options, progress)) {
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
    const std::string_view line = window.substr(progress.line);
    note_part(window, progress.start_line ? part_of_field(line) : message.part_of_start_line(line), progress);
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
  static LinePart part_of_start_line(std::string_view line) {
    const std::size_t target = line.find(' ');
    if (target == std::string_view::npos) return {HttpLinePart::token, 0};
    if (line.find(' ', target + 1) != std::string_view::npos) return {};
    return {HttpLinePart::target, target + 1};
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
  static LinePart part_of_start_line(std::string_view line) {
    const std::size_t reason = line.find(' ', std::min(line.find(' '), line.size() - 1) + 1);
    if (reason == std::string_view::npos) return {};
    return {HttpLinePart::value, reason + 1};
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
