// SPDX-License-Identifier: Apache-2.0
#include "logfmt/end_reason.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace corelane::logfmt;

TEST_CASE("every reason has its own name and a letter operators know") {
  std::set<std::string_view> names;
  for (unsigned i = 0; i < static_cast<unsigned>(EndReason::count); ++i) {
    const EndReason reason = static_cast<EndReason>(i);
    const EndReasonRow& row = end_reason_row(reason);
    CHECK(row.reason == reason);
    names.insert(row.name);
    CHECK(std::string_view("-CScsPLRDKI").find(row.cause) != std::string_view::npos);
    CHECK(row.help.back() == '.');
  }
  CHECK(names.size() == static_cast<std::size_t>(EndReason::count));
}

TEST_CASE("termination letters are HAProxy's") {
  struct Row {
    EndReason reason;
    EndPhase phase;
    const char* letters;
  };
  for (const Row& row : {
           Row{EndReason::completed, EndPhase::finished, "--"},
           Row{EndReason::completed, EndPhase::data, "--"},
           Row{EndReason::none, EndPhase::queue, "--"},
           Row{EndReason::client_reset, EndPhase::data, "CD"},
           Row{EndReason::client_timeout, EndPhase::data, "cD"},
           Row{EndReason::client_fin_timeout, EndPhase::data, "cD"},
           Row{EndReason::proxy_header_invalid, EndPhase::request, "PR"},
           Row{EndReason::proxy_header_incomplete, EndPhase::request, "CR"},
           Row{EndReason::proxy_header_timeout, EndPhase::request, "cR"},
           Row{EndReason::client_aborted_connect, EndPhase::connect, "CC"},
           Row{EndReason::client_aborted_connect, EndPhase::queue, "CQ"},
           Row{EndReason::server_reset, EndPhase::data, "SD"},
           Row{EndReason::server_timeout, EndPhase::data, "sD"},
           Row{EndReason::server_fin_timeout, EndPhase::data, "sD"},
           Row{EndReason::connect_refused, EndPhase::connect, "SC"},
           Row{EndReason::connect_unreachable, EndPhase::connect, "SC"},
           Row{EndReason::connect_timeout, EndPhase::connect, "sC"},
           Row{EndReason::no_server_available, EndPhase::queue, "SC"},
           Row{EndReason::queue_timeout, EndPhase::queue, "sQ"},
           Row{EndReason::source_ports_exhausted, EndPhase::connect, "RC"},
           Row{EndReason::descriptors_exhausted, EndPhase::connect, "RC"},
           Row{EndReason::server_marked_down, EndPhase::data, "DD"},
           Row{EndReason::process_stopping, EndPhase::data, "KD"},
           Row{EndReason::internal_error, EndPhase::connect, "IC"},
           Row{EndReason::request_invalid, EndPhase::request, "PR"},
           Row{EndReason::request_incomplete, EndPhase::request, "CR"},
           Row{EndReason::request_timeout, EndPhase::request, "cR"},
           Row{EndReason::request_denied, EndPhase::request, "PR"},
           Row{EndReason::request_denied, EndPhase::tarpit, "PT"},
           Row{EndReason::answered_locally, EndPhase::request, "LR"},
           Row{EndReason::client_aborted, EndPhase::headers, "CH"},
           Row{EndReason::client_aborted, EndPhase::last, "CL"},
           Row{EndReason::client_timeout, EndPhase::headers, "cH"},
           Row{EndReason::server_no_response, EndPhase::headers, "SH"},
           Row{EndReason::response_timeout, EndPhase::headers, "sH"},
           Row{EndReason::response_invalid, EndPhase::headers, "PH"},
           Row{EndReason::response_incomplete, EndPhase::data, "SD"},
       }) {
    const auto letters = termination_letters(row.reason, row.phase);
    CHECK(std::string(letters.data(), letters.size()) == row.letters);
  }
}

TEST_CASE("phases have names") {
  CHECK(end_phase_name(EndPhase::request) == "request");
  CHECK(end_phase_name(EndPhase::queue) == "queue");
  CHECK(end_phase_name(EndPhase::connect) == "connect");
  CHECK(end_phase_name(EndPhase::headers) == "headers");
  CHECK(end_phase_name(EndPhase::data) == "data");
  CHECK(end_phase_name(EndPhase::last) == "last");
  CHECK(end_phase_name(EndPhase::tarpit) == "tarpit");
  CHECK(end_phase_name(EndPhase::finished) == "finished");
  CHECK(end_phase_letter(EndPhase::finished) == '-');
}
