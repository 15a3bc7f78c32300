// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/pool.hpp"
#include "config/model.hpp"
#include "proto/http_edit.hpp"
#include "proto/http_head.hpp"
#include "proxy/cookie_persistence.hpp"
#include "proxy/head_block.hpp"
#include "proxy/http_exchange.hpp"
#include "proxy/server_choice.hpp"

namespace corelane::proxy {

/// Whether any frontend does.
bool speaks_http(const config::Model& model);

/// What one lane needs for HTTP; made only where a frontend speaks it. The heads and edits are scratch
/// memory: they hold what was read during a call, and nothing after it.
struct HttpLane {
  HttpLane(const config::Model& model, std::deque<ServerChoice>& choices, std::uint32_t connections_max);

  proto::HttpRequestHead request;
  proto::HttpResponseHead response;
  proto::HttpHeadEdits edits;
  std::array<char, 16 * 1024> texts;  // of edits
  std::array<char, config::rule_body_bytes_max> body_scratch;

  std::vector<proto::HttpReadOptions> request_options;      // one per frontend
  std::vector<proto::HttpReadOptions> response_options;     // one per backend
  std::vector<std::unique_ptr<CookiePersistence>> cookies;  // one per backend; null: it has none
  base::Pool<HttpExchange> exchanges;
  HeadBlocks head_blocks;
};

}  // namespace corelane::proxy
