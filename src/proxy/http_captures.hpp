// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "config/model.hpp"
#include "logfmt/http_log_text.hpp"
#include "proto/http_head.hpp"

namespace corelane::proxy {
struct LaneState;
struct Session;
class Stream;
}  // namespace corelane::proxy

/// What a frontend's `capture` takes from heads for the log line, as HAProxy takes it: of several fields of
/// one name the last, of a cookie name and value.
namespace corelane::proxy {

/// So much memory, at most, do the parts of this request and of its response need.
std::size_t captured_bytes_max(const config::Capture& capture, const proto::HttpRequestHead& head);

/// Those of its response alone.
std::size_t captured_response_bytes_max(const config::Capture& capture);

void capture_request(const config::Capture& capture, const proto::HttpRequestHead& head,
                     logfmt::HttpLogTextWriter& texts);
void capture_response(const config::Capture& capture, const proto::HttpResponseHead& head,
                      logfmt::HttpLogTextWriter& texts);

/// Keeps what expressions ask for of these (KeptCaptures), where some do.
void keep_request(LaneState& lane, const Stream& stream, const Session& session,
                  const proto::HttpRequestHead& head);
void keep_response(LaneState& lane, const Stream& stream, const Session& session,
                   const proto::HttpResponseHead& head);

/// `texts`, with what rules have captured for the log line in its places; in memory of the lane, good until
/// the next rule is looked at.
std::string_view with_captured_slots(LaneState& lane, const Stream& stream, std::uint32_t frontend,
                                     std::string_view texts);

}  // namespace corelane::proxy
