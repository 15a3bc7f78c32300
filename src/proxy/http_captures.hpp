// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/model.hpp"
#include "logfmt/http_log_text.hpp"
#include "proto/http_head.hpp"

/// What a frontend's `capture` takes from heads for the log line, as HAProxy takes it: of several fields of
/// one name the last, of a cookie name and value.
namespace corelane::proxy {

void capture_request(const config::Capture& capture, const proto::HttpRequestHead& head,
                     logfmt::HttpLogTextWriter& texts);
void capture_response(const config::Capture& capture, const proto::HttpResponseHead& head,
                      logfmt::HttpLogTextWriter& texts);

}  // namespace corelane::proxy
