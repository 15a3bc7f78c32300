// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/endpoint.hpp"
#include "config/model_http.hpp"
#include "proto/http_edit.hpp"
#include "proto/http_head.hpp"

namespace corelane::proxy {

/// The two ends of a client's connection. `destination` is asked for where a field needs it.
struct ForwardedEnds {
  base::Endpoint client;
  base::Endpoint (*destination)(const void* context) = nullptr;
  const void* context = nullptr;
  bool secure = false;  // the client spoke TLS
};

/// Adds what frontend and backend want the server to know of the client: X-Forwarded-For, X-Original-To,
/// X-Forwarded-Proto and Forwarded (RFC 7239), each as a field of its own behind those that came, as HAProxy
/// does; X-Forwarded-Proto takes the place of one that came. Where both configure a field, the backend's name
/// for it counts, the exceptions of both, and if_none where both have it; Forwarded tells what either wants.
/// False when there is no room for the edits.
bool add_forwarded_fields(const config::HttpShared& frontend, const config::HttpShared& backend,
                          const ForwardedEnds& ends, const proto::HttpRequestHead& head,
                          proto::HttpHeadEdits& edits);

}  // namespace corelane::proxy
