// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <re2/re2.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/http_name.hpp"
#include "sample/context.hpp"
#include "sample/json_text.hpp"
#include "sample/pattern_source.hpp"
#include "sample/public_key.hpp"
#include "sample/sample.hpp"
#include "sample/variables.hpp"

/// What fetches and converters there are: one row each, in fetches.cpp and converters.cpp.
namespace corelane::sample {

enum class ArgumentKind : std::uint8_t {
  none,
  text,
  integer,
  field_name,  // of a message
  frontend,    // may be left out where the row says so: the one that the connection came to
  backend,     // may be left out where the row says so: the one that was chosen
  server,      // BACKEND/SERVER
  mask,        // bits of an IPv4 address, or the mask
  mask6,       // bits of an IPv6 address
  regex,
  regsub_flags,
  address,
  pattern_file,  // of a map
  variable,      // "txn.host"
  user_list,
  table,          // a stick table, by its owner's name
  own_table,      // may be left out: that of the frontend or backend where the expression stands
  stick_counter,  // 0 to 2
  name_format,    // of a distinguished name: "rfc2253"
  time_unit,      // of what is measured: "ms", "us"
  offset,         // bytes; relative where it begins with + or -
  ipv4,
  ipv6,
  truth,
  hexadecimal,  // bytes
  date_unit,    // "ms"
  uuid_version,
  environment,  // a variable of it
  digest,
  key,  // in base64, or a variable
  sha2_bits,
  json_path,
  json_output,
  json_input,
  url_encoding,
  chunk_size,  // of bytes that are one integer
  operand,     // an integer or a variable
  forwarded_part,
  aes_bits,
  jwt_algorithm,
  secret,   // a text or a variable
  display,  // "stderr", "stdout"
};

/// What stands for an argument in a row's signature: "backend".
std::string_view argument_text(ArgumentKind kind) noexcept;

/// One argument as it was written, made ready.
struct Argument {
  ArgumentKind kind = ArgumentKind::none;  // none: it was left out
  std::string text;
  std::int64_t integer = 0;    // integer; mask: bits
  std::uint32_t position = 0;  // frontend, backend, table, and of a server its backend
  std::uint32_t server = 0;
  proto::HttpName field = proto::HttpName::other;  // field_name, where it is a known one
  Variable variable;
  std::unique_ptr<const re2::RE2> regex;
  base::Endpoint address;  // address, ipv4, ipv6
  JsonPath json_path;
  const PatternLookup* lookup = nullptr;        // pattern_file, and never null then
  std::unique_ptr<const PublicKey> public_key;  // secret, where the algorithm before it has such keys

  bool given() const noexcept { return kind != ArgumentKind::none; }
};
inline constexpr std::size_t arguments_max = 4;
using Arguments = std::array<Argument, arguments_max>;

/// Where a fetch with several values stands (the values of a field, cookies of one name). It is called again
/// while `more` is set.
struct Cursor {
  std::uint32_t item = 0;    // 1 + the place in the list; 0: at its beginning
  std::uint32_t offset = 0;  // in the item
  bool all = true;           // false: one value is wanted, the fetch decides which
  bool more = false;         // there may be another one
  bool may_change = false;   // more bytes of the connection, or its end, may make another sample
};

struct Input {
  const Context& context;
  Arena& arena;
};

/// False: there is no such sample. Whatever the row needs is there.
using FetchFunction = bool(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample);
/// False: this sample has none. It comes with the row's input type.
using ConvertFunction = bool(const Arguments& arguments, Arena& arena, Sample& sample);
/// The same of one that needs more than the sample.
using ConvertInContextFunction = bool(const Arguments& arguments, const Input& input, Sample& sample);

using ArgumentKinds = std::array<ArgumentKind, arguments_max>;

struct FetchRow {
  std::string_view name;
  ArgumentKinds arguments{};
  std::uint8_t arguments_min = 0;
  Type output = Type::string;
  unsigned needs = need_nothing;  // bits of Need
  FetchFunction* fetch = nullptr;
  std::string_view help;
  std::optional<stick::DataType> stored = std::nullopt;  // the table of its argument has to keep it
  bool makes_version = false;                            // MAJOR * 65536 + MINOR
  std::string_view kept_in = {};  // the variable that has it, or with a number behind it (captured.hpp)
  bool of_hello = false;          // what the client's hello offered has to be kept
};

struct ConverterRow {
  std::string_view name;
  ArgumentKinds arguments{};
  std::uint8_t arguments_min = 0;
  Type input = Type::string;
  Type output = Type::string;
  ConvertFunction* convert = nullptr;
  std::string_view help;
  std::string_view map_method = {};                         // of maps: how keys are compared
  Type (*output_of)(const Arguments& arguments) = nullptr;  // where these decide it
  bool map_groups = false;  // values have groups of the regular expression in them
  ConvertInContextFunction* convert_in_context = nullptr;  // instead of `convert`
  bool keeps_type = false;      // takes whatever comes, and makes the same: input and output say nothing
  bool takes_anything = false;  // whatever comes: input says nothing
  std::optional<stick::DataType> stored = std::nullopt;  // the table of its argument has to keep it
  std::string_view kept_in = {};  // the variable that it fills, with its argument behind it (captured.hpp)
};

std::span<const FetchRow> fetches() noexcept;
std::span<const ConverterRow> converters() noexcept;
/// Null: there is none of this name.
const FetchRow* find_fetch(std::string_view name) noexcept;
const ConverterRow* find_converter(std::string_view name) noexcept;

/// "hdr([name[,occurrence]])".
std::string signature(std::string_view name, const ArgumentKinds& arguments, std::size_t arguments_min);

}  // namespace corelane::sample
