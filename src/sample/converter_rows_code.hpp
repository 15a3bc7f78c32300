// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/functions.hpp"

/// Converters to and from other ways to write bytes, dates and JSON, and digests.
namespace corelane::sample {

/// The type that json_query's second argument asks for.
constexpr auto json_output_of = [](const Arguments& arguments) {
  return arguments[1].given() ? Type::sint : Type::string;
};

constexpr ConverterRow hash_row(std::string_view name, ConvertFunction* convert, std::string_view help) {
  return {.name = name,
          .arguments = {ArgumentKind::integer},
          .input = Type::binary,
          .output = Type::sint,
          .convert = convert,
          .help = help};
}

constexpr ConverterRow fine_date_row(std::string_view name, ConvertFunction* convert,
                                     ConvertInContextFunction* convert_in_context, std::string_view help) {
  return {.name = name,
          .arguments = {ArgumentKind::text, ArgumentKind::integer},
          .arguments_min = 1,
          .input = Type::sint,
          .convert = convert,
          .help = help,
          .convert_in_context = convert_in_context};
}

inline constexpr ConverterRow code_rows[] = {
    fine_date_row(
        "ms_utime", convert_ms_utime, nullptr,
        "As utime, of milliseconds; `%N` is the fraction of the second in nanoseconds, `%3N` its first "
        "three digits."),
    fine_date_row("us_utime", convert_us_utime, nullptr, "The same of microseconds."),
    fine_date_row("ms_ltime", nullptr, convert_ms_ltime, "As ms_utime, in the machine's time zone."),
    fine_date_row("us_ltime", nullptr, convert_us_ltime, "As us_utime, in the machine's time zone."),
    ConverterRow{.name = "be2dec",
                 .arguments = {ArgumentKind::text, ArgumentKind::chunk_size, ArgumentKind::integer},
                 .arguments_min = 2,
                 .input = Type::binary,
                 .convert = convert_be2dec,
                 .help =
                     "Each so many bytes as an integer, with a separator between them; what is left at the "
                     "end is left out where the third argument is 1."},
    ConverterRow{.name = "be2hex",
                 .arguments = {ArgumentKind::text, ArgumentKind::integer, ArgumentKind::integer},
                 .input = Type::binary,
                 .convert = convert_be2hex,
                 .help = "The same in hexadecimal digits; without a size all bytes are one."},
    ConverterRow{.name = "ub64enc",
                 .input = Type::binary,
                 .convert = convert_ub64enc,
                 .help = "Base64 in the alphabet of URLs, without `=`."},
    ConverterRow{.name = "ub64dec",
                 .output = Type::binary,
                 .convert = convert_ub64dec,
                 .help = "The bytes that such a text stands for."},
    ConverterRow{.name = "url_enc",
                 .arguments = {ArgumentKind::url_encoding},
                 .convert = convert_url_enc,
                 .help = "With `%XX` for everything but letters, digits and `-._~`."},
    ConverterRow{.name = "htonl",
                 .input = Type::sint,
                 .output = Type::binary,
                 .convert = convert_htonl,
                 .help = "The lower 32 bits as four bytes."},
    ConverterRow{
        .name = "cut_crlf", .convert = convert_cut_crlf, .help = "What stands before the first line end."},
    ConverterRow{.name = "iif",
                 .arguments = {ArgumentKind::text, ArgumentKind::text},
                 .arguments_min = 2,
                 .input = Type::boolean,
                 .convert = convert_iif,
                 .help = "The first argument for true, else the second."},
    ConverterRow{.name = "concat",
                 .arguments = {ArgumentKind::text, ArgumentKind::variable, ArgumentKind::text},
                 .help = "With a text, a variable and a text behind it; each may be left out.",
                 .convert_in_context = convert_concat},
    ConverterRow{.name = "add_item",
                 .arguments = {ArgumentKind::text, ArgumentKind::variable, ArgumentKind::text},
                 .arguments_min = 1,
                 .help = "With a variable and a text behind it, after a delimiter where that stands between "
                         "two texts.",
                 .convert_in_context = convert_add_item},
    ConverterRow{.name = "strcmp",
                 .arguments = {ArgumentKind::variable},
                 .arguments_min = 1,
                 .output = Type::sint,
                 .help = "0 where it equals the variable, -1 where it comes before it, else 1.",
                 .convert_in_context = convert_strcmp},
    ConverterRow{.name = "secure_memcmp",
                 .arguments = {ArgumentKind::variable},
                 .arguments_min = 1,
                 .input = Type::binary,
                 .output = Type::boolean,
                 .help = "Whether it equals the variable, in a time that does not tell where they differ.",
                 .convert_in_context = convert_secure_memcmp},

    hash_row("crc32c", convert_crc32c, "Its CRC32C; with 1 spread over all 32 bits."),
    hash_row("xxh32", convert_xxh32, "Its XXH32, with a seed."),
    hash_row("xxh64", convert_xxh64, "Its XXH64, with a seed."),
    hash_row("xxh3", convert_xxh3, "Its XXH3 of 64 bits, with a seed."),
    ConverterRow{.name = "sha1",
                 .input = Type::binary,
                 .output = Type::binary,
                 .convert = convert_sha1,
                 .help = "Its SHA-1."},
    ConverterRow{.name = "sha2",
                 .arguments = {ArgumentKind::sha2_bits},
                 .input = Type::binary,
                 .output = Type::binary,
                 .convert = convert_sha2,
                 .help = "Its SHA-2 of 224, 256, 384 or 512 bits; 256."},
    ConverterRow{.name = "digest",
                 .arguments = {ArgumentKind::digest},
                 .arguments_min = 1,
                 .input = Type::binary,
                 .output = Type::binary,
                 .convert = convert_digest,
                 .help = "Its digest: `md5`, `sha1`, `sha224`, `sha256`, `sha384` or `sha512`."},
    ConverterRow{.name = "hmac",
                 .arguments = {ArgumentKind::digest, ArgumentKind::key},
                 .arguments_min = 2,
                 .input = Type::binary,
                 .output = Type::binary,
                 .help = "Its HMAC with a key, which is written in base64, also in a variable.",
                 .convert_in_context = convert_hmac},
};

inline constexpr ConverterRow fact_rows[] = {
    ConverterRow{
        .name = "host_only", .convert = convert_host_only, .help = "A host without its port, in lower case."},
    ConverterRow{.name = "port_only",
                 .output = Type::sint,
                 .convert = convert_port_only,
                 .help = "The port behind a host, or 0."},
    ConverterRow{.name = "language",
                 .arguments = {ArgumentKind::text, ArgumentKind::text},
                 .arguments_min = 1,
                 .convert = convert_language,
                 .help =
                     "Of the languages `de;fr;en` the one that an Accept-Language prefers; else the second "
                     "argument."},
    ConverterRow{
        .name = "aes_gcm_dec",
        .arguments = {ArgumentKind::aes_bits, ArgumentKind::key, ArgumentKind::key, ArgumentKind::key},
        .arguments_min = 4,
        .input = Type::binary,
        .output = Type::binary,
        .help =
            "Decrypts AES-GCM with a nonce, a key and a tag, each in base64 or a variable that has it so; "
            "none where the tag is not the right one.",
        .convert_in_context = convert_aes_gcm_dec},
    ConverterRow{
        .name = "jwt_verify",
        .arguments = {ArgumentKind::jwt_algorithm, ArgumentKind::secret},
        .arguments_min = 2,
        .output = Type::sint,
        .help =
            "Whether a JSON Web Token was signed with this secret, or that of a variable, for HS256, HS384 "
            "and "
            "HS512; for RS256 to RS512 and ES256 to ES512 with the other half of the public key in this PEM "
            "file: 1, else 0; -3 for what is no token.",
        .convert_in_context = convert_jwt_verify},
    ConverterRow{.name = "rfc7239_is_valid",
                 .output = Type::boolean,
                 .convert = convert_rfc7239_is_valid,
                 .help = "Whether it is the value of a field Forwarded."},
    ConverterRow{.name = "rfc7239_field",
                 .arguments = {ArgumentKind::forwarded_part},
                 .arguments_min = 1,
                 .convert = convert_rfc7239_field,
                 .help = "`proto`, `host`, `for` or `by` of such a value's first element."},
    ConverterRow{
        .name = "rfc7239_n2nn",
        .convert = convert_rfc7239_n2nn,
        .help = "The name in what `for` and `by` say: an address, `unknown`, or one that begins with `_`."},
    ConverterRow{.name = "rfc7239_n2np",
                 .convert = convert_rfc7239_n2np,
                 .help = "The port in it, where there is one."},
    ConverterRow{.name = "http_date",
                 .arguments = {ArgumentKind::integer, ArgumentKind::date_unit},
                 .input = Type::sint,
                 .convert = convert_http_date,
                 .help =
                     "A date as fields of HTTP have it: seconds since 1970, or units `ms` or `us`, and an "
                     "offset."},
    ConverterRow{.name = "utime",
                 .arguments = {ArgumentKind::text, ArgumentKind::integer},
                 .arguments_min = 1,
                 .input = Type::sint,
                 .convert = convert_utime,
                 .help = "A date, in seconds since 1970 and an offset, in the form of strftime(3): "
                         "`utime(%Y-%m-%d)`."},
    ConverterRow{.name = "ltime",
                 .arguments = {ArgumentKind::text, ArgumentKind::integer},
                 .arguments_min = 1,
                 .input = Type::sint,
                 .help = "The same in the machine's time zone.",
                 .convert_in_context = convert_ltime},
    ConverterRow{.name = "json",
                 .arguments = {ArgumentKind::json_input},
                 .convert = convert_json,
                 .help =
                     "As the content of a JSON string, read as `ascii`, or as `utf8`, `utf8s`, `utf8p` or "
                     "`utf8ps`: `s` leaves out what is broken, `p` takes what is longer than it has to be."},
    ConverterRow{.name = "json_query",
                 .arguments = {ArgumentKind::json_path, ArgumentKind::json_output},
                 .arguments_min = 1,
                 .convert = convert_json_query,
                 .help = "The value in a JSON text: `json_query($.user.id)`, with `int` as an integer.",
                 .output_of = json_output_of},
    ConverterRow{.name = "jwt_header_query",
                 .arguments = {ArgumentKind::json_path, ArgumentKind::json_output},
                 .convert = convert_jwt_header_query,
                 .help = "The header of a JSON Web Token, or a value in it.",
                 .output_of = json_output_of},
    ConverterRow{.name = "jwt_payload_query",
                 .arguments = {ArgumentKind::json_path, ArgumentKind::json_output},
                 .convert = convert_jwt_payload_query,
                 .help = "The payload of a JSON Web Token, or a value in it.",
                 .output_of = json_output_of},
};

}  // namespace corelane::sample
