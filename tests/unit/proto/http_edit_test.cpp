// SPDX-License-Identifier: Apache-2.0
#include "proto/http_edit.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "http_heads.hpp"

using namespace corelane::proto;
using namespace corelane::proto::test;

namespace {

/// Edits of a head, carried out both ways.
struct Editing {
  std::vector<char> arena = std::vector<char>(4096);
  std::unique_ptr<HttpHeadEdits> edits = std::make_unique<HttpHeadEdits>();

  explicit Editing(std::string_view head) { edits->begin(head, arena); }

  std::string result(std::string_view head) const {
    std::string written(edits->new_size(), '?');
    CHECK(edits->write_to(written) == written.size());
    CHECK(static_cast<std::ptrdiff_t>(written.size()) ==
          static_cast<std::ptrdiff_t>(head.size()) + edits->growth());
    return written;
  }
};

}  // namespace

TEST_CASE("edits: removed, replaced and added, written elsewhere and in place") {
  constexpr std::size_t room = 100;
  std::string memory = std::string(room, '.') +
                       "GET / HTTP/1.1\r\nHost: a\r\nCookie: b=c\r\nAccept: */*\r\nX-Last: 1\r\n\r\nbody";
  const auto head = std::make_unique<HttpRequestHead>();
  HttpHeadProgress progress;
  const std::string_view bytes = std::string_view(memory).substr(room);
  REQUIRE(read_request_head(bytes, {}, *head, progress).state == HttpRead::State::head);
  Editing editing(head->bytes);
  CHECK(editing.edits->remove(head->fields[1]));
  CHECK(editing.edits->replace(head->fields[0].value, "www.example.com"));
  CHECK(editing.edits->replace(head->target, "/x"));
  CHECK(editing.edits->add_field("X-Forwarded-For", "192.0.2.1"));
  CHECK(editing.edits->add_field("Connection", "close"));
  const std::string expected =
      "GET /x HTTP/1.1\r\nHost: www.example.com\r\nAccept: */*\r\nX-Last: 1\r\nX-Forwarded-For: 192.0.2.1\r\n"
      "Connection: close\r\n\r\n";
  CHECK(editing.result(head->bytes) == expected);
  char* const begin = editing.edits->apply_in_place(memory.data() + room, room);
  REQUIRE(begin != nullptr);
  CHECK(std::string_view(begin) == expected + "body");
}
