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

TEST_CASE("a request: methods") {
  for (int i = 0; i < static_cast<int>(HttpMethod::other); ++i) {
    const auto method = static_cast<HttpMethod>(i);
    const std::string text(http_method_text(method));
    const std::string target = method == HttpMethod::connect ? "a:443" : "/";
    const auto read = read_request(text + " " + target + " HTTP/1.1\r\nHost: a:443\r\n\r\n");
    REQUIRE(read.good());
    CHECK(read->method == method);
    CHECK(read->method_text == text);
  }
  for (const std::string method : {"PROPFIND", "get", "M-SEARCH", "!#$%&'*+-.^_`|~09"}) {
    const auto read = read_request(method + " / HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(read.good());
    CHECK(read->method == HttpMethod::other);
    CHECK(read->method_text == method);
  }
  CHECK(http_method_text(HttpMethod::other) == "");
}

TEST_CASE("a request: versions") {
  CHECK(read_request("GET / HTTP/1.0\r\n\r\n")->version == HttpVersion::http10);
  CHECK(read_request("GET / HTTP/1.1\r\nHost: a\r\n\r\n")->version == HttpVersion::http11);
}

TEST_CASE("a request: faults of the request line, each at its place") {
  using namespace std::string_view_literals;
  constexpr std::string_view rest = " HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const Faulty& faulty : std::initializer_list<Faulty>{
           {"", "\x16\x03\x01\x02 / HTTP/1.1\r\n\r\n", "bad_method"},
           {"", "\0 / HTTP/1.1\r\n\r\n"sv, "bad_method"},
           {"", " GET / HTTP/1.1\r\n\r\n", "bad_method"},
           {"G", "(T / HTTP/1.1\r\n\r\n", "bad_method"},
           {"GET", "\t/ HTTP/1.1\r\n\r\n", "bad_method"},
           {"GET", "\x80 / HTTP/1.1\r\n\r\n", "bad_method"},
           {"GET", "\r\nHost: a\r\n\r\n", "bad_request_line"},
           {"GET", "\nHost: a\r\n\r\n", "bad_request_line"},
           {"GET ", " / HTTP/1.1\r\n\r\n", "bad_request_line"},
           {"GET ", "\r\n", "bad_request_line"},
           {"GET /", "\r\n", "bad_request_line"},
           {"GET /", "\nHost", "bad_request_line"},
           {"GET / ", " HTTP/1.1\r\n\r\n", "bad_request_line"},
           {"GET /a ", "b HTTP/1.1\r\n\r\n", "bad_request_line"},
           {"GET / HTTP/1.1", " \r\n\r\n", "bad_request_line"},
           {"GET / HTTP/1.1", " HTTP/1.1\r\n\r\n", "bad_request_line"},
           {"GET / H", "ttp/1.1\r\n\r\n", "bad_version"},
           {"GET / ", "http/1.1\r\n\r\n", "bad_request_line"},
           {"GET / HTTP", "S/1.1\r\n\r\n", "bad_version"},
           {"GET / HTTP/", "\r\n", "bad_version"},
           {"GET / HTTP/1", "\r\n", "bad_version"},
           {"GET / HTTP/1", "11\r\n", "bad_version"},
           {"GET / HTTP/1.", "x\r\n", "bad_version"},
           {"GET / HTTP/1.1", "0\r\n\r\n", "bad_version"},
           {"GET / HTTP/", "1.2\r\n\r\n", "unsupported_version"},
           {"GET / HTTP/", "1.9\r\n\r\n", "unsupported_version"},
           {"GET / HTTP/", "0.9\r\n\r\n", "unsupported_version"},
           {"GET / HTTP/", "2.0\r\n\r\n", "unsupported_version"},
           {"PRI * HTTP/", "2.0\r\n\r\nSM\r\n\r\n", "unsupported_version"},
           {"GET / HTTP/1.1", "\nHost: a\r\n\r\n", "bad_line_end"},
           {"GET / HTTP/1.1", "\r\r\nHost: a\r\n\r\n", "bad_line_end"},
           {"GET / HTTP/1.1", "\rHost: a\r\n\r\n", "bad_line_end"},
           {"GET / HTTP/1.1", "\0\r\n\r\n"sv, "bad_request_line"},
           {"\r", "GET / HTTP/1.1\r\n\r\n", ""},
       }) {
    if (faulty.error.empty()) {
      CHECK(fault_of(read_request(faulty.bytes())) == "bad_line_end at 0");
      continue;
    }
    CHECK_MESSAGE(fault_of(read_request(faulty.bytes())) == faulty.fault(), faulty.bytes());
  }
  // Every byte that no target has, at the beginning, in the middle, behind 16 bytes and as the last.
  for (const std::string before : {"/", "/abc", "/abcdefghijklmnopqrstuvwxyz", "/a?b="}) {
    for (int byte = 0; byte < 256; ++byte) {
      const char character = static_cast<char>(byte);
      if (character == ' ' || character == '\r' || character == '\n') continue;
      const bool sound =
          byte > 0x20 && byte < 0x7f && std::string_view("#\"<>%").find(character) == std::string_view::npos;
      std::string expected;
      if (!sound)
        expected =
            (character == '#' ? "target_fragment at " : "bad_target at ") + std::to_string(4 + before.size());
      if (character == '%')
        expected = before == "/a?b=" ? "" : "target_percent at " + std::to_string(4 + before.size());
      CHECK_MESSAGE(fault_of(read_request("GET " + before + character + std::string(rest))) == expected,
                    byte);
    }
  }
}

TEST_CASE("a request: the forms of a target") {
  struct Case {
    std::string_view method;
    std::string_view target;
    std::string_view host;
    HttpTargetForm form;
    std::string_view authority;
    std::string_view path_and_query;
  };
  using Form = HttpTargetForm;
  for (const Case& sound : std::initializer_list<Case>{
           {"GET", "/", "a", Form::origin, "", "/"},
           {"GET", "//b/c?//", "a", Form::origin, "", "//b/c?//"},
           {"GET", "/%41%7e?%", "a", Form::origin, "", "/%41%7e?%"},
           {"OPTIONS", "*", "a", Form::asterisk, "", "*"},
           {"OPTIONS", "/x", "a", Form::origin, "", "/x"},
           {"GET", "http://a/b?c", "a", Form::absolute, "a", "/b?c"},
           {"GET", "HTTP://A/b", "a", Form::absolute, "A", "/b"},
           {"GET", "http://a", "a", Form::absolute, "a", "/"},
           {"GET", "http://a?b", "a", Form::absolute, "a", "?b"},
           {"GET", "http://a?b@c", "a", Form::absolute, "a", "?b@c"},
           {"GET", "http://a:80/", "a", Form::absolute, "a:80", "/"},
           {"GET", "http://a/", "a:80", Form::absolute, "a", "/"},
           {"GET", "http://a:/", "a", Form::absolute, "a:", "/"},
           {"GET", "https://a:443/", "a", Form::absolute, "a:443", "/"},
           {"GET", "http://a:8080/", "a:8080", Form::absolute, "a:8080", "/"},
           {"GET", "http://[::1]:8080/", "[::1]:8080", Form::absolute, "[::1]:8080", "/"},
           {"CONNECT", "a:8443", "a:8443", Form::authority, "a:8443", ""},
           {"CONNECT", "a:443", "a", Form::authority, "a:443", ""},
           {"CONNECT", "[::1]:443", "[::1]:443", Form::authority, "[::1]:443", ""},
       }) {
    CAPTURE(sound.target);
    const auto read = read_request(std::string(sound.method) + " " + std::string(sound.target) +
                                   " HTTP/1.1\r\nHost: " + std::string(sound.host) + "\r\n\r\n");
    CHECK(fault_of(read) == "");
    CHECK(read->target == sound.target);
    CHECK(read->form == sound.form);
    CHECK(read->authority == sound.authority);
    CHECK(read->path_and_query == sound.path_and_query);
    CHECK(read->host == (sound.authority.empty() ? sound.host : sound.authority));
  }
}

TEST_CASE("a request: targets that are refused") {
  for (const Faulty& faulty : std::initializer_list<Faulty>{
           {"GET ", "*", "target_form"},
           {"GET ", "a:80", "target_form"},
           {"GET ", "a", "bad_target"},
           {"OPTIONS ", "**", "bad_target"},
           {"GET ", "ftp://a/", "bad_target"},
           {"GET ", "javascript:x", "bad_target"},
           {"GET ", "?a", "bad_target"},
           {"GET http://", "", "bad_host"},
           {"GET http://", "/a", "bad_host"},
           {"GET http://", ":80/a", "bad_host"},
           {"GET http://", "a:b/", "bad_host"},
           {"GET http://", "a:65536/", "bad_host"},
           {"GET http://", "a%zz/", "bad_host"},
           {"GET http://", "a\\b/", "bad_host"},
           {"GET http://", "[::1/", "bad_host"},
           {"GET http://", "[1.2.3.4]/", "bad_host"},
           {"GET http://", "[::1]a/", "bad_host"},
           {"GET http://user", "@a/", "target_userinfo"},
           {"GET http://user:pass", "@a/", "target_userinfo"},
           {"GET http://a/", "%4/", "target_percent"},
           {"GET http://a/%41", "%g1", "target_percent"},
           {"GET /%41", "%4g?%41", "target_percent"},
           {"GET /", "%", "target_percent"},
           {"CONNECT ", "/", "target_form"},
           {"CONNECT ", "*", "target_form"},
           {"CONNECT ", "http://a:443/", "target_form"},
           {"CONNECT ", "a", "bad_host"},
           {"CONNECT ", "a:", "bad_host"},
           {"CONNECT ", ":443", "bad_host"},
           {"CONNECT ", "a:443/", "bad_host"},
           {"CONNECT user", "@a:443", "target_userinfo"},
       })
    CHECK_MESSAGE(fault_of(read_request(faulty.bytes() + " HTTP/1.1\r\nHost: a\r\n\r\n")) == faulty.fault(),
                  faulty.bytes());
}

TEST_CASE("a request: Host") {
  CHECK(read_request("GET / HTTP/1.0\r\n\r\n")->host == "");
  for (const std::string host :
       {"a", "A.Example", "a_b-c.d~e", "a:1", "a:65535", "a:", "192.0.2.1:80", "[2001:db8::1]",
        "[::ffff:192.0.2.1]:80", "%41b", "a!$&'()*+,;=b", "xn--bcher-kva.example."}) {
    CAPTURE(host);
    const auto read = read_request("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    CHECK(fault_of(read) == "");
    CHECK(read->host == host);
  }
  for (const std::string host :
       {"",        ":80",      "a b",     "a/b",       "a@b",    "a:b",     "a:-1",           "a:+1",
        "a:65536", "a:000080", "a:80:80", "a#",        "a?",     "a\\b",    "\"a\"",          "a<",
        "[",       "[]",       "[::1",    "::1",       "[::1]b", "[::1]:x", "[fe80::1%eth0]", "[v1.a]",
        "[a]",     "%4",       "%zz",     "b\xc3\xbc", "a\tb",   "http://a"}) {
    const auto read = read_request("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    CHECK_MESSAGE(read.error() == "bad_host", host);
    const auto of_http10 = read_request("GET / HTTP/1.0\r\nHost: " + host + "\r\n\r\n");
    CHECK_MESSAGE(of_http10.error() == "bad_host", host);
  }
  for (const Faulty& faulty : std::initializer_list<Faulty>{
           {"GET / HTTP/1.1\r\n\r\n", "", "missing_host"},
           {"GET / HTTP/1.1\r\nX-Host: a\r\n\r\n", "", "missing_host"},
           {"GET http://a/ HTTP/1.1\r\n\r\n", "", "missing_host"},
           {"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n", "hOST: a\r\n\r\n", "repeated_host"},
           {"GET / HTTP/1.0\r\nHost: a\r\n", "Host: b\r\n\r\n", "repeated_host"},
           {"GET http://a/ HTTP/1.1\r\nHost: ", "b\r\n\r\n", "host_mismatch"},
           {"GET http://a/ HTTP/1.0\r\nHost: ", "b\r\n\r\n", "host_mismatch"},
           {"GET http://a/ HTTP/1.1\r\nHost: ", "a:443\r\n\r\n", "host_mismatch"},
           {"GET https://a/ HTTP/1.1\r\nHost: ", "a:80\r\n\r\n", "host_mismatch"},
           {"GET http://a:8080/ HTTP/1.1\r\nHost: ", "a\r\n\r\n", "host_mismatch"},
           {"GET http://a:80/ HTTP/1.1\r\nHost: ", "a:080\r\n\r\n", "host_mismatch"},
           {"CONNECT a:443 HTTP/1.1\r\nHost: ", "b:443\r\n\r\n", "host_mismatch"},
           {"CONNECT a:443 HTTP/1.1\r\nHost: ", "a:80\r\n\r\n", "host_mismatch"},
           {"CONNECT a:8443 HTTP/1.1\r\nHost: ", "a\r\n\r\n", "host_mismatch"},
       })
    CHECK_MESSAGE(fault_of(read_request(faulty.bytes())) == faulty.fault(), faulty.bytes());
}

TEST_CASE("a request: empty lines before it") {
  const std::string request = "GET / HTTP/1.0\r\n\r\n";
  for (std::size_t lines = 0; lines <= http_empty_lines_max + 1; ++lines) {
    std::string bytes;
    for (std::size_t i = 0; i < lines; ++i) bytes += "\r\n";
    bytes += request;
    const auto read = read_request(bytes);
    if (lines > http_empty_lines_max) {
      CHECK(fault_of(read) == "too_many_empty_lines at 8");
      continue;
    }
    CHECK(fault_of(read) == "");
    CHECK(read.result.consumed == bytes.size());
    CHECK(read->bytes == request);
  }
  CHECK(fault_of(read_request("\r\n\nGET")) == "bad_line_end at 2");
  CHECK(fault_of(read_request("\n")) == "bad_line_end at 0");
  CHECK(fault_of(read_request("\r\n\r\n")) == "need more");
}

TEST_CASE("a request: Expect") {
  const auto expects = [](const std::string& version, const std::string& fields) {
    const auto read =
        read_request("POST / HTTP/" + version + "\r\nHost: a\r\n" + fields + "Content-Length: 1\r\n\r\n");
    REQUIRE(read.good());
    return read->expect_continue;
  };
  CHECK(expects("1.1", "Expect: 100-continue\r\n"));
  CHECK(expects("1.1", "expect: 100-Continue\r\n"));
  CHECK(!expects("1.1", ""));
  CHECK(!expects("1.0", "Expect: 100-continue\r\n"));
  CHECK(!expects("1.1", "Expect: 200-maybe\r\n"));
}

TEST_CASE("a request: what accept_invalid lets pass") {
  struct Case {
    HttpLaxity laxity;
    std::string_view bytes;
    std::string_view error;  // without it
  };
  using namespace std::string_view_literals;
  for (const Case& invalid : std::initializer_list<Case>{
           {HttpLaxity::control_in_values,
            "GET / HTTP/1.0\r\nX: a\x01\x7f"
            "b\x1f\r\n\r\n",
            "control_character"},
           {HttpLaxity::characters_in_names, "GET / HTTP/1.0\r\nX[1]@: a\r\n\r\n", "bad_field_name"},
           {HttpLaxity::characters_in_target, "GET /\"<>\xc3\xbc HTTP/1.0\r\n\r\n", "bad_target"},
           {HttpLaxity::percent_in_path, "GET /100%/%u0041 HTTP/1.0\r\n\r\n", "target_percent"},
           {HttpLaxity::fragment_in_target, "GET /a#b HTTP/1.0\r\n\r\n", "target_fragment"},
       }) {
    CAPTURE(invalid.bytes);
    CHECK(read_request(invalid.bytes).error() == invalid.error);
    CHECK(fault_of(read_request(invalid.bytes, accepting(invalid.laxity))) == "");
  }
  HttpReadOptions all;
  for (const HttpLaxityRow& row : http_laxity_rows)
    all.accept_invalid =
        static_cast<std::uint8_t>(all.accept_invalid | static_cast<std::uint8_t>(row.laxity));
  for (const Case& never : std::initializer_list<Case>{
           {{}, "GET / HTTP/1.0\r\nX: a\0b\r\n\r\n"sv, "control_character"},
           {{}, "GET / HTTP/1.0\r\nX: a\rb\r\n\r\n", "bad_line_end"},
           {{}, "GET / HTTP/1.0\r\nX: a\nb\r\n\r\n", "bad_line_end"},
           {{}, "GET / HTTP/1.0\r\nX : a\r\n\r\n", "space_before_colon"},
           {{}, "GET / HTTP/1.0\r\nX\xc3: a\r\n\r\n", "bad_field_name"},
           {{},
            "GET / HTTP/1.0\r\nContent-Length: \x01"
            "5\r\n\r\n",
            "bad_content_length"},
           {{},
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0b"
            "chunked\r\n\r\n",
            "bad_transfer_encoding"},
           {{}, "GET /a\x01 HTTP/1.0\r\n\r\n", "bad_target"},
           {{}, "GET /a\x7f HTTP/1.0\r\n\r\n", "bad_target"},
           {{}, "GET /a b HTTP/1.0\r\n\r\n", "bad_request_line"},
           {{}, "GET /a\tb HTTP/1.0\r\n\r\n", "bad_target"},
       })
    CHECK_MESSAGE(read_request(never.bytes, all).error() == never.error, never.bytes);
}
