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

constexpr std::size_t arena_bytes = 4096;
constexpr std::size_t room_before = 300;

/// A request that was read, with the edits that begin with it.
struct Editing {
  std::string memory;  // room for growth, the head, and what follows it
  std::unique_ptr<HttpRequestHead> head = std::make_unique<HttpRequestHead>();
  std::vector<char> arena;
  std::unique_ptr<HttpHeadEdits> edits = std::make_unique<HttpHeadEdits>();

  explicit Editing(const std::string& bytes, std::size_t arena_size = arena_bytes)
      : memory(std::string(room_before, '.') + bytes + "next"), arena(arena_size) {
    HttpHeadProgress progress;
    const HttpRead read =
        read_request_head(std::string_view(memory).substr(room_before), {}, *head, progress);
    REQUIRE(read.state == HttpRead::State::head);
    edits->begin(head->bytes, arena);
  }

  const HttpField& field(std::size_t index) const { return head->fields[index]; }

  /// Carries the edits out elsewhere, then in place: both give the same.
  std::string result() {
    std::string written(edits->new_size(), '?');
    CHECK(edits->write_to(written) == written.size());
    CHECK(static_cast<std::ptrdiff_t>(written.size()) ==
          static_cast<std::ptrdiff_t>(head->bytes.size()) + edits->growth());
    std::string too_small(edits->new_size() - 1, '?');
    CHECK(edits->write_to(too_small) == 0);
    if (edits->growth() > 0)
      CHECK(edits->apply_in_place(memory.data() + room_before,
                                  static_cast<std::size_t>(edits->growth()) - 1) == nullptr);
    const char* const begin = edits->apply_in_place(memory.data() + room_before, room_before);
    REQUIRE(begin != nullptr);
    CHECK(std::string_view(begin, memory.data() + memory.size()) == written + "next");
    return written;
  }
};

const std::string start = "GET /path HTTP/1.1\r\nHost: a\r\n";

}  // namespace

TEST_CASE("edits: removed, replaced and added") {
  Editing editing(start + "Cookie: b=c\r\nAccept: */*\r\nX-Last: 1\r\n\r\n");
  CHECK(editing.edits->empty());
  CHECK(editing.edits->remove(editing.field(1)));
  CHECK(!editing.edits->empty());
  CHECK(editing.edits->replace(editing.field(0).value, "www.example.com"));
  CHECK(editing.edits->replace(editing.head->target, "/x"));
  CHECK(editing.edits->add_field("X-Forwarded-For", "192.0.2.1"));
  CHECK(editing.edits->add_field("Connection", "close"));
  CHECK(
      editing.result() ==
      "GET /x HTTP/1.1\r\nHost: www.example.com\r\nAccept: */*\r\nX-Last: 1\r\nX-Forwarded-For: 192.0.2.1\r\n"
      "Connection: close\r\n\r\n");
}

TEST_CASE("edits: none, and all") {
  Editing untouched(start + "\r\n");
  CHECK(untouched.edits->growth() == 0);
  CHECK(untouched.result() == start + "\r\n");
  Editing emptied(start + "A: b\r\n\r\n");
  CHECK(emptied.edits->remove(emptied.field(1)));
  CHECK(emptied.edits->remove(emptied.field(0)));
  CHECK(emptied.result() == "GET /path HTTP/1.1\r\n\r\n");
}

TEST_CASE("edits: every mixture of shorter, equal and longer, in place and elsewhere") {
  const std::string texts[] = {"", "bbb", "bbbbb", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"};
  constexpr std::size_t fields = 4;
  for (unsigned mixture = 0; mixture < 256; ++mixture) {
    std::string head = start;
    std::string expected = start;
    for (std::size_t i = 0; i < fields; ++i) {
      const std::string name = "Field-" + std::to_string(i) + ": ";
      head += name + "oooo\r\n";
      expected += name + texts[mixture >> 2 * i & 3] + "\r\n";
    }
    Editing editing(head + "\r\n");
    for (std::size_t i = fields; i > 0; --i)
      CHECK(editing.edits->replace(editing.field(i).value, texts[mixture >> 2 * (i - 1) & 3]));
    CHECK(editing.result() == expected + "\r\n");
  }
}

TEST_CASE("edits: the same part again") {
  Editing editing(start + "A: b\r\n\r\n");
  CHECK(editing.edits->replace(editing.field(1).value, "long text"));
  CHECK(editing.edits->replace(editing.field(1).value, "c"));
  CHECK(editing.edits->replace(editing.field(0).value, "www"));
  CHECK(editing.edits->remove(editing.field(0)));
  CHECK(editing.edits->remove(editing.field(0)));
  CHECK(!editing.edits->replace(editing.field(0).value, "www"));
  CHECK(!editing.edits->full());
  CHECK(editing.result() == "GET /path HTTP/1.1\r\nA: c\r\n\r\n");
}

TEST_CASE("edits: overlaps are refused and change nothing") {
  Editing editing(start + "\r\n");
  const std::string_view target = editing.head->target;
  CHECK(editing.edits->replace(target.substr(1, 2), "x"));
  CHECK(!editing.edits->replace(target.substr(0, 2), "y"));
  CHECK(!editing.edits->replace(target, "y"));
  CHECK(!editing.edits->replace(target.substr(2, 2), "y"));
  CHECK(editing.edits->replace(target.substr(3), "z"));
  CHECK(editing.edits->replace(target.substr(0, 1), "/w/"));
  CHECK(editing.result() == "GET /w/xz HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST_CASE("edits: texts that would break the head are refused") {
  using namespace std::string_view_literals;
  Editing editing(start + "\r\n");
  for (const std::string_view text : {"a\rb"sv, "a\nb"sv, "a\0b"sv, "\r\nX: y"sv}) {
    CHECK(!editing.edits->replace(editing.field(0).value, text));
    CHECK(!editing.edits->add_field("X", text));
  }
  for (const std::string_view name : {""sv, "a b"sv, "a:"sv, "a\r"sv, "\xc3"sv, "a\0"sv})
    CHECK(!editing.edits->add_field(name, "b"));
  CHECK(editing.edits->empty());
  CHECK(!editing.edits->full());
  CHECK(editing.result() == start + "\r\n");
}

TEST_CASE("edits: no room") {
  Editing editing(start + "A: b\r\n\r\n", 10);
  CHECK(editing.edits->add_field("X", "12345"));
  CHECK(!editing.edits->full());
  CHECK(!editing.edits->add_field("X", ""));
  CHECK(editing.edits->full());
  CHECK(!editing.edits->replace(editing.field(1).value, "1"));
  CHECK(editing.edits->remove(editing.field(1)));
  CHECK(editing.result() == start + "X: 12345\r\n\r\n");

  Editing many(start + "\r\n", http_edits_max * 5 + 10);
  for (std::size_t i = 0; i < http_edits_max; ++i) CHECK(many.edits->add_field("X", ""));
  CHECK(!many.edits->full());
  CHECK(!many.edits->add_field("X", ""));
  CHECK(many.edits->full());
}

TEST_CASE("hop by hop: what is removed and what stays") {
  struct Case {
    std::string_view fields;
    std::string_view expected;
  };
  for (const Case& sound : std::initializer_list<Case>{
           {"A: b\r\n", "A: b\r\n"},
           {"Connection: close\r\n", ""},
           {"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nA: b\r\n", "A: b\r\n"},
           {"X-Named: a\r\nConnection: x, x-naMED ,close\r\nX: b\r\nY: c\r\n", "Y: c\r\n"},
           {"Connection: a\r\nA: b\r\nConnection: c\r\nC: d\r\n", ""},
           // What frames or routes the message, or says who the client is, is not the client's to remove.
           {"Connection: host, content-length, te, cookie, x-forwarded-for, authorization\r\nContent-Length: "
            "0\r\n"
            "Cookie: a\r\nX-Forwarded-For: b\r\nAuthorization: c\r\n",
            "Content-Length: 0\r\nCookie: a\r\nX-Forwarded-For: b\r\nAuthorization: c\r\n"},
           {"Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\n"},
           {"TE: trailers\r\n", "TE: trailers\r\n"},
           {"TE: Trailers\r\nConnection: TE\r\n", "TE: Trailers\r\n"},
           {"TE: gzip;q=0.5, trailers\r\n", "TE: trailers\r\n"},
           {"TE: gzip\r\n", ""},
           {"TE:\r\n", ""},
           {"Upgrade: websocket\r\n", ""},
           {"Connection: upgrade\r\nUpgrade: websocket\r\n", "Connection: upgrade\r\nUpgrade: websocket\r\n"},
           {"Connection: keep-alive, Upgrade, x\r\nUpgrade: websocket\r\nX: y\r\nConnection: z\r\nZ: z\r\n",
            "Connection: upgrade\r\nUpgrade: websocket\r\n"},
           {"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n", ""},
       }) {
    CAPTURE(sound.fields);
    Editing editing(start + std::string(sound.fields) + "\r\n");
    CHECK(remove_hop_by_hop(*editing.head, *editing.edits));
    CHECK(editing.result() == start + std::string(sound.expected) + "\r\n");
  }
}

TEST_CASE("hop by hop: what has no room is refused") {
  std::string options = "Connection: close, keep-alive";
  for (std::size_t i = 0; i < http_connection_options_max; ++i) options += ", a" + std::to_string(i);
  Editing enough(start + options + "\r\n\r\n");
  CHECK(remove_hop_by_hop(*enough.head, *enough.edits));
  Editing too_many(start + options + ", b\r\n\r\n");
  CHECK(!remove_hop_by_hop(*too_many.head, *too_many.edits));
  Editing no_arena(start + "TE: gzip, trailers\r\n\r\n", 0);
  CHECK(!remove_hop_by_hop(*no_arena.head, *no_arena.edits));
}
