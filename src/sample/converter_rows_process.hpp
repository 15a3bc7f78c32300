// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/captured.hpp"
#include "sample/functions.hpp"

/// Converters that ask the process, or leave something there.
namespace corelane::sample {

inline constexpr ConverterRow process_converter_rows[] = {
    ConverterRow{.name = "capture-req",
                 .arguments = {ArgumentKind::integer},
                 .arguments_min = 1,
                 .help = "As it came, and kept for the log line in that slot of requests.",
                 .convert_in_context = convert_capture_req,
                 .kept_in = captured_request_slot},
    ConverterRow{.name = "capture-res",
                 .arguments = {ArgumentKind::integer},
                 .arguments_min = 1,
                 .help = "The same in a slot of responses.",
                 .convert_in_context = convert_capture_res,
                 .kept_in = captured_response_slot},
    ConverterRow{.name = "debug",
                 .arguments = {ArgumentKind::text, ArgumentKind::display},
                 .help = "As it came, and shown on standard error, or `stdout`, behind the first argument: "
                         "`[debug] mine: type=str </path>`.",
                 .convert_in_context = convert_debug,
                 .keeps_type = true},
    ConverterRow{.name = "nbsrv",
                 .output = Type::sint,
                 .help = "How many servers of the backend that it names get connections now.",
                 .convert_in_context = convert_nbsrv},
    ConverterRow{.name = "srv_queue",
                 .output = Type::sint,
                 .help =
                     "How many wait for the server that it names: BACKEND/SERVER, or one of the backend that "
                     "was chosen.",
                 .convert_in_context = convert_srv_queue},
};

}  // namespace corelane::sample
