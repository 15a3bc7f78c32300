// SPDX-License-Identifier: Apache-2.0
#include "logfmt/log_choice.hpp"

#include <doctest/doctest.h>

#include "example.hpp"
#include "http_example.hpp"

using namespace corelane::logfmt;

namespace {

constexpr LogChoice everything{};
constexpr LogChoice not_null{.dont_log_null = true};
constexpr LogChoice not_normal{.dont_log_normal = true};

void expect_failure(const ConnectionRecord& record, bool failure) {
  CHECK(is_failure(record) == failure);
  CHECK(should_log(record, everything));
  CHECK(should_log(record, not_normal) == failure);
  CHECK(log_severity(record, false) == SyslogSeverity::info);
  CHECK(log_severity(record, true) == (failure ? SyslogSeverity::error : SyslogSeverity::info));
}

}  // namespace

TEST_CASE("failures are those that HAProxy calls errors") {
  HttpExample example;
  ConnectionRecord& record = example.record;
  expect_failure(record, false);
  SUBCASE("a client's error is the client's affair") {
    record.http.status = 404;
    expect_failure(record, false);
  }
  SUBCASE("a server's error") {
    record.http.status = 500;
    expect_failure(record, true);
  }
  SUBCASE("tried again") {
    record.retries = 1;
    expect_failure(record, true);
  }
  SUBCASE("redispatched") {
    record.redispatched = true;
    expect_failure(record, true);
  }
  SUBCASE("the client aborted") {
    record.reason = EndReason::client_aborted;
    record.phase = EndPhase::data;
    expect_failure(record, true);
  }
  SUBCASE("refused") {
    example.refused(EndReason::request_invalid, 400);
    expect_failure(record, true);
  }
  SUBCASE("answered by ourselves") {
    example.refused(EndReason::answered_locally, 302);
    expect_failure(record, false);
  }
  SUBCASE("not ended yet") {
    record.reason = EndReason::none;
    record.phase = EndPhase::data;
    expect_failure(record, false);
  }
  SUBCASE("of TCP") {
    expect_failure(Example().record, false);
    record = Example().record;
    record.reason = EndReason::server_timeout;
    record.phase = EndPhase::data;
    expect_failure(record, true);
  }
}

TEST_CASE("null connections are those that brought nothing") {
  SUBCASE("of HTTP") {
    HttpExample example;
    example.refused(EndReason::request_incomplete, 400);
    CHECK(should_log(example.record, not_null));
    example.record.http.idle_us = -1;
    CHECK_FALSE(should_log(example.record, not_null));
    CHECK(should_log(example.record, everything));
    CHECK_FALSE(should_log(example.record, {.dont_log_null = true, .dont_log_normal = true}));
  }
  SUBCASE("of TCP") {
    ConnectionRecord record = Example().record;
    record.bytes_to_server = 0;
    CHECK(should_log(record, not_null));
    record.bytes_to_client = 0;
    CHECK_FALSE(should_log(record, not_null));
    record.detail = "bad_checksum";
    CHECK(should_log(record, not_null));
    record.detail = {};
    record.bytes_to_server = 1;
    CHECK(should_log(record, not_null));
  }
}
