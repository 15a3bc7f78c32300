// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdint>
#include <set>
#include <string>

#include "stats/counter_rows.hpp"

using namespace corelane::stats;

namespace {

template <class Group>
void check_rows(std::span<const CounterRow<Group>> rows) {
  CHECK(rows.size() == sizeof(Group) / sizeof(Counter));
  std::set<std::string_view> names;
  Group group;
  for (const CounterRow<Group>& row : rows) {
    CAPTURE(row.name);
    CHECK((group.*row.counter).get() == 0);  // no other row's
    (group.*row.counter).add();
    CHECK(names.insert(row.name).second);
    CHECK(row.help.back() == '.');
    CHECK_FALSE((row.gauge && row.name.ends_with("_total")));
    if (row.name.ends_with("_current")) CHECK(row.gauge);
  }
}

std::uintptr_t address(const void* object) {
  return reinterpret_cast<std::uintptr_t>(object);
}

}  // namespace

TEST_CASE("every counter of every group has a row of its own") {
  check_rows(frontend_rows());
  check_rows(tls_rows());
  check_rows(backend_rows());
  check_rows(server_rows());
  check_rows(lane_rows());
}

TEST_CASE("responses are counted by the first digit of their status") {
  struct Row {
    int status;
    Counter ServerCounters::*counter;
  };
  for (const Row& row : {
           Row{101, &ServerCounters::responses_1xx},
           Row{200, &ServerCounters::responses_2xx},
           Row{399, &ServerCounters::responses_3xx},
           Row{404, &ServerCounters::responses_4xx},
           Row{503, &ServerCounters::responses_5xx},
           Row{599, &ServerCounters::responses_5xx},
           Row{600, &ServerCounters::responses_other},
           Row{99, &ServerCounters::responses_other},
           Row{-1, &ServerCounters::responses_other},
       }) {
    ServerCounters group;
    CHECK(&responses_with(group, row.status) == &(group.*row.counter));
  }
}

TEST_CASE("counters of HTTP are marked as such") {
  const auto marked = [](auto rows) {
    std::size_t count = 0;
    for (const auto& row : rows) {
      // Rules deny TCP connections, too.
      const bool of_both = row.name == "requests_denied";
      const bool of_http = (row.name.starts_with("requests_") && !of_both) ||
                           row.name.starts_with("responses_") || row.name.ends_with("_aborts") ||
                           row.name == "connections_idle" || row.name == "connections_purged" ||
                           row.name == "body_waits_starved";
      CAPTURE(row.name);
      CHECK(row.http_only == of_http);
      count += row.http_only;
    }
    return count;
  };
  CHECK(marked(frontend_rows()) == 13);
  CHECK(marked(backend_rows()) == 10);
  CHECK(marked(server_rows()) == 13);
  CHECK(marked(lane_rows()) == 0);
}

TEST_CASE("rows are in the order of the members") {
  CHECK(frontend_rows()[3].name == "bytes_out");
  CHECK(lane_rows()[20].name == "log_dropped");
}

TEST_CASE("a counter goes up, down and to a value") {
  Counter counter;
  counter.add();
  counter.add(10);
  counter.subtract(3);
  CHECK(counter.get() == 8);
  counter.set(5);
  CHECK(counter.get() == 5);
}

TEST_CASE("every position has counters of its own, on cache lines of their own") {
  const std::size_t servers[] = {2, 0, 3};
  const std::size_t binds[] = {1, 3};
  LaneBlock block(binds, servers);
  const LaneBlock& reader = block;
  std::set<const Counter*> seen;
  const auto claim = [&seen](Counter& counter) {
    CHECK(counter.get() == 0);
    counter.add();
    CHECK(seen.insert(&counter).second);
  };
  for (const auto& row : lane_rows()) claim(block.lane().*row.counter);
  for (std::size_t i = 0; i < 2; ++i) {
    for (const auto& row : frontend_rows()) claim(block.frontend(i).*row.counter);
    for (const auto& row : tls_rows()) claim(block.tls(i).*row.counter);
    for (std::size_t b = 0; b < binds[i]; ++b) claim(block.bind(i, b).connections_current);
  }
  CHECK(reader.bind(1, 2).connections_current.get() == 1);
  for (std::size_t b = 0; b < 3; ++b) {
    for (const auto& row : backend_rows()) claim(block.backend(b).*row.counter);
    for (std::size_t s = 0; s < servers[b]; ++s)
      for (const auto& row : server_rows()) claim(block.server(b, s).*row.counter);
  }
  CHECK(reader.server(2, 2).bytes_in.get() == 1);
  CHECK(&reader.server(2, 0) == &block.server(0, 0) + 2);
  CHECK(address(&block.lane()) % 128 == 0);
  CHECK(address(&block.frontend(0)) % 128 == 0);
  CHECK(address(&block.backend(0)) % 128 == 0);
  CHECK(address(&block.server(0, 0)) % 128 == 0);
}

TEST_CASE("a block without frontends and backends has its lane's counters") {
  LaneBlock block({}, {});
  block.lane().turns.add(3);
  CHECK(block.lane().turns.get() == 3);
}
