// SPDX-License-Identifier: Apache-2.0
#include "logfmt/json_log.hpp"

#include <doctest/doctest.h>

#include "example.hpp"
#include "http_example.hpp"
#include "logfmt/error_name.hpp"

using namespace corelane::logfmt;

namespace {

std::string line(const Example& example) {
  fmt::memory_buffer out;
  append_json_log(out, example.record, {}, example.names);
  return text_of(out);
}

/// The value of "http", which is the last key.
std::string http_of(const HttpExample& example) {
  fmt::memory_buffer out;
  example.with_names(
      [&](const Names& names) { append_json_log(out, example.record, example.text(), names); });
  const std::string text = text_of(out);
  return text.substr(text.find(R"("http":)") + 7);
}

std::string quoted(std::string_view text) {
  fmt::memory_buffer out;
  append_json_string(out, text);
  return text_of(out);
}

}  // namespace

TEST_CASE("a completed connection, every key in its place") {
  CHECK(
      line(Example{}) ==
      R"({"time":"2026-11-21T02:20:15.446Z","frontend":"fe","bind":":3306","backend":"bk","server":"s2",)"
      R"("client":"10.0.1.2","client_port":33313,"queue_ms":0.000,"connect_ms":1.500,"total_ms":2001.499,)"
      R"("bytes_to_server":5,"bytes_to_client":212,"connections_process":4,"connections_frontend":3,)"
      R"("connections_backend":2,"connections_server":1,"retries":0,"queue_server":0,"queue_backend":0,"redispatched":false,)"
      R"("end_reason":"completed","end_phase":"finished","termination_state":"--","error":null,)"
      R"("error_number":null,"detail":null,"lane":0,"tls":null,"http":null})");
}

TEST_CASE("what does not apply is null") {
  Example example;
  ConnectionRecord& record = example.record;
  record.backend = record.server = record.bind = no_index;
  record.queue_us = record.connect_us = -1;
  record.client = {.family = corelane::base::Family::unix_socket};
  record.reason = EndReason::internal_error;
  record.phase = EndPhase::queue;
  record.error_number = 9999;
  record.detail = "bad_checksum";
  record.retries = 3;
  record.redispatched = true;
  record.lane = 2;
  CHECK(
      line(example) ==
      R"({"time":"2026-11-21T02:20:15.446Z","frontend":"fe","bind":null,"backend":null,"server":null,)"
      R"("client":"unix","client_port":null,"queue_ms":null,"connect_ms":null,"total_ms":2001.499,)"
      R"("bytes_to_server":5,"bytes_to_client":212,"connections_process":4,"connections_frontend":3,)"
      R"("connections_backend":2,"connections_server":1,"retries":3,"queue_server":0,"queue_backend":0,"redispatched":true,)"
      R"("end_reason":"internal_error","end_phase":"queue","termination_state":"IQ","error":null,)"
      R"("error_number":9999,"detail":"bad_checksum","lane":2,"tls":null,"http":null})");
}

TEST_CASE("a client that spoke TLS") {
  Example example;
  example.record.with_tls = true;
  CHECK(line(example).find(R"("tls":{"version":null,"cipher":null})") != std::string::npos);
  example.record.tls_version = "TLSv1.3";
  example.record.tls_cipher = "TLS_AES_128_GCM_SHA256";
  CHECK(line(example).find(R"("tls":{"version":"TLSv1.3","cipher":"TLS_AES_128_GCM_SHA256"})") !=
        std::string::npos);
}

TEST_CASE("an HTTP request, every key in its place") {
  HttpExample example;
  ConnectionRecord& record = example.record;
  example.at(12, 50, 29, 275);
  example.request_line = "GET /q\"?x HTTP/1.1";
  example.request_captures = {"Host", "User-Agent"};
  example.response_captures = {"Server"};
  example.request_headers = {"example.org", std::nullopt};
  example.response_headers = {"a|b\xff"};
  example.client_cookie = "SESS=1";
  record.http.handshake_us = 2'000;
  record.http.idle_us = 210'000;
  record.http.request_us = 1;
  record.http.response_us = 3'004;
  record.total_us = 216'005;
  record.http.client_cookie = ClientCookie::valid;
  record.http.server_cookie = ServerCookie::none;
  record.http.server_connection_reused = true;
  CHECK(http_of(example) ==
        R"({"request_number":1,"method":"GET","target":"/q\"?x","version":"1.1","status":200,)"
        R"("handshake_ms":2.000,"idle_ms":210.000,"request_ms":0.001,"response_ms":3.004,"active_ms":4.005,)"
        R"("refusal_position":null,"server_connection_reused":true,"before_end":false,)"
        R"("request_headers":{"Host":"example.org","User-Agent":null},"request_cookie":"SESS=1",)"
        "\"response_headers\":{\"Server\":\"a|b\xef\xbf\xbd\"},\"response_cookie\":null}}");
  fmt::memory_buffer out;
  example.with_names([&](const Names& names) { append_json_log(out, record, example.text(), names); });
  const std::string text = text_of(out);
  CHECK(text.starts_with(R"({"time":"2026-11-21T12:50:29.487Z",)"));
  CHECK(text.find(R"("termination_state":"--VN")") != std::string::npos);
}

TEST_CASE("a refused HTTP request says where and why, and what it was as far as that is known") {
  HttpExample example;
  example.refused(EndReason::request_invalid, 400);
  example.record.http.refusal_position = 17;
  example.record.http.version = 0;
  CHECK(http_of(example) ==
        R"({"request_number":1,"method":null,"target":null,"version":null,"status":400,)"
        R"("handshake_ms":0.000,"idle_ms":0.000,"request_ms":null,"response_ms":null,"active_ms":0.000,)"
        R"("refusal_position":17,"server_connection_reused":false,"before_end":false,)"
        R"("request_headers":{},"request_cookie":null,"response_headers":{},"response_cookie":null}})");
  example.request_line = "GET";
  CHECK(http_of(example).find(R"("method":"GET","target":"","version":null)") != std::string::npos);
  example.request_line = "GET /a b HTTP/1.0";
  example.record.http.version = 10;
  CHECK(http_of(example).find(R"("method":"GET","target":"/a b","version":"1.0")") != std::string::npos);
  const std::string cut = "GET /" + std::string(1018, 'u');
  example.request_line = cut;
  CHECK(http_of(example).find(R"("target":"/)" + std::string(1018, 'u') + "\"") != std::string::npos);
}

TEST_CASE("errors have names") {
  Example example;
  example.record.error_number = 111;
  CHECK(line(example).find(R"("error":"ECONNREFUSED","error_number":111)") != std::string::npos);
  CHECK(error_name(104) == "ECONNRESET");
  CHECK(error_name(110) == "ETIMEDOUT");
  CHECK(error_name(0).empty());
}

TEST_CASE("strings are always JSON") {
  struct Row {
    std::string_view text;
    std::string expected;
  };
  using namespace std::string_view_literals;
  const std::string replaced = "\xef\xbf\xbd";
  for (const Row& row : {
           Row{"", R"("")"},
           Row{"plain /:'", R"("plain /:'")"},
           Row{"\"\\", R"("\"\\")"},
           Row{"\n\r\t", R"("\n\r\t")"},
           Row{"\0\x01\x1f\x7f"sv, R"("\u0000\u0001\u001f\u007f")"},
           Row{"\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\""},
           Row{"a\xff"
               "b",
               "\"a" + replaced + "b\""},
           Row{"\xc3", "\"" + replaced + "\""},                                // cut short
           Row{"\xc0\x80", "\"" + replaced + replaced + "\""},                 // overlong
           Row{"\xe0\x80\x80", "\"" + replaced + replaced + replaced + "\""},  // overlong
           Row{"\xed\xa0\x80", "\"" + replaced + replaced + replaced + "\""},  // a surrogate
           Row{"\xf4\x90\x80\x80",
               "\"" + replaced + replaced + replaced + replaced + "\""},  // above U+10FFFF
           Row{"\xe2\x82\"", "\"" + replaced + replaced + "\\\"\""},
       }) {
    CHECK(quoted(row.text) == row.expected);
  }
}
