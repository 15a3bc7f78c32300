// SPDX-License-Identifier: Apache-2.0
#include "control/admin_request.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace corelane::control {

namespace {

using base::is_digit;

bool is_visible(char c) {
  return c > ' ' && c < '\x7f';
}

// RFC 9110: the characters of method and field names.
bool is_token_character(char c) {
  return is_digit(c) || base::is_letter(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_character);
}

// Field values: visible characters, spaces, tabs and bytes above ASCII; no other control character.
bool is_field_character(char c) {
  return is_visible(c) || c == ' ' || c == '\t' || static_cast<unsigned char>(c) >= 0x80;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, base::lower_case, base::lower_case);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

AdminRequestReader::Step AdminRequestReader::read(std::string_view bytes) {
  if (phase_ == Phase::finished) begin();
  Step step;
  while (step.consumed < bytes.size() && phase_ != Phase::finished && phase_ != Phase::failed) {
    if (phase_ != Phase::body) {
      take_head_byte(bytes[step.consumed++]);
      continue;
    }
    const std::string_view part = bytes.substr(step.consumed, content_length_ - request_.content.size());
    request_.content += part;
    step.consumed += part.size();
    if (request_.content.size() == content_length_) phase_ = Phase::finished;
  }
  if (phase_ == Phase::finished) step.status = Status::request;
  if (phase_ == Phase::failed) step.status = Status::error;
  return step;
}

void AdminRequestReader::take_head_byte(char c) {
  if (++head_bytes_ > head_bytes_max) {
    fail(431, "the request's head is longer than 8 KiB");
  } else if (c != '\n') {
    line_ += c;
    if (phase_ == Phase::request_line && line_.size() > request_line_bytes_max) {
      fail(414, "the request line is longer than 4 KiB");
    }
  } else {
    // RFC 9112 lets a line end with LF alone.
    if (line_.ends_with('\r')) line_.pop_back();
    take_line(line_);
    line_.clear();
  }
}

void AdminRequestReader::begin() {
  *this = AdminRequestReader();
}

void AdminRequestReader::fail(int status, std::string_view text) {
  phase_ = Phase::failed;
  error_status_ = status;
  error_text_ = text;
}

void AdminRequestReader::take_line(std::string_view line) {
  if (phase_ == Phase::headers) {
    if (line.empty()) {
      finish();
    } else {
      take_header(line);
    }
    return;
  }
  // Empty lines before a request are passed over, as RFC 9112 asks of a robust server.
  if (line.empty()) {
    head_bytes_ = 0;
  } else {
    take_request_line(line);
  }
}

void AdminRequestReader::take_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    fail(400, "the request line is not METHOD TARGET VERSION");
    return;
  }
  if (!is_token(line.substr(0, first))) {
    fail(400, "the method is not a word");
    return;
  }
  phase_ = Phase::headers;
  request_.method = line.substr(0, first);
  take_target(line.substr(first + 1, last - first - 1));
  take_version(line.substr(last + 1));
}

void AdminRequestReader::take_target(std::string_view target) {
  if (target.empty() || !std::ranges::all_of(target, is_visible)) {
    fail(400, "the target has a character that must not be there");
    return;
  }
  // The absolute form is what a client sends that takes this server for a proxy.
  constexpr std::string_view scheme = "http://";
  if (equal_ignoring_case(target.substr(0, scheme.size()), scheme)) {
    const std::size_t path = target.find('/', scheme.size());
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  if (target.front() != '/' && target != "*") {
    fail(400, "the target does not begin with a slash");
    return;
  }
  request_.target = target;
}

void AdminRequestReader::take_version(std::string_view version) {
  if (phase_ == Phase::failed) return;
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7])) {
    fail(400, "the version is not HTTP/1.1 or HTTP/1.0");
  } else if (version[5] != '1') {
    fail(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  } else {
    version_1_0_ = version[7] == '0';
    request_.keep_alive = !version_1_0_;
  }
}

void AdminRequestReader::take_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    fail(400, "a header line is not NAME: VALUE");
    return;
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!std::ranges::all_of(value, is_field_character)) {
    fail(400, "a header value has a control character");
  } else if (equal_ignoring_case(name, "host")) {
    if (host_seen_) fail(400, "there is more than one Host header");
    host_seen_ = true;
  } else if (equal_ignoring_case(name, "content-length")) {
    take_content_length(value);
  } else if (equal_ignoring_case(name, "content-type")) {
    request_.content_type = value;
  } else if (equal_ignoring_case(name, "transfer-encoding")) {
    request_.body = AdminRequest::Body::chunked;
  } else if (equal_ignoring_case(name, "connection")) {
    take_connection(value);
  }
}

void AdminRequestReader::take_content_length(std::string_view value) {
  if (content_length_seen_ || value.empty() || !std::ranges::all_of(value, is_digit)) {
    fail(400, "Content-Length is not one number");
    return;
  }
  content_length_seen_ = true;
  for (const char c : value) {
    content_length_ = std::min(content_length_ * 10 + static_cast<std::size_t>(c - '0'), body_max() + 1);
  }
  const bool announced = content_length_ != 0 && request_.body == AdminRequest::Body::none;
  if (announced) request_.body = AdminRequest::Body::sized;
}

void AdminRequestReader::take_connection(std::string_view value) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view option = trimmed(value.substr(0, comma));
    if (equal_ignoring_case(option, "close")) close_seen_ = true;
    if (equal_ignoring_case(option, "keep-alive")) request_.keep_alive = true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

void AdminRequestReader::finish() {
  if (!host_seen_ && !version_1_0_) {
    fail(400, "a request of HTTP/1.1 needs a Host header");
  } else {
    if (close_seen_) request_.keep_alive = false;
    const bool reads = (request_.method == "PATCH" || request_.method == "PUT") &&
                       request_.body == AdminRequest::Body::sized && content_length_ <= body_max();
    if (reads) request_.body = AdminRequest::Body::read;
    phase_ = reads ? Phase::body : Phase::finished;
  }
}

}  // namespace corelane::control
