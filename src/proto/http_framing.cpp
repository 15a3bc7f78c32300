// SPDX-License-Identifier: Apache-2.0
// Where a message ends and what follows it on the connection (RFC 9112 6 and 9).
#include <charconv>
#include <limits>

#include "proto/http_read.hpp"
#include "proto/http_tokens.hpp"

namespace corelane::proto::http {
namespace {

constexpr std::uint64_t length_max = std::numeric_limits<std::int64_t>::max();

Step good(const HttpHead& head) {
  return {.at = head.bytes.data() + head.bytes.size()};
}

/// White space that other readers are known to take for a part of the value.
bool has_tab(const HttpField& field) {
  return field.line.find('\t') != std::string_view::npos;
}

bool read_length(std::string_view text, std::uint64_t& length) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc{} && end == text.data() + text.size() && length <= length_max;
}

Step judge_content_length(HttpHead& head) {
  const HttpField* const field = head.fields.first(HttpName::content_length);
  head.has_content_length = field != nullptr;
  head.content_length = 0;
  if (field == nullptr) return good(head);
  if (head.fields.count(HttpName::content_length) > 1)
    return fault(head.fields.next(*field)->line.data(), HttpError::repeated_content_length);
  if (has_tab(*field) || !read_length(field->value, head.content_length))
    return fault(field->value.data(), HttpError::bad_content_length);
  return good(head);
}

/// One coding of Transfer-Encoding; `chunked` says whether the one before it was.
HttpError judge_coding(std::string_view element, bool& chunked) {
  const char* const end = element.data() + element.size();
  const char* const name_end = skip(element.data(), end, token);
  const std::string_view name = element.substr(0, static_cast<std::size_t>(name_end - element.data()));
  const std::string_view parameters = element.substr(name.size());
  if (chunked || name.empty()) return HttpError::bad_transfer_encoding;
  chunked = http_same_name(name, "chunked");
  if (parameters.empty()) return chunked ? HttpError::none : HttpError::unknown_transfer_coding;
  const bool has_parameters = parameters[parameters.find_first_not_of(" \t")] == ';';
  return chunked || !has_parameters ? HttpError::bad_transfer_encoding : HttpError::unknown_transfer_coding;
}

/// Only `chunked`, once. A list that is wrong in itself counts before one with unknown codings.
Step judge_codings(const HttpHead& head, const HttpField* field) {
  bool chunked = false;
  Step unknown = good(head);
  for (; field != nullptr; field = head.fields.next(*field)) {
    if (has_tab(*field)) return fault(field->value.data(), HttpError::bad_transfer_encoding);
    std::string_view list = field->value;
    std::string_view element;
    while (next_element(list, element)) {
      const HttpError error = judge_coding(element, chunked);
      if (error == HttpError::bad_transfer_encoding) return fault(field->value.data(), error);
      if (error != HttpError::none) unknown = fault(field->value.data(), error);
    }
  }
  return unknown;
}

/// Sets framing to length or chunked where fields say so, else to none.
Step judge_framing_fields(HttpHead& head) {
  const HttpField* const coding = head.fields.first(HttpName::transfer_encoding);
  const HttpField* const length = head.fields.first(HttpName::content_length);
  head.framing = HttpFraming::none;
  if (coding == nullptr && length == nullptr) {
    head.has_content_length = false;
    head.content_length = 0;
    return good(head);
  }
  if (coding != nullptr && length != nullptr)
    return fault(coding->line.data(), HttpError::length_with_transfer_encoding);
  if (coding == nullptr) {
    head.framing = HttpFraming::length;
    return judge_content_length(head);
  }
  head.has_content_length = false;
  head.content_length = 0;
  head.framing = HttpFraming::chunked;
  if (head.version == HttpVersion::http10)
    return fault(coding->line.data(), HttpError::transfer_encoding_in_http10);
  return judge_codings(head, coding);
}

bool says_body(const HttpHead& head) {
  return head.framing == HttpFraming::chunked || head.content_length > 0;
}

const char* framing_field(const HttpHead& head) {
  const bool chunked = head.framing == HttpFraming::chunked;
  return head.fields.first(chunked ? HttpName::transfer_encoding : HttpName::content_length)->line.data();
}

/// Whether Upgrade names something, and nothing of HTTP/2.
bool upgrade_is_sound(const HttpFields& fields) {
  bool named = false;
  for (const HttpField* field = fields.first(HttpName::upgrade); field != nullptr;
       field = fields.next(*field)) {
    std::string_view list = field->value;
    std::string_view protocol;
    while (next_element(list, protocol)) {
      const std::string_view name = protocol.substr(0, protocol.find('/'));
      for (const std::string_view other : {"h2c", "h2", "http"})
        if (http_same_name(name, other)) return false;
      named = named || !name.empty();
    }
  }
  return named;
}

}  // namespace

Step judge_request_framing(HttpRequestHead& head) {
  const Step judged = judge_framing_fields(head);
  if (!judged.done()) return judged;
  if (head.method == HttpMethod::connect && says_body(head))
    return fault(framing_field(head), HttpError::connect_with_body);
  return judged;
}

Step judge_response_framing(HttpMethod request_method, HttpResponseHead& head) {
  const Step judged = judge_framing_fields(head);
  if (!judged.done()) return judged;
  const bool tunnel = request_method == HttpMethod::connect && head.status / 100 == 2;
  const bool never = head.status < 200 || head.status == 204 || tunnel;
  if (never && says_body(head)) return fault(framing_field(head), HttpError::framing_without_body);
  if (never || request_method == HttpMethod::head || head.status == 304) {
    head.framing = HttpFraming::none;
  } else if (head.framing == HttpFraming::none) {
    head.framing = HttpFraming::until_close;
  }
  return judged;
}

void judge_connection(HttpHead& head) {
  bool close = false;
  bool keep_alive = false;
  bool upgrade = false;
  for (const HttpField* field = head.fields.first(HttpName::connection); field != nullptr;
       field = head.fields.next(*field)) {
    std::string_view list = field->value;
    std::string_view option;
    while (next_element(list, option)) {
      close = close || http_same_name(option, "close");
      keep_alive = keep_alive || http_same_name(option, "keep-alive");
      upgrade = upgrade || http_same_name(option, "upgrade");
    }
  }
  const bool http11 = head.version == HttpVersion::http11;
  head.keep_alive = !close && (http11 || keep_alive) && head.framing != HttpFraming::until_close;
  head.upgrade = upgrade && http11 && upgrade_is_sound(head.fields);
}

}  // namespace corelane::proto::http
