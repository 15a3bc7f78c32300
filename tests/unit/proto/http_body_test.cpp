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

TEST_CASE("a chunked body") {
  const std::string_view body = "5\r\nhello\r\n0A;a=b; c=\"d\\\"\"\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n";
  CHECK(read_body(body, HttpFraming::chunked) == Outcome{State::complete, body.size(), HttpError::none});
}
