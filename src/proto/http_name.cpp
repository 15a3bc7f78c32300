// SPDX-License-Identifier: Apache-2.0
#include "proto/http_name.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "proto/http_tokens.hpp"

namespace corelane::proto {
namespace {

constexpr std::array<std::string_view, http_name_count> names = {
    "",
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "cookie",
    "set-cookie",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-original-to",
    "via",
    "date",
    "server",
    "location",
    "cache-control",
    "pragma",
    "vary",
    "user-agent",
    "referer",
    "authorization",
    "content-type",
    "content-encoding",
    "sec-websocket-key",
    "sec-websocket-accept",
};

/// The names spread over the slots by their size and two of their bytes.
constexpr std::size_t slots = 128;
constexpr std::size_t slot_of(std::string_view text) {
  const auto first = static_cast<unsigned char>(base::lower_case(text.front()));
  const auto last = static_cast<unsigned char>(base::lower_case(text.back()));
  return (text.size() + first * 3u + last * 4u) % slots;
}

struct SlotTable {
  std::array<HttpName, slots> slots_of_names{};
  bool distinct = true;
};
constexpr SlotTable slot_table = [] {
  SlotTable table;
  for (std::size_t i = 1; i < names.size(); ++i) {
    HttpName& slot = table.slots_of_names[slot_of(names[i])];
    if (slot != HttpName::other || names[i].size() > http_name_bytes_max) table.distinct = false;
    slot = static_cast<HttpName>(i);
  }
  return table;
}();
static_assert(slot_table.distinct, "two names share a slot: choose other factors in slot_of");

}  // namespace

HttpName http_name(std::string_view text) noexcept {
  if (text.empty()) return HttpName::other;
  const HttpName name = slot_table.slots_of_names[slot_of(text)];
  return http_same_name(text, names[static_cast<std::size_t>(name)]) ? name : HttpName::other;
}

std::string_view http_name_text(HttpName name) noexcept {
  return names[static_cast<std::size_t>(name)];
}

bool http_name_frames_or_routes(HttpName name) noexcept {
  return name >= HttpName::host && name <= HttpName::expect;
}

bool http_same_name(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char left, char right) {
           return base::lower_case(left) == base::lower_case(right);
         });
}

}  // namespace corelane::proto
