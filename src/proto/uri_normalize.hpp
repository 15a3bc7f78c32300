// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// Ways to write the same target (RFC 3986, 6), as HAProxy's normalize-uri has them.
namespace corelane::proto {

enum class UriNormalizer : std::uint8_t {
  fragment_encode,
  fragment_strip,
  path_merge_slashes,
  path_strip_dot,
  path_strip_dotdot,  // with the option also those that lead above the root
  percent_decode_unreserved,
  percent_to_uppercase,
  query_sort_by_name,
};

/// By UriNormalizer.
inline constexpr std::array<std::string_view, 8> uri_normalizer_names{
    "fragment-encode",      "fragment-strip",    "path-merge-slashes",
    "path-strip-dot",       "path-strip-dotdot", "percent-decode-unreserved",
    "percent-to-uppercase", "query-sort-by-name"};

enum class UriNormalized : std::uint8_t {
  done,
  invalid,   // a percent sign without two digits, where the option says that this is none
  too_long,  // for `out`, or too many parameters
};

/// Writes "/path?query" in its normal form; `out` has room for three times as many bytes as it has.
UriNormalized normalize_uri(UriNormalizer normalizer, bool option, std::string_view path_and_query,
                            std::span<char> out, std::size_t& used);

}  // namespace corelane::proto
