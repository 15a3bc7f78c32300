// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/units.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view auto_word = "auto";
constexpr std::int64_t ms_per_s = 1000;
constexpr std::uint32_t file_mode_max = 0777;

template <class T>
const T& as(const void* member) {
  return *static_cast<const T*>(member);
}

template <class T>
bool is_zero(const void* member) {
  return as<T>(member) == 0;
}

template <class T>
void set_zero(void* member) {
  *static_cast<T*>(member) = 0;
}

bool refuse_range(DecodeContext& context, const Node& node, const std::string& path, std::string allowed) {
  context.report.error(node.position, path, fmt::format("{} is out of range", node.text),
                       {{std::move(allowed)}, ""});
  return false;
}

bool in_bounds(std::int64_t value, const Bounds& bounds) {
  return value >= bounds.min && value <= bounds.max;
}

// --- true and false

bool read_boolean(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                  void* member) {
  if (node.kind != Node::Kind::boolean) return refuse_kind(context, node, path, "true or false");
  *static_cast<bool*>(member) = node.boolean;
  return true;
}

void write_boolean(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = as<bool>(member);
}

void describe_boolean(const Field&, Json& schema) {
  schema["type"] = "boolean";
}

bool read_optional_boolean(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                           void* member) {
  if (node.kind != Node::Kind::boolean) return refuse_kind(context, node, path, "true or false");
  *static_cast<std::optional<bool>*>(member) = node.boolean;
  return true;
}

void write_optional_boolean(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = as<std::optional<bool>>(member).value();
}

bool no_boolean(const void* member) {
  return !as<std::optional<bool>>(member).has_value();
}

void clear_boolean(void* member) {
  static_cast<std::optional<bool>*>(member)->reset();
}

// --- whole numbers

std::string count_bounds_text(const Bounds& bounds) {
  return fmt::format("{} to {}", bounds.min, bounds.max);
}

bool read_count(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                void* member) {
  if (node.kind != Node::Kind::integer) return refuse_kind(context, node, path, "a whole number");
  if (!in_bounds(node.integer, field.bounds)) {
    return refuse_range(context, node, path, count_bounds_text(field.bounds));
  }
  *static_cast<std::uint32_t*>(member) = static_cast<std::uint32_t>(node.integer);
  return true;
}

void write_count(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = as<std::uint32_t>(member);
}

void describe_count(const Field& field, Json& schema) {
  schema["type"] = "integer";
  schema["minimum"] = field.bounds.min;
  schema["maximum"] = field.bounds.max;
}

bool read_count_or_auto(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                        void* member) {
  if (node.kind == Node::Kind::string && node.text == auto_word) {
    *static_cast<std::uint32_t*>(member) = 0;
    return true;
  }
  if (node.kind != Node::Kind::integer) return refuse_kind(context, node, path, "\"auto\" or a whole number");
  return read_count(context, field, node, path, member);
}

void write_count_or_auto(const EncodeContext& context, const Field& field, const void* member, Json& value) {
  if (is_zero<std::uint32_t>(member)) {
    value = auto_word;
  } else {
    write_count(context, field, member, value);
  }
}

void describe_count_or_auto(const Field& field, Json& schema) {
  Json number;
  describe_count(field, number);
  schema["anyOf"] = Json::array({Json{{"const", auto_word}}, number});
}

bool read_count_or_zero(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                        void* member) {
  if (node.kind == Node::Kind::integer && !in_bounds(node.integer, field.bounds) && node.integer != 0) {
    return refuse_range(context, node, path, "0 or " + count_bounds_text(field.bounds));
  }
  if (node.kind != Node::Kind::integer || node.integer != 0) {
    return read_count(context, field, node, path, member);
  }
  set_zero<std::uint32_t>(member);
  return true;
}

void describe_count_or_zero(const Field& field, Json& schema) {
  Json number;
  describe_count(field, number);
  schema["anyOf"] = Json::array({Json{{"const", 0}}, number});
}

// --- durations

std::string duration_bounds_text(const Bounds& bounds) {
  return fmt::format("{} to {}", base::duration_text(bounds.min), base::duration_text(bounds.max));
}

bool read_duration(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                   void* member) {
  constexpr std::string_view wanted = R"(a duration such as "250ms", "5s" or "1h")";
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, wanted);
  const std::optional<std::int64_t> ms = base::duration_ms_from_text(node.text);
  if (!ms) {
    context.report.error(node.position, path, fmt::format("\"{}\" is not {}", node.text, wanted),
                         {{"a whole number followed by us, ms, s, m, h or d"}, ""});
    return false;
  }
  if (!in_bounds(*ms, field.bounds)) {
    return refuse_range(context, node, path, duration_bounds_text(field.bounds));
  }
  *static_cast<std::int64_t*>(member) = *ms;
  return true;
}

bool read_whole_seconds(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                        void* member) {
  std::int64_t ms = 0;
  if (!read_duration(context, field, node, path, &ms)) return false;
  if (ms % ms_per_s != 0) {
    context.report.error(node.position, path, fmt::format("{} is not a number of whole seconds", node.text));
    return false;
  }
  *static_cast<std::int64_t*>(member) = ms;
  return true;
}

void write_duration(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = base::duration_text(as<std::int64_t>(member));
}

void describe_duration(const Field& field, Json& schema) {
  schema["type"] = "string";
  schema["pattern"] = "^(0|[0-9]+(us|ms|s|m|h|d))$";
  schema["$comment"] = duration_bounds_text(field.bounds);
}

// --- sizes

std::string size_bounds_text(const Bounds& bounds) {
  return fmt::format("{} to {}", base::size_text(static_cast<std::uint64_t>(bounds.min)),
                     base::size_text(static_cast<std::uint64_t>(bounds.max)));
}

bool read_size(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
               void* member) {
  constexpr std::string_view wanted = R"(a size such as "16k", "1m" or 4096)";
  std::int64_t bytes = node.integer;
  if (node.kind == Node::Kind::string) {
    const std::optional<std::uint64_t> size = base::size_bytes_from_text(node.text);
    if (!size) {
      context.report.error(node.position, path, fmt::format("\"{}\" is not {}", node.text, wanted),
                           {{"a whole number, with k, m or g behind it or without"}, ""});
      return false;
    }
    bytes = static_cast<std::int64_t>(std::min<std::uint64_t>(*size, INT64_MAX));
  } else if (node.kind != Node::Kind::integer) {
    return refuse_kind(context, node, path, wanted);
  }
  if (!in_bounds(bytes, field.bounds))
    return refuse_range(context, node, path, size_bounds_text(field.bounds));
  *static_cast<std::uint32_t*>(member) = static_cast<std::uint32_t>(bytes);
  return true;
}

void write_size(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = base::size_text(as<std::uint32_t>(member));
}

void describe_size(const Field& field, Json& schema) {
  schema["anyOf"] =
      Json::array({Json{{"type", "integer"}, {"minimum", field.bounds.min}, {"maximum", field.bounds.max}},
                   Json{{"type", "string"},
                        {"pattern", "^[0-9]+[kKmMgG]?$"},
                        {"$comment", size_bounds_text(field.bounds)}}});
}

// --- permission bits

bool read_file_mode(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                    void* member) {
  constexpr std::string_view wanted = R"(permissions in octal such as "0660")";
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, wanted);
  std::uint32_t mode = 0;
  bool octal = node.text.size() >= 3 && node.text.size() <= 4;
  for (char digit : node.text) {
    octal = octal && digit >= '0' && digit <= '7';
    if (octal) mode = mode * 8 + static_cast<std::uint32_t>(digit - '0');
  }
  if (!octal || mode == 0 || mode > file_mode_max) {
    context.report.error(node.position, path, fmt::format("\"{}\" is not {}", node.text, wanted),
                         {{"0001 to 0777"}, ""});
    return false;
  }
  *static_cast<std::uint32_t*>(member) = mode;
  return true;
}

void write_file_mode(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = fmt::format("{:04o}", as<std::uint32_t>(member));
}

void describe_file_mode(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["pattern"] = "^0?[0-7]{3}$";
}

}  // namespace

const ValueType boolean_type{.name = "boolean",
                             .spelling = Node::Kind::boolean,
                             .read = read_boolean,
                             .write = write_boolean,
                             .describe = describe_boolean};
// A number or duration without a default is never zero in the file: zero is its absence.
const ValueType optional_boolean_type{.name = "boolean",
                                      .spelling = Node::Kind::boolean,
                                      .read = read_optional_boolean,
                                      .write = write_optional_boolean,
                                      .describe = describe_boolean,
                                      .absent = no_boolean,
                                      .clear = clear_boolean};
const ValueType count_type{.name = "whole number",
                           .spelling = Node::Kind::integer,
                           .read = read_count,
                           .write = write_count,
                           .describe = describe_count,
                           .absent = is_zero<std::uint32_t>,
                           .clear = set_zero<std::uint32_t>};
const ValueType count_or_auto_type{.name = "`\"auto\"` or whole number",
                                   .spelling = Node::Kind::string,
                                   .read = read_count_or_auto,
                                   .write = write_count_or_auto,
                                   .describe = describe_count_or_auto};
const ValueType count_or_zero_type{.name = "`0` or whole number",
                                   .spelling = Node::Kind::integer,
                                   .read = read_count_or_zero,
                                   .write = write_count,
                                   .describe = describe_count_or_zero};
const ValueType duration_type{.name = "duration",
                              .spelling = Node::Kind::string,
                              .read = read_duration,
                              .write = write_duration,
                              .describe = describe_duration,
                              .absent = is_zero<std::int64_t>,
                              .clear = set_zero<std::int64_t>};
const ValueType whole_seconds_type{.name = "duration in whole seconds",
                                   .spelling = Node::Kind::string,
                                   .read = read_whole_seconds,
                                   .write = write_duration,
                                   .describe = describe_duration,
                                   .absent = is_zero<std::int64_t>,
                                   .clear = set_zero<std::int64_t>};
const ValueType size_type{.name = "size",
                          .spelling = Node::Kind::string,
                          .read = read_size,
                          .write = write_size,
                          .describe = describe_size};
const ValueType file_mode_type{.name = "octal permissions",
                               .spelling = Node::Kind::string,
                               .read = read_file_mode,
                               .write = write_file_mode,
                               .describe = describe_file_mode,
                               .absent = is_zero<std::uint32_t>,
                               .clear = set_zero<std::uint32_t>};

}  // namespace corelane::config
