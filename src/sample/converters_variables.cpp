// SPDX-License-Identifier: Apache-2.0
// Converters that have a variable as an argument.
#include <algorithm>
#include <span>

#include "sample/base64.hpp"
#include "sample/digest.hpp"
#include "sample/functions.hpp"
#include "sample/text_writer.hpp"

namespace corelane::sample {
namespace {

/// What a variable holds, as this type. False: nothing.
bool read_variable(const Argument& argument, const Input& input, Type type, Sample& value) {
  return argument.given() && input.context.variables != nullptr &&
         input.context.variables->get(argument.variable, input.arena, value) &&
         cast(value, type, input.arena);
}

/// The sample with three parts behind it, of which the second is a variable's text.
bool append_parts(std::string_view before, std::string_view middle, std::string_view after,
                  const Input& input, Sample& sample) {
  TextWriter writer(input.arena);
  for (const std::string_view part : {sample.text, before, middle, after}) writer.append(part);
  return writer.finish(sample);
}

}  // namespace

bool convert_concat(const Arguments& arguments, const Input& input, Sample& sample) {
  Sample value;
  const bool there = read_variable(arguments[1], input, Type::string, value);
  return append_parts(arguments[0].text, there ? value.text : std::string_view(), arguments[2].text, input,
                      sample);
}

// The delimiter stands between two texts that are both there.
bool convert_add_item(const Arguments& arguments, const Input& input, Sample& sample) {
  Sample value;
  const bool there = read_variable(arguments[1], input, Type::string, value);
  const std::string_view item = there ? value.text : std::string_view();
  const bool adds = !sample.text.empty() && (there || !arguments[2].text.empty());
  return append_parts(adds ? std::string_view(arguments[0].text) : std::string_view(), item,
                      arguments[2].text, input, sample);
}

bool convert_strcmp(const Arguments& arguments, const Input& input, Sample& sample) {
  Sample value;
  if (!read_variable(arguments[0], input, Type::string, value)) return false;
  const std::size_t shorter = std::min(sample.text.size(), value.text.size());
  const int order = sample.text.substr(0, shorter).compare(value.text.substr(0, shorter));
  const auto longer_by =
      static_cast<std::int64_t>(sample.text.size()) - static_cast<std::int64_t>(value.text.size());
  const std::int64_t sign = order != 0 ? order : longer_by;
  sample.set(std::int64_t{sign > 0 ? 1 : 0} - std::int64_t{sign < 0 ? 1 : 0});
  return true;
}

bool convert_secure_memcmp(const Arguments& arguments, const Input& input, Sample& sample) {
  Sample value;
  if (!read_variable(arguments[0], input, Type::binary, value)) return false;
  sample.set(same_bytes(sample.text, value.text));
  return true;
}

namespace {

/// What is written in base64, also in a variable.
bool read_key(const Argument& argument, const Input& input, std::string_view& key) {
  key = argument.text;
  if (argument.kind != ArgumentKind::variable) return true;
  Sample value;
  if (!read_variable(argument, input, Type::string, value)) return false;
  char* decoded = input.arena.take(value.text.size());
  std::size_t size = 0;
  if (decoded == nullptr || !read_base64(value.text, decoded, size)) return false;
  key = {decoded, size};
  return true;
}

}  // namespace

bool convert_aes_gcm_dec(const Arguments& arguments, const Input& input, Sample& sample) {
  std::string_view nonce, key, tag;
  if (!read_key(arguments[1], input, nonce) || !read_key(arguments[2], input, key) ||
      !read_key(arguments[3], input, tag) || key.size() * 8 != static_cast<std::size_t>(arguments[0].integer))
    return false;
  char* out = input.arena.take(sample.text.size());
  if (out == nullptr || !decrypt_aes_gcm({key, nonce, tag}, sample.text, out)) return false;
  sample.set(std::string_view(out, sample.text.size()), Type::binary);
  return true;
}

// As HAProxy: 1 for a token whose signature is right, 0 for another one, -3 for what is no token.
bool convert_jwt_verify(const Arguments& arguments, const Input& input, Sample& sample) {
  constexpr std::int64_t no_token = -3;
  std::string_view secret = arguments[1].text;
  Sample value;
  if (arguments[1].kind == ArgumentKind::variable) {
    if (!read_variable(arguments[1], input, Type::string, value)) return false;
    secret = value.text;
  }
  const std::string_view token = sample.text;
  const std::size_t dot = token.rfind('.');
  sample.set(no_token);
  if (dot == std::string_view::npos || token.find('.') == dot) return true;
  char* signature = input.arena.take(token.size() - dot);
  if (signature == nullptr) return false;
  std::size_t size = 0;
  if (!read_base64url(token.substr(dot + 1), signature, size) || size == 0) return true;
  if (arguments[1].public_key != nullptr) {
    sample.set(
        std::int64_t{arguments[1].public_key->verifies(token.substr(0, dot), {signature, size}) ? 1 : 0});
    return true;
  }
  constexpr std::array<Digest, jwt_public_algorithms_from> digests{Digest::sha256, Digest::sha384,
                                                                   Digest::sha512};
  if (arguments[0].integer >= jwt_public_algorithms_from) return false;
  const Digest digest = digests[static_cast<std::size_t>(arguments[0].integer)];
  std::array<char, digest_bytes_max> right;
  const std::size_t right_size = hmac_of(digest, secret, token.substr(0, dot), right);
  sample.set(std::int64_t{same_bytes({signature, size}, {right.data(), right_size}) ? 1 : 0});
  return true;
}

bool convert_hmac(const Arguments& arguments, const Input& input, Sample& sample) {
  std::string_view key;
  if (!read_key(arguments[1], input, key)) return false;
  char* out = input.arena.take(digest_bytes_max);
  if (out == nullptr) return false;
  const auto digest = static_cast<Digest>(arguments[0].integer);
  const std::size_t size =
      hmac_of(digest, key, sample.text, std::span<char, digest_bytes_max>(out, digest_bytes_max));
  sample.set(std::string_view(out, size), Type::binary);
  return true;
}

bool read_operand(const Argument& argument, const Input& input, std::int64_t& operand) {
  operand = argument.integer;
  if (argument.kind != ArgumentKind::variable) return true;
  Sample value;
  if (!read_variable(argument, input, Type::sint, value)) return false;
  operand = value.integer;
  return true;
}

}  // namespace corelane::sample
