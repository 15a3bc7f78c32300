// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <http_parser.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/http_body.hpp"
#include "proto/http_head.hpp"

/// Compares this project's reader with node's former one (Debian's libhttp-parser): what is accepted here
/// must be accepted there, with the same parts and the same end. The other direction does not hold: it
/// accepts much more.
///
/// Where the two are known to differ about what is accepted here, nothing is compared:
/// * methods that are not on its list are errors there;
/// * with an upgrade or CONNECT, it does not look for a body;
/// * it takes Proxy-Connection for Connection, and in HTTP/1.0 `keep-alive` wins over `close`;
/// * it waits for the body that a 304 tells the length of, unless it is told otherwise;
/// * a name that only begins with `Transfer-Encoding` counts half as that.
namespace corelane::proto::fuzz {

struct OtherMessage {
  std::string start;  // target or reason
  std::vector<std::pair<std::string, std::string>> fields;
  std::size_t fields_of_head = 0;
  std::size_t body_bytes = 0;
  bool keep_alive = false;
  bool complete = false;
  bool without_body = false;
  bool last_was_value = true;
};

inline OtherMessage& message_of(http_parser* parser) {
  return *static_cast<OtherMessage*>(parser->data);
}

inline http_parser_settings other_settings() {
  http_parser_settings settings;
  http_parser_settings_init(&settings);
  const auto start = [](http_parser* parser, const char* at, std::size_t size) {
    message_of(parser).start.append(at, size);
    return 0;
  };
  settings.on_url = start;
  settings.on_status = start;
  settings.on_header_field = [](http_parser* parser, const char* at, std::size_t size) {
    OtherMessage& message = message_of(parser);
    if (std::exchange(message.last_was_value, false)) message.fields.emplace_back();
    message.fields.back().first.append(at, size);
    return 0;
  };
  settings.on_header_value = [](http_parser* parser, const char* at, std::size_t size) {
    message_of(parser).last_was_value = true;
    message_of(parser).fields.back().second.append(at, size);
    return 0;
  };
  settings.on_headers_complete = [](http_parser* parser) {
    OtherMessage& message = message_of(parser);
    message.fields_of_head = message.fields.size();
    return message.without_body ? 1 : 0;
  };
  settings.on_body = [](http_parser* parser, const char*, std::size_t size) {
    message_of(parser).body_bytes += size;
    return 0;
  };
  settings.on_message_complete = [](http_parser* parser) {
    message_of(parser).complete = true;
    message_of(parser).keep_alive = http_should_keep_alive(parser) != 0;
    http_parser_pause(parser, 1);
    return 0;
  };
  return settings;
}

/// Empty when the other reader agrees, else in what it does not.
inline std::string difference(const HttpHead& head, std::string_view start, http_parser_type type,
                              bool without_body, std::string_view message_bytes, std::size_t data_bytes,
                              bool ends_itself) {
  static const http_parser_settings settings = other_settings();
  OtherMessage other;
  other.without_body = without_body;
  http_parser parser;
  http_parser_init(&parser, type);
  parser.data = &other;
  const std::size_t parsed =
      http_parser_execute(&parser, &settings, message_bytes.data(), message_bytes.size());
  const auto error = static_cast<http_errno>(parser.http_errno);
  if (error != HPE_OK && error != HPE_PAUSED) return http_errno_name(error);
  // A pause inside the callback of the last byte leaves that byte uncounted.
  if (parsed + 1 < message_bytes.size()) return "it ends at " + std::to_string(parsed);
  if (other.complete != ends_itself) return other.complete ? "it is complete" : "it is not complete";
  if (other.start != start) return "start line: " + other.start;
  if (other.fields_of_head != head.fields.size()) return "count of fields";
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    std::string& value = other.fields[i].second;
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.pop_back();
    if (other.fields[i].first != head.fields[i].name || value != head.fields[i].value)
      return "field " + other.fields[i].first + ": " + value;
  }
  if (other.body_bytes != data_bytes) return "body of " + std::to_string(other.body_bytes);
  const bool same_connection = head.fields.count(HttpName::proxy_connection) > 0 ||
                               head.version == HttpVersion::http10 || !ends_itself ||
                               other.keep_alive == head.keep_alive;
  return same_connection ? "" : "keep-alive";
}

/// The data in a chunked or other body: what was accepted without the framing.
struct BodyEnd {
  bool complete = false;
  std::size_t bytes = 0;  // with framing
  std::size_t data = 0;
};

inline BodyEnd find_body_end(const HttpHead& head, std::string_view rest) {
  HttpBodyReader reader;
  reader.begin(head.framing, head.content_length, {});
  BodyEnd end;
  while (end.bytes < rest.size() && !reader.complete()) {
    const std::uint64_t opaque = std::min<std::uint64_t>(reader.opaque_remaining(), rest.size() - end.bytes);
    if (opaque > 0) {
      reader.skip(opaque);
      end.bytes += opaque;
      end.data += opaque;
    } else if (reader.read(rest.substr(end.bytes, 1)).state == HttpBodyReader::Result::State::error) {
      return {};
    } else {
      ++end.bytes;
    }
  }
  end.complete = reader.complete() || head.framing == HttpFraming::until_close;
  return end;
}

inline bool other_knows_method(std::string_view method) {
  for (unsigned i = HTTP_DELETE; i <= HTTP_SOURCE; ++i)
    if (method == http_method_str(static_cast<http_method>(i))) return true;
  return false;
}

inline bool has_misleading_name(const HttpFields& fields) {
  constexpr std::string_view name = "transfer-encoding";
  return std::any_of(fields.begin(), fields.end(), [name](const HttpField& field) {
    return field.name.size() > name.size() && http_same_name(field.name.substr(0, name.size()), name);
  });
}

/// Whether the bytes begin with a message that is accepted here; `fault` says where the other reader differs.
inline bool compare_request(std::string_view bytes, HttpRequestHead& head, std::string& fault) {
  HttpHeadProgress progress;
  const HttpRead read = read_request_head(bytes, {}, head, progress);
  if (read.state != HttpRead::State::head) return false;
  if (!other_knows_method(head.method_text) || head.method == HttpMethod::connect || head.upgrade)
    return false;
  if (head.fields.count(HttpName::upgrade) > 0 || has_misleading_name(head.fields)) return false;
  const BodyEnd end = find_body_end(head, bytes.substr(read.consumed));
  if (!end.complete) return false;
  const std::string_view message = bytes.substr(0, read.consumed + end.bytes);
  fault = difference(head, head.target, HTTP_REQUEST, false, message, end.data, true);
  return true;
}

inline bool compare_response(std::string_view bytes, HttpMethod method, HttpResponseHead& head,
                             std::string& fault) {
  HttpHeadProgress progress;
  const HttpRead read = read_response_head(bytes, {}, method, head, progress);
  if (read.state != HttpRead::State::head) return false;
  if (head.status == 101 || head.fields.count(HttpName::upgrade) > 0) return false;
  if (has_misleading_name(head.fields)) return false;
  const BodyEnd end = find_body_end(head, bytes.substr(read.consumed));
  if (!end.complete) return false;
  const std::string_view message = bytes.substr(0, read.consumed + end.bytes);
  fault = difference(head, head.reason, HTTP_RESPONSE, method == HttpMethod::head || head.status == 304,
                     message, end.data, head.framing != HttpFraming::until_close);
  return true;
}

}  // namespace corelane::proto::fuzz
