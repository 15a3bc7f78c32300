// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "http_example.hpp"
#include "logfmt/log_format.hpp"

using namespace corelane::logfmt;

namespace {

std::string line(const HttpExample& example, std::int32_t utc_offset_s = 0) {
  return line_of(http_log_format, example, utc_offset_s);
}

}  // namespace

// All expected lines are what HAProxy 2.6 wrote about such requests, but where a case says otherwise.

TEST_CASE("requests that went well") {
  HttpExample example;
  ConnectionRecord& record = example.record;
  example.at(12, 50, 29, 275);

  SUBCASE("the first of a connection") {
    record.http.response_us = record.total_us = 3'000;
    CHECK(line(example) ==
          R"(127.0.0.1:56980 [21/Nov/2026:12:50:29.275] plain bk/s1 0/0/0/3/3 200 54 - - ---- 1/1/0/0/0 0/0 )"
          R"("GET / HTTP/1.1")");
  }
  SUBCASE("the date is that of the first byte, local time") {
    record.http.handshake_us = 2'000;
    record.http.idle_us = 210'000;
    record.total_us = 212'000;
    CHECK(line(example, 3600) ==
          R"(127.0.0.1:56980 [21/Nov/2026:13:50:29.487] plain bk/s1 0/0/0/0/0 200 54 - - ---- 1/1/0/0/0 0/0 )"
          R"("GET / HTTP/1.1")");
  }
  SUBCASE("a slow head, a slow server, a slow body") {
    example.request_line = "GET /parts HTTP/1.1";
    record.http.idle_us = 5;
    record.http.request_us = 150'000;
    record.http.response_us = 253'000;
    record.total_us = 503'005;
    CHECK(line(example) ==
          R"(127.0.0.1:56980 [21/Nov/2026:12:50:29.275] plain bk/s1 150/0/0/253/503 200 54 - - ---- )"
          R"(1/1/0/0/0 0/0 "GET /parts HTTP/1.1")");
  }
  SUBCASE("another method, an absolute target") {
    example.request_line = "PROPFIND http://example.org/abs HTTP/1.0";
    CHECK(line(example).ends_with(R"( "PROPFIND http://example.org/abs HTTP/1.0")"));
  }
}

TEST_CASE("what could break a line is encoded") {
  HttpExample example;
  example.frontend = "cap";
  example.request_captures = {"Host", "User-Agent", "X-Missing"};
  example.response_captures = {"Server", "X-Long"};
  example.at(12, 50, 55, 756);
  example.record.bytes_to_client = 126;

  SUBCASE("captures and cookies") {
    example.request_line = "GET /setcookie HTTP/1.1";
    example.request_headers = {"example.org", "|{}#\"\xe9", std::nullopt};
    example.response_headers = {"x\x7fy|{}#\"z\xe9", "0123"};
    example.client_cookie = "SESS=\"\xe9#";
    example.server_cookie = "SESS=abcdefg";
    CHECK(line(example) ==
          "127.0.0.1:56980 [21/Nov/2026:12:50:55.756] cap bk/s1 0/0/0/0/0 200 126 SESS=\"\xe9# SESS=abcdefg "
          "---- 1/1/0/0/0 0/0 {example.org|#7C#7B#7D#23#22#E9|} {x#7Fy#7C#7B#7D#23#22z#E9|0123} "
          "\"GET /setcookie HTTP/1.1\"");
  }
  SUBCASE("captures that are not there") {
    example.request_headers = {"example.org", std::nullopt, std::nullopt};
    example.response_headers = {std::nullopt, std::nullopt};
    CHECK(line(example) ==
          R"(127.0.0.1:56980 [21/Nov/2026:12:50:55.756] cap bk/s1 0/0/0/0/0 200 126 - - ---- 1/1/0/0/0 0/0 )"
          R"({example.org||} {|} "GET / HTTP/1.1")");
  }
  SUBCASE("only response headers are captured") {
    example.request_captures = {};
    example.response_headers = {"Apache", ""};
    CHECK(line(example).find(R"( 0/0 {Apache|} "GET / HTTP/1.1")") != std::string::npos);
  }
  SUBCASE("no text at all, which HAProxy cannot come to") {
    example.request_line = std::nullopt;
    CHECK(line(example).ends_with(R"( 126 - - ---- 1/1/0/0/0 0/0 {||} {|} "<BADREQ>")"));
  }
  SUBCASE("a request line") {
    // HAProxy refuses these; the encoding is what its manual says of request lines.
    example.request_line = "GET /q\"#{|}\x01\xff~ HTTP/1.1";
    CHECK(line(example).ends_with(R"("GET /q#22#23{|}#01#FF~ HTTP/1.1")"));
  }
  SUBCASE("no control character of a cookie comes through") {  // in HAProxy they do
    example.client_cookie = "a\tb\x7f";
    CHECK(line(example).find(" a#09b#7F - ---- ") != std::string::npos);
  }
}

TEST_CASE("requests that were refused while they were read") {
  HttpExample example;
  ConnectionRecord& record = example.record;
  example.at(12, 50, 34, 766);

  SUBCASE("broken") {
    example.refused(EndReason::request_invalid, 400);
    CHECK(line(example) ==
          R"(127.0.0.1:56980 [21/Nov/2026:12:50:34.766] plain plain/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- )"
          R"(1/1/0/0/0 0/0 "<BADREQ>")");
  }
  SUBCASE("broken, where headers are captured") {
    example.frontend = "cap";
    example.request_captures = {"Host"};
    example.response_captures = {"Server"};
    example.refused(EndReason::request_invalid, 400);
    CHECK(line(example) ==
          R"(127.0.0.1:56980 [21/Nov/2026:12:50:34.766] cap cap/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- )"
          R"(1/1/0/0/0 0/0 "<BADREQ>")");
  }
  SUBCASE("given up") {
    example.refused(EndReason::request_incomplete, 400);
    record.total_us = 50'000;
    CHECK(line(example) ==
          R"(127.0.0.1:56980 [21/Nov/2026:12:50:34.766] plain plain/<NOSRV> -1/-1/-1/-1/50 400 0 - - CR-- )"
          R"(1/1/0/0/0 0/0 "<BADREQ>")");
  }
  SUBCASE("too slow, and nothing came at all") {
    example.refused(EndReason::request_timeout, 408);
    record.http.idle_us = -1;
    record.total_us = 704'000;
    CHECK(line(example) ==
          R"(127.0.0.1:56980 [21/Nov/2026:12:50:34.766] plain plain/<NOSRV> -1/-1/-1/-1/704 408 0 - - cR-- )"
          R"(1/1/0/0/0 0/0 "<BADREQ>")");
  }
  SUBCASE("denied") {
    example.refused(EndReason::request_denied, 403);
    example.frontend = "deny";
    example.request_line = "GET /x HTTP/1.1";
    record.http.request_us = 0;
    record.bytes_to_client = 192;
    CHECK(line(example) ==
          R"(127.0.0.1:56980 [21/Nov/2026:12:50:34.766] deny deny/<NOSRV> 0/-1/-1/-1/0 403 192 - - PR-- )"
          R"(1/1/0/0/0 0/0 "GET /x HTTP/1.1")");
  }
  SUBCASE("redirected") {
    example.refused(EndReason::answered_locally, 302);
    example.frontend = "redir";
    example.request_line = "GET /r HTTP/1.1";
    record.http.request_us = 0;
    record.bytes_to_client = 87;
    CHECK(line(example) ==
          R"(127.0.0.1:56980 [21/Nov/2026:12:50:34.766] redir redir/<NOSRV> 0/-1/-1/-1/0 302 87 - - LR-- )"
          R"(1/1/0/0/0 0/0 "GET /r HTTP/1.1")");
  }
}

TEST_CASE("requests that servers failed") {
  HttpExample example;
  ConnectionRecord& record = example.record;
  example.at(12, 50, 46, 375);
  struct Row {
    EndReason reason;
    EndPhase phase;
    std::int16_t status;
    std::int64_t response_us, total_us;
    std::uint64_t bytes;
    const char* expected;
  };
  for (const Row& row : {
           Row{EndReason::server_no_response, EndPhase::headers, 502, -1, 0, 209,
               "0/0/0/-1/0 502 209 - - SH-- 1/1/0/0/0 0/0"},
           Row{EndReason::server_reset, EndPhase::headers, 502, -1, 0, 209,
               "0/0/0/-1/0 502 209 - - SH-- 1/1/0/0/0 0/0"},
           Row{EndReason::response_timeout, EndPhase::headers, 504, -1, 804'000, 198,
               "0/0/0/-1/804 504 198 - - sH-- 1/1/0/0/0 0/0"},
           Row{EndReason::response_invalid, EndPhase::headers, 502, -1, 0, 209,
               "0/0/0/-1/0 502 209 - - PH-- 1/1/0/0/0 0/0"},
           Row{EndReason::response_incomplete, EndPhase::data, 200, 0, 100'000, 55,
               "0/0/0/0/100 200 55 - - SD-- 1/1/0/0/0 0/0"},
           Row{EndReason::server_timeout, EndPhase::data, 200, 3'000, 806'000, 55,
               "0/0/0/3/806 200 55 - - sD-- 1/1/0/0/0 0/0"},
           Row{EndReason::client_aborted, EndPhase::data, 200, 117'000, 125'000, 3'358'987,
               "0/0/0/117/125 200 3358987 - - CD-- 1/1/0/0/0 0/0"},
           Row{EndReason::client_timeout, EndPhase::data, 200, 4'000, 1'505'000, 54,
               "0/0/0/4/1505 200 54 - - cD-- 1/1/0/0/0 0/0"},
           Row{EndReason::client_aborted, EndPhase::data, -1, -1, 100'000, 0,
               "0/0/0/-1/100 -1 0 - - CD-- 1/1/0/0/0 0/0"},
           Row{EndReason::request_invalid, EndPhase::headers, 400, -1, 100'000, 206,
               "0/0/0/-1/100 400 206 - - PH-- 1/1/0/0/0 0/0"},
           Row{EndReason::tunnel_timeout, EndPhase::data, 101, 0, 703'000, 133,
               "0/0/0/0/703 101 133 - - cD-- 1/1/0/0/0 0/0"},
       }) {
    record.reason = row.reason;
    record.phase = row.phase;
    record.http.status = row.status;
    record.http.response_us = row.response_us;
    record.total_us = row.total_us;
    record.bytes_to_client = row.bytes;
    CHECK(line(example) == std::string("127.0.0.1:56980 [21/Nov/2026:12:50:46.375] plain bk/s1 ") +
                               row.expected + " \"GET / HTTP/1.1\"");
  }
}

TEST_CASE("requests that no server got") {
  HttpExample example;
  ConnectionRecord& record = example.record;
  example.at(12, 51, 0, 758);
  record.connect_us = record.http.response_us = -1;
  record.http.status = 503;
  record.bytes_to_client = 217;

  SUBCASE("refused, and tried again elsewhere") {
    example.frontend = "down";
    example.backend = "bkdown";
    example.server = "d2";
    record.reason = EndReason::connect_refused;
    record.phase = EndPhase::connect;
    record.retries = 1;
    record.redispatched = true;
    CHECK(line(example) ==
          R"(127.0.0.1:56980 [21/Nov/2026:12:51:00.758] down bkdown/d2 0/0/-1/-1/0 503 217 - - SC-- )"
          R"(1/1/0/0/+1 0/0 "GET / HTTP/1.1")");
  }
  SUBCASE("there is none") {
    example.frontend = "nosrv";
    example.backend = "bknone";
    record.server = no_index;
    record.queue_us = -1;
    record.reason = EndReason::no_server_available;
    record.phase = EndPhase::queue;
    CHECK(line(example) ==
          R"(127.0.0.1:56980 [21/Nov/2026:12:51:00.758] nosrv bknone/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- )"
          R"(1/1/0/0/0 0/0 "GET / HTTP/1.1")");
  }
  SUBCASE("waited in vain") {
    example.frontend = "queue";
    example.backend = "bkq";
    example.request_line = "GET /slow HTTP/1.1";
    record.server = no_index;
    record.queue_us = record.total_us = 402'000;
    record.connections_process = record.connections_frontend = 3;
    record.connections_backend = 2;
    record.queue_backend = 1;
    record.reason = EndReason::queue_timeout;
    record.phase = EndPhase::queue;
    CHECK(line(example) ==
          R"(127.0.0.1:56980 [21/Nov/2026:12:51:00.758] queue bkq/<NOSRV> 0/402/-1/-1/402 503 217 - - sQ-- )"
          R"(3/3/2/0/0 0/1 "GET /slow HTTP/1.1")");
  }
}

TEST_CASE("lines that are written before the end say so") {
  HttpExample example;
  ConnectionRecord& record = example.record;
  example.at(12, 50, 55, 758);
  example.frontend = "asap";
  example.request_line = "GET /slow HTTP/1.1";
  record.http.before_end = true;
  record.http.response_us = record.total_us = 251'000;
  record.bytes_to_client = 49;
  record.connections_backend = record.connections_server = 1;
  record.reason = EndReason::none;
  record.phase = EndPhase::data;
  CHECK(line(example) ==
        R"(127.0.0.1:56980 [21/Nov/2026:12:50:55.758] asap bk/s1 0/0/0/251/+251 200 +49 - - ---- 1/1/1/1/0 )"
        R"(0/0 "GET /slow HTTP/1.1")");
}

TEST_CASE("what became of the persistence cookie") {
  HttpExample example;
  const auto state = [&](ClientCookie client, ServerCookie server) {
    example.record.http.client_cookie = client;
    example.record.http.server_cookie = server;
    const std::string text = line(example);
    return text.substr(text.find(" - - ") + 5, 4);
  };
  CHECK(state(ClientCookie::none, ServerCookie::inserted) == "--NI");
  CHECK(state(ClientCookie::valid, ServerCookie::none) == "--VN");
  CHECK(state(ClientCookie::invalid, ServerCookie::inserted) == "--II");
  CHECK(state(ClientCookie::expired, ServerCookie::inserted) == "--EI");
  CHECK(state(ClientCookie::old, ServerCookie::inserted) == "--OI");
  CHECK(state(ClientCookie::down, ServerCookie::inserted) == "--DI");
  CHECK(state(ClientCookie::unused, ServerCookie::provided) == "--UP");
  CHECK(state(ClientCookie::valid, ServerCookie::updated) == "--VU");
  CHECK(state(ClientCookie::valid, ServerCookie::rewritten) == "--VR");
  CHECK(state(ClientCookie::valid, ServerCookie::deleted) == "--VD");
  example.record.reason = EndReason::server_no_response;
  example.record.phase = EndPhase::headers;
  CHECK(state(ClientCookie::none, ServerCookie::none) == "SHNN");
}

TEST_CASE("timers never add up to more than the whole") {
  HttpExample example;
  example.record.http.request_us = example.record.queue_us = 600;
  example.record.connect_us = example.record.http.response_us = 600;
  example.record.total_us = 2'400;
  CHECK(line(example).find(" 1/0/1/0/2 200 ") != std::string::npos);
  example.record.queue_us = -1;
  example.record.total_us = 1'800;
  CHECK(line(example).find(" 1/-1/0/1/2 200 ") != std::string::npos);
}
