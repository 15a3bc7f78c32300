// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "sample.hpp"

namespace corelane::config {
namespace {

std::string faults(std::string_view listen, std::string_view to, std::string_view mode = "tcp") {
  const LoadResult result = model_from_listen(listen, to, mode);
  CHECK_FALSE(result.model);
  std::string text;
  for (const Diagnostic& diagnostic : result.diagnostics) text += diagnostic_text(diagnostic) + "\n";
  return text;
}

TEST_CASE("two options make a whole configuration") {
  const LoadResult result = model_from_listen(":3306,[::1]:3306", "db1:3306,127.0.0.1:3307");
  CHECK(result.diagnostics.empty());
  REQUIRE(result.model);
  const Model& model = *result.model;
  REQUIRE(model.global.log.size() == 1);
  CHECK(model.global.log[0].kind == LogTarget::Kind::standard_output);
  REQUIRE(model.frontends.size() == 1);
  CHECK(model.frontends[0].log_format == "tcp");
  CHECK(model.frontends[0].bind.size() == 2);
  CHECK(model.frontends[0].bind[1].address.text == "[::1]:3306");
  REQUIRE(model.backends.size() == 1);
  CHECK(model.backends[0].check.type != no_check);
  REQUIRE(model.backends[0].servers.size() == 2);
  CHECK(model.backends[0].servers[0].address.host == "db1");
  CHECK(model.backends[0].servers[1].name == "s2");
  CHECK(model.backends[0].servers[1].check.enabled);
  CHECK(sound_model(dump(model)) == model);
}

TEST_CASE("UNIX sockets may have any printable name") {
  const LoadResult result = model_from_listen("unix:/a\"b\\c", "unix:@x");
  REQUIRE(result.model);
  CHECK(result.model->frontends[0].bind[0].address.path == "/a\"b\\c");
}

TEST_CASE("a fault names the option and the place in its value") {
  CHECK(faults(":80,:x", "h:1") ==
        "--listen:1:5: error: bad address \":x\": \"x\" is not a port from 1 to 65535; allowed: IP:PORT, "
        "[IPV6]:PORT, "
        ":PORT, HOST:PORT, unix:/PATH, unix:@NAME, fd@N\n");
  CHECK(faults("", "h:1").starts_with("--listen:1:1: error: bad address \"\": the port is missing"));
  CHECK(faults(":80", "h:1,").starts_with("--to:1:5: error: bad address \"\": the port is missing"));
  CHECK(faults(":80", ":81").starts_with("--to:1:1: error: bad address \":81\": the host is missing"));
  CHECK(faults(":80", "h:1,h:1") == "--to:1:5: error: the address h:1 stands here twice\n");
  CHECK(faults(":80", "h:1", "tpc") ==
        "--mode: error: \"tpc\" is not a known mode; allowed: tcp, http; did you mean \"tcp\"?\n");
  CHECK(faults(":80,0.0.0.0:80", "h:1").starts_with("--listen: error: frontends.main.bind[1].address: "));
}

TEST_CASE("all options are looked at in one pass") {
  CHECK(faults("x", "y", "z") ==
        "--listen:1:1: error: bad address \"x\": the port is missing; allowed: IP:PORT, [IPV6]:PORT, :PORT, "
        "HOST:PORT, "
        "unix:/PATH, unix:@NAME, fd@N\n"
        "--to:1:1: error: bad address \"y\": the port is missing; allowed: IP:PORT, [IPV6]:PORT, HOST:PORT, "
        "*:PORT, *:0, unix:/PATH, "
        "unix:@NAME\n"
        "--mode: error: \"z\" is not a known mode; allowed: tcp, http\n");
}

}  // namespace
}  // namespace corelane::config
