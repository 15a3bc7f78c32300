// SPDX-License-Identifier: Apache-2.0
#include "control/admin_request.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using corelane::control::AdminRequest;
using corelane::control::AdminRequestReader;
using Status = AdminRequestReader::Status;

namespace {

/// Everything a reader says about a byte string, one line per request or error.
std::string outcome(std::string_view bytes, std::size_t portion) {
  AdminRequestReader reader;
  std::string text;
  std::string waiting;
  for (std::size_t at = 0; at < bytes.size(); at += portion) {
    waiting += bytes.substr(at, portion);
    while (!waiting.empty()) {
      const auto step = reader.read(waiting);
      waiting.erase(0, step.consumed);
      if (step.status == Status::need_more) break;
      if (step.status == Status::error) return text + "error " + std::to_string(reader.error_status()) + "\n";
      const AdminRequest& request = reader.request();
      const char* body = request.body == AdminRequest::Body::sized     ? " sized"
                         : request.body == AdminRequest::Body::chunked ? " chunked"
                                                                       : "";
      text += request.method + " " + request.target + (request.keep_alive ? " keep" : " close") + body;
      if (request.body == AdminRequest::Body::read)
        text += " " + request.content_type + " " + request.content;
      text += "\n";
    }
  }
  return text + (reader.started() ? "unfinished\n" : "");
}

struct Case {
  std::string name;
  std::string bytes;
  std::string expected;
};

const std::string host = "Host: a\r\n";

const std::vector<Case> cases = {
    {"plain", "GET /stats HTTP/1.1\r\n" + host + "\r\n", "GET /stats keep\n"},
    {"query stays", "GET /stats?x=1 HTTP/1.1\r\n" + host + "\r\n", "GET /stats?x=1 keep\n"},
    {"LF alone", "GET / HTTP/1.1\nHost: a\n\n", "GET / keep\n"},
    {"empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n" + host + "\r\n", "GET / keep\n"},
    {"only empty lines", "\r\n\r\n", ""},
    {"pipelined",
     "GET /a HTTP/1.1\r\n" + host + "\r\nHEAD /b HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n",
     "GET /a keep\nHEAD /b close\n"},
    {"unfinished", "GET / HTTP/1.1\r\nHo", "unfinished\n"},
    {"1.0 closes", "GET / HTTP/1.0\r\n\r\n", "GET / close\n"},
    {"1.0 keeps on demand", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / keep\n"},
    {"close wins", "GET / HTTP/1.1\r\n" + host + "Connection: foo , CLOSE,keep-alive\r\n\r\n",
     "GET / close\n"},
    {"absolute form", "GET http://h:1/live HTTP/1.1\r\n" + host + "\r\n", "GET /live keep\n"},
    {"absolute form without path", "GET http://h HTTP/1.1\r\n" + host + "\r\n", "GET / keep\n"},
    {"asterisk", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", "OPTIONS * keep\n"},
    {"sized body", "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\n", "POST / keep sized\n"},
    {"no bytes of body", "POST / HTTP/1.1\r\n" + host + "Content-Length: 00\r\n\r\n", "POST / keep\n"},
    {"chunked body", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
     "POST / keep chunked\n"},
    {"a body that is read, and what follows it",
     "PATCH /s HTTP/1.1\r\n" + host +
         "Content-Type:  application/json\r\nContent-Length: 5\r\n\r\n{\r\n} GET / HTTP/1.0\r\n\r\n",
     "PATCH /s keep application/json {\r\n} \nGET / close\n"},
    {"a body that is not all there", "PATCH /s HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\n{}",
     "unfinished\n"},
    {"a body too long to be read", "PATCH /s HTTP/1.1\r\n" + host + "Content-Length: 16385\r\n\r\n",
     "PATCH /s keep sized\n"},
    {"a length beyond all numbers",
     "PATCH /s HTTP/1.1\r\n" + host + "Content-Length: " + std::string(100, '9') + "\r\n\r\n",
     "PATCH /s keep sized\n"},
    {"PATCH in chunks", "PATCH /s HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n",
     "PATCH /s keep chunked\n"},
    {"PATCH without a body", "PATCH /s HTTP/1.1\r\n" + host + "\r\n", "PATCH /s keep\n"},
    {"length not a number", "POST / HTTP/1.1\r\n" + host + "Content-Length: +5\r\n\r\n", "error 400\n"},
    {"length twice", "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
     "error 400\n"},
    {"no host", "GET / HTTP/1.1\r\n\r\n", "error 400\n"},
    {"host twice", "GET / HTTP/1.1\r\n" + host + host + "\r\n", "error 400\n"},
    {"one word", "GET\r\n", "error 400\n"},
    {"two words", "GET /\r\n", "error 400\n"},
    {"space in target", "GET /a b HTTP/1.1\r\n", "error 400\n"},
    {"no slash", "GET stats HTTP/1.1\r\n", "error 400\n"},
    {"method is no word", "G(T / HTTP/1.1\r\n", "error 400\n"},
    {"version is none", "GET / HTTP/11\r\n", "error 400\n"},
    {"version is lower case", "GET / http/1.1\r\n", "error 400\n"},
    {"version 2", "GET / HTTP/2.0\r\n", "error 505\n"},
    {"header without colon", "GET / HTTP/1.1\r\nHost\r\n", "error 400\n"},
    {"space before colon", "GET / HTTP/1.1\r\nHost : a\r\n", "error 400\n"},
    {"folded header", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", "error 400\n"},
    {"carriage return in value", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "error 400\n"},
    {"zero byte in value", std::string("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 27), "error 400\n"},
    {"zero byte in target", std::string("GET /\0 HTTP/1.1\r\n", 17), "error 400\n"},
    {"TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 12), "error 400\n"},
    {"long request line", "GET /" + std::string(5000, 'a'), "error 414\n"},
    {"longest request line",
     "GET /" + std::string(AdminRequestReader::request_line_bytes_max - 15, 'a') + " HTTP/1.1\n",
     "unfinished\n"},
    {"long head", "GET / HTTP/1.1\r\nX: " + std::string(9000, 'a'), "error 431\n"},
    {"many headers",
     [] {
       std::string bytes = "GET / HTTP/1.1\r\n";
       for (int i = 0; i < 2000; ++i) bytes += "A: b\r\n";
       return bytes;
     }(),
     "error 431\n"},
};

}  // namespace

TEST_CASE("a head gives the same result however it is split") {
  for (const Case& example : cases) {
    CAPTURE(example.name);
    CHECK(outcome(example.bytes, example.bytes.size()) == example.expected);
    CHECK(outcome(example.bytes, 1) == example.expected);
    CHECK(outcome(example.bytes, 2) == example.expected);
    CHECK(outcome(example.bytes, 7) == example.expected);
  }
}

TEST_CASE("a reader stops at the end of a head") {
  AdminRequestReader reader;
  const std::string first = "GET / HTTP/1.0\r\n\r\n";
  const auto step = reader.read(first + "rest");
  CHECK(step.status == Status::request);
  CHECK(step.consumed == first.size());
}

TEST_CASE("an error is final") {
  AdminRequestReader reader;
  CHECK(reader.read("nonsense\r\n").status == Status::error);
  const auto step = reader.read("GET / HTTP/1.0\r\n\r\n");
  CHECK(step.status == Status::error);
  CHECK(step.consumed == 0);
}
