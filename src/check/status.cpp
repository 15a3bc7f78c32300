// SPDX-License-Identifier: Apache-2.0
#include "check/status.hpp"

#include <array>
#include <cstddef>

#include "base/check.hpp"

namespace corelane::check {
namespace {

constexpr std::array<CheckStatusRow, static_cast<std::size_t>(CheckStatus::count)> rows{{
    {CheckStatus::initializing, "INI", "Initializing", false, "No check has ended yet."},
    {CheckStatus::l4_ok, "L4OK", "Layer4 check passed", true, "The server accepted the connection."},
    {CheckStatus::l4_timeout, "L4TOUT", "Layer4 timeout", false,
     "The server did not answer the connection attempt within the check time-out."},
    {CheckStatus::l4_connect, "L4CON", "Layer4 connection problem", false,
     "The server refused the connection or there is no way to it."},
    {CheckStatus::l6_ok, "L6OK", "Layer6 check passed", true, "The TLS handshake succeeded."},
    {CheckStatus::l6_timeout, "L6TOUT", "Layer6 timeout", false,
     "The server accepted the connection but did not answer the TLS handshake within the check time-out."},
    {CheckStatus::l6_response, "L6RSP", "Layer6 invalid response", false, "The TLS handshake failed."},
    {CheckStatus::l7_ok, "L7OK", "Layer7 check passed", true, "The server gave the expected answer."},
    {CheckStatus::l7_ok_conditional, "L7OKC", "Layer7 check conditionally passed", true,
     "The server is well and asks for no new connections: it answered 404 where disable_on_404 is set."},
    {CheckStatus::l7_timeout, "L7TOUT", "Layer7 timeout", false,
     "The server accepted the connection but gave no whole answer within the check time-out."},
    {CheckStatus::l7_response, "L7RSP", "Layer7 invalid response", false,
     "The server's answer broke the rules of its protocol."},
    {CheckStatus::l7_status, "L7STS", "Layer7 wrong status", false,
     "The server's answer was sound but not the expected one."},
    {CheckStatus::health_analyze, "HANA", "Health analyze", false,
     "Connections of clients failed as often in a row as error_limit says."},
}};

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].status != static_cast<CheckStatus>(i) || rows[i].word.empty()) return false;
  return true;
}
static_assert(rows_are_in_order());

}  // namespace

const CheckStatusRow& check_status_row(CheckStatus status) {
  CORELANE_CHECK(status < CheckStatus::count);
  return rows[static_cast<std::size_t>(status)];
}

}  // namespace corelane::check
