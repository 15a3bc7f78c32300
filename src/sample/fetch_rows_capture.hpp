// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/captured.hpp"
#include "sample/functions.hpp"

/// Samples of what was kept of a request and its response: they are there until the exchange ends.
namespace corelane::sample {

constexpr FetchRow captured_row(std::string_view name, std::string_view kept_in, std::string_view help) {
  return {.name = name, .fetch = fetch_captured, .help = help, .kept_in = kept_in};
}

constexpr FetchRow captured_slot_row(std::string_view name, std::string_view kept_in, std::string_view help) {
  FetchRow row = captured_row(name, kept_in, help);
  row.arguments = {ArgumentKind::integer};
  row.arguments_min = 1;
  return row;
}

inline constexpr FetchRow capture_rows[] = {
    captured_slot_row(
        "capture.req.hdr", captured_request_slot,
        "What was captured of the request: the number, from 0, is that of a field of `capture`, behind "
        "those of its `request_slots`, and behind these of the rules `capture` with a `length`."),
    captured_slot_row("capture.res.hdr", captured_response_slot, "The same of the response."),
    captured_row("capture.req.method", captured_method, "The method of the request, as it came."),
    captured_row("capture.req.uri", captured_uri, "Its target, as it came; 1024 bytes of it."),
    captured_row("capture.req.ver", captured_request_version, "Its version: `HTTP/1.1`."),
    captured_row("capture.res.ver", captured_response_version, "The version of the server's response."),
};

}  // namespace corelane::sample
