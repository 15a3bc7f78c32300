// SPDX-License-Identifier: Apache-2.0
#include "config/reference.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "sample.hpp"

namespace corelane::config {
namespace {

TEST_CASE("every section is visited once, parents first") {
  std::vector<std::string> paths;
  visit_sections([&paths](const Section&, const std::string& path) { paths.push_back(path); });
  CHECK(paths.front().empty());
  CHECK(std::find(paths.begin(), paths.end(), "frontends.NAME.bind[]") != paths.end());
  CHECK(std::find(paths.begin(), paths.end(), "backends.NAME.default_server") != paths.end());
  CHECK(std::set<std::string>(paths.begin(), paths.end()).size() == paths.size());
}

TEST_CASE("the tables are sound: keys differ, texts are there, deciders exist") {
  visit_sections([](const Section& section, const std::string& path) {
    CAPTURE(path);
    CHECK_FALSE(section.help.empty());
    std::set<std::string_view> keys;
    for (const Field& field : section.fields) {
      CAPTURE(field.key);
      CHECK(keys.insert(field.key).second);
      CHECK(field.help.ends_with('.'));
      CHECK(field.help.find('|') == std::string_view::npos);  // would break the page's tables
      CHECK((field.type != nullptr) != (field.section != nullptr));
    }
    for (const Field& field : section.fields) {
      if (!field.condition.decider.empty()) CHECK(keys.count(field.condition.decider) == 1);
    }
  });
}

TEST_CASE("what faults show as examples has all that is required, and no other keys") {
  std::size_t examples = 0;
  visit_sections([&examples](const Section& section, const std::string& path) {
    if (section.example.empty()) return;
    CAPTURE(path);
    ++examples;
    const auto example = nlohmann::json::parse(section.example);
    std::size_t known = 0;
    for (const Field& field : section.fields) {
      CAPTURE(field.key);
      if (example.contains(field.key)) ++known;
      if (field.required) CHECK(example.contains(field.key));
    }
    CHECK(known == example.size());
  });
  CHECK(examples >= 7);
}

TEST_CASE("the page has a table for every section and a row for every key") {
  const std::string page = reference_markdown();
  visit_sections([&page](const Section& section, const std::string& path) {
    CAPTURE(path);
    const std::size_t start = page.find(path.empty() ? "## The outermost object" : "## `" + path + "`\n");
    REQUIRE(start != std::string::npos);
    const std::string table = page.substr(start, page.find("\n## ", start) - start);
    for (const Field& field : section.fields) {
      CAPTURE(field.key);
      CHECK(table.find("\n| `" + std::string(field.key) + "` | ") != std::string::npos);
    }
  });
  CHECK(page.find("| `rise` | whole number, 1 to 1000 | `2` |") != std::string::npos);
  CHECK(page.find("| `connect` | duration, 0 to 365d | `\"5s\"` |") != std::string::npos);
}

TEST_CASE("keywords hold keys and words, sorted") {
  const std::vector<std::string> words = keywords();
  CHECK(std::is_sorted(words.begin(), words.end()));
  for (const char* word :
       {"default_backend", "roundrobin", "shutdown-sessions", "local7", "tcp", "pipe_size"}) {
    CAPTURE(word);
    CHECK(std::binary_search(words.begin(), words.end(), word));
  }
}

}  // namespace
}  // namespace corelane::config
