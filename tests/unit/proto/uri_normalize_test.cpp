// SPDX-License-Identifier: Apache-2.0
#include "proto/uri_normalize.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace corelane::proto {
namespace {

struct Row {
  UriNormalizer normalizer;
  bool option;
  std::string_view target;
  std::string_view normal;  // "(invalid)"
};

std::string normal_form(UriNormalizer normalizer, bool option, std::string_view target) {
  std::vector<char> out(3 * target.size());
  std::size_t used = 0;
  const UriNormalized result = normalize_uri(normalizer, option, target, out, used);
  if (result == UriNormalized::invalid) return "(invalid)";
  return result == UriNormalized::done ? std::string(out.data(), used) : "(too long)";
}

TEST_CASE("normal forms") {
  using enum UriNormalizer;
  constexpr Row rows[] = {
      {fragment_encode, false, "/a#b#?c", "/a%23b%23?c"},
      {fragment_strip, false, "/a?b#c", "/a?b"},
      {path_merge_slashes, false, "//a///b/?c=//d", "/a/b/?c=//d"},
      {path_strip_dot, false, "/./a/./b/.", "/a/b/"},
      {path_strip_dot, false, "/a/.b/..?./", "/a/.b/..?./"},
      {path_strip_dot, false, "/.", "/"},
      {path_strip_dotdot, false, "/foo/../", "/"},
      {path_strip_dotdot, false, "/foo/../bar/", "/bar/"},
      {path_strip_dotdot, false, "/foo/bar/../", "/foo/"},
      {path_strip_dotdot, false, "/../bar/", "/../bar/"},
      {path_strip_dotdot, false, "/bar/../../", "/../"},
      {path_strip_dotdot, false, "/foo//../", "/foo/"},
      {path_strip_dotdot, false, "/foo/%2E%2E/", "/foo/%2E%2E/"},
      {path_strip_dotdot, false, "/foo/..", "/"},
      {path_strip_dotdot, false, "/a/../..", "/../"},
      {path_strip_dotdot, true, "/../bar/", "/bar/"},
      {path_strip_dotdot, true, "/bar/../../", "/"},
      {percent_decode_unreserved, false, "/%61%2d%2F?%7e%2", "/a-%2F?~%2"},
      {percent_decode_unreserved, true, "/%2", "(invalid)"},
      {percent_to_uppercase, false, "/%2f%zz?%3d", "/%2F%zz?%3D"},
      {percent_to_uppercase, true, "/%zz", "(invalid)"},
      {query_sort_by_name, false, "/?c=3&a=1&b=2", "/?a=1&b=2&c=3"},
      {query_sort_by_name, false, "/?aaa=3&a=1&aa=2", "/?a=1&aa=2&aaa=3"},
      {query_sort_by_name, false, "/?a=3&b=4&a=1&b=5&a=2", "/?a=3&a=1&a=2&b=4&b=5"},
      {query_sort_by_name, false, "/x?", "/x?"},
      {query_sort_by_name, false, "/x", "/x"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.target);
    CHECK(normal_form(row.normalizer, row.option, row.target) == row.normal);
  }
}

TEST_CASE("what has too many parameters, or too little room, has no normal form") {
  std::string target = "/?";
  for (int i = 0; i < 300; ++i) target += "a&";
  CHECK(normal_form(UriNormalizer::query_sort_by_name, false, target) == "(too long)");
  char little[4];
  std::size_t used = 0;
  CHECK(normalize_uri(UriNormalizer::path_strip_dot, false, "/abcd", little, used) ==
        UriNormalized::too_long);
  CHECK(used <= sizeof(little));
}

}  // namespace
}  // namespace corelane::proto
