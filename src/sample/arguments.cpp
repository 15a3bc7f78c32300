// SPDX-License-Identifier: Apache-2.0
#include "sample/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <utility>

#include "base/near_miss.hpp"
#include "sample/stick_view.hpp"

namespace corelane::sample {
namespace {

constexpr std::size_t names_listed_max = 12;  // a longer list helps nobody
constexpr std::int64_t regex_memory_bytes = 8 << 20;

constexpr std::array<std::string_view, 42> kind_texts{
    "",         "text",  "integer", "name",    "frontend",  "backend",  "backend/server",
    "mask",     "mask6", "regex",   "flags",   "address",   "file",     "variable",
    "userlist", "table", "table",   "counter", "format",    "ms or us", "offset",
    "ipv4",     "ipv6",  "boolean", "hex",     "unit",      "version",  "name",
    "digest",   "key",   "bits",    "path",    "type",      "input",    "encoding",
    "size",     "value", "part",    "bits",    "algorithm", "secret",   "stdout"};
static_assert(kind_texts.size() == static_cast<std::size_t>(ArgumentKind::display) + 1);

Fault fault(std::string message) {
  return {0, std::move(message), {}, {}};
}

Fault unknown(std::string_view what, std::string_view written, const std::vector<std::string_view>& known) {
  Fault result = fault(fmt::format("no {} is named \"{}\"", what, written));
  if (known.size() <= names_listed_max) result.allowed.assign(known.begin(), known.end());
  result.near_miss = base::near_miss(written, known);
  return result;
}

Fault find_position(std::string_view what, std::string_view written,
                    const std::vector<std::string_view>& known, std::uint32_t& position) {
  const auto found = std::find(known.begin(), known.end(), written);
  if (found == known.end()) return unknown(what, written, known);
  position = static_cast<std::uint32_t>(found - known.begin());
  return {};
}

std::vector<std::string_view> backend_names(const Names& names) {
  std::vector<std::string_view> result;
  for (const Names::Backend& backend : names.backends) result.push_back(backend.name);
  return result;
}

Fault make_server(const Names& names, Argument& argument) {
  const std::string_view written = argument.text;
  const std::size_t slash = written.find('/');
  if (slash == std::string_view::npos)
    return fault(fmt::format("\"{}\" is not a server: expected BACKEND/SERVER", written));
  Fault result = find_position("backend", written.substr(0, slash), backend_names(names), argument.position);
  if (!result.message.empty()) return result;
  const Names::Backend& backend = names.backends[argument.position];
  return find_position(fmt::format("server of {}", backend.name), written.substr(slash + 1), backend.servers,
                       argument.server);
}

bool read_integer(std::string_view text, std::int64_t& value) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && end.ec == std::errc() && end.ptr == text.data() + text.size();
}

/// "24" or "255.255.255.0".
Fault make_mask(std::int64_t bits_max, Argument& argument) {
  if (read_integer(argument.text, argument.integer) && argument.integer >= 0 && argument.integer <= bits_max)
    return {};
  const auto address = base::endpoint_from_ip(argument.text, 0);
  if (address && address->family == base::Family::ipv4 && bits_max == 32) {
    std::uint32_t mask = 0;
    for (std::size_t i = 0; i < 4; ++i) mask = mask << 8 | address->ip[i];
    argument.integer = std::countl_one(mask);
    if (std::popcount(mask) == argument.integer) return {};
  }
  return fault(fmt::format("\"{}\" is not a mask: expected 0 to {}{}", argument.text, bits_max,
                           bits_max == 32 ? ", or such as 255.255.255.0" : ""));
}

Fault make_variable(const Names& names, Argument& argument) {
  if (names.variables == nullptr) return fault("variables have no place here");
  const std::optional<Variable> variable = names.variables->add(argument.text);
  if (!variable)
    return fault(fmt::format("\"{}\" is no variable: expected {}", argument.text, variable_form));
  argument.variable = *variable;
  return {};
}

Fault make_counter(Argument& argument) {
  if (read_integer(argument.text, argument.integer) && argument.integer >= 0 &&
      argument.integer < static_cast<std::int64_t>(stick_counters))
    return {};
  return fault(
      fmt::format("\"{}\" is no stick counter: expected 0 to {}", argument.text, stick_counters - 1));
}

Fault make_regex(Argument& argument) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_max_mem(regex_memory_bytes);
  auto regex = std::make_unique<re2::RE2>(argument.text, options);
  if (!regex->ok())
    return fault(fmt::format("bad regular expression \"{}\": {}", argument.text, regex->error()));
  argument.regex = std::move(regex);
  return {};
}

}  // namespace

std::string_view argument_text(ArgumentKind kind) noexcept {
  return kind_texts[static_cast<std::size_t>(kind)];
}

std::string signature(std::string_view name, const ArgumentKinds& arguments, std::size_t arguments_min) {
  std::string text(name);
  std::string closing;
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != ArgumentKind::none; ++i) {
    const bool optional = i >= arguments_min;
    if (i == 0) text += '(';
    if (optional) {
      text += '[';
      closing += ']';
    }
    if (i != 0) text += ',';
    text += argument_text(arguments[i]);
  }
  if (arguments[0] != ArgumentKind::none) text += closing + ')';
  return text;
}

Fault find_table(const Names& names, std::string_view name, std::uint32_t& table) {
  std::vector<std::string_view> known;
  for (const Names::Table& entry : names.tables) known.push_back(entry.name);
  return find_position("frontend or backend with a stick_table", name, known, table);
}

namespace {

/// Whether the table keeps what is asked for. Without a name it is the one that a counter follows, which
/// could be any.
Fault check_stored(const Names& names, const Argument& argument, stick::DataType stored) {
  const std::string_view wanted = stick::row_of(stored).name;
  const auto keeps = [stored](const Names::Table& table) { return stick_keeps(table.shape, stored); };
  if (!argument.given()) {
    if (std::ranges::any_of(names.tables, keeps)) return {};
    return fault(fmt::format("no stick table has {} in its store", wanted));
  }
  const Names::Table& table = names.tables[argument.position];
  if (keeps(table)) return {};
  return fault(fmt::format("the stick table {} does not store {}", table.name, wanted));
}

/// The file that an algorithm with public keys has in place of a secret.
Fault read_public_key(std::int64_t algorithm, const Names& names, Argument& argument) {
  if (algorithm < jwt_public_algorithms_from) return {};
  if (argument.kind == ArgumentKind::variable)
    return fault("this algorithm has a public key: expected the name of a PEM file, not a variable");
  if (names.patterns == nullptr) return fault("there are no files here");
  Fault result;
  const std::string* pem = names.patterns->text_of(argument.text, result);
  if (pem == nullptr || pem->empty()) return result;  // without a reader of files they count as empty
  argument.public_key = PublicKey::from_pem(
      *pem, static_cast<PublicAlgorithm>(algorithm - jwt_public_algorithms_from), result.message);
  if (!result.message.empty()) result.message = argument.text + ": " + result.message;
  return result;
}

}  // namespace

Fault complete_arguments(const ArgumentKinds& kinds, std::optional<stick::DataType> stored,
                         const Names& names, Arguments& arguments) {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    Argument& argument = arguments[i];
    if (kinds[i] == ArgumentKind::own_table && !argument.given()) {
      if (!names.own_table) return fault("needs a stick table: name one, or give this section a stick_table");
      argument.kind = ArgumentKind::own_table;
      argument.position = *names.own_table;
    }
    if (kinds[i] == ArgumentKind::secret && arguments[0].kind == ArgumentKind::jwt_algorithm) {
      Fault result = read_public_key(arguments[0].integer, names, argument);
      if (!result.message.empty()) return result;
    }
    const bool of_table = kinds[i] == ArgumentKind::table || kinds[i] == ArgumentKind::own_table;
    if (!of_table || !stored) continue;
    Fault result = check_stored(names, argument, *stored);
    if (!result.message.empty()) return result;
  }
  return {};
}

Fault make_argument(ArgumentKind kind, std::string written, const Names& names, Argument& argument) {
  argument.text = std::move(written);
  argument.kind = kind;
  switch (kind) {
    case ArgumentKind::none:
    case ArgumentKind::text:
      break;
    case ArgumentKind::pattern_file:
      if (argument.text.empty()) return fault("expected the name of a file");
      break;
    case ArgumentKind::integer:
      if (!read_integer(argument.text, argument.integer))
        return fault(fmt::format("\"{}\" is not an integer", argument.text));
      break;
    case ArgumentKind::field_name:
      argument.field = proto::http_name(argument.text);
      break;
    case ArgumentKind::frontend:
      return find_position("frontend", argument.text, names.frontends, argument.position);
    case ArgumentKind::backend:
      return find_position("backend", argument.text, backend_names(names), argument.position);
    case ArgumentKind::server:
      return make_server(names, argument);
    case ArgumentKind::mask:
      return make_mask(32, argument);
    case ArgumentKind::mask6:
      return make_mask(128, argument);
    case ArgumentKind::regex:
      return make_regex(argument);
    case ArgumentKind::user_list:
      return find_position("userlist", argument.text, names.user_lists, argument.position);
    case ArgumentKind::table:
    case ArgumentKind::own_table:
      return find_table(names, argument.text, argument.position);
    case ArgumentKind::stick_counter:
      return make_counter(argument);
    case ArgumentKind::variable:
      return make_variable(names, argument);
    case ArgumentKind::offset:
      if (!read_integer(std::string_view(argument.text).substr(argument.text.starts_with('+') ? 1 : 0),
                        argument.integer))
        return fault(fmt::format("\"{}\" is no offset: expected an integer, with + or - a relative one",
                                 argument.text));
      break;
    case ArgumentKind::name_format:
      if (argument.text == "rfc2253") break;
      return fault(fmt::format("\"{}\" is no form of names: expected rfc2253, or nothing", argument.text));
    case ArgumentKind::time_unit:
      if (argument.text == "ms" || argument.text == "us") break;
      return fault(fmt::format("\"{}\" is no unit: expected ms or us", argument.text));
    case ArgumentKind::regsub_flags:
      if (argument.text.find_first_not_of("gi") == std::string::npos) break;
      return fault(fmt::format(
          "\"{}\" is no flag of regsub: expected g (every match), i (ignores case), or both", argument.text));
    default:
      return make_code_argument(names, argument);
  }
  return {};
}

}  // namespace corelane::sample
