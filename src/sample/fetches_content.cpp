// SPDX-License-Identifier: Apache-2.0
// Samples of the bytes that a connection begins with. What more bytes may change says so.
#include <algorithm>

#include "proto/http_name.hpp"
#include "proto/tls_hello.hpp"
#include "sample/functions.hpp"

namespace corelane::sample {
namespace {

constexpr std::int64_t content_bytes_max = 16 * 1024;  // what a buffer holds: more never comes

/// There is no sample, perhaps not yet.
bool missing(const Content& content, Cursor& cursor) {
  cursor.may_change = !content.final;
  return false;
}

bool set_part(std::int64_t offset, std::int64_t size, const Content& content, Cursor& cursor,
              Sample& sample) {
  const auto there = static_cast<std::int64_t>(content.bytes.size());
  if (offset < 0 || size < 0 || offset > content_bytes_max || size > content_bytes_max - offset) return false;
  if (offset + std::max<std::int64_t>(size, 1) > there) return missing(content, cursor);
  const auto begin = static_cast<std::size_t>(offset);
  sample.set(
      size == 0 ? content.bytes.substr(begin) : content.bytes.substr(begin, static_cast<std::size_t>(size)),
      Type::binary);
  if (size == 0) cursor.may_change = !content.final;
  return true;
}

/// False: there is none, perhaps not yet.
bool read_hello(const Input& input, Cursor& cursor, proto::TlsHelloRead& read) {
  const Content& content = *input.context.content;
  char* memory = input.arena.take(content.bytes.size());
  if (memory == nullptr) return false;
  read = proto::read_tls_hello(content.bytes, {memory, content.bytes.size()});
  if (read.state == proto::TlsHelloRead::State::need_more) return missing(content, cursor);
  return read.type >= 0;
}

bool read_client_hello(const Input& input, Cursor& cursor, proto::ClientHello& hello) {
  proto::TlsHelloRead read;
  if (!read_hello(input, cursor, read) || read.state != proto::TlsHelloRead::State::message ||
      read.type != proto::tls_client_hello)
    return false;
  hello = read.hello;
  return true;
}

}  // namespace

bool fetch_wait_end(const Arguments&, const Input& input, Cursor& cursor, Sample& sample) {
  if (!input.context.content->final) return missing(*input.context.content, cursor);
  sample.set(true);
  return true;
}

bool fetch_len(const Arguments&, const Input& input, Cursor& cursor, Sample& sample) {
  sample.set(static_cast<std::int64_t>(input.context.content->bytes.size()));
  cursor.may_change = !input.context.content->final;
  return true;
}

bool fetch_payload(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  return set_part(arguments[0].integer, arguments[1].integer, *input.context.content, cursor, sample);
}

bool fetch_payload_lv(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  const Content& content = *input.context.content;
  const std::int64_t at = arguments[0].integer;
  const std::int64_t size_bytes = arguments[1].integer;
  if (size_bytes <= 0 || size_bytes > 4) return false;
  Sample size_sample;
  if (!set_part(at, size_bytes, content, cursor, size_sample)) return false;
  std::int64_t size = 0;
  for (const char c : size_sample.text) size = size << 8 | static_cast<unsigned char>(c);
  std::int64_t offset = at + size_bytes;
  if (arguments[2].given()) {
    const bool relative = arguments[2].text.starts_with('+') || arguments[2].text.starts_with('-');
    offset = arguments[2].integer + (relative ? offset : 0);
  }
  return size != 0 && set_part(offset, size, content, cursor, sample);
}

bool fetch_proto_http(const Arguments&, const Input& input, Cursor& cursor, Sample& sample) {
  const Content& content = *input.context.content;
  proto::HttpRequestHead head;
  proto::HttpHeadProgress progress;
  const proto::HttpRead read = proto::read_request_head(content.bytes, {}, head, progress);
  if (read.state == proto::HttpRead::State::need_more) return missing(content, cursor);
  if (read.state == proto::HttpRead::State::head) sample.set(true);
  return read.state == proto::HttpRead::State::head;
}

namespace {

/// A cookie of the Remote Desktop Protocol in what a connection begins with: "Cookie: NAME=VALUE" and a line
/// end behind eleven bytes of TPKT and X.224. A name that is not wanted counts as none.
struct RdpCookie {
  bool complete = false;
  std::string_view name;
  std::string_view value;
};

RdpCookie read_rdp_cookie(std::string_view bytes) {
  constexpr std::size_t header_bytes = 11;
  constexpr std::string_view word = "Cookie:";
  RdpCookie cookie;
  if (bytes.size() < header_bytes + word.size()) return cookie;
  std::string_view line = bytes.substr(header_bytes);
  if (!proto::http_same_name(line.substr(0, word.size()), word)) return {true, {}, {}};
  line.remove_prefix(word.size());
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::size_t end = line.find('\r');
  if (end == std::string_view::npos || end + 1 == line.size()) return cookie;
  cookie.complete = true;
  const std::size_t sign = line.substr(0, end).find('=');
  if (line[end + 1] != '\n' || sign == std::string_view::npos) return cookie;
  cookie.name = line.substr(0, sign);
  cookie.value = line.substr(sign + 1, end - sign - 1);
  return cookie;
}

bool find_rdp_cookie(const Arguments& arguments, const Input& input, Cursor& cursor, RdpCookie& cookie) {
  cookie = read_rdp_cookie(input.context.content->bytes);
  if (!cookie.complete) return missing(*input.context.content, cursor);
  if (cookie.name.empty()) return false;
  return !arguments[0].given() || proto::http_same_name(cookie.name, arguments[0].text);
}

}  // namespace

bool fetch_rdp_cookie(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  RdpCookie cookie;
  if (!find_rdp_cookie(arguments, input, cursor, cookie)) return false;
  sample.set(cookie.value);
  return true;
}

bool fetch_rdp_cookie_count(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  RdpCookie cookie;
  const bool there = find_rdp_cookie(arguments, input, cursor, cookie);
  if (cursor.may_change) return false;
  sample.set(std::int64_t{there ? 1 : 0});
  return true;
}

bool fetch_ssl_hello_type(const Arguments&, const Input& input, Cursor& cursor, Sample& sample) {
  proto::TlsHelloRead read;
  if (!read_hello(input, cursor, read)) return false;
  sample.set(std::int64_t{read.type});
  return true;
}

bool fetch_ssl_sni(const Arguments&, const Input& input, Cursor& cursor, Sample& sample) {
  proto::ClientHello hello;
  if (!read_client_hello(input, cursor, hello) || hello.server_name.empty()) return false;
  sample.set(hello.server_name);
  return true;
}

bool fetch_ssl_ver(const Arguments&, const Input& input, Cursor& cursor, Sample& sample) {
  proto::ClientHello hello;
  if (!read_client_hello(input, cursor, hello)) return false;
  sample.set(std::int64_t{(hello.version_max >> 8) * 65536 + (hello.version_max & 0xff)});
  return true;
}

bool fetch_ssl_alpn(const Arguments&, const Input& input, Cursor& cursor, Sample& sample) {
  proto::ClientHello hello;
  if (!read_client_hello(input, cursor, hello)) return false;
  proto::AlpnNames names(hello.alpn);
  std::string_view name;
  for (std::uint32_t i = 0; i <= cursor.item; ++i)
    if (!names.next(name)) return false;
  ++cursor.item;
  cursor.more = cursor.all;
  sample.set(name);
  return true;
}

bool fetch_ssl_st_ext(const Arguments&, const Input& input, Cursor& cursor, Sample& sample) {
  proto::ClientHello hello;
  if (!read_client_hello(input, cursor, hello)) return false;
  sample.set(std::int64_t{static_cast<std::uint8_t>(hello.ticket)});
  return true;
}

bool fetch_ssl_ec_ext(const Arguments&, const Input& input, Cursor& cursor, Sample& sample) {
  proto::ClientHello hello;
  if (!read_client_hello(input, cursor, hello)) return false;
  sample.set(hello.elliptic_curves);
  return true;
}

}  // namespace corelane::sample
