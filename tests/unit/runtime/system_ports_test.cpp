// SPDX-License-Identifier: Apache-2.0
#include "runtime/system_ports.hpp"

#include <doctest/doctest.h>

using namespace corelane;
using namespace corelane::runtime;

TEST_CASE("the system's ports are its range without what is reserved") {
  struct Row {
    const char* name;
    PortRange range;
    const char* reserved;
    proxy::PortRuns ports;
  };
  const Row rows[] = {
      {"nothing reserved", {100, 109}, "", {{100, 10}}},
      {"outside", {100, 109}, "50,99,110-200", {{100, 10}}},
      {"one inside", {100, 109}, "104", {{100, 4}, {105, 5}}},
      {"a range inside", {100, 109}, "102-107", {{100, 2}, {108, 2}}},
      {"over the beginning and the end", {100, 109}, "90-101,108-120", {{102, 6}}},
      {"overlapping and out of order", {100, 109}, "106-107,101-103,102", {{100, 1}, {104, 2}, {108, 2}}},
      {"all", {100, 109}, "1-65535", {}},
      {"the last port there is", {65'530, 65'535}, "65534", {{65'530, 4}, {65'535, 1}}},
      {"a range upside down", {200, 100}, "", {}},
      {"what is no port", {100, 109}, "x,,104\n", {{100, 4}, {105, 5}}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(ports_without(row.range, row.reserved) == row.ports);
  }
}
