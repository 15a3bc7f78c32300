// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <set>

#include "script.hpp"

using namespace corelane::check;

namespace {

struct Row {
  const char* what;
  std::vector<ServerSide> server;
  std::string sent;
  std::string verdict;
};

void check_rows(std::string_view type, const Options& options, const std::vector<Row>& rows) {
  const Plan plan(type_named(type), options);
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Played played = play_every_way(plan, row.server);
    CHECK(played.sent == row.sent);
    CHECK(verdict_text(played.verdict) == row.verdict);
  }
}

}  // namespace

TEST_CASE("every type has its row") {
  std::set<std::string_view> names;
  for (const CheckType& type : registry()) {
    CAPTURE(type.name);
    CHECK(names.insert(type.name).second);
    CHECK_FALSE(type.help.empty());
    CHECK_FALSE(check_status_row(type.timed_out).passed);
    CHECK_FALSE(check_status_row(type.broken).passed);
  }
}

TEST_CASE("no type is impressed by noise, and all say the same however it is cut") {
  for (const CheckType& type : registry()) {
    CAPTURE(type.name);
    const Options options;
    const Plan plan(type, options);
    for (std::uint32_t seed = 1; seed <= 50; ++seed) {
      CAPTURE(seed);
      std::mt19937 random(seed);
      std::string noise(random() % 100, '\0');
      for (char& c : noise) c = static_cast<char>(random());
      const Played played = play_every_way(plan, {{noise, true}});
      CHECK(played.verdict.status != CheckStatus::initializing);
      for (const char c : played.verdict.text) CHECK((c >= ' ' && c <= '~'));
    }
  }
}

TEST_CASE("redis") {
  const std::string ping = "*1\r\n$4\r\nPING\r\n";
  check_rows(
      "redis", {},
      {
          {"an answer", {{"+PONG\r\n"}}, ping + "*1\r\n$4\r\nQUIT\r\n", "L7OK/0/Redis server is ok"},
          {"it wants a password",
           {{"-NOAUTH Authentication required.\r\n"}},
           ping,
           "L7STS/0/-NOAUTH Authentication required."},
          {"something else", {{"220 mail\r\n"}}, ping, "L7RSP/0/220 mail"},
          {"half an answer", {{"+PON"}}, ping, "L7TOUT/0/(expect '+PONG')"},
          {"the end", {{"+PON", true}}, ping, "L7RSP/0/connection closed by the server (expect '+PONG')"},
      });
}
