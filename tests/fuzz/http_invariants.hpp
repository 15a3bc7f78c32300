// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/check.hpp"
#include "proto/http_edit.hpp"
#include "proto/http_head.hpp"

/// What holds for every head, for the fuzzers of requests and of responses.
namespace corelane::proto::fuzz {

inline bool same(const HttpRead& a, const HttpRead& b) {
  return a.state == b.state && a.consumed == b.consumed && a.error == b.error && a.position == b.position;
}

/// Strict with the limits that hold unless others are said; and everything lax, with limits that are soon
/// reached.
inline std::array<HttpReadOptions, 2> all_options() {
  std::array<HttpReadOptions, 2> options;
  for (const HttpLaxityRow& row : http_laxity_rows)
    options[1].accept_invalid =
        static_cast<std::uint8_t>(options[1].accept_invalid | static_cast<std::uint8_t>(row.laxity));
  options[1].limits.head_bytes = 300;
  options[1].limits.fields = 6;
  options[1].limits.uri_bytes = 80;
  return options;
}

/// The answer is the same after every part of the bytes, with and without what earlier calls have seen.
template <typename Head, typename Reader>
HttpRead read_every_way(std::string_view bytes, const HttpReadOptions& options, Head& head, Reader reader) {
  constexpr std::size_t parts_max = 1000;
  HttpHeadProgress fresh;
  const HttpRead whole = reader(bytes, options, head, fresh);
  HttpHeadProgress growing;
  bool certain = false;
  for (std::size_t size = 0; size <= std::min(bytes.size(), parts_max); ++size) {
    HttpHeadProgress other;
    const HttpRead part = reader(bytes.substr(0, size), options, head, other);
    CORELANE_CHECK(part.state == HttpRead::State::need_more || same(part, whole));
    if (certain) continue;
    const HttpRead grown = reader(bytes.substr(0, size), options, head, growing);
    certain = grown.state != HttpRead::State::need_more;
    CORELANE_CHECK(!certain || same(grown, whole));
  }
  if (!certain) CORELANE_CHECK(same(reader(bytes, options, head, growing), whole));
  HttpHeadProgress again;
  CORELANE_CHECK(same(reader(bytes, options, head, again), whole));
  return whole;
}

/// Its start line and its fields are all that there is of it, in their order.
inline void check_parts(const HttpHead& head, std::string_view start_line) {
  const char* at = head.bytes.data();
  CORELANE_CHECK(start_line.data() == at);
  at += start_line.size() + 2;
  for (const HttpField& field : head.fields) {
    CORELANE_CHECK(field.line.data() == at && field.name.data() == at && !field.name.empty());
    CORELANE_CHECK(field.value.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos);
    CORELANE_CHECK(field.value.data() + field.value.size() <= at + field.line.size() - 2);
    CORELANE_CHECK(field.line.ends_with("\r\n"));
    at += field.line.size();
  }
  CORELANE_CHECK(std::string_view(at, 2) == "\r\n");
  CORELANE_CHECK(at + 2 == head.bytes.data() + head.bytes.size());
}

/// The head as a proxy sends it on, written elsewhere and in place: both are the same. Empty when the edits
/// are refused.
inline std::vector<char> sent_on(const HttpHead& head, std::vector<char>& arena, HttpHeadEdits& edits) {
  edits.begin(head.bytes, arena);
  if (!remove_hop_by_hop(head, edits)) return {};
  CORELANE_CHECK(edits.add_field("X-Forwarded-For", "192.0.2.1"));
  std::vector<char> written(edits.new_size());
  CORELANE_CHECK(edits.write_to(written) == written.size());
  constexpr std::size_t room = 100;
  std::vector<char> memory(room);
  memory.insert(memory.end(), head.bytes.begin(), head.bytes.end());
  edits.begin({memory.data() + room, head.bytes.size()}, arena);
  const std::ptrdiff_t moved = memory.data() + room - head.bytes.data();
  for (const HttpField& field : head.fields)
    if (field.known == HttpName::via) edits.remove({.line = {field.line.data() + moved, field.line.size()}});
  edits.add_field("Via", "1.1 x");
  std::vector<char> elsewhere(edits.new_size());
  CORELANE_CHECK(edits.write_to(elsewhere) == elsewhere.size());
  const char* const begin = edits.apply_in_place(memory.data() + room, room);
  CORELANE_CHECK(begin != nullptr);
  CORELANE_CHECK(std::string_view(begin, memory.data() + memory.size()) ==
                 std::string_view(elsewhere.data(), elsewhere.size()));
  return written;
}

inline void check_same_message(const HttpHead& a, const HttpHead& b) {
  CORELANE_CHECK(a.version == b.version && a.framing == b.framing);
  CORELANE_CHECK(a.content_length == b.content_length && a.has_content_length == b.has_content_length);
  CORELANE_CHECK(a.upgrade == b.upgrade);
  for (const HttpName name : {HttpName::host, HttpName::content_length, HttpName::transfer_encoding})
    CORELANE_CHECK(a.fields.count(name) == b.fields.count(name));
}

}  // namespace corelane::proto::fuzz
