// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "http_heads.hpp"

using namespace corelane::proto;
using namespace corelane::proto::test;

TEST_CASE("a response: what a server sends") {
  const auto read = read_response("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello");
  REQUIRE(read.good());
  CHECK(read.result.consumed == read.bytes.size() - 5);
  CHECK(read->version == HttpVersion::http11);
  CHECK(read->status == 404);
  CHECK(read->reason == "Not Found");
  CHECK(read->status_line == "HTTP/1.1 404 Not Found");
  CHECK(read->bytes == std::string_view(read.bytes).substr(0, read.result.consumed));
  CHECK(read->framing == HttpFraming::length);
  CHECK(read->content_length == 5);
  CHECK(read->keep_alive);
}

TEST_CASE("a response: reasons") {
  CHECK(read_response("HTTP/1.1 200 \r\n\r\n")->reason == "");
  CHECK(read_response("HTTP/1.1 200 a\tb \xc3\xbc\r\n\r\n")->reason == "a\tb \xc3\xbc");
  CHECK(read_response("HTTP/1.1 200  OK\r\n\r\n")->reason == " OK");
  const auto read =
      read_response("HTTP/1.0 599\r\n\r\n", HttpMethod::get, accepting(HttpLaxity::short_status_line));
  REQUIRE(read.good());
  CHECK(read->status == 599);
  CHECK(read->reason == "");
  CHECK(read->status_line == "HTTP/1.0 599");
}

TEST_CASE("a response: faults of the status line, each at its place") {
  using namespace std::string_view_literals;
  for (const Faulty& faulty : std::initializer_list<Faulty>{
           {"", "\r\nHTTP/1.1 200 OK\r\n\r\n", "bad_version"},
           {"", "ICY 200 OK\r\n\r\n", "bad_version"},
           {"", "<html>", "bad_version"},
           {"", "http/1.1 200 OK\r\n\r\n", "bad_version"},
           {"HTTP/", "1.2 200 OK\r\n\r\n", "unsupported_version"},
           {"HTTP/", "2.0 200 OK\r\n\r\n", "unsupported_version"},
           {"HTTP/1", " 200 OK\r\n\r\n", "bad_version"},
           {"HTTP/1.1", "\r\n\r\n", "bad_status_line"},
           {"HTTP/1.1", "\t200 OK\r\n\r\n", "bad_status_line"},
           {"HTTP/1.1", "0 200 OK\r\n\r\n", "bad_status_line"},
           {"HTTP/1.1 ", " 200 OK\r\n\r\n", "bad_status"},
           {"HTTP/1.1 ", "099 OK\r\n\r\n", "bad_status"},
           {"HTTP/1.1 ", "600 OK\r\n\r\n", "bad_status"},
           {"HTTP/1.1 ", "999 OK\r\n\r\n", "bad_status"},
           {"HTTP/1.1 ", "-20 OK\r\n\r\n", "bad_status"},
           {"HTTP/1.1 20", " OK\r\n\r\n", "bad_status"},
           {"HTTP/1.1 20", "\r\n\r\n", "bad_status"},
           {"HTTP/1.1 200", "0 OK\r\n\r\n", "bad_status"},
           {"HTTP/1.1 200", "OK\r\n\r\n", "bad_status_line"},
           {"HTTP/1.1 200", "\r\n\r\n", "bad_status_line"},
           {"HTTP/1.1 200", "\n\r\n", "bad_line_end"},
           {"HTTP/1.1 200 OK", "\n\r\n", "bad_line_end"},
           {"HTTP/1.1 200 OK", "\r\r\n\r\n", "bad_line_end"},
           {"HTTP/1.1 200 O", "\0K\r\n\r\n"sv, "control_character"},
           {"HTTP/1.1 200 O", "\x7fK\r\n\r\n", "control_character"},
       })
    CHECK_MESSAGE(fault_of(read_response(faulty.bytes())) == faulty.fault(), faulty.bytes());
}

TEST_CASE("a response: its framing by method and status") {
  struct Case {
    HttpMethod method;
    std::string_view status;
    std::string_view fields;
    HttpFraming framing;
    bool keep_alive;
  };
  constexpr std::string_view length_field = "Content-Length: 7\r\n";
  constexpr std::string_view chunked_field = "Transfer-Encoding: chunked\r\n";
  for (const Case& sound : std::initializer_list<Case>{
           {HttpMethod::get, "200", length_field, HttpFraming::length, true},
           {HttpMethod::get, "200", chunked_field, HttpFraming::chunked, true},
           {HttpMethod::get, "200", "", HttpFraming::until_close, false},
           {HttpMethod::get, "205", "Content-Length: 0\r\n", HttpFraming::length, true},
           {HttpMethod::get, "304", length_field, HttpFraming::none, true},
           {HttpMethod::get, "304", chunked_field, HttpFraming::none, true},
           {HttpMethod::get, "304", "", HttpFraming::none, true},
           {HttpMethod::get, "204", "", HttpFraming::none, true},
           {HttpMethod::get, "204", "Content-Length: 0\r\n", HttpFraming::none, true},
           {HttpMethod::get, "100", "", HttpFraming::none, true},
           {HttpMethod::get, "101", "", HttpFraming::none, true},
           {HttpMethod::get, "103", "Link: </x>\r\n", HttpFraming::none, true},
           {HttpMethod::head, "200", length_field, HttpFraming::none, true},
           {HttpMethod::head, "200", chunked_field, HttpFraming::none, true},
           {HttpMethod::head, "200", "", HttpFraming::none, true},
           {HttpMethod::connect, "200", "", HttpFraming::none, true},
           {HttpMethod::connect, "299", "Content-Length: 0\r\n", HttpFraming::none, true},
           {HttpMethod::connect, "403", length_field, HttpFraming::length, true},
           {HttpMethod::connect, "403", "", HttpFraming::until_close, false},
           {HttpMethod::other, "200", length_field, HttpFraming::length, true},
       }) {
    CAPTURE(sound.status);
    CAPTURE(sound.fields);
    const auto read =
        read_response("HTTP/1.1 " + std::string(sound.status) + " x\r\n" + std::string(sound.fields) + "\r\n",
                      sound.method);
    CHECK(fault_of(read) == "");
    CHECK(read->framing == sound.framing);
    CHECK(read->keep_alive == sound.keep_alive);
    CHECK(read->has_content_length == (sound.fields.find("Length") != std::string_view::npos));
    if (sound.fields == length_field) CHECK(read->content_length == 7);
  }
  for (const std::string_view fields : {length_field, chunked_field}) {
    for (const std::string status : {"100", "101", "204"})
      CHECK(fault_of(read_response("HTTP/1.1 " + status + " x\r\n" + std::string(fields) + "\r\n")) ==
            "framing_without_body at 16");
    CHECK(fault_of(read_response("HTTP/1.1 200 x\r\n" + std::string(fields) + "\r\n", HttpMethod::connect)) ==
          "framing_without_body at 16");
  }
}
