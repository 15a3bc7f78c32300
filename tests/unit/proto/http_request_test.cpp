// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "http_heads.hpp"

using namespace corelane::proto;
using namespace corelane::proto::test;

TEST_CASE("a request: what a browser sends") {
  const auto read = read_request(
      "GET /a/b?c=d HTTP/1.1\r\nHost: www.example.com:8080\r\nAccept: */*\r\nX-Empty:\r\nCookie: \t a=b; c=d "
      "\t\r\n\r\n"
      "next");
  REQUIRE(read.good());
  CHECK(read.result.consumed == read.bytes.size() - 4);
  CHECK(read->bytes == std::string_view(read.bytes).substr(0, read.result.consumed));
  CHECK(read->request_line == "GET /a/b?c=d HTTP/1.1");
  CHECK(read->method == HttpMethod::get);
  CHECK(read->method_text == "GET");
  CHECK(read->target == "/a/b?c=d");
  CHECK(read->form == HttpTargetForm::origin);
  CHECK(read->path_and_query == "/a/b?c=d");
  CHECK(read->authority == "");
  CHECK(read->host == "www.example.com:8080");
  CHECK(read->version == HttpVersion::http11);
  CHECK(read->framing == HttpFraming::none);
  CHECK(!read->has_content_length);
  CHECK(read->keep_alive);
  CHECK(!read->upgrade);
  CHECK(!read->expect_continue);
  REQUIRE(read->fields.size() == 4);
  CHECK(read.field(0).known == HttpName::host);
  CHECK(read.field(0).line == "Host: www.example.com:8080\r\n");
  CHECK(read.field(1).name == "Accept");
  CHECK(read.field(1).known == HttpName::other);
  CHECK(read.field(2).value == "");
  CHECK(read.field(3).value == "a=b; c=d");
  CHECK(read->fields.first(HttpName::cookie) == &read.field(3));
  CHECK(read->fields.first(HttpName::set_cookie) == nullptr);
}
