// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/functions.hpp"

/// Samples of bodies that somebody keeps.
namespace corelane::sample {

constexpr FetchRow body_row(std::string_view name, unsigned needs, Type output, FetchFunction* fetch,
                            std::string_view help) {
  return {.name = name, .output = output, .needs = needs | need_body, .fetch = fetch, .help = help};
}

inline constexpr FetchRow body_rows[] = {
    body_row("req.body", need_request, Type::binary, fetch_body,
             "The request's body without its framing, as much of it as is there: `http_buffer_request` and "
             "the rule `wait-for-body` wait for it."),
    body_row("req.body_len", need_request, Type::sint, fetch_body_len, "How many bytes of it are there."),
    body_row("req.body_size", need_request, Type::sint, fetch_body_size,
             "How many bytes the request says that it has; where it does not, how many are there."),
    FetchRow{.name = "req.body_param",
             .arguments = {ArgumentKind::text},
             .needs = need_request | need_body,
             .fetch = fetch_body_param,
             .help =
                 "The value of a parameter of a form's body; of any one without a name. A condition looks "
                 "at each."},
    body_row("res.body", need_response, Type::binary, fetch_body, "As req.body, of the response."),
    body_row("res.body_len", need_response, Type::sint, fetch_body_len, "As req.body_len, of the response."),
    body_row("res.body_size", need_response, Type::sint, fetch_body_size,
             "As req.body_size, of the response."),
};

}  // namespace corelane::sample
