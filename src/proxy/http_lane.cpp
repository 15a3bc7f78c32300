// SPDX-License-Identifier: Apache-2.0
#include "proxy/http_lane.hpp"

#include <algorithm>

namespace corelane::proxy {

namespace {

// Of one exchange: a request in pieces or a response in pieces, a request as it is sent, a response likewise.
constexpr std::uint32_t head_blocks_per_exchange = 3;
// And one while what is unsent of an interim response moves in front of the next.
constexpr std::uint32_t head_blocks_moving = 1;

// The words of the configuration are those of the reader, in its order.
constexpr bool same(config::AcceptInvalid word, proto::HttpLaxity laxity) {
  return 1U << static_cast<unsigned>(word) == static_cast<unsigned>(laxity);
}
static_assert(same(config::AcceptInvalid::control_in_values, proto::HttpLaxity::control_in_values) &&
              same(config::AcceptInvalid::characters_in_names, proto::HttpLaxity::characters_in_names) &&
              same(config::AcceptInvalid::characters_in_target, proto::HttpLaxity::characters_in_target) &&
              same(config::AcceptInvalid::percent_in_path, proto::HttpLaxity::percent_in_path) &&
              same(config::AcceptInvalid::fragment_in_target, proto::HttpLaxity::fragment_in_target) &&
              same(config::AcceptInvalid::short_status_line, proto::HttpLaxity::short_status_line));

proto::HttpReadOptions read_options(const config::HttpLimits& limits, const config::HttpShared& http) {
  return {.limits = {.head_bytes = limits.head_bytes,
                     .fields = limits.fields,
                     .uri_bytes = limits.uri_bytes,
                     .chunk_line_bytes = limits.chunk_line_bytes,
                     .trailer_bytes = limits.trailer_bytes},
          .accept_invalid = static_cast<std::uint8_t>(http.accept_invalid.bits)};
}

}  // namespace

bool speaks_http(const config::Model& model) {
  return std::any_of(model.frontends.begin(), model.frontends.end(),
                     [](const config::Frontend& frontend) { return frontend.mode == config::Mode::http; });
}

HttpLane::HttpLane(const config::Model& model, std::deque<ServerChoice>& choices,
                   std::uint32_t connections_max)
    : exchanges(connections_max),
      head_blocks(head_blocks_per_exchange * connections_max + head_blocks_moving) {
  const config::HttpLimits& limits = model.global.tune.http;
  for (const config::Frontend& frontend : model.frontends)
    request_options.push_back(read_options(limits, frontend.http));
  for (const config::Backend& backend : model.backends)
    response_options.push_back(read_options(limits, backend.http));
  for (ServerChoice& choice : choices) {
    auto& cookie = cookies.emplace_back();
    if (choice.backend().config->http.cookie) cookie = std::make_unique<CookiePersistence>(choice.backend());
  }
}

}  // namespace corelane::proxy
