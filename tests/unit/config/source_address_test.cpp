// SPDX-License-Identifier: Apache-2.0
#include "config/source_address.hpp"

#include <doctest/doctest.h>

#include "sample.hpp"

namespace corelane::config {
namespace {

TEST_CASE("source addresses") {
  struct Row {
    const char* text;
    const char* ip;
    unsigned first;
    unsigned last;
  };
  const Row rows[] = {{"10.0.0.2", "10.0.0.2", 0, 0},
                      {"10.0.0.2:1025-65000", "10.0.0.2", 1025, 65'000},
                      {"10.0.0.2:5000-5000", "10.0.0.2", 5000, 5000},
                      {"fd00::2", "fd00::2", 0, 0},
                      {"[fd00::2]", "fd00::2", 0, 0},
                      {"[fd00::2]:1-65535", "fd00::2", 1, 65'535}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const SourceAddressResult result = source_address_from_text(row.text);
    REQUIRE(result.address);
    CHECK(base::endpoint_ip_text(result.address->endpoint) == row.ip);
    CHECK(result.address->port_first == row.first);
    CHECK(result.address->port_last == row.last);
    CHECK(result.address->text == row.text);
  }
}

TEST_CASE("what is no source address") {
  for (const char* text :
       {"", "10.0.0", "db1", "0.0.0.0", "::", "10.0.0.2:", "10.0.0.2:5000", "10.0.0.2:0-9", "10.0.0.2:9-8",
        "10.0.0.2:1-65536", "10.0.0.2:1-2-3", "10.0.0.2:-", "[10.0.0.2]:1-2", "[fd00::2", "[fd00::2]1-2",
        "[fd00::2]:", "unix:/x", "10.0.0.2:1 -2"}) {
    CAPTURE(text);
    const SourceAddressResult result = source_address_from_text(text);
    CHECK_FALSE(result.address);
    CHECK_FALSE(result.fault.empty());
  }
}

std::string faults_with(const std::string& source, const std::string& server = "") {
  return faults_of(
      file_with({.backend = R"(, "source": {"addresses": [)" + source + "]}", .server = server}));
}

TEST_CASE("entries that have ports in common") {
  CHECK(faults_with(R"("10.0.0.2:1025-2000", "10.0.0.2:2000-3000")")
            .find("source.addresses[1]: has ports in common with 10.0.0.2:1025-2000 at "
                  "backends.b.source.addresses[0]") != std::string::npos);
  CHECK(faults_with(R"("10.0.0.2", "10.0.0.2:2000-3000")").find("in common") != std::string::npos);
  CHECK(faults_with(R"("10.0.0.2:1025-1999", "10.0.0.2:2000-3000", "10.0.0.3:1025-3000")").empty());
}

TEST_CASE("servers in one place that have ports in common") {
  const auto faults = [](const std::string& one, const std::string& other, const std::string& port) {
    return faults_of(file_with({.server = R"(, "source": {"addresses": [")" + one +
                                          R"("]}}, {"name": "t", "address": "127.0.0.1:)" + port +
                                          R"(", "source": {"addresses": [")" + other + R"("]})"}));
  };
  const std::string fault =
      "error: backends.b.servers[1]: its source address 10.0.0.2:2000-3000 has ports in common with "
      "10.0.0.2:1025-2000 of backends.b.servers[0], which is at 127.0.0.1:81 too; allowed: the same range, "
      "or none "
      "of its ports\n";
  CHECK(faults("10.0.0.2:1025-2000", "10.0.0.2:2000-3000", "81").ends_with(fault));
  CHECK(faults("10.0.0.2:1025-2000", "10.0.0.2:2000-3000", "82").empty());
  CHECK(faults("10.0.0.2:1025-2000", "10.0.0.2:1025-2000", "81").empty());
  CHECK(faults("10.0.0.2:1025-2000", "10.0.0.2:2001-3000", "81").empty());
  CHECK(faults("10.0.0.2:1025-2000", "10.0.0.3:1025-3000", "81").empty());
}

TEST_CASE("a source and a server of different families") {
  CHECK(faults_with(R"("fd00::2:1")")
            .find("127.0.0.1:81 is IPv4, which the source address fd00::2:1 cannot "
                  "reach") != std::string::npos);
  CHECK(faults_of(file_with({.server = R"(, "source": {"addresses": ["[::1]:5000-6000"]})"}))
            .find("backends.b.servers[0].address: 127.0.0.1:81 is IPv4") != std::string::npos);
}

TEST_CASE("a server's own source replaces its backend's") {
  const Model model =
      sound_model(file_with({.backend = R"(, "source": {"addresses": ["10.0.0.2", "10.0.0.3"]})",
                             .server = R"(, "source": {"addresses": ["10.0.0.4:1025-2048"]})"}));
  REQUIRE(model.backends[0].servers[0].source.addresses.size() == 1);
  CHECK(model.backends[0].servers[0].source.addresses[0].port_count() == 1024);
  const Model inherited =
      sound_model(file_with({.backend = R"(, "source": {"addresses": ["10.0.0.2", "10.0.0.3"]})"}));
  CHECK(inherited.backends[0].servers[0].source.addresses.size() == 2);
}

TEST_CASE("the close policy") {
  const Model model = sound_model(file_with({.backend = R"(, "close": "server-first")"}));
  CHECK(model.backends[0].close == Close{ClosePolicy::server_first, 1000});
  CHECK(faults_of(file_with({.backend = R"(, "close": {"policy": "reset", "wait": "2s"})"}))
            .find("has no effect unless the policy is server-first") != std::string::npos);
}

}  // namespace
}  // namespace corelane::config
