// SPDX-License-Identifier: Apache-2.0
#include "logfmt/json_log.hpp"

#include <doctest/doctest.h>

#include "example.hpp"
#include "logfmt/error_name.hpp"

using namespace corelane::logfmt;

namespace {

std::string line(const Example& example) {
  fmt::memory_buffer out;
  append_json_log(out, example.record, example.names);
  return text_of(out);
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
      R"("error_number":null,"detail":null,"lane":0})");
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
      R"("error_number":9999,"detail":"bad_checksum","lane":2})");
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
