// SPDX-License-Identifier: Apache-2.0
#include "proxy/forwarded_fields.hpp"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>

using namespace corelane;

namespace {

const std::string request = "GET / HTTP/1.1\r\nHost: a.test:80\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n";

std::string added(const config::HttpShared& frontend, const config::HttpShared& backend, const char* client,
                  const std::string& text = request) {
  auto head = std::make_unique<proto::HttpRequestHead>();
  proto::HttpHeadProgress progress;
  REQUIRE(proto::read_request_head(text, {}, *head, progress).state == proto::HttpRead::State::head);
  auto edits = std::make_unique<proto::HttpHeadEdits>();
  std::array<char, 4096> arena;
  std::array<char, 8192> out;
  edits->begin(head->bytes, arena);
  const proxy::ForwardedEnds ends{
      .client = *base::endpoint_from_ip(client, 1234),
      .destination = [](const void*) { return *base::endpoint_from_ip("10.0.0.1", 80); }};
  REQUIRE(proxy::add_forwarded_fields(frontend, backend, ends, *head, *edits));
  const std::string whole(out.data(), edits->write_to(out));
  REQUIRE(whole.substr(0, text.size() - 2) == text.substr(0, text.size() - 2));
  return whole.substr(text.size() - 2);
}

config::HttpShared with_forward_for(const std::string& header, bool if_none = false,
                                    const char* except = nullptr) {
  config::HttpShared http;
  http.forward_for = {.header = header, .except = {}, .if_none = if_none};
  if (except != nullptr) http.forward_for->except.push_back(base::network_from_text(except).network);
  return http;
}

}  // namespace

TEST_CASE("the client's address goes behind what came") {
  const config::HttpShared none;
  const config::HttpShared plain = with_forward_for("X-Forwarded-For");
  CHECK(added(none, none, "1.2.3.4") == "\r\n");
  CHECK(added(plain, none, "1.2.3.4") == "X-Forwarded-For: 1.2.3.4\r\n\r\n");
  CHECK(added(none, plain, "2001:db8::1") == "X-Forwarded-For: 2001:db8::1\r\n\r\n");
  CHECK(added(plain, none, "::ffff:1.2.3.4") == "X-Forwarded-For: 1.2.3.4\r\n\r\n");
  CHECK(added(plain, with_forward_for("X-Client"), "1.2.3.4") == "X-Client: 1.2.3.4\r\n\r\n");
}

TEST_CASE("exceptions and what is there already") {
  const config::HttpShared none;
  CHECK(added(with_forward_for("X-Forwarded-For", true), none, "1.2.3.4") == "\r\n");
  CHECK(added(with_forward_for("X-Other", true), none, "1.2.3.4") == "X-Other: 1.2.3.4\r\n\r\n");
  CHECK(added(with_forward_for("X-Other", false, "1.2.0.0/16"), none, "1.2.3.4") == "\r\n");
  CHECK(added(with_forward_for("X-Other", false, "1.3.0.0/16"), none, "1.2.3.4") ==
        "X-Other: 1.2.3.4\r\n\r\n");
  CHECK(added(with_forward_for("X-Other"), with_forward_for("X-Other", false, "1.2.3.4"), "1.2.3.4") ==
        "\r\n");
}

TEST_CASE("if_none counts where both sides have it") {
  const config::HttpShared careful = with_forward_for("Host", true);
  const config::HttpShared plain = with_forward_for("Host");
  CHECK(added(careful, {}, "1.2.3.4") == "\r\n");
  CHECK(added(careful, careful, "1.2.3.4") == "\r\n");
  CHECK(added(careful, plain, "1.2.3.4") == "Host: 1.2.3.4\r\n\r\n");
}

TEST_CASE("the address that the client connected to, and the protocol") {
  config::HttpShared http;
  http.original_to = {.header = "X-Original-To", .except = {}, .if_none = false};
  http.forwarded_proto = true;
  CHECK(added(http, {}, "1.2.3.4") == "X-Original-To: 10.0.0.1\r\nX-Forwarded-Proto: http\r\n\r\n");
}

TEST_CASE("Forwarded") {
  config::HttpShared http;
  http.forwarded = {.proto = true, .host = true, .for_address = true};
  CHECK(added(http, {}, "1.2.3.4") == "Forwarded: proto=http;host=\"a.test:80\";for=1.2.3.4\r\n\r\n");
  http.forwarded = {.for_address = true, .for_port = true, .by_address = true, .by_port = false};
  CHECK(added(http, {}, "2001:db8::1") == "Forwarded: by=10.0.0.1;for=\"[2001:db8::1]:1234\"\r\n\r\n");
}

TEST_CASE("Forwarded tells what the frontend or the backend wants, once") {
  config::HttpShared frontend;
  config::HttpShared backend;
  frontend.forwarded = {.proto = true, .for_address = true};
  backend.forwarded = {.host = true, .for_address = true, .for_port = true, .by_address = true};
  CHECK(added(frontend, backend, "1.2.3.4") ==
        "Forwarded: proto=http;host=\"a.test:80\";by=10.0.0.1;for=\"1.2.3.4:1234\"\r\n\r\n");
  CHECK(added(backend, frontend, "1.2.3.4") == added(frontend, backend, "1.2.3.4"));
  backend.forwarded = {.by_address = true, .by_port = true};
  CHECK(added(frontend, backend, "1.2.3.4") ==
        "Forwarded: proto=http;by=\"10.0.0.1:80\";for=1.2.3.4\r\n\r\n");
}

TEST_CASE("Forwarded with a long host") {
  config::HttpShared http;
  http.forwarded = {.host = true};
  const std::string host(3000, 'h');
  CHECK(added(http, {}, "1.2.3.4", "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n") ==
        "Forwarded: host=" + host + "\r\n\r\n");
}
