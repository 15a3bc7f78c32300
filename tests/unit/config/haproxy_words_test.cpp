// SPDX-License-Identifier: Apache-2.0
#include "config/haproxy_words.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "config/config.hpp"
#include "config/reference.hpp"

using namespace corelane::config;

TEST_CASE("every translated word names a key that exists and is no key itself") {
  const std::vector<std::string> known = keywords();
  for (const HaproxyWord& word : haproxy_words()) {
    CAPTURE(word.theirs);
    CHECK(std::find(known.begin(), known.end(), word.key) != known.end());
    CHECK(sections_with_key(word.theirs).empty());
  }
}

TEST_CASE("HAProxy's word in the file is answered with ours") {
  const LoadResult result = load(
      R"({"global": {"nbthread": 2}, "backends": {"b": {"hash-type": "consistent", "check": {"inter": "2s"}}}})",
      "f");
  std::vector<std::string> meant;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    if (!diagnostic.near_miss.empty()) meant.push_back(diagnostic.near_miss);
  }
  CHECK(meant == std::vector<std::string>{"reactors", "hash", "interval"});
}

TEST_CASE("what no key stands for is told with what to do instead") {
  const std::vector<std::string> known = keywords();
  for (const HaproxyNote& note : haproxy_notes()) {
    CAPTURE(note.theirs);
    CHECK(sections_with_key(note.theirs).empty());
    CHECK_FALSE(note.instead.empty());
  }
  const auto says = [](std::string_view text, std::string_view message) {
    const std::vector<Diagnostic> faults = load(text, "f").diagnostics;
    return std::any_of(faults.begin(), faults.end(), [message](const Diagnostic& fault) {
      return fault.message.find(message) != std::string::npos;
    });
  };
  CHECK(says(R"({"defaults": {"option": ["httplog"]}})",
             "unknown key: HAProxy's options are keys of their own; docs/migration.md lists them"));
  CHECK(says(R"({"frontends": {"f": {"mode": "http", "http_request": [{"set_header": "X"}]}}})",
             "unknown key: write \"action\": \"set-header\""));
  CHECK(says(R"({"frontends": {"f": {"bind": [{"address": "*:80"}]}}})",
             "every IPv4 address is written \":80\", every IPv6 address \"[::]:80\""));
  CHECK(says(R"({"defaults": {"mode": "http", "retry_on": ["conn-failure", "0rtt-rejected"]}})",
             "\"0rtt-rejected\": servers get no early data, so they reject none: leave it out"));
}
