// SPDX-License-Identifier: Apache-2.0
// Arguments that are words or texts of a certain form.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/near_miss.hpp"
#include "sample/arguments.hpp"
#include "sample/base64.hpp"
#include "sample/digest.hpp"
#include "sample/numbers.hpp"
#include "sample/variables.hpp"

namespace corelane::sample {
namespace {

Fault fault(std::string message) {
  return {0, std::move(message), {}, {}};
}

/// The position of the word among those that are allowed.
Fault find_word(std::span<const std::string_view> words, std::string_view what, Argument& argument) {
  const auto found = std::find(words.begin(), words.end(), argument.text);
  argument.integer = found - words.begin();
  if (found != words.end()) return {};
  return {0,
          fmt::format("\"{}\" is no {}", argument.text, what),
          {words.begin(), words.end()},
          std::string(base::near_miss(argument.text, words))};
}

Fault make_truth(Argument& argument) {
  constexpr std::array<std::string_view, 4> words{"false", "true", "0", "1"};
  Fault result = find_word(words, "boolean", argument);
  argument.integer %= 2;
  return result;
}

/// In the order of Display.
Fault make_display(Argument& argument) {
  constexpr std::array<std::string_view, 2> words{"stderr", "stdout"};
  return find_word(words, "place to show something", argument);
}

Fault make_bytes(Argument& argument) {
  std::string bytes;
  const std::string_view text = argument.text;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) break;
    bytes += static_cast<char>(high << 4 | low);
  }
  if (text.empty() || 2 * bytes.size() != text.size())
    return fault(fmt::format("\"{}\" is not hexadecimal: two digits for each byte", text));
  argument.text = std::move(bytes);
  return {};
}

Fault make_address(base::Family family, Argument& argument) {
  const auto address = base::endpoint_from_ip(argument.text, 0);
  if (!address || (family != base::Family::none && address->family != family)) {
    const std::string_view kind = family == base::Family::none   ? "IP"
                                  : family == base::Family::ipv4 ? "IPv4"
                                                                 : "IPv6";
    return fault(fmt::format("\"{}\" is not an {} address", argument.text, kind));
  }
  argument.address = *address;
  return {};
}

/// How many of it a second has.
Fault make_date_unit(Argument& argument) {
  constexpr std::array<std::string_view, 3> words{"s", "ms", "us"};
  constexpr std::array<std::int64_t, 4> per_second{1, 1'000, 1'000'000, 1};
  Fault result = find_word(words, "unit of dates", argument);
  argument.integer = per_second[static_cast<std::size_t>(argument.integer)];
  return result;
}

Fault make_uuid_version(Argument& argument) {
  constexpr std::array<std::string_view, 1> words{"4"};
  return find_word(words, "version of UUIDs that is made here", argument);
}

// The environment does not change while the program runs.
Fault make_environment(Argument& argument) {
  if (argument.text.empty()) return fault("expected the name of a variable of the environment");
  const char* value = std::getenv(argument.text.c_str());
  argument.integer = value != nullptr ? 1 : 0;
  argument.text = value != nullptr ? value : "";
  return {};
}

Fault make_digest(Argument& argument) {
  const auto digest = find_digest(argument.text);
  if (!digest) return find_word(digest_names(), "digest", argument);
  argument.integer = static_cast<std::int64_t>(*digest);
  return {};
}

bool is_variable(std::string_view text) {
  return text.find('.') != std::string_view::npos;
}

/// A variable, or in base64 the key itself.
Fault make_key(const Names& names, Argument& argument) {
  if (is_variable(argument.text))
    return make_argument(ArgumentKind::variable, argument.text, names, argument);
  std::string key(argument.text.size(), '\0');
  std::size_t size = 0;
  if (!read_base64(argument.text, key.data(), size))
    return fault(fmt::format("\"{}\" is neither base64 nor a variable such as txn.key", argument.text));
  argument.text = key.substr(0, size);
  return {};
}

Fault make_sha2_bits(Argument& argument) {
  constexpr std::array<std::string_view, 4> words{"224", "256", "384", "512"};
  constexpr std::array<std::int64_t, 5> bits{224, 256, 384, 512, 0};
  Fault result = find_word(words, "length of SHA-2", argument);
  argument.integer = bits[static_cast<std::size_t>(argument.integer)];
  return result;
}

Fault make_json_path(Argument& argument) {
  if (read_json_path(argument.text, argument.json_path)) return {};
  return fault(fmt::format("\"{}\" is no path: expected one such as $.user.names[0]", argument.text));
}

Fault make_json_output(Argument& argument) {
  constexpr std::array<std::string_view, 1> words{"int"};
  Fault result = find_word(words, "type of values", argument);
  argument.integer = 1;
  return result;
}

Fault make_json_input(Argument& argument) {
  constexpr std::array<std::string_view, 5> words{"ascii", "utf8", "utf8s", "utf8p", "utf8ps"};
  return find_word(words, "way to read characters", argument);
}

Fault make_url_encoding(Argument& argument) {
  constexpr std::array<std::string_view, 1> words{"query"};
  return find_word(words, "part of URLs that is encoded here", argument);
}

Fault make_chunk_size(Argument& argument) {
  const std::string_view text = argument.text;
  if (text.size() != 1 || text[0] < '1' || text[0] > '8')
    return fault(fmt::format("\"{}\" is not 1 to 8 bytes", text));
  argument.integer = text[0] - '0';
  return {};
}

Fault make_forwarded_part(Argument& argument) {
  constexpr std::array<std::string_view, 4> words{"proto", "host", "for", "by"};
  return find_word(words, "part of the field Forwarded", argument);
}

Fault make_aes_bits(Argument& argument) {
  constexpr std::array<std::string_view, 3> words{"128", "192", "256"};
  constexpr std::array<std::int64_t, 4> bits{128, 192, 256, 0};
  Fault result = find_word(words, "length of an AES key", argument);
  argument.integer = bits[static_cast<std::size_t>(argument.integer)];
  return result;
}

Fault make_jwt_algorithm(Argument& argument) {
  constexpr std::array<std::string_view, 9> words{"HS256", "HS384", "HS512", "RS256", "RS384",
                                                  "RS512", "ES256", "ES384", "ES512"};
  return find_word(words, "algorithm of a JSON Web Token", argument);
}

/// What begins with a scope is a variable, everything else the secret itself.
Fault make_secret(const Names& names, Argument& argument) {
  constexpr std::array<std::string_view, 5> scopes{"proc.", "sess.", "txn.", "req.", "res."};
  const bool variable = std::any_of(scopes.begin(), scopes.end(),
                                    [&](std::string_view scope) { return argument.text.starts_with(scope); });
  if (variable) return make_argument(ArgumentKind::variable, argument.text, names, argument);
  return argument.text.empty() ? fault("expected a secret, or a variable such as txn.key") : Fault();
}

Fault make_operand(const Names& names, Argument& argument) {
  const ArgumentKind kind = is_variable(argument.text) ? ArgumentKind::variable : ArgumentKind::integer;
  return make_argument(kind, argument.text, names, argument);
}

}  // namespace

Fault make_code_argument(const Names& names, Argument& argument) {
  switch (argument.kind) {
    case ArgumentKind::address:
      return make_address(base::Family::none, argument);
    case ArgumentKind::ipv4:
      return make_address(base::Family::ipv4, argument);
    case ArgumentKind::ipv6:
      return make_address(base::Family::ipv6, argument);
    case ArgumentKind::truth:
      return make_truth(argument);
    case ArgumentKind::hexadecimal:
      return make_bytes(argument);
    case ArgumentKind::date_unit:
      return make_date_unit(argument);
    case ArgumentKind::uuid_version:
      return make_uuid_version(argument);
    case ArgumentKind::environment:
      return make_environment(argument);
    case ArgumentKind::digest:
      return make_digest(argument);
    case ArgumentKind::key:
      return make_key(names, argument);
    case ArgumentKind::sha2_bits:
      return make_sha2_bits(argument);
    case ArgumentKind::json_path:
      return make_json_path(argument);
    case ArgumentKind::json_output:
      return make_json_output(argument);
    case ArgumentKind::json_input:
      return make_json_input(argument);
    case ArgumentKind::url_encoding:
      return make_url_encoding(argument);
    case ArgumentKind::chunk_size:
      return make_chunk_size(argument);
    case ArgumentKind::forwarded_part:
      return make_forwarded_part(argument);
    case ArgumentKind::aes_bits:
      return make_aes_bits(argument);
    case ArgumentKind::jwt_algorithm:
      return make_jwt_algorithm(argument);
    case ArgumentKind::secret:
      return make_secret(names, argument);
    case ArgumentKind::display:
      return make_display(argument);
    case ArgumentKind::operand:
      return make_operand(names, argument);
    default:
      return {};
  }
}

}  // namespace corelane::sample
