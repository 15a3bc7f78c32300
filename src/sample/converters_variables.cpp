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

// The key is written in base64, also in a variable.
bool convert_hmac(const Arguments& arguments, const Input& input, Sample& sample) {
  std::string_view key = arguments[1].text;
  if (arguments[1].kind == ArgumentKind::variable) {
    Sample value;
    if (!read_variable(arguments[1], input, Type::string, value)) return false;
    char* decoded = input.arena.take(value.text.size());
    std::size_t size = 0;
    if (decoded == nullptr || !read_base64(value.text, decoded, size)) return false;
    key = {decoded, size};
  }
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
