// SPDX-License-Identifier: Apache-2.0
#include "proxy/http_captures.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace corelane;

namespace {

std::string parts_of(std::string_view text) {
  std::string all;
  logfmt::HttpLogTextReader reader(text);
  // As many as any of the tests has: the rest is absent.
  for (int i = 0; i < 5; ++i) all += std::string(reader.next().value_or("(absent)")) + "|";
  return all;
}

std::string request_parts(const config::Capture& capture, const std::string& fields) {
  proto::HttpRequestHead head;
  proto::HttpHeadProgress progress;
  const std::string bytes = "GET / HTTP/1.1\r\nHost: example.org\r\n" + fields + "\r\n";
  REQUIRE(proto::read_request_head(bytes, {}, head, progress).state == proto::HttpRead::State::head);
  std::array<char, 512> memory;
  logfmt::HttpLogTextWriter texts(memory);
  proxy::capture_request(capture, head, texts);
  return parts_of(texts.text());
}

std::string response_parts(const config::Capture& capture, const std::string& fields) {
  proto::HttpResponseHead head;
  proto::HttpHeadProgress progress;
  const std::string bytes = "HTTP/1.1 204 No Content\r\n" + fields + "\r\n";
  REQUIRE(proto::read_response_head(bytes, {}, proto::HttpMethod::get, head, progress).state ==
          proto::HttpRead::State::head);
  std::array<char, 512> memory;
  logfmt::HttpLogTextWriter texts(memory);
  proxy::capture_response(capture, head, texts);
  return parts_of(texts.text());
}

}  // namespace

TEST_CASE("fields are found by name in any case, cut, and the last of several is taken") {
  config::Capture capture;
  capture.request_headers = {{"HOST", 64}, {"user-agent", 11}, {"X-Missing", 8}};
  CHECK(request_parts(capture, "User-Agent: one\r\nUser-Agent: Mozilla/5.0 long\r\n") ==
        "GET / HTTP/1.1|example.org|Mozilla/5.0|(absent)|(absent)|");
  capture.request_headers = {{"X-Empty", 8}};
  CHECK(request_parts(capture, "X-Empty:\r\n") == "GET / HTTP/1.1||(absent)|(absent)|(absent)|");
}

TEST_CASE("a cookie of the request") {
  config::Capture capture;
  capture.cookie = config::CaptureField{"SESS", 10};
  const auto cookie = [&](const std::string& fields) {
    const std::string parts = request_parts(capture, fields);
    return parts.substr(15, parts.find('|', 15) - 15);
  };
  CHECK(cookie("Cookie: SESS=1\r\n") == "SESS=1");
  CHECK(cookie("Cookie: a=SESS=2;  SESS=12345678 ; b=2\r\n") == "SESS=12345");
  CHECK(cookie("Cookie: a=b\r\nCookie: SESS=\r\n") == "SESS=");
  CHECK(cookie("Cookie: XSESS=1; sess=3; SESS; SESSX; b=SESS=4\r\n") == "(absent)");
  CHECK(cookie("Cookie: a=1; SESSX=2; SESS=3\r\n") == "SESSX=2");
  capture.cookie = config::CaptureField{"SESS=", 10};
  CHECK(cookie("Cookie: a=1; SESSX=2; SESS=3\r\n") == "SESS=3");
  CHECK(cookie("Cookie: \r\n") == "(absent)");
  CHECK(cookie("") == "(absent)");
}

TEST_CASE("what the response has") {
  config::Capture capture;
  capture.response_headers = {{"Server", 3}};
  capture.cookie = config::CaptureField{"SESS", 32};
  CHECK(response_parts(capture, "Server: Apache\r\nSet-Cookie: a=SESS=1\r\nSet-Cookie: SESS=2; path=/\r\n") ==
        "Apa|SESS=2|(absent)|(absent)|(absent)|");
  capture.cookie.reset();
  CHECK(response_parts(capture, "Set-Cookie: SESS=2\r\n") == "(absent)|(absent)|(absent)|(absent)|(absent)|");
}
