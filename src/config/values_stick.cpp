// SPDX-License-Identifier: Apache-2.0
// What a stick table keeps: "gpc0", "gpc(4)", "http_req_rate(10s)", "gpc_rate(4,10s)".
#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/near_miss.hpp"
#include "base/units.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

constexpr std::int64_t period_ms_max = std::numeric_limits<std::int32_t>::max();

/// "gpc_rate(ELEMENTS,PERIOD)".
std::string form_of(const stick::DataRow& row) {
  const bool rate = row.kind == stick::DataKind::rate;
  std::string text(row.name);
  if (row.array) text += rate ? "(ELEMENTS,PERIOD)" : "(ELEMENTS)";
  if (!row.array && rate) text += "(PERIOD)";
  return text;
}

bool read_elements(std::string_view text, std::uint32_t& elements) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), elements);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() && elements >= 1 &&
         elements <= stick::array_elements_max;
}

/// HAProxy's periods without a unit are milliseconds.
bool read_period(const std::string& text, std::uint32_t& period_ms) {
  const bool bare = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  const auto period = base::duration_ms_from_text(bare ? text + "ms" : text);
  if (!period || *period < 1 || *period > period_ms_max) return false;
  period_ms = static_cast<std::uint32_t>(*period);
  return true;
}

/// The fault; empty: none.
std::string read_arguments(const stick::DataRow& row, std::string arguments, stick::StoredData& stored) {
  const bool rate = row.kind == stick::DataKind::rate;
  if (row.array) {
    const std::size_t comma = arguments.find(',');
    if (!read_elements(std::string_view(arguments).substr(0, comma), stored.elements))
      return fmt::format("expected {} with 1 to {} elements", form_of(row), stick::array_elements_max);
    arguments = comma == std::string::npos ? "" : arguments.substr(comma + 1);
  }
  if (rate && !read_period(arguments, stored.period_ms))
    return fmt::format("expected {} with a period such as 10s, at most 24d", form_of(row));
  if (!rate && !arguments.empty()) return fmt::format("expected {}", form_of(row));
  return "";
}

bool read_stored(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                 void* member) {
  if (node.kind != Node::Kind::string)
    return refuse_kind(context, node, path, "what is kept, such as \"http_req_rate(10s)\"");
  const std::string_view text = node.text;
  const std::size_t open = text.find('(');
  const std::string_view name = text.substr(0, open);
  const auto type = stick::data_type_named(name);
  if (!type) {
    std::vector<std::string_view> names;
    for (const stick::DataRow& row : stick::data_rows()) names.push_back(row.name);
    context.report.error(node.position, path, fmt::format("\"{}\" is nothing that a stick table keeps", name),
                         {{names.begin(), names.end()}, std::string(base::near_miss(name, names))});
    return false;
  }
  std::string fault;
  stick::StoredData& stored = *static_cast<stick::StoredData*>(member);
  stored = {.type = *type};
  const bool closed = open == std::string_view::npos || text.back() == ')';
  const std::string arguments(
      open == std::string_view::npos || !closed ? "" : text.substr(open + 1, text.size() - open - 2));
  fault = closed ? read_arguments(stick::row_of(*type), arguments, stored)
                 : fmt::format("expected {}", form_of(stick::row_of(*type)));
  if (fault.empty()) return true;
  context.report.error(node.position, path, fault);
  return false;
}

void write_stored(const EncodeContext&, const Field&, const void* member, nlohmann::ordered_json& value) {
  value = stored_text(*static_cast<const stick::StoredData*>(member));
}

void describe_stored(const Field&, nlohmann::ordered_json& schema) {
  std::string names;
  for (const stick::DataRow& row : stick::data_rows()) {
    if (!names.empty()) names += '|';
    names += row.name;
  }
  schema["type"] = "string";
  schema["pattern"] = "^(" + names + ")(\\([0-9a-z,]*\\))?$";
}

}  // namespace

std::string stored_text(const stick::StoredData& stored) {
  const stick::DataRow& row = stick::row_of(stored.type);
  std::string arguments = row.array ? fmt::format("{}", stored.elements) : "";
  if (row.kind == stick::DataKind::rate) {
    if (row.array) arguments += ',';
    arguments += base::duration_text(stored.period_ms);
  }
  return arguments.empty() ? std::string(row.name) : fmt::format("{}({})", row.name, arguments);
}

const ValueType stored_data_type{.name = "data type",
                                 .spelling = Node::Kind::string,
                                 .read = read_stored,
                                 .write = write_stored,
                                 .describe = describe_stored};

}  // namespace corelane::config
