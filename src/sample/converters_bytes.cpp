// SPDX-License-Identifier: Apache-2.0
// Converters of bytes into other ways to write them.
#include <algorithm>

#include "sample/base64.hpp"
#include "sample/functions.hpp"
#include "sample/numbers.hpp"
#include "sample/text_writer.hpp"

namespace corelane::sample {
namespace {

/// The sample's bytes in groups of so many, with a separator between them. What is no whole group at the end
/// is left out where the third argument says so.
template <class Write>
bool write_groups(const Arguments& arguments, Arena& arena, Sample& sample, std::size_t group_bytes,
                  Write write) {
  std::string_view bytes = sample.text;
  if (arguments[2].integer != 0) bytes.remove_suffix(bytes.size() % group_bytes);
  TextWriter writer(arena);
  while (!bytes.empty()) {
    if (writer.size() != 0) writer.append(arguments[0].text);
    const std::string_view group = bytes.substr(0, group_bytes);
    write(writer, group);
    bytes.remove_prefix(group.size());
  }
  return writer.finish(sample);
}

bool is_unreserved(char c) {
  return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

bool convert_be2dec(const Arguments& arguments, Arena& arena, Sample& sample) {
  const auto write = [](TextWriter& writer, std::string_view group) {
    std::uint64_t number = 0;
    for (const char c : group) number = number << 8 | static_cast<unsigned char>(c);
    writer.append_number(number);
  };
  return write_groups(arguments, arena, sample, static_cast<std::size_t>(arguments[1].integer), write);
}

bool convert_be2hex(const Arguments& arguments, Arena& arena, Sample& sample) {
  const auto write = [](TextWriter& writer, std::string_view group) {
    for (const char& c : group) {
      char digits[2];
      write_hex({&c, 1}, digits);
      writer.append({digits, 2});
    }
  };
  const std::size_t group_bytes =
      arguments[1].integer > 0 ? static_cast<std::size_t>(arguments[1].integer) : sample.text.size() + 1;
  return write_groups(arguments, arena, sample, group_bytes, write);
}

bool convert_ub64enc(const Arguments&, Arena& arena, Sample& sample) {
  char* text = arena.take(base64url_bytes(sample.text.size()));
  if (text == nullptr) return false;
  write_base64url(sample.text, text);
  sample.set(std::string_view(text, base64url_bytes(sample.text.size())));
  return true;
}

bool convert_ub64dec(const Arguments&, Arena& arena, Sample& sample) {
  char* bytes = arena.take(sample.text.size());
  std::size_t size = 0;
  if (bytes == nullptr || !read_base64url(sample.text, bytes, size)) return false;
  arena.give_back(sample.text.size() - size);
  sample.set(std::string_view(bytes, size), Type::binary);
  return true;
}

bool convert_url_enc(const Arguments&, Arena& arena, Sample& sample) {
  TextWriter writer(arena);
  for (const char& c : sample.text) {
    if (is_unreserved(c)) {
      writer.append(c);
      continue;
    }
    char digits[3] = {'%'};
    write_hex({&c, 1}, digits + 1);
    writer.append({digits, sizeof(digits)});
  }
  return writer.finish(sample);
}

// The lower 32 bits.
bool convert_htonl(const Arguments&, Arena& arena, Sample& sample) {
  constexpr std::size_t size = 4;
  char* bytes = arena.take(size);
  if (bytes == nullptr) return false;
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>(static_cast<std::uint64_t>(sample.integer) >> (24 - 8 * i));
  sample.set(std::string_view(bytes, size), Type::binary);
  return true;
}

bool convert_cut_crlf(const Arguments&, Arena&, Sample& sample) {
  sample.text = sample.text.substr(0, sample.text.find_first_of("\r\n"));
  return true;
}

bool convert_iif(const Arguments& arguments, Arena&, Sample& sample) {
  sample.set(std::string_view(arguments[sample.integer != 0 ? 0 : 1].text));
  return true;
}

}  // namespace corelane::sample
