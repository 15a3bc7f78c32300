// SPDX-License-Identifier: Apache-2.0
#include "proto/http_body.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace corelane::proto;
using State = HttpBodyReader::Result::State;

namespace {

struct Outcome {
  State state = State::need_more;
  std::size_t consumed = 0;
  HttpError error = HttpError::none;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Reads parts that end at `split` and at every `step` bytes.
Outcome read_in_parts(std::string_view bytes, HttpFraming framing, std::uint64_t length,
                      const HttpLimits& limits, std::size_t split, std::size_t step) {
  HttpBodyReader reader;
  reader.begin(framing, length, limits);
  Outcome outcome{.state = reader.complete() ? State::complete : State::need_more};
  while (outcome.consumed < bytes.size() && outcome.state == State::need_more) {
    std::size_t size = bytes.size() - outcome.consumed;
    if (outcome.consumed < split) size = split - outcome.consumed;
    size = std::min(size, step);
    const HttpBodyReader::Result result = reader.read(bytes.substr(outcome.consumed, size));
    CHECK(result.consumed <= size);
    CHECK((result.consumed == size || result.state != State::need_more));
    outcome = {.state = result.state, .consumed = outcome.consumed + result.consumed, .error = result.error};
    CHECK(reader.complete() == (outcome.state == State::complete));
    CHECK(reader.error() == outcome.error);
  }
  return outcome;
}

Outcome read_body(std::string_view bytes, HttpFraming framing, std::uint64_t length = 0,
                  const HttpLimits& limits = {}) {
  const Outcome whole = read_in_parts(bytes, framing, length, limits, 0, bytes.size() + 1);
  for (std::size_t split = 1; split < bytes.size(); ++split) {
    INFO("split at ", split, " of ", std::string(bytes));
    CHECK(read_in_parts(bytes, framing, length, limits, split, bytes.size()) == whole);
  }
  CHECK(read_in_parts(bytes, framing, length, limits, 0, 1) == whole);
  return whole;
}

}  // namespace

TEST_CASE("a body of a known length") {
  CHECK(read_body("hello, next", HttpFraming::length, 5) == Outcome{State::complete, 5, HttpError::none});
  CHECK(read_body("hell", HttpFraming::length, 5) == Outcome{State::need_more, 4, HttpError::none});
  CHECK(read_body("next", HttpFraming::length, 0) == Outcome{State::complete, 0, HttpError::none});
  CHECK(read_body("next", HttpFraming::none) == Outcome{State::complete, 0, HttpError::none});
}

TEST_CASE("a body until close has no end") {
  CHECK(read_body("anything\r\n0\r\n\r\n", HttpFraming::until_close) ==
        Outcome{State::need_more, 15, HttpError::none});
}

TEST_CASE("a chunked body, in every form that it may have") {
  for (const std::string body : {
           "0\r\n\r\n",
           "0000000000000000\r\n\r\n",
           "5\r\nhello\r\n0\r\n\r\n",
           "0000000000000005\r\nhello\r\n0\r\n\r\n",
           "1\r\na\r\n1\r\nb\r\n00\r\n\r\n",
           "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
           "2\r\n\r\n\r\n0\r\n\r\n",
           "1;a\r\nx\r\n0\r\n\r\n",
           "1;a;b=c;d=\"\"\r\nx\r\n0;e=\"\\\"\\\\ \xff\t;\"\r\n\r\n",
           "1 ;\ta = b\t; c\t=\t\"d\" ;e\r\nx\r\n0\r\n\r\n",
           "0\r\nX-Sum: 1\r\n\r\n",
           "0\r\nA:\r\nB: \t c \xff \r\nA-very-long-name-that-no-list-has: d\r\n\r\n",
       }) {
    CAPTURE(body);
    CHECK(read_body(body, HttpFraming::chunked) == Outcome{State::complete, body.size(), HttpError::none});
    CHECK(read_body(body + "0\r\n\r\n", HttpFraming::chunked) ==
          Outcome{State::complete, body.size(), HttpError::none});
    CHECK(read_body(body.substr(0, body.size() - 1), HttpFraming::chunked) ==
          Outcome{State::need_more, body.size() - 1, HttpError::none});
  }
}

TEST_CASE("a chunked body: faults, each at its place") {
  using namespace std::string_view_literals;
  struct Case {
    std::string_view before;
    std::string_view from;
    HttpError error;
  };
  using enum HttpError;
  for (const Case& faulty : std::initializer_list<Case>{
           {"", "\r\n", bad_chunk_size},
           {"", "\n", bad_chunk_size},
           {"", " 5\r\n", bad_chunk_size},
           {"", "\t5\r\n", bad_chunk_size},
           {"", "+5\r\n", bad_chunk_size},
           {"", "-5\r\n", bad_chunk_size},
           {"0", "x5\r\n", bad_chunk_size},
           {"5", "h\r\n", bad_chunk_size},
           {"5", ",5\r\n", bad_chunk_size},
           {"5", "\0\r\n"sv, bad_chunk_size},
           {"", ";a\r\n", bad_chunk_size},
           {"", "g\r\n", bad_chunk_size},
           {"800000000000000", "0\r\n", bad_chunk_size},
           {"fffffffffffffff", "f\r\n", bad_chunk_size},
           {"0000000000000000", "5\r\n", bad_chunk_size},
           {"1000000000000000", "0\r\n", bad_chunk_size},
           {"5", "\nhello", bad_line_end},
           {"5\r", "hello", bad_line_end},
           {"5\r", "\r\n", bad_line_end},
           {"5;a", "\nhello", bad_line_end},
           {"5;a\r", "b\nhello", bad_line_end},
           {"5;a=\"b\"", "\nhello", bad_line_end},
           {"5 ", "\r\n", bad_chunk_extension},
           {"5 ", "\n", bad_chunk_extension},
           {"5\t", "5\r\n", bad_chunk_extension},
           {"5;", "\r\n", bad_chunk_extension},
           {"5; ", "\r\n", bad_chunk_extension},
           {"5;", ";a\r\n", bad_chunk_extension},
           {"5;", "=a\r\n", bad_chunk_extension},
           {"5;a=", "\r\n", bad_chunk_extension},
           {"5;a= ", "\r\n", bad_chunk_extension},
           {"5;a=", ";b\r\n", bad_chunk_extension},
           {"5;a=b", "=c\r\n", bad_chunk_extension},
           {"5;a ", "b\r\n", bad_chunk_extension},
           {"5;a ", "\r\n", bad_chunk_extension},
           {"5;a=b ", "\r\n", bad_chunk_extension},
           {"5;a=b ", "c\r\n", bad_chunk_extension},
           {"5;a=\"b", "\r\n", bad_chunk_extension},
           {"5;a=\"b", "\n", bad_chunk_extension},
           {"5;a=\"b\\", "\r\n", bad_chunk_extension},
           {"5;a=\"b", "\0\""sv, bad_chunk_extension},
           {"5;a=\"b\"", "c\r\n", bad_chunk_extension},
           {"5;a", "(\r\n", bad_chunk_extension},
           {"5;a", "\0\r\n"sv, bad_chunk_extension},
           {"5;a", "\x80\r\n", bad_chunk_extension},
           {"5;a='b", ",'\r\n", bad_chunk_extension},
           {"5\r\nhello", "0\r\n\r\n", bad_chunk_end},
           {"5\r\nhello", "\n0\r\n\r\n", bad_chunk_end},
           {"5\r\nhello\r", "0\r\n\r\n", bad_chunk_end},
           {"5\r\nhello\r", "\r\n0\r\n\r\n", bad_chunk_end},
           {"5\r\nhello", " \r\n0\r\n\r\n", bad_chunk_end},
           {"5\r\nhello\r\n", "\r\n0\r\n\r\n", bad_chunk_size},
           {"0\r\n", "\n", bad_line_end},
           {"0\r\n\r", "\r\n", bad_line_end},
           {"0\r\n\r", "X", bad_line_end},
           {"0\r\n", " X: a\r\n\r\n", space_before_fields},
           {"0\r\nX: a\r\n", " b\r\n\r\n", folded_line},
           {"0\r\nX: a\r\n", "\tb\r\n\r\n", folded_line},
           {"0\r\nX", " : a\r\n\r\n", space_before_colon},
           {"0\r\nX", "\r\n\r\n", missing_colon},
           {"0\r\n", ": a\r\n\r\n", bad_field_name},
           {"0\r\nX", "(: a\r\n\r\n", bad_field_name},
           {"0\r\nX", "\0: a\r\n\r\n"sv, bad_field_name},
           {"0\r\nX: a", "\nY: b\r\n\r\n", bad_line_end},
           {"0\r\nX: a\r", "Y: b\r\n\r\n", bad_line_end},
           {"0\r\nX: a", "\0\r\n\r\n"sv, control_character},
           {"0\r\nX: a", "\x7f\r\n\r\n", control_character},
           {"0\r\nContent-Length", ": 5\r\n\r\n", forbidden_trailer},
           {"0\r\nX: a\r\ntransfer-ENCODING", ": chunked\r\n\r\n", forbidden_trailer},
           {"0\r\nhost", ": a\r\n\r\n", forbidden_trailer},
           {"0\r\nConnection", ": close\r\n\r\n", forbidden_trailer},
           {"0\r\nTrailer", ": a\r\n\r\n", forbidden_trailer},
           {"0\r\nUpgrade", ": a\r\n\r\n", forbidden_trailer},
       }) {
    const std::string body = std::string(faulty.before) + std::string(faulty.from);
    CAPTURE(body);
    CHECK(read_body(body, HttpFraming::chunked) == Outcome{State::error, faulty.before.size(), faulty.error});
  }
}

TEST_CASE("a chunked body: the largest chunk") {
  HttpBodyReader reader;
  reader.begin(HttpFraming::chunked, 0, {});
  CHECK(reader.read("7fffffffffffffff\r\n").consumed == 18);
  CHECK(reader.opaque_remaining() == 0x7fffffffffffffff);
}

TEST_CASE("a chunked body: limits") {
  HttpLimits limits;
  limits.chunk_line_bytes = 10;
  limits.trailer_bytes = 20;
  limits.fields = 2;
  const auto read = [&limits](const std::string& body) {
    return read_body(body, HttpFraming::chunked, 0, limits);
  };
  const auto fault = [](std::size_t place, HttpError error) { return Outcome{State::error, place, error}; };
  CHECK(read("1;abcdef\r\nx\r\n0\r\n\r\n").state == State::complete);
  CHECK(read("1;abcdefg\r\nx") == fault(10, HttpError::chunk_line_too_long));
  CHECK(read("1;abcdefghi") == fault(10, HttpError::chunk_line_too_long));
  CHECK(read("1;abcdef\r\nx\r\n1;abcdef\r\nx\r\n0;abcdef\r\n\r\n").state == State::complete);
  CHECK(read("0\r\nA: bcd\r\nE: fghijkl\r\n\r\n").state == State::complete);
  CHECK(read("0\r\nA: bcd\r\nE: fghijklm\r\n\r\n") == fault(3 + 20, HttpError::trailer_too_large));
  CHECK(read("0\r\nA: bcdefghijklmnopqrstuv") == fault(3 + 20, HttpError::trailer_too_large));
  CHECK(read("0\r\nA:b\r\nC:d\r\nE:f\r\n\r\n") == fault(3 + 10, HttpError::too_many_fields));
}

TEST_CASE("bodies: what passes unseen") {
  HttpBodyReader reader;
  reader.begin(HttpFraming::length, 10, {});
  CHECK(reader.read("abc").consumed == 3);
  CHECK(reader.opaque_remaining() == 7);
  reader.skip(6);
  CHECK(!reader.complete());
  reader.skip(1);
  CHECK(reader.complete());
  CHECK(reader.opaque_remaining() == 0);
  CHECK(reader.read("next").consumed == 0);

  reader.begin(HttpFraming::chunked, 0, {});
  CHECK(reader.opaque_remaining() == 0);
  CHECK(reader.read("a\r\n01").consumed == 5);
  CHECK(reader.opaque_remaining() == 8);
  reader.skip(8);
  CHECK(reader.opaque_remaining() == 0);
  CHECK(!reader.complete());
  CHECK(reader.read("\r\n0\r\n\r\n").state == State::complete);

  reader.begin(HttpFraming::until_close, 0, {});
  CHECK(reader.opaque_remaining() == HttpBodyReader::without_end);
  reader.skip(1000);
  CHECK(reader.opaque_remaining() == HttpBodyReader::without_end);

  reader.begin(HttpFraming::none, 0, {});
  CHECK(reader.complete());
  CHECK(reader.opaque_remaining() == 0);
}

TEST_CASE("bodies: an error stays") {
  HttpBodyReader reader;
  reader.begin(HttpFraming::chunked, 0, {});
  CHECK(reader.read("5\r\nhello0").state == State::error);
  const HttpBodyReader::Result again = reader.read("\r\n0\r\n\r\n");
  CHECK(again.state == State::error);
  CHECK(again.consumed == 0);
  CHECK(again.error == HttpError::bad_chunk_end);
  CHECK(!reader.complete());
  CHECK(reader.opaque_remaining() == 0);
}
