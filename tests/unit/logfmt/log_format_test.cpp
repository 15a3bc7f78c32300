// SPDX-License-Identifier: Apache-2.0
#include "logfmt/log_format.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "http_example.hpp"
#include "sample/format_names.hpp"
#include "scene.hpp"

using namespace corelane::logfmt;

namespace {

HttpExample a_request() {
  HttpExample example;
  example.at(19, 34, 48, 60);
  example.frontend = "f";
  example.request_captures = {"Host", "X-Not"};
  example.request_headers = {"x", std::nullopt};
  example.request_line = "GET /a/b?c=d HTTP/1.1";
  ConnectionRecord& record = example.record;
  record.http.idle_us = 1'000'000;
  record.http.handshake_us = 20'000;
  record.http.request_us = 3'000;
  record.queue_us = 4'000;
  record.connect_us = 5'000;
  record.http.response_us = 60'000;
  record.total_us = 1'192'000;
  record.bytes_to_server = 49;
  return example;
}

struct Row {
  const char* format;
  const char* line;
};

}  // namespace

// What a log line has rules may say, or are told when it is known.
TEST_CASE("rules know the names of log lines") {
  std::vector<std::string_view> names;
  for (const auto& rows : {log_names(), log_names_of_time()}) {
    for (const LogName& row : rows) {
      names.push_back(row.name);
      CAPTURE(row.name);
      CHECK(corelane::sample::find_format_name(row.name) != nullptr);
    }
  }
  CHECK(names.size() == corelane::sample::format_names().size());
}

// A tilde says that the client spoke TLS.
TEST_CASE("names of TLS") {
  HttpExample example = a_request();
  example.record.with_tls = true;
  CHECK(line_of("%ft %{+Q}ft %sslv %sslc", example) == "f~ \"f~\" - -");
  example.record.tls_version = "TLSv1.3";
  example.record.tls_cipher = "TLS_AES_128_GCM_SHA256";
  CHECK(line_of("%f %sslv %{+Q}sslc", example) == "f TLSv1.3 \"TLS_AES_128_GCM_SHA256\"");
}

// The forms are those of HAProxy 2.6.
TEST_CASE("names") {
  const HttpExample example = a_request();
  for (const Row& row : {
           Row{"", ""},
           Row{"plain 100%%", "plain 100%"},
           Row{"%ci:%cp", "127.0.0.1:56980"},
           Row{"%f %ft %b %s", "f f bk s1"},
           Row{"%T|%Tl|%t", "21/Nov/2026:19:34:48 +0000|21/Nov/2026:20:34:48 +0100|21/Nov/2026:20:34:48.060"},
           Row{"%tr|%trg|%trl",
               "21/Nov/2026:20:34:49.080|21/Nov/2026:19:34:49 +0000|21/Nov/2026:20:34:49 +0100"},
           Row{"%Ts.%ms", "1795289688.060"},
           Row{"%Th %Ti %TR %Tw %Tc %Tr %Td %Ta", "20 1000 3 4 5 60 100 172"},
           Row{"%Tq %Tt %Tu", "1023 1192 192"},
           Row{"%ST %B %U", "200 54 49"},
           Row{"%ac/%fc/%bc/%sc/%rc %sq/%bq", "1/1/0/0/0 0/0"},
           Row{"%ts %tsc", "-- ----"},
           Row{"%HM %HU %HP %HPO %HQ %HV", "GET /a/b?c=d /a/b /a/b ?c=d HTTP/1.1"},
           Row{"%r", "GET /a/b?c=d HTTP/1.1"},
           Row{"%CC %CS", "- -"},
           Row{"%hr|%hrl", "{x|}|x -"},
           Row{"%H %pid %lc", "vm 26181 7"},
           // Blanks are merged, also where something leaves nothing.
           Row{"  a   b %hs %hsl c ", "a b c "},
       }) {
    CAPTURE(row.format);
    CHECK(line_of(row.format, example, 3600) == row.line);
  }
}

TEST_CASE("flags") {
  const HttpExample example = a_request();
  for (const Row& row : {
           Row{"%{+Q}ft %ft", "\"f\" f"},
           Row{"%{+Q}o %ft %{-Q}b %s", "\"f\" bk \"s1\""},
           Row{"%{+Q}o %pid %ST %Tt %T %ts", "26181 200 1192 21/Nov/2026:19:34:48 +0000 --"},
           Row{"%{+Q}o %CC %hr %hrl %hs %hsl %r", "\"\" \"{x|}\" \"x\" \"\" \"GET /a/b?c=d HTTP/1.1\""},
           Row{"%{+X}o %ci %cp %Ts %ms %pid %ST", "7F000001 DE94 6B01F258 3C 6645 200"},
           Row{"%{+X,+Q}o %ci %{-X}ci", "7F000001 \"127.0.0.1\""},
       }) {
    CAPTURE(row.format);
    CHECK(line_of(row.format, example) == row.line);
  }
}

TEST_CASE("what could break structured data is escaped where that is asked for") {
  HttpExample example = a_request();
  example.client_cookie = "a\"b]c\\d";
  CHECK(line_of("%{+E}CC %{+Q,+E}CC %CC", example) == R"(a\"b\]c\\d "a\"b\]c\\d" a"b]c\d)");
  example.request_line = "GET /\"]\\ HTTP/1.1";
  CHECK(line_of("%{+E}HU", example) == R"(/#22\]\\)");
}

TEST_CASE("requests without a line") {
  HttpExample example = a_request();
  example.refused(EndReason::request_invalid, 400);
  CHECK(line_of("%r %HM %HU %HQ %{+Q}HV|%hr|%hrl|%Tq %TR %Tr %Td", example) ==
        "<BADREQ> <BADREQ> <BADREQ> <BADREQ> \"<BADREQ>\"|||-1 -1 -1 -1");
}

TEST_CASE("targets in their other forms") {
  HttpExample example = a_request();
  struct Target {
    const char* line;
    const char* parts;
  };
  for (const Target& row : {
           Target{"GET http://h.example:80/p/q?x HTTP/1.1", "http://h.example:80/p/q|/p/q|?x|HTTP/1.1"},
           Target{"GET http://h.example HTTP/1.0", "http://h.example|||HTTP/1.0"},
           Target{"OPTIONS * HTTP/1.1", "*|*||HTTP/1.1"},
           Target{"CONNECT h:443 HTTP/1.1", "h:443|||HTTP/1.1"},
           Target{"GET /cut", "/cut|/cut||<BADREQ>"},
       }) {
    example.request_line = row.line;
    CHECK(line_of("%HP|%HPO|%HQ|%HV", example) == row.parts);
  }
}

TEST_CASE("more is to come") {
  HttpExample example = a_request();
  example.record.http.before_end = true;
  CHECK(line_of("%Ta %Tt %Tu %B %U", example) == "+172 +1192 +192 +54 49");
}

TEST_CASE("samples and addresses are looked up when the record is made") {
  const HttpExample example = a_request();
  const LogFormatRead read =
      read_log_format("%[src]|%{+X}fi:%{+X}fp|%bi:%bp|%[str(a),field(5,-)]|%{+Q}[str(a b)]|%[var_none]", true,
                      corelane::sample::scene_names());
  CHECK_FALSE(read.format);  // no such fetch
  CHECK(read.fault.position == 70);
  const LogFormatRead sound = read_log_format(
      "%[src]|%{+X}fi:%{+X}fp|%bi:%bp|%[str(a),field(5,-)]|%{+Q}[str(a b),upper]|%{+Q,+E}[str('a]')]|%si",
      true, corelane::sample::scene_names());
  REQUIRE(sound.format);
  corelane::sample::Scene scene("");
  std::vector<char> memory(log_values_bytes_min);
  const std::string_view text =
      write_log_values(sound.format->values(), {scene.context(), scene.arena()}, memory);
  HttpLogTextReader reader(text);
  std::vector<std::optional<std::string_view>> values;
  for (std::size_t i = 0; i < sound.format->values().size(); ++i) values.push_back(reader.next());
  fmt::memory_buffer out;
  example.with_names([&](const Names& names) {
    sound.format->append_to(
        out, {example.record, values, HttpLogParts(example.record, example.text(), names), names, {}, 0});
  });
  CHECK(text_of(out) == R"(10.1.2.3|C0000250:1F90|192.0.2.1:50000|-|"A B"|"a\]"|::1)");
}

TEST_CASE("values that are too long leave room for those behind them") {
  const LogFormatRead read = read_log_format("%[str(0123456789),concat0]", true, {});
  CHECK_FALSE(read.format);
  std::string format;
  for (int i = 0; i < 60; ++i) format += "%[str(0123456789012345678901234567890123456789)]";
  const LogFormatRead many = read_log_format(format, false, {});
  REQUIRE(many.format);
  corelane::sample::Scene scene("");
  std::vector<char> memory(log_values_bytes_min);
  HttpLogTextReader reader(write_log_values(many.format->values(), {scene.context(), scene.arena()}, memory));
  for (int i = 0; i < 59; ++i) CHECK(reader.next().has_value());
  CHECK(reader.next() == std::string_view{});
  CHECK(reader.rest().empty());
}

TEST_CASE("faults") {
  struct Fault {
    const char* format;
    bool of_http;
    std::size_t position;
    const char* message;
  };
  for (const Fault& row : {
           Fault{"%", true, 0, "expected %NAME, %[EXPRESSION], or %% for a percent sign"},
           Fault{"a %-", true, 2, "expected %NAME, %[EXPRESSION], or %% for a percent sign"},
           Fault{"%ci %xyz", true, 5, "\"%xyz\" is not known"},
           Fault{"%{+Z}r", true, 2, "unknown flag"},
           Fault{"%{+Q+X}r", true, 4, "expected ',' or '}'"},
           Fault{"%{+Q", true, 1, "{ is not closed"},
           Fault{"x%[src", true, 1, "%[ is not closed"},
           Fault{"%r", false, 1, "\"%r\" is about HTTP requests and needs mode http"},
           Fault{"%[srcc]", true, 2, "\"srcc\" is not a known sample fetch"},
           Fault{"%[path]", true, 2,
                 "path needs the head of an HTTP request, which is not there when a log line is written"},
       }) {
    CAPTURE(row.format);
    const LogFormatRead read = read_log_format(row.format, row.of_http, corelane::sample::scene_names());
    CHECK_FALSE(read.format);
    CHECK(read.fault.position == row.position);
    CHECK(read.fault.message == row.message);
  }
  CHECK(read_log_format("%cii", true, {}).fault.near_miss == "ci");
}
