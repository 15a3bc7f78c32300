// SPDX-License-Identifier: Apache-2.0
#include "logfmt/log_format.hpp"

#include <algorithm>

#include "base/append_format.hpp"

namespace corelane::logfmt {
namespace {

constexpr std::size_t value_bytes_max = 8 * 1024;
constexpr std::size_t length_bytes = sizeof(std::uint16_t);  // of a part, in HttpLogText

bool is_printable(char character) {
  return character >= ' ' && character <= '~';
}

void append_escaped(fmt::memory_buffer& out, char character, const sample::FormatFlags& flags) {
  if (flags.escape && sample::special_in_structured_data.find(character) != std::string_view::npos)
    out.push_back('\\');
  out.push_back(character);
}

bool look_up(const LogFormat::Value& value, const sample::Input& input, sample::Sample& sample) {
  if (!value.expression.make(input, sample)) return false;
  return value.hexadecimal ? sample::make_hexadecimal(sample, input.arena)
                           : sample::cast(sample, sample::Type::string, input.arena);
}

}  // namespace

void append_encoded(fmt::memory_buffer& out, std::string_view text, std::string_view special,
                    const sample::FormatFlags& flags) {
  for (const char character : text) {
    if (is_printable(character) && special.find(character) == std::string_view::npos) {
      append_escaped(out, character, flags);
    } else {
      base::append_format(out, "#{:02X}", static_cast<unsigned char>(character));
    }
  }
}

void append_log_text(fmt::memory_buffer& out, std::optional<std::string_view> text,
                     const sample::FormatFlags& flags) {
  const std::string_view content = text.value_or(std::string_view{});
  if (flags.quote) out.push_back('"');
  if (content.empty() && !flags.quote) out.push_back('-');
  // As it came, for HAProxy does not encode such texts; but nothing in it can break the line.
  for (const char character : content) {
    const bool is_control = static_cast<unsigned char>(character) < ' ' || character == 0x7f;
    if (is_control) {
      append_encoded(out, {&character, 1}, {}, {});
    } else {
      append_escaped(out, character, flags);
    }
  }
  if (flags.quote) out.push_back('"');
}

void LogFormat::append_to(fmt::memory_buffer& out, const LogLine& line) const {
  // Blanks are merged across what leaves nothing, such as the captures of a frontend without any.
  bool after_blank = true;
  for (const Item& item : items_) {
    const std::size_t before = out.size();
    if (item.kind == sample::FormatPiece::Kind::blanks) {
      if (!after_blank) out.push_back(' ');
      after_blank = true;
      continue;
    }
    if (item.value != no_index) {
      const std::optional<std::string_view> value = line.values[item.value];
      append_log_text(out, value, item.is_number && value ? sample::FormatFlags{} : item.flags);
    } else if (item.name != nullptr) {
      item.name->append(line, item.flags, out);
    } else {
      append_text(out, item.text);
    }
    if (out.size() != before) after_blank = false;
  }
}

std::string_view write_log_values(std::span<const LogFormat::Value> values, const sample::Input& input,
                                  std::span<char> memory) {
  HttpLogTextWriter writer(memory);
  std::size_t reserved = values.size() * length_bytes;
  for (const LogFormat::Value& value : values) {
    reserved -= length_bytes;
    const std::size_t taken = writer.text().size() + length_bytes + reserved;
    sample::Sample sample;
    if (look_up(value, input, sample)) {
      writer.add(sample.text, std::min(value_bytes_max, memory.size() - taken));
    } else {
      writer.add_absent();
    }
  }
  return writer.text();
}

}  // namespace corelane::logfmt
