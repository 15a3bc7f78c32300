// SPDX-License-Identifier: Apache-2.0
#include "proxy/end_counts.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "stats/counter_rows.hpp"

using namespace corelane;
using logfmt::EndReason;
using proxy::count_http_end;
using proxy::HttpEnd;

namespace {

constexpr std::size_t servers[] = {1, 2};

template <class Group>
void list(std::ostringstream& out, char letter, std::span<const stats::CounterRow<Group>> rows,
          const Group& group) {
  for (const auto& row : rows) {
    const std::uint64_t value = (group.*row.counter).get();
    for (std::uint64_t i = 0; i < value; ++i) out << ' ' << letter << '.' << row.name;
  }
}

/// Every counter that is not 0: f of the frontend, b and s of the backend and the server.
std::string counted(const HttpEnd& end) {
  const std::size_t binds[] = {1, 1};
  stats::LaneBlock block(binds, servers);
  count_http_end(block, end);
  std::ostringstream out;
  list(out, 'x', stats::frontend_rows(), block.frontend(0));
  list(out, 'f', stats::frontend_rows(), block.frontend(1));
  list(out, 'x', stats::backend_rows(), block.backend(0));
  list(out, 'b', stats::backend_rows(), block.backend(1));
  list(out, 'x', stats::server_rows(), block.server(1, 0));
  list(out, 's', stats::server_rows(), block.server(1, 1));
  return out.str();
}

HttpEnd ended(EndReason reason, int status) {
  return {.frontend = 1, .request_read = true, .backend = 1, .server = 1, .reason = reason, .status = status};
}

}  // namespace

TEST_CASE("failed handshakes are told apart") {
  struct Row {
    EndReason reason;
    tls::Error error;
    const char* expected;
  };
  for (const Row& row : {
           Row{EndReason::tls_handshake_failed, tls::Error::no_common_version, " t.failed_negotiation"},
           Row{EndReason::tls_handshake_failed, tls::Error::no_common_cipher, " t.failed_negotiation"},
           Row{EndReason::tls_handshake_failed, tls::Error::unknown_name, " t.failed_name"},
           Row{EndReason::tls_handshake_failed, tls::Error::no_peer_certificate, " t.failed_certificate"},
           Row{EndReason::tls_handshake_failed, tls::Error::bad_peer_certificate, " t.failed_certificate"},
           Row{EndReason::tls_handshake_failed, tls::Error::plain_http, " t.failed_protocol"},
           Row{EndReason::tls_handshake_refused, tls::Error::peer_alert, " t.failed_refused"},
           Row{EndReason::tls_handshake_incomplete, tls::Error::none, " t.failed_incomplete"},
           Row{EndReason::client_reset, tls::Error::none, " t.failed_incomplete"},
           Row{EndReason::tls_handshake_timeout, tls::Error::none, " t.failed_timeout"},
           Row{EndReason::process_stopping, tls::Error::none, " t.failed_internal"},
       }) {
    stats::TlsCounters counters;
    proxy::count_tls_failure(counters, row.reason, row.error);
    std::ostringstream out;
    list(out, 't', stats::tls_rows(), counters);
    CHECK(out.str() == row.expected);
  }
}

TEST_CASE("an exchange that went well counts everywhere") {
  HttpEnd end = ended(EndReason::completed, 204);
  end.response_read = true;
  CHECK(
      counted(end) ==
      " f.requests_total f.responses_2xx b.requests_total b.responses_2xx s.requests_total s.responses_2xx");
  end.connection_used = true;
  CHECK(counted(end).ends_with(" s.requests_total s.requests_reusing s.responses_2xx"));
}

TEST_CASE("a request that was never read is the frontend's affair alone") {
  struct Row {
    EndReason reason;
    int status;
    const char* expected;
  };
  for (const Row& row : {
           Row{EndReason::request_invalid, 431, " f.requests_invalid f.responses_4xx"},
           Row{EndReason::request_timeout, 408, " f.requests_timed_out f.responses_4xx"},
           Row{EndReason::request_incomplete, 400, " f.requests_incomplete"},
           Row{EndReason::client_reset, -1, " f.client_resets"},
           Row{EndReason::proxy_header_invalid, -1, " f.proxy_header_errors"},
       }) {
    HttpEnd end = ended(row.reason, row.status);
    end.request_read = false;
    end.backend = end.server = config::no_index;
    CHECK(counted(end) == row.expected);
  }
}

TEST_CASE("what was answered without a backend is a request, too") {
  HttpEnd end = ended(EndReason::completed, 200);
  end.backend = end.server = config::no_index;
  CHECK(counted(end) == " f.requests_total f.responses_2xx");
}

TEST_CASE("what no server got counts for the backend") {
  HttpEnd end = ended(EndReason::no_server_available, 503);
  end.server = config::no_index;
  CHECK(counted(end) ==
        " f.no_server f.requests_total f.responses_5xx b.no_server b.requests_total b.responses_5xx");
  end.reason = EndReason::client_aborted_connect;
  end.status = -1;
  CHECK(counted(end) == " f.requests_total f.client_aborts b.requests_total b.client_aborts");
}

TEST_CASE("our own answer is not the server's") {
  const auto expect = [](EndReason reason, int status, const std::string& expected) {
    CHECK(counted(ended(reason, status)) == " f.requests_total f.responses_5xx b.requests_total" + expected);
  };
  expect(EndReason::server_no_response, 502,
         " b.server_aborts b.responses_5xx s.requests_total s.server_aborts");
  expect(EndReason::server_reset, 502,
         " b.server_aborts b.responses_5xx s.server_resets s.requests_total s.server_aborts");
  expect(EndReason::response_timeout, 504, " b.responses_5xx s.server_timeouts s.requests_total");
  expect(EndReason::response_invalid, 502,
         " b.responses_invalid b.responses_5xx s.requests_total s.responses_invalid");
}

TEST_CASE("exchanges that broke off in the middle of a response") {
  HttpEnd end = ended(EndReason::client_aborted, 200);
  end.response_read = true;
  CHECK(counted(end) ==
        " f.requests_total f.client_aborts f.responses_2xx b.requests_total b.client_aborts b.responses_2xx "
        "s.requests_total s.client_aborts s.responses_2xx");
  end.reason = EndReason::response_incomplete;
  CHECK(counted(end) ==
        " f.requests_total f.responses_2xx b.requests_total b.server_aborts b.responses_2xx "
        "s.requests_total s.server_aborts s.responses_2xx");
  end.reason = EndReason::client_timeout;
  CHECK(counted(end).starts_with(" f.client_timeouts f.requests_total f.client_aborts "));
}
