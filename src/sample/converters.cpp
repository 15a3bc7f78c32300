// SPDX-License-Identifier: Apache-2.0
#include "sample/converters_stick.hpp"
#include "sample/functions.hpp"
#include "sample/rows.hpp"

namespace corelane::sample {
namespace {

constexpr std::string_view map_help =
    "The value of the key that the sample equals, in a file with a key and its value a line; else the second "
    "argument, or without it nothing.";
constexpr std::string_view map_number_help =
    "The same, and keys are integers or ranges such as `1024:65535`.";

constexpr ConverterRow map_row(std::string_view name, std::string_view method, std::string_view help,
                               Type output = Type::string) {
  constexpr auto otherwise = [](Type type) {
    if (type == Type::sint) return ArgumentKind::integer;
    return type == Type::address ? ArgumentKind::address : ArgumentKind::text;
  };
  Type input = Type::string;
  if (method == "int") input = Type::sint;
  if (method == "ip") input = Type::address;
  return {.name = name,
          .arguments = {ArgumentKind::pattern_file, otherwise(output)},
          .arguments_min = 1,
          .input = input,
          .output = output,
          .convert = convert_map,
          .help = help,
          .map_method = method,
          .map_groups = name == "map_regm"};
}
constexpr ConverterRow map_to_integer(std::string_view name, std::string_view method) {
  return map_row(name, method, "The same, and values are integers.", Type::sint);
}
constexpr ConverterRow map_to_address(std::string_view name, std::string_view method) {
  return map_row(name, method, "The same, and values are IP addresses.", Type::address);
}

constexpr ConverterRow other_rows[] = {
    ConverterRow{.name = "lower", .convert = convert_lower, .help = "In lower case."},
    ConverterRow{.name = "upper", .convert = convert_upper, .help = "In upper case."},
    ConverterRow{.name = "length",
                 .input = Type::binary,
                 .output = Type::sint,
                 .convert = convert_length,
                 .help = "How many bytes."},
    ConverterRow{.name = "bytes",
                 .arguments = {ArgumentKind::integer, ArgumentKind::integer},
                 .arguments_min = 1,
                 .input = Type::binary,
                 .output = Type::binary,
                 .convert = convert_bytes,
                 .help = "From an offset, counted from 0, to the end, or so many bytes."},
    ConverterRow{
        .name = "field",
        .arguments = {ArgumentKind::integer, ArgumentKind::text, ArgumentKind::integer},
        .arguments_min = 2,
        .convert = convert_field,
        .help =
            "The part of this number between delimiters, which are all characters of the second argument; a "
            "negative number counts from the end. The third says how many parts, 0 all that follow."},
    ConverterRow{.name = "word",
                 .arguments = {ArgumentKind::integer, ArgumentKind::text, ArgumentKind::integer},
                 .arguments_min = 2,
                 .convert = convert_word,
                 .help = "As field, but delimiters side by side are one."},
    ConverterRow{.name = "ltrim",
                 .arguments = {ArgumentKind::text},
                 .arguments_min = 1,
                 .convert = convert_ltrim,
                 .help = "Without those characters at its beginning."},
    ConverterRow{.name = "rtrim",
                 .arguments = {ArgumentKind::text},
                 .arguments_min = 1,
                 .convert = convert_rtrim,
                 .help = "Without those characters at its end."},
    ConverterRow{.name = "regsub",
                 .arguments = {ArgumentKind::regex, ArgumentKind::text, ArgumentKind::regsub_flags},
                 .arguments_min = 2,
                 .convert = convert_regsub,
                 .help = "With the first match of a regular expression replaced, or with the flag g every "
                         "one; `\\1` is its first group."},

    ConverterRow{.name = "add",
                 .arguments = {ArgumentKind::integer},
                 .arguments_min = 1,
                 .input = Type::sint,
                 .output = Type::sint,
                 .convert = convert_add,
                 .help = "The sum."},
    ConverterRow{.name = "sub",
                 .arguments = {ArgumentKind::integer},
                 .arguments_min = 1,
                 .input = Type::sint,
                 .output = Type::sint,
                 .convert = convert_sub,
                 .help = "The difference."},
    ConverterRow{.name = "mul",
                 .arguments = {ArgumentKind::integer},
                 .arguments_min = 1,
                 .input = Type::sint,
                 .output = Type::sint,
                 .convert = convert_mul,
                 .help = "The product."},
    ConverterRow{.name = "div",
                 .arguments = {ArgumentKind::integer},
                 .arguments_min = 1,
                 .input = Type::sint,
                 .output = Type::sint,
                 .convert = convert_div,
                 .help = "The quotient; by 0 the largest integer."},
    ConverterRow{.name = "mod",
                 .arguments = {ArgumentKind::integer},
                 .arguments_min = 1,
                 .input = Type::sint,
                 .output = Type::sint,
                 .convert = convert_mod,
                 .help = "What a division leaves; by 0 nothing."},
    ConverterRow{.name = "neg",
                 .input = Type::sint,
                 .output = Type::sint,
                 .convert = convert_neg,
                 .help = "With the opposite sign."},
    ConverterRow{.name = "and",
                 .arguments = {ArgumentKind::integer},
                 .arguments_min = 1,
                 .input = Type::sint,
                 .output = Type::sint,
                 .convert = convert_and,
                 .help = "Bits that both have."},
    ConverterRow{.name = "or",
                 .arguments = {ArgumentKind::integer},
                 .arguments_min = 1,
                 .input = Type::sint,
                 .output = Type::sint,
                 .convert = convert_or,
                 .help = "Bits that either has."},
    ConverterRow{.name = "xor",
                 .arguments = {ArgumentKind::integer},
                 .arguments_min = 1,
                 .input = Type::sint,
                 .output = Type::sint,
                 .convert = convert_xor,
                 .help = "Bits that one of both has."},
    ConverterRow{.name = "cpl",
                 .input = Type::sint,
                 .output = Type::sint,
                 .convert = convert_cpl,
                 .help = "Every bit the other way."},
    ConverterRow{.name = "bool",
                 .input = Type::sint,
                 .output = Type::boolean,
                 .convert = convert_bool,
                 .help = "Whether it is other than 0."},
    ConverterRow{.name = "not",
                 .input = Type::sint,
                 .output = Type::boolean,
                 .convert = convert_not,
                 .help = "Whether it is 0."},
    ConverterRow{.name = "odd",
                 .input = Type::sint,
                 .output = Type::boolean,
                 .convert = convert_odd,
                 .help = "Whether it is odd."},
    ConverterRow{.name = "even",
                 .input = Type::sint,
                 .output = Type::boolean,
                 .convert = convert_even,
                 .help = "Whether it is even."},
    ConverterRow{.name = "ipmask",
                 .arguments = {ArgumentKind::mask, ArgumentKind::mask6},
                 .arguments_min = 1,
                 .input = Type::address,
                 .output = Type::address,
                 .convert = convert_ipmask,
                 .help = "The address with the bits beyond the prefix at 0."},

    ConverterRow{.name = "hex",
                 .input = Type::binary,
                 .convert = convert_hex,
                 .help = "Two upper-case hexadecimal digits for each byte."},
    ConverterRow{.name = "hex2i",
                 .output = Type::sint,
                 .convert = convert_hex2i,
                 .help = "The hexadecimal number that it begins with."},
    ConverterRow{.name = "base64", .input = Type::binary, .convert = convert_base64, .help = "In base64."},
    ConverterRow{.name = "b64dec", .output = Type::binary, .convert = convert_b64dec, .help = "From base64."},
    ConverterRow{
        .name = "url_dec",
        .arguments = {ArgumentKind::integer},
        .convert = convert_url_dec,
        .help = "With %XX decoded, and behind a question mark, or with 1 everywhere, a plus to a space."},
    ConverterRow{.name = "crc32",
                 .arguments = {ArgumentKind::integer},
                 .input = Type::binary,
                 .output = Type::sint,
                 .convert = convert_crc32,
                 .help = "A hash; with 1 its bits are spread."},
    ConverterRow{.name = "djb2",
                 .arguments = {ArgumentKind::integer},
                 .input = Type::binary,
                 .output = Type::sint,
                 .convert = convert_djb2,
                 .help = "Another one."},
    ConverterRow{.name = "sdbm",
                 .arguments = {ArgumentKind::integer},
                 .input = Type::binary,
                 .output = Type::sint,
                 .convert = convert_sdbm,
                 .help = "Another one."},
    ConverterRow{.name = "wt6",
                 .arguments = {ArgumentKind::integer},
                 .input = Type::binary,
                 .output = Type::sint,
                 .convert = convert_wt6,
                 .help = "Another one."},

    map_row("map", "str", map_help),
    map_row("map_str", "str", "The same as map."),
    map_to_integer("map_str_int", "str"),
    map_to_address("map_str_ip", "str"),
    map_row("map_beg", "beg", "As map, with the longest key that the sample begins with."),
    map_to_integer("map_beg_int", "beg"),
    map_to_address("map_beg_ip", "beg"),
    map_row("map_end", "end", "As map, with the first key that the sample ends with."),
    map_to_integer("map_end_int", "end"),
    map_to_address("map_end_ip", "end"),
    map_row("map_sub", "sub", "As map, with the first key that the sample contains."),
    map_to_integer("map_sub_int", "sub"),
    map_to_address("map_sub_ip", "sub"),
    map_row("map_dir", "dir", "As map, with the first key that the sample contains between slashes."),
    map_to_integer("map_dir_int", "dir"),
    map_to_address("map_dir_ip", "dir"),
    map_row("map_dom", "dom", "As map, with the first key that the sample contains between dots."),
    map_to_integer("map_dom_int", "dom"),
    map_to_address("map_dom_ip", "dom"),
    map_row("map_reg", "reg", "As map, with the first regular expression that matches a part of the sample."),
    map_to_integer("map_reg_int", "reg"),
    map_to_address("map_reg_ip", "reg"),
    map_row("map_regm", "reg", "As map_reg, with `\\1` in the value as the expression's first group."),
    map_row("map_int", "int", map_number_help),
    map_to_integer("map_int_int", "int"),
    map_to_address("map_int_ip", "int"),
    map_row("map_ip", "ip", "As map, with the smallest network that the address is in."),
    map_to_integer("map_ip_int", "ip"),
    map_to_address("map_ip_ip", "ip"),
    ConverterRow{.name = "set-var",
                 .arguments = {ArgumentKind::variable},
                 .arguments_min = 1,
                 .help = "As it came, and kept in a variable.",
                 .convert_in_context = convert_set_var,
                 .keeps_type = true},
    ConverterRow{.name = "unset-var",
                 .arguments = {ArgumentKind::variable},
                 .arguments_min = 1,
                 .help = "As it came; the variable is forgotten.",
                 .convert_in_context = convert_unset_var,
                 .keeps_type = true},
};

constexpr auto converter_rows = joined(other_rows, stick_converter_rows);
static_assert(names_differ(converter_rows));

}  // namespace

std::span<const ConverterRow> converters() noexcept {
  return converter_rows;
}
const ConverterRow* find_converter(std::string_view name) noexcept {
  return find_row(converters(), name);
}

}  // namespace corelane::sample
