// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// Why a message of HTTP/1 is refused. Each reason has one row with its word for log lines;
/// docs/http-strictness.md is made from them.
namespace corelane::proto {

enum class HttpError : std::uint8_t {
  none,
  bad_line_end,
  control_character,
  head_too_large,
  too_many_fields,
  too_many_empty_lines,
  bad_method,
  bad_request_line,
  bad_target,
  target_form,
  target_too_long,
  target_fragment,
  target_percent,
  target_userinfo,
  bad_version,
  unsupported_version,
  bad_status_line,
  bad_status,
  bad_field_name,
  space_before_colon,
  missing_colon,
  folded_line,
  space_before_fields,
  missing_host,
  repeated_host,
  bad_host,
  host_mismatch,
  bad_content_length,
  repeated_content_length,
  length_with_transfer_encoding,
  bad_transfer_encoding,
  unknown_transfer_coding,
  transfer_encoding_in_http10,
  connect_with_body,
  framing_without_body,
  bad_chunk_size,
  bad_chunk_extension,
  chunk_line_too_long,
  bad_chunk_end,
  trailer_too_large,
  forbidden_trailer,
  count,
};

struct HttpErrorRow {
  HttpError error = HttpError::none;
  std::string_view name;     // for log lines
  std::uint16_t status = 0;  // the answer to such a request; to such a response it is 502
  std::string_view help;     // what the peer sent
  std::string_view cure;     // what whoever runs it can do
};

/// One row for each reason, in the order of the enumeration; the first is none's.
inline constexpr std::array http_error_rows = {
    HttpErrorRow{HttpError::none, "", 0, "", ""},
    HttpErrorRow{HttpError::bad_line_end, "bad_line_end", 400,
                 "a CR without LF or an LF without CR (RFC 9112 2.2)",
                 "end each line with CRLF; hand-written clients often send LF alone"},
    HttpErrorRow{HttpError::control_character, "control_character", 400,
                 "NUL or another control character in the value of a field or in a reason (RFC 9110 5.5)",
                 "correct the peer; `control_in_values` lets all but NUL, CR and LF pass"},
    HttpErrorRow{HttpError::head_too_large, "head_too_large", 431,
                 "start line and fields together are longer than the limit (RFC 6585 5)",
                 "raise `global.tune.http.head_bytes`, or send fewer and shorter cookies"},
    HttpErrorRow{HttpError::too_many_fields, "too_many_fields", 431,
                 "the head or the trailer has more fields than the limit, or Connection names more than 32 "
                 "(RFC 6585 5)",
                 "raise `global.tune.http.fields`, or let Connection name fewer"},
    HttpErrorRow{HttpError::too_many_empty_lines, "too_many_empty_lines", 400,
                 "more than four empty lines before a request line (RFC 9112 2.2)",
                 "correct the client: its last body was longer than it said"},
    HttpErrorRow{HttpError::bad_method, "bad_method", 400,
                 "the method is no token (RFC 9110 9.1); a first byte of 0x16 is a TLS client's",
                 "look at what speaks to this port: it may be meant for TLS or another protocol"},
    HttpErrorRow{HttpError::bad_request_line, "bad_request_line", 400,
                 "not method, target and version with one space between each (RFC 9112 3)",
                 "correct the client: spaces in a target must be encoded as %20, HTTP/0.9 is not spoken"},
    HttpErrorRow{
        HttpError::bad_target, "bad_target", 400,
        "a character in the target that must be percent-encoded, or a scheme that is neither http nor "
        "https (RFC 9112 3.2, RFC 3986)",
        "encode the target; `characters_in_target` lets quotes, angle brackets and bytes above 0x7f "
        "pass"},
    HttpErrorRow{
        HttpError::target_form, "target_form", 400,
        "a form of target that the method does not have: `*` is for OPTIONS, `host:port` for CONNECT "
        "(RFC 9112 3.2)",
        "correct the client"},
    HttpErrorRow{HttpError::target_too_long, "target_too_long", 414,
                 "the target is longer than the limit (RFC 9110 15.5.15)",
                 "raise `global.tune.http.uri_bytes`"},
    HttpErrorRow{HttpError::target_fragment, "target_fragment", 400,
                 "a fragment (`#`) in the target (RFC 9112 3.2)",
                 "correct the client; `fragment_in_target` lets it pass"},
    HttpErrorRow{HttpError::target_percent, "target_percent", 400,
                 "a percent sign without two hexadecimal digits in the path (RFC 3986 2.1)",
                 "encode the sign as %25; `percent_in_path` lets it pass"},
    HttpErrorRow{HttpError::target_userinfo, "target_userinfo", 400,
                 "a user name in the authority of the target (RFC 9110 4.2.4)",
                 "send credentials in the field Authorization"},
    HttpErrorRow{HttpError::bad_version, "bad_version", 400,
                 "the version is not `HTTP/`, a digit, a dot and a digit (RFC 9112 2.3)",
                 "look at what speaks to this port: it may be another protocol"},
    HttpErrorRow{HttpError::unsupported_version, "unsupported_version", 505,
                 "a version other than HTTP/1.0 and HTTP/1.1 (RFC 9110 15.6.6)",
                 "let the client use HTTP/1.1; HTTP/2 without TLS is not spoken here"},
    HttpErrorRow{HttpError::bad_status_line, "bad_status_line", 502,
                 "a response that does not begin with version, space, status, space (RFC 9112 4)",
                 "look at the server: it may speak another protocol; `short_status_line` lets the second "
                 "space be missing"},
    HttpErrorRow{HttpError::bad_status, "bad_status", 502,
                 "a status that is not three digits from 100 to 599 (RFC 9110 15)", "correct the server"},
    HttpErrorRow{HttpError::bad_field_name, "bad_field_name", 400,
                 "the name of a field is empty or no token (RFC 9110 5.1)",
                 "correct the peer; `characters_in_names` lets visible ASCII pass"},
    HttpErrorRow{HttpError::space_before_colon, "space_before_colon", 400,
                 "white space between the name of a field and its colon (RFC 9112 5.1)", "correct the peer"},
    HttpErrorRow{HttpError::missing_colon, "missing_colon", 400,
                 "a line among the fields that has no colon (RFC 9112 5)", "correct the peer"},
    HttpErrorRow{HttpError::folded_line, "folded_line", 400,
                 "a field that goes on in a line that begins with white space (RFC 9112 5.2)",
                 "let the peer send each field in one line"},
    HttpErrorRow{HttpError::space_before_fields, "space_before_fields", 400,
                 "white space between the start line and the first field (RFC 9112 2.2)", "correct the peer"},
    HttpErrorRow{HttpError::missing_host, "missing_host", 400,
                 "a request of HTTP/1.1 without Host (RFC 9112 3.2)", "let the client send Host"},
    HttpErrorRow{HttpError::repeated_host, "repeated_host", 400,
                 "more than one field Host, even of the same value (RFC 9112 3.2)", "send one"},
    HttpErrorRow{HttpError::bad_host, "bad_host", 400,
                 "a Host, or an authority in the target, that is not a host name or address with an optional "
                 "port (RFC 9110 7.2, RFC 3986 3.2)",
                 "correct the client"},
    HttpErrorRow{HttpError::host_mismatch, "host_mismatch", 400,
                 "the target names another host or port than the field Host (RFC 9112 3.2)",
                 "send the same in both; only a default port may be left out"},
    HttpErrorRow{HttpError::bad_content_length, "bad_content_length", 400,
                 "a Content-Length that is not a decimal number below 2^63 without leading zeros, commas and "
                 "tabs (RFC 9112 6.3)",
                 "send the number alone"},
    HttpErrorRow{HttpError::repeated_content_length, "repeated_content_length", 400,
                 "more than one field Content-Length, even of the same value (RFC 9112 6.3)", "send one"},
    HttpErrorRow{HttpError::length_with_transfer_encoding, "length_with_transfer_encoding", 400,
                 "Content-Length together with Transfer-Encoding (RFC 9112 6.1)",
                 "send one of them: both together are how requests are smuggled"},
    HttpErrorRow{
        HttpError::bad_transfer_encoding, "bad_transfer_encoding", 400,
        "a Transfer-Encoding that is no list of codings or has a tab, or where `chunked` is repeated "
        "or not the last (RFC 9112 6.1, 7)",
        "send `Transfer-Encoding: chunked`"},
    HttpErrorRow{HttpError::unknown_transfer_coding, "unknown_transfer_coding", 501,
                 "a transfer coding other than `chunked` (RFC 9112 6.1)",
                 "compress with Content-Encoding instead"},
    HttpErrorRow{HttpError::transfer_encoding_in_http10, "transfer_encoding_in_http10", 400,
                 "Transfer-Encoding in a message of HTTP/1.0 (RFC 9112 6.1)",
                 "use HTTP/1.1, or Content-Length"},
    HttpErrorRow{HttpError::connect_with_body, "connect_with_body", 400,
                 "a CONNECT with Transfer-Encoding or a Content-Length above 0 (RFC 9110 9.3.6)",
                 "correct the client"},
    HttpErrorRow{HttpError::framing_without_body, "framing_without_body", 502,
                 "a response 1xx or 204, or 2xx to CONNECT, with Transfer-Encoding or a Content-Length above "
                 "0 (RFC 9110 8.6, RFC 9112 6.1)",
                 "correct the server: whoever believes the field waits for a body that never comes"},
    HttpErrorRow{
        HttpError::bad_chunk_size, "bad_chunk_size", 400,
        "the size of a chunk is not 1 to 16 hexadecimal digits of a number below 2^63 (RFC 9112 7.1)",
        "correct the peer: a sign, `0x` or white space is no part of a size"},
    HttpErrorRow{HttpError::bad_chunk_extension, "bad_chunk_extension", 400,
                 "what follows a chunk's size is no extension (RFC 9112 7.1.1)", "correct the peer"},
    HttpErrorRow{HttpError::chunk_line_too_long, "chunk_line_too_long", 400,
                 "the line of a chunk's size is longer than the limit",
                 "raise `global.tune.http.chunk_line_bytes`"},
    HttpErrorRow{HttpError::bad_chunk_end, "bad_chunk_end", 400,
                 "a chunk's data is not followed by CRLF (RFC 9112 7.1)",
                 "correct the peer: the size that it sent is wrong"},
    HttpErrorRow{HttpError::trailer_too_large, "trailer_too_large", 431,
                 "the fields after a chunked body are longer than the limit",
                 "raise `global.tune.http.trailer_bytes`"},
    HttpErrorRow{HttpError::forbidden_trailer, "forbidden_trailer", 400,
                 "a field after a chunked body that frames or routes a message, such as Content-Length or "
                 "Host (RFC 9110 6.5.1)",
                 "send it in the head"},
};

constexpr const HttpErrorRow& http_error_row(HttpError error) {
  return http_error_rows[static_cast<std::size_t>(error)];
}

/// Every reason has its row, at its place.
constexpr bool http_error_rows_are_complete() {
  for (std::size_t i = 0; i < http_error_rows.size(); ++i)
    if (static_cast<std::size_t>(http_error_rows[i].error) != i) return false;
  return http_error_rows.size() == static_cast<std::size_t>(HttpError::count);
}
static_assert(http_error_rows_are_complete());

}  // namespace corelane::proto
