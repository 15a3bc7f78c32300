// SPDX-License-Identifier: Apache-2.0
#include "runtime/limits.hpp"

#include <doctest/doctest.h>

using namespace corelane;
using namespace corelane::runtime;

namespace {

DescriptorNeeds needs(std::uint64_t lanes, std::uint64_t pipes_per_lane) {
  DescriptorNeeds needs;
  needs.lanes = lanes;
  needs.listeners = lanes;
  needs.pipes_per_lane = pipes_per_lane;
  return needs;
}

}  // namespace

TEST_CASE("the connection limit follows from the descriptors that are left") {
  struct Row {
    const char* name;
    std::uint64_t lanes;
    std::uint64_t pipes_per_lane;
    std::uint64_t limit;
    std::uint32_t connections;
    std::uint32_t pipes;
  };
  // fixed: 32 of the process, 64 of the admin server, 4 per lane, 1 listener per lane
  const Row rows[] = {
      {"a small limit without pipes", 1, 0, 1101, 500, 0},
      {"pipes take a quarter at most", 1, 1000, 1101, 375, 125},
      {"few pipes get what they want", 1, 10, 1101, 490, 10},
      {"two lanes share the quarter", 2, 1000, 1106, 375, 62},
      {"a huge limit is capped", 1, 0, 1'000'000'000, connections_derived_max, 0},
      {"the last descriptor", 1, 0, 103, 1, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    DescriptorPlan plan;
    REQUIRE_FALSE(plan_descriptors(needs(row.lanes, row.pipes_per_lane), 0, row.limit, plan).has_value());
    CHECK(plan.connections == row.connections);
    CHECK(plan.pipes_per_lane == row.pipes);
    CHECK(plan.derived);
    const std::uint64_t spent = plan.fixed + plan.connections * descriptors_per_connection +
                                plan.pipes_per_lane * row.lanes * descriptors_per_pipe;
    CHECK(spent <= row.limit);
  }
}

TEST_CASE("a configured limit is kept, and pipes get the rest") {
  DescriptorPlan plan;
  REQUIRE_FALSE(plan_descriptors(needs(1, 100), 480, 1101, plan).has_value());
  CHECK(plan.connections == 480);
  CHECK(plan.pipes_per_lane == 20);
  CHECK_FALSE(plan.derived);
}

TEST_CASE("a limit that does not fit says what is short and how to mend it") {
  DescriptorPlan plan;
  const auto failure = plan_descriptors(needs(1, 0), 501, 1101, plan);
  REQUIRE(failure.has_value());
  CHECK(failure->status == ExitStatus::resources);
  for (const char* part : {"global.max_connections is 501", "needs 1103 file descriptors", "may open 1101",
                           "LimitNOFILE=1103", "at most 500"}) {
    CAPTURE(failure->text);
    CHECK(failure->text.find(part) != std::string::npos);
  }
}

TEST_CASE("a limit too low for the listeners alone") {
  DescriptorPlan plan;
  const auto failure = plan_descriptors(needs(1, 0), 0, 102, plan);
  REQUIRE(failure.has_value());
  CHECK(failure->status == ExitStatus::resources);
  CHECK(failure->text.find("needs 101 before the first connection") != std::string::npos);
}

TEST_CASE("descriptors that a configuration needs") {
  config::Model model;
  model.frontends.resize(2);
  model.frontends[0].bind.resize(2);
  model.frontends[1].bind.resize(1);
  model.global.admin.bind.resize(2);
  model.global.log.resize(3);
  model.global.tune.pipes_max = 7;
  model.backends.resize(1);
  model.backends[0].servers.resize(3);
  model.backends[0].servers[1].check.enabled = true;
  const DescriptorNeeds found = descriptor_needs(model, 4);
  CHECK(found.lanes == 4);
  CHECK(found.listeners == 12);
  CHECK(found.admin_listeners == 2);
  CHECK(found.logs == 3);
  CHECK(found.checked_servers == 1);
  CHECK(found.pipes_per_lane == 7);
}

TEST_CASE("buffers of a lane") {
  constexpr std::uint64_t memory = 1U << 30U;
  CHECK(derived_buffers_max(1, 16'384, memory) == 4096);
  CHECK(derived_buffers_max(4097, 16'384, memory) == 4097);
  CHECK(derived_buffers_max(100'000, 16'384, memory) == 32'768);
  CHECK(derived_buffers_max(100'000, 1U << 20U, memory) == 4096);
  CHECK(derived_buffers_reserved(100, 16'384, memory) == 200);
  CHECK(derived_buffers_reserved(100'000, 16'384, memory) == 8192);
}
