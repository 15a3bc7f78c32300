// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "example.hpp"
#include "logfmt/log_format.hpp"

using namespace corelane::logfmt;
using corelane::base::Endpoint;
using corelane::base::Family;

namespace {

std::string line(const Example& example, std::int32_t utc_offset_s = 0) {
  return line_of(tcp_log_format, false, example.record, {}, example.names, utc_offset_s);
}

}  // namespace

TEST_CASE("a completed connection") {
  Example example;
  CHECK(line(example) == "10.0.1.2:33313 [21/Nov/2026:02:20:15.446] fe bk/s2 0/2/2001 212 -- 4/3/2/1/0 0/0");
  CHECK(line(example, -3 * 3600) ==
        "10.0.1.2:33313 [20/Nov/2026:23:20:15.446] fe bk/s2 0/2/2001 212 -- 4/3/2/1/0 0/0");
}

// The expected lines are what HAProxy 2.6 sent in these situations, its names and port numbers changed to the
// example's.
TEST_CASE("lines as HAProxy writes them") {
  Example example;
  ConnectionRecord& record = example.record;
  record.connections_process = record.connections_frontend = 1;
  record.connections_backend = record.connections_server = 0;
  record.total_us = 0;
  record.bytes_to_client = 0;

  SUBCASE("refused, tried again elsewhere") {
    record.connect_us = -1;
    record.retries = 2;
    record.redispatched = true;
    record.reason = EndReason::connect_refused;
    record.phase = EndPhase::connect;
    CHECK(line(example) == "10.0.1.2:33313 [21/Nov/2026:02:20:15.446] fe bk/s2 0/-1/0 0 SC 1/1/0/0/+2 0/0");
  }
  SUBCASE("no server") {
    record.queue_us = record.connect_us = -1;
    record.server = no_index;
    record.reason = EndReason::no_server_available;
    record.phase = EndPhase::queue;
    CHECK(line(example) ==
          "10.0.1.2:33313 [21/Nov/2026:02:20:15.446] fe bk/<NOSRV> -1/-1/0 0 SC 1/1/0/0/0 0/0");
  }
  SUBCASE("no backend") {
    record.queue_us = record.connect_us = -1;
    record.server = record.backend = no_index;
    record.reason = EndReason::no_server_available;
    CHECK(line(example) ==
          "10.0.1.2:33313 [21/Nov/2026:02:20:15.446] fe fe/<NOSRV> -1/-1/0 0 SC 1/1/0/0/0 0/0");
  }
  SUBCASE("an IPv6 client") {
    record.client = {
        .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, .port = 47216, .family = Family::ipv6};
    record.connect_us = 0;
    CHECK(line(example) == "::1:47216 [21/Nov/2026:02:20:15.446] fe bk/s2 0/0/0 0 -- 1/1/0/0/0 0/0");
  }
  SUBCASE("a client on a UNIX socket") {
    record.client = {.family = Family::unix_socket};
    record.bind = 1;
    record.connect_us = 0;
    CHECK(line(example) == "unix:2 [21/Nov/2026:02:20:15.446] fe bk/s2 0/0/0 0 -- 1/1/0/0/0 0/0");
  }
}

TEST_CASE("positions beyond the names do no harm") {
  Example example;
  example.record.frontend = example.record.backend = 7;
  CHECK(line(example) ==
        "10.0.1.2:33313 [21/Nov/2026:02:20:15.446] - -/<NOSRV> 0/2/2001 212 -- 4/3/2/1/0 0/0");
}
