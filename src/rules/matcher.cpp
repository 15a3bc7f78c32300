// SPDX-License-Identifier: Apache-2.0
#include "rules/matcher.hpp"

#include <algorithm>
#include <array>

#include "rules/matchers.hpp"

namespace corelane::rules {
namespace {

using sample::Type;

constexpr std::array<MethodRow, 13> rows{{
    {"found", Method::found, Type::string, false, false, "There is such a sample."},
    {"bool", Method::boolean, Type::boolean, false, false, "It is true."},
    {"int", Method::integer, Type::sint, true, false,
     "It is one of the integers, or in one of the ranges: `80`, `1024:65535`, `ge 100`; the words are `eq`, "
     "`ge`, `gt`, `le`, `lt`."},
    {"ip", Method::address, Type::address, true, false,
     "It is in one of the networks: `10.0.0.0/8`, `2001:db8::/32`, `127.0.0.1`."},
    {"str", Method::string, Type::string, true, true, "It is one of the texts."},
    {"beg", Method::begin, Type::string, true, true, "It begins with one of them."},
    {"end", Method::end, Type::string, true, true, "It ends with one of them."},
    {"sub", Method::substring, Type::string, true, true, "It contains one of them."},
    {"dir", Method::directory, Type::string, true, true,
     "It contains one of them between slashes or question marks."},
    {"dom", Method::domain, Type::string, true, true,
     "It contains one of them between dots, slashes, colons or question marks."},
    {"reg", Method::regex, Type::string, true, true, "One of the regular expressions matches a part of it."},
    {"len", Method::length, Type::string, true, true, "It has so many bytes, said as for `int`."},
    {"bin", Method::binary, Type::binary, true, false, "It is one of the patterns, which are hexadecimal."},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].method != static_cast<Method>(i)) return false;
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const MethodRow> methods() noexcept {
  return rows;
}

const MethodRow& row_of(Method method) noexcept {
  return rows[static_cast<std::size_t>(method)];
}

const MethodRow* find_method(std::string_view name) noexcept {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [name](const MethodRow& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

MatcherMade make_matcher(Method method, bool ignore_case, std::span<const Pattern> patterns) {
  switch (method) {
    case Method::integer:
    case Method::length:
      return make_number_matcher(method, patterns);
    case Method::address:
      return make_network_matcher(patterns);
    case Method::substring:
    case Method::directory:
    case Method::domain:
      return make_search_matcher(method, ignore_case, patterns);
    case Method::regex:
      return make_regex_matcher(ignore_case, patterns);
    default:
      return make_text_matcher(method, ignore_case, patterns);
  }
}

}  // namespace corelane::rules
