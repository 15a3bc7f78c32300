// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "config/model.hpp"
#include "logfmt/http_log_text.hpp"
#include "proto/http_head.hpp"

/// What a frontend's `capture` takes from heads for the log line, as HAProxy takes it: of several fields of
/// one name the last, of a cookie name and value.
namespace corelane::proxy {

/// So much memory, at most, do the parts of this request and of its response need.
std::size_t captured_bytes_max(const config::Capture& capture, const proto::HttpRequestHead& head);

void capture_request(const config::Capture& capture, const proto::HttpRequestHead& head,
                     logfmt::HttpLogTextWriter& texts);
void capture_response(const config::Capture& capture, const proto::HttpResponseHead& head,
                      logfmt::HttpLogTextWriter& texts);

}  // namespace corelane::proxy
