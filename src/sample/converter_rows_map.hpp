// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/functions.hpp"

/// Converters that look into maps.
namespace corelane::sample {

inline constexpr std::string_view map_help =
    "The value of the key that the sample equals, in a file with a key and its value a line; else the second "
    "argument, or without it nothing.";
inline constexpr std::string_view map_number_help =
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

inline constexpr ConverterRow map_rows[] = {
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
};

}  // namespace corelane::sample
