// SPDX-License-Identifier: Apache-2.0
#include "runtime/log_names.hpp"

#include <doctest/doctest.h>

using namespace corelane;

TEST_CASE("names stand where records point to") {
  config::Model model;
  model.frontends.resize(2);
  model.frontends[0].name = "plain";
  model.frontends[1].name = "web";
  model.frontends[1].bind.resize(2);
  model.frontends[1].bind[1].address.text = ":80";
  model.frontends[1].http.capture.request_headers = {{.name = "Host", .length = 8},
                                                     {.name = "X-Id", .length = 8}};
  model.frontends[1].http.capture.response_headers = {{.name = "Server", .length = 8}};
  model.backends.resize(1);
  model.backends[0].name = "bk";
  model.backends[0].servers.resize(2);
  model.backends[0].servers[1].name = "s2";
  const runtime::LogNames log_names(model);
  const logfmt::Names& names = log_names.names();
  CHECK(names.frontend(0) == "plain");
  CHECK(names.frontend(1) == "web");
  CHECK(names.frontend(2).empty());
  CHECK(names.bind(1, 1) == ":80");
  CHECK(names.backend(0) == "bk");
  CHECK(names.server(0, 1) == "s2");
  CHECK(names.request_captures(0).empty());
  REQUIRE(names.request_captures(1).size() == 2);
  CHECK(names.request_captures(1)[1] == "X-Id");
  REQUIRE(names.response_captures(1).size() == 1);
  CHECK(names.response_captures(1)[0] == "Server");
  CHECK(names.response_captures(2).empty());
}
