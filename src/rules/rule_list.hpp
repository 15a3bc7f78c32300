// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sample/context.hpp"

/// Where rules stand: each list is looked at in its place of a connection's or an exchange's life.
namespace corelane::rules {

enum class RuleList : std::uint8_t {
  tcp_request_connection,
  tcp_request_session,
  tcp_request_content,
  tcp_response_content,
  http_request,
  http_response,
  http_after_response,
};
inline constexpr std::size_t rule_list_count = 7;

/// As a bit of ActionRow::lists.
constexpr unsigned bit(RuleList list) noexcept {
  return 1U << static_cast<unsigned>(list);
}
inline constexpr unsigned http_lists =
    bit(RuleList::http_request) | bit(RuleList::http_response) | bit(RuleList::http_after_response);
inline constexpr unsigned every_list = (1U << rule_list_count) - 1;

struct RuleListRow {
  RuleList list;
  std::string_view group;  // the key of the object that holds it; empty: the frontend or backend itself
  std::string_view key;
  sample::Phase phase;
  std::string_view name;        // with the group's
  sample::Phase phase_in_http;  // instead of `phase`
};

/// In the order of RuleList.
inline constexpr std::array<RuleListRow, rule_list_count> rule_lists{{
    {RuleList::tcp_request_connection, "tcp_request", "connection", sample::phase_connection,
     "tcp_request.connection", sample::phase_connection},
    {RuleList::tcp_request_session, "tcp_request", "session", sample::phase_connection, "tcp_request.session",
     sample::phase_connection},
    {RuleList::tcp_request_content, "tcp_request", "content", sample::phase_content, "tcp_request.content",
     sample::phase_request_content},
    {RuleList::tcp_response_content, "tcp_response", "content", sample::phase_server_content,
     "tcp_response.content", sample::phase_response_content},
    {RuleList::http_request, "", "http_request", sample::phase_request, "http_request",
     sample::phase_request},
    {RuleList::http_response, "", "http_response", sample::phase_response, "http_response",
     sample::phase_response},
    {RuleList::http_after_response, "", "http_after_response", sample::phase_response, "http_after_response",
     sample::phase_response},
}};

constexpr const RuleListRow& row_of(RuleList list) noexcept {
  return rule_lists[static_cast<std::size_t>(list)];
}

}  // namespace corelane::rules
