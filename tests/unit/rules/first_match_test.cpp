// SPDX-License-Identifier: Apache-2.0
#include "rules/first_match.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "scene.hpp"

namespace corelane::rules {
namespace {

using sample::Scene;

/// Conditions, and the first of them both ways: looked up together, and asked one by one.
class Rules {
 public:
  explicit Rules(const std::vector<std::string>& conditions) : acls_(names_) {
    CHECK_FALSE(acls_.add("media", "path_end .png .jpg").has_value());
    CHECK_FALSE(acls_.add("media", "path_end .gif").has_value());
    CHECK_FALSE(acls_.add("mixed", "path_end .css").has_value());
    CHECK_FALSE(acls_.add("mixed", "path_beg /css").has_value());
    std::vector<FirstMatch::Rule> rules;
    for (const std::string& text : conditions) {
      const bool negated = text.starts_with("unless ");
      ConditionRead read = acls_.read(negated ? text.substr(7) : text, sample::phase_request);
      REQUIRE_MESSAGE(read.condition, text << ": " << read.fault.message);
      conditions_.push_back(std::move(*read.condition));
      rules.push_back({&conditions_.back(), negated});
    }
    rules_ = rules;
    first_ = FirstMatch(std::move(rules));
  }

  std::uint32_t together(Scene& scene, std::uint32_t from = 0) const {
    return first_.find({scene.context(), scene.arena()}, from);
  }
  std::uint32_t one_by_one(Scene& scene, std::uint32_t from = 0) const {
    for (std::uint32_t i = from; i < rules_.size(); ++i)
      if (rules_[i].condition->holds({scene.context(), scene.arena()}) != rules_[i].negated) return i;
    return FirstMatch::none;
  }

 private:
  sample::Names names_ = sample::scene_names();
  Acls acls_;
  std::deque<Condition> conditions_;
  std::vector<FirstMatch::Rule> rules_;
  FirstMatch first_;
};

Scene scene_of(const std::string& path, const std::string& hosts = "a.example") {
  return Scene(sample::request_of("GET " + path, "X-Host: " + hosts + "\r\n"));
}

TEST_CASE("the first of many paths, not the longest") {
  const Rules rules({"{ path_beg /a/long/one }", "{ path_beg /b }", "{ path_beg /a }", "{ path_beg /a/long }",
                     "{ path_beg /bb /c }", "{ path_beg /a/long/one/more }"});
  const struct {
    const char* path;
    std::uint32_t first;
  } rows[] = {{"/a/long/one/more", 0}, {"/a/long", 2}, {"/bb", 1}, {"/cc", 4}, {"/", FirstMatch::none}};
  for (const auto& row : rows) {
    INFO(row.path);
    Scene scene = scene_of(row.path);
    CHECK(rules.together(scene) == row.first);
  }
  Scene scene = scene_of("/a/long/one/more");
  CHECK(rules.together(scene, 1) == 2);
  CHECK(rules.together(scene, 3) == 3);
  CHECK(rules.together(scene, 6) == FirstMatch::none);
}

TEST_CASE("any of several values is enough, and the first rule of all of them counts") {
  const Rules rules({"{ hdr(x-host) -i A.test }", "{ hdr(x-host) -i b.test }", "{ hdr(x-host) -i c.test }",
                     "{ hdr(x-host) -i d.test }"});
  Scene scene = scene_of("/", "d.test, C.TEST, other");
  CHECK(rules.together(scene) == 2);
  Scene nobody = scene_of("/", "d.test.example");
  CHECK(rules.together(nobody) == FirstMatch::none);
}

TEST_CASE("rules of every kind beside each other: the same answer as one by one") {
  const std::string kinds[] = {"{ path_beg /a }",
                               "{ path_beg /ab }",
                               "{ path_beg -i /B }",
                               "{ path_beg /b /c }",
                               "{ path_end .png }",
                               "{ path_end .css .js }",
                               "{ path /a/b.png }",
                               "{ path /b/a.css }",
                               "{ path,lower -m beg /a }",
                               "{ path_sub b. }",
                               "{ hdr(x-host) a }",
                               "{ hdr(x-host) b }",
                               "{ hdr(x-other) a }",
                               "{ path_beg /a } { path_end .png }",
                               "!media",
                               "media",
                               "mixed",
                               "unless { path_beg /a }",
                               "unless media"};
  const char* const paths[] = {"/",        "/a",    "/ab",  "/A",     "/a/b.png",
                               "/b/a.css", "/c.js", "/css", "/B.gif", "/x.jpg"};
  const char* const hosts[] = {"a", "b", "c, b, a", "c"};
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same every time
  for (int turn = 0; turn < 300; ++turn) {
    std::vector<std::string> chosen;
    while (chosen.size() < 12) {  // with runs of one kind
      const std::size_t first = random() % std::size(kinds);
      const std::size_t width = 1 + random() % 3;
      for (std::size_t i = 1 + random() % 8; i > 0; --i)
        chosen.push_back(kinds[(first + random() % width) % std::size(kinds)]);
    }
    const Rules rules(chosen);
    for (const char* path : paths) {
      Scene scene = scene_of(path, hosts[random() % std::size(hosts)]);
      const auto from = static_cast<std::uint32_t>(random() % 2 == 0 ? 0 : random() % chosen.size());
      CHECK(rules.together(scene, from) == rules.one_by_one(scene, from));
    }
  }
}

}  // namespace
}  // namespace corelane::rules
