// SPDX-License-Identifier: Apache-2.0
#include "config/locate.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace corelane::config {
namespace {

constexpr std::string_view text =
    "{\n"
    " \"backends\": {\n"
    "  \"a\": {\"servers\": [{}, {\"tls\": {\"ca\": \"x.pem\"}}]},\n"
    "  \"a.b\": {\"check\": true}\n"
    " }\n"
    "}\n";

Position position_of(std::string path) {
  std::vector<Diagnostic> faults(1);
  faults[0].json_path = std::move(path);
  locate(text, faults);
  return faults[0].position;
}

TEST_CASE("a fault found after reading gets the place of the value at its path") {
  CHECK(position_of("backends.a.servers[1].tls.ca") == Position{3, 40});
  CHECK(position_of("backends.a.servers[0]") == Position{3, 21});
  CHECK(position_of("backends[\"a.b\"].check") == Position{4, 20});
}

TEST_CASE("what the file leaves to a default is at the value around it") {
  CHECK(position_of("backends.a.servers[1].tls.crl") == Position{3, 33});
  CHECK(position_of("backends.a.servers[2].tls") == Position{3, 20});
  CHECK(position_of("backends.ab.tls") == Position{2, 14});
  CHECK(position_of("frontends.f") == Position{1, 1});
}

TEST_CASE("places that are known, and faults of the whole file, stay as they are") {
  std::vector<Diagnostic> faults(2);
  faults[0].json_path = "backends.a";
  faults[0].position = {9, 9};
  locate(text, faults);
  CHECK(faults[0].position == Position{9, 9});
  CHECK(faults[1].position == Position{});
}

}  // namespace
}  // namespace corelane::config
