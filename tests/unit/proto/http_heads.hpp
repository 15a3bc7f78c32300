// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>

#include "proto/http_head.hpp"

/// Reads heads in every way that they can come, for the tests.
namespace corelane::proto::test {

/// A head with the bytes that its views lie in.
template <typename Head>
struct Read {
  std::string bytes;
  HttpRead result;
  std::unique_ptr<Head> head = std::make_unique<Head>();

  bool good() const { return result.state == HttpRead::State::head; }
  std::string_view error() const { return http_error_row(result.error).name; }
  const Head* operator->() const { return head.get(); }
  const HttpField& field(std::size_t index) const { return head->fields[index]; }
};

inline void check_same(const HttpRead& a, const HttpRead& b) {
  CHECK(a.state == b.state);
  CHECK(a.consumed == b.consumed);
  CHECK(http_error_row(a.error).name == http_error_row(b.error).name);
  CHECK(a.position == b.position);
}

/// Reads the whole, then the whole after each shorter beginning of it, then byte by byte: the answer must be
/// the same.
template <typename Head, typename Reader>
Read<Head> read_every_way(std::string_view bytes, Reader reader) {
  Read<Head> read;
  read.bytes = bytes;
  HttpHeadProgress progress;
  read.result = reader(read.bytes, *read.head, progress);
  const auto other = std::make_unique<Head>();
  HttpHeadProgress of_single_bytes;
  bool certain = false;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    INFO("after ", size, " bytes of ", read.bytes);
    const std::string_view part = std::string_view(read.bytes).substr(0, size);
    if (!certain) {
      const HttpRead result = reader(part, *other, of_single_bytes);
      certain = result.state != HttpRead::State::need_more;
      if (certain || size == bytes.size()) check_same(result, read.result);
    }
    HttpHeadProgress of_two_parts;
    const HttpRead first = reader(part, *other, of_two_parts);
    if (first.state == HttpRead::State::need_more)
      check_same(reader(read.bytes, *other, of_two_parts), read.result);
    else
      check_same(first, read.result);
  }
  return read;
}

inline Read<HttpRequestHead> read_request(std::string_view bytes, const HttpReadOptions& options = {}) {
  return read_every_way<HttpRequestHead>(
      bytes, [&options](std::string_view part, HttpRequestHead& head, HttpHeadProgress& progress) {
        return read_request_head(part, options, head, progress);
      });
}

inline Read<HttpResponseHead> read_response(std::string_view bytes, HttpMethod method = HttpMethod::get,
                                            const HttpReadOptions& options = {}) {
  return read_every_way<HttpResponseHead>(
      bytes, [&options, method](std::string_view part, HttpResponseHead& head, HttpHeadProgress& progress) {
        return read_response_head(part, options, method, head, progress);
      });
}

/// "bad_host at 12", "need more", or empty for a good head.
template <typename Head>
std::string fault_of(const Read<Head>& read) {
  switch (read.result.state) {
    case HttpRead::State::head:
      return {};
    case HttpRead::State::need_more:
      return "need more";
    case HttpRead::State::error:
      break;
  }
  return std::string(read.error()) + " at " + std::to_string(read.result.position);
}

/// A faulty head, parted where the fault is to be found.
struct Faulty {
  std::string_view before;
  std::string_view from;
  std::string_view error;

  std::string bytes() const { return std::string(before) + std::string(from); }
  std::string fault() const { return std::string(error) + " at " + std::to_string(before.size()); }
};

inline HttpReadOptions accepting(HttpLaxity laxity) {
  HttpReadOptions options;
  options.accept_invalid = static_cast<std::uint8_t>(laxity);
  return options;
}

}  // namespace corelane::proto::test
