// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "proto/http_body.hpp"

namespace {

using namespace corelane::proto;
using State = HttpBodyReader::Result::State;

struct Outcome {
  State state = State::need_more;
  std::size_t consumed = 0;
  HttpError error = HttpError::none;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Reads parts that end at `split` and at every `step` bytes. With `skips`, what may pass unseen does.
Outcome read_in_parts(std::string_view bytes, const HttpLimits& limits, std::size_t split, std::size_t step,
                      bool skips) {
  HttpBodyReader reader;
  reader.begin(HttpFraming::chunked, 0, limits);
  Outcome outcome;
  while (outcome.consumed < bytes.size() && outcome.state == State::need_more) {
    std::size_t size = bytes.size() - outcome.consumed;
    if (outcome.consumed < split) size = split - outcome.consumed;
    size = std::min(size, step);
    const std::uint64_t opaque = std::min<std::uint64_t>(reader.opaque_remaining(), size);
    if (skips && opaque > 0) {
      reader.skip(opaque);
      outcome.consumed += opaque;
      continue;
    }
    const HttpBodyReader::Result result = reader.read(bytes.substr(outcome.consumed, size));
    CORELANE_CHECK(result.consumed == size || result.state != State::need_more);
    outcome = {.state = result.state, .consumed = outcome.consumed + result.consumed, .error = result.error};
  }
  CORELANE_CHECK(reader.complete() == (outcome.state == State::complete));
  CORELANE_CHECK((outcome.state == State::error) == (outcome.error != HttpError::none));
  return outcome;
}

}  // namespace

/// A chunked body has one end or one fault, whichever way its bytes come.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  HttpLimits small;
  small.chunk_line_bytes = 12;
  small.trailer_bytes = 30;
  small.fields = 3;
  for (const HttpLimits& limits : {HttpLimits{}, small}) {
    const Outcome whole = read_in_parts(bytes, limits, 0, size + 1, false);
    CORELANE_CHECK(read_in_parts(bytes, limits, 0, size + 1, true) == whole);
    CORELANE_CHECK(read_in_parts(bytes, limits, 0, 1, false) == whole);
    CORELANE_CHECK(read_in_parts(bytes, limits, 0, 3, true) == whole);
    constexpr std::size_t splits_max = 300;
    for (std::size_t split = 1; split < std::min(size, splits_max); ++split)
      CORELANE_CHECK(read_in_parts(bytes, limits, split, size, false) == whole);
    if (whole.state != State::complete) continue;
    CORELANE_CHECK(bytes.substr(0, whole.consumed).ends_with("\r\n"));
    CORELANE_CHECK(read_in_parts(bytes.substr(0, whole.consumed), limits, 0, size + 1, false) == whole);
    CORELANE_CHECK(read_in_parts(bytes.substr(0, whole.consumed - 1), limits, 0, size + 1, false).state ==
                   State::need_more);
  }
  return 0;
}
