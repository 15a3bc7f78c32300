// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "http_heads.hpp"

using namespace corelane::proto;
using namespace corelane::proto::test;

TEST_CASE("fields: faults, each at its place, in requests and in responses") {
  using namespace std::string_view_literals;
  for (const Faulty& faulty : std::initializer_list<Faulty>{
           {"", " X: a\r\n\r\n", "space_before_fields"},
           {"", "\tX: a\r\n\r\n", "space_before_fields"},
           {"", " \r\n\r\n", "space_before_fields"},
           {"X: a\r\n", " b\r\n\r\n", "folded_line"},
           {"X: a\r\n", "\tb\r\n\r\n", "folded_line"},
           {"X: a\r\n", " \r\n\r\n", "folded_line"},
           {"X", " : a\r\n\r\n", "space_before_colon"},
           {"X", "\t: a\r\n\r\n", "space_before_colon"},
           {"X", " Y: a\r\n\r\n", "space_before_colon"},
           {"Transfer-Encoding", " : chunked\r\n\r\n", "space_before_colon"},
           {"X", "\r\n\r\n", "missing_colon"},
           {"X", "\nY: a\r\n\r\n", "missing_colon"},
           {"", ": a\r\n\r\n", "bad_field_name"},
           {"X", "(: a\r\n\r\n", "bad_field_name"},
           {"X", "\0: a\r\n\r\n"sv, "bad_field_name"},
           {"X", "\x0b: a\r\n\r\n", "bad_field_name"},
           {"X", "\xc3\xbc: a\r\n\r\n", "bad_field_name"},
           {"", "\0\r\n\r\n"sv, "bad_field_name"},
           {"X: a", "\nY: b\r\n\r\n", "bad_line_end"},
           {"X: a", "\rY: b\r\n\r\n", "bad_line_end"},
           {"X: a", "\r\r\nY: b\r\n\r\n", "bad_line_end"},
           {"X:", "\n\r\n\r\n", "bad_line_end"},
           {"X: a\r\n", "\n", "bad_line_end"},
           {"X: a\r\n", "\r\r\n", "bad_line_end"},
           {"X: a\r\n", "\rY", "bad_line_end"},
           {"X: ", "\0\r\n\r\n"sv, "control_character"},
           {"X: abcdefghijklmnopqrstuvw", "\0\r\n\r\n"sv, "control_character"},
           {"X: a", "\x1f\r\n\r\n", "control_character"},
           {"X: a", "\x7f\r\n\r\n", "control_character"},
           {"X: a", "\x0b\r\n\r\n", "control_character"},
       }) {
    CAPTURE(faulty.bytes());
    Faulty in_request = faulty;
    const std::string request = "GET / HTTP/1.0\r\n" + std::string(faulty.before);
    in_request.before = request;
    CHECK(fault_of(read_request(in_request.bytes())) == in_request.fault());
    Faulty in_response = faulty;
    const std::string response = "HTTP/1.1 200 OK\r\n" + std::string(faulty.before);
    in_response.before = response;
    CHECK(fault_of(read_response(in_response.bytes())) == in_response.fault());
  }
}

TEST_CASE("fields: every byte in names and in values") {
  for (int byte = 0; byte < 256; ++byte) {
    CAPTURE(byte);
    const char character = static_cast<char>(byte);
    const bool letter =
        (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    const bool in_token = letter || (byte != 0 && std::string_view("!#$%&'*+-.^_`|~").find(character) !=
                                                      std::string_view::npos);
    const bool in_value = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    const std::string start = "GET / HTTP/1.0\r\n";
    if (byte != ':') CHECK(read_request(start + "a" + character + "b: c\r\n\r\n").good() == in_token);
    for (const std::string before : {"", "0123456789abcdef", "0123456789abcdef012"})
      CHECK(read_request(start + "a: x" + before + character + "y\r\n\r\n").good() == in_value);
  }
}

TEST_CASE("fields: white space around values, and empty ones") {
  const auto read = read_request("GET / HTTP/1.0\r\na:b\r\nc: \t d e \t\r\nf:\r\ng: \t \r\nh:::\r\n\r\n");
  REQUIRE(read.good());
  const std::string_view values[] = {"b", "d e", "", "", "::"};
  REQUIRE(read->fields.size() == std::size(values));
  for (std::size_t i = 0; i < std::size(values); ++i) CHECK(read.field(i).value == values[i]);
  CHECK(read.field(1).line == "c: \t d e \t\r\n");
}

TEST_CASE("fields: names are known in any case, and found in order") {
  for (std::size_t i = 1; i < http_name_count; ++i) {
    const auto name = static_cast<HttpName>(i);
    std::string text(http_name_text(name));
    CHECK(text.size() <= http_name_bytes_max);
    CHECK(http_name(text) == name);
    for (char& byte : text) byte = byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 32) : byte;
    CHECK(http_name(text) == name);
    CHECK(http_name(text + "x") == HttpName::other);
    CHECK(http_name(text.substr(1)) == HttpName::other);
  }
  CHECK(http_name("") == HttpName::other);
  // A bit apart from a hyphen, which letters' case is.
  CHECK(http_name("keep\ralive") == HttpName::other);
  CHECK(http_name_text(HttpName::other) == "");

  const auto read = read_request("GET / HTTP/1.0\r\nVia: 1\r\nX: 2\r\nvIA: 3\r\nVIA: 4\r\n\r\n");
  const HttpFields& fields = read->fields;
  CHECK(fields.count(HttpName::via) == 3);
  CHECK(fields.count(HttpName::host) == 0);
  const HttpField* field = fields.first(HttpName::via);
  std::string values;
  for (; field != nullptr; field = fields.next(*field)) values += field->value;
  CHECK(values == "134");
}

TEST_CASE("limits: the head") {
  const std::string head = "GET / HTTP/1.0\r\nA: b\r\n\r\n";
  HttpReadOptions options;
  options.limits.head_bytes = static_cast<std::uint32_t>(head.size());
  CHECK(fault_of(read_request(head, options)) == "");
  CHECK(fault_of(read_request(head + "next request", options)) == "");
  --options.limits.head_bytes;
  CHECK(fault_of(read_request(head, options)) == "head_too_large at " + std::to_string(head.size() - 1));
  CHECK(http_error_row(HttpError::head_too_large).status == 431);
  // A fault within the limit comes first, one behind it does not count.
  CHECK(fault_of(read_request("GET / HTTP/1.0\r\nA\r\n" + head, options)) == "missing_colon at 17");
  CHECK(fault_of(read_request("GET / HTTP/1.0\r\nA: bcd\r\n:", options)) == "head_too_large at 23");
  // In one long line.
  options.limits.head_bytes = 400;
  const std::string line = "GET / HTTP/1.0\r\nA: " + std::string(500, 'b');
  CHECK(fault_of(read_request(line, options)) == "head_too_large at 400");
  CHECK(fault_of(read_request(line.substr(0, 399), options)) == "need more");
}

TEST_CASE("limits: fields") {
  HttpReadOptions options;
  options.limits.fields = 3;
  const std::string three = "GET / HTTP/1.0\r\nA: b\r\nC: d\r\nE: f\r\n";
  CHECK(fault_of(read_request(three + "\r\n", options)) == "");
  CHECK(fault_of(read_request(three + "G: h\r\n\r\n", options)) ==
        "too_many_fields at " + std::to_string(three.size()));
  // More than there are places for are never read.
  options.limits.fields = http_fields_max + 100;
  std::string many = "GET / HTTP/1.0\r\n";
  for (std::size_t i = 0; i < http_fields_max; ++i) many += "A:b\r\n";
  const HttpReadOptions& read_options = options;
  HttpRequestHead head;
  HttpHeadProgress progress;
  CHECK(read_request_head(many + "\r\n", read_options, head, progress).state == HttpRead::State::head);
  CHECK(head.fields.size() == http_fields_max);
  progress = {};
  CHECK(read_request_head(many + "A:b\r\n\r\n", read_options, head, progress).error ==
        HttpError::too_many_fields);
}

TEST_CASE("limits: the target") {
  HttpReadOptions options;
  options.limits.uri_bytes = 100;
  const std::string target = "/" + std::string(99, 'a');
  const std::string rest = " HTTP/1.0\r\n\r\n";
  CHECK(fault_of(read_request("GET " + target + rest, options)) == "");
  CHECK(fault_of(read_request("GET " + target + "a" + rest, options)) == "target_too_long at 104");
  CHECK(http_error_row(HttpError::target_too_long).status == 414);
  options.accept_invalid = static_cast<std::uint8_t>(HttpLaxity::characters_in_target);
  CHECK(fault_of(read_request("GET " + target + "\xff" + rest, options)) == "target_too_long at 104");
}

TEST_CASE("progress: garbage is refused before the head is complete") {
  CHECK(fault_of(read_request("\x16")) == "bad_method at 0");
  CHECK(fault_of(read_request("SSH-2.0-x\r\n")) == "bad_request_line at 9");
  CHECK(fault_of(read_response("S")) == "bad_version at 0");
}

TEST_CASE("progress: long parts that come byte by byte are looked at once") {
  struct Case {
    std::string begin;
    std::size_t line;
    HttpLinePart part;
    std::string_view error;  // after a NUL
  };
  const std::string rest(1000, 'c');
  for (const Case& sound : std::initializer_list<Case>{
           {"M" + rest, 0, HttpLinePart::token, "bad_method"},
           {"\r\nGET /" + rest, 2, HttpLinePart::target, "bad_target"},
           {"GET / HTTP/1.1\r\nX" + rest, 16, HttpLinePart::token, "bad_field_name"},
           {"GET / HTTP/1.1\r\nX: a\r\nCookie: " + rest, 22, HttpLinePart::value, "control_character"},
       }) {
    HttpRequestHead head;
    HttpHeadProgress progress;
    for (std::size_t size = 1; size <= sound.begin.size(); ++size) {
      const HttpRead read =
          read_request_head(std::string_view(sound.begin).substr(0, size), {}, head, progress);
      CHECK(read.state == HttpRead::State::need_more);
    }
    CHECK(progress.line == sound.line);
    CHECK(progress.part == sound.part);
    CHECK(progress.scanned == sound.begin.size());
    const HttpRead read = read_request_head(sound.begin + '\0', {}, head, progress);
    CHECK(http_error_row(read.error).name == sound.error);
    CHECK(read.position == sound.begin.size());
  }
}
