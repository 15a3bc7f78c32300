// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/near_miss.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::ordered_json;
using Tos = std::optional<std::uint8_t>;

constexpr std::int64_t tos_max = 255;
constexpr std::int64_t ecn_bits = 3;

struct CodePoint {
  std::string_view name;
  std::uint8_t dscp;
};

/// The names of RFC 2474, 2597, 3246, 5865 and 8622, as nft has them.
constexpr CodePoint code_points[] = {
    {"cs0", 0},   {"le", 1},    {"cs1", 8},   {"af11", 10}, {"af12", 12}, {"af13", 14},
    {"cs2", 16},  {"af21", 18}, {"af22", 20}, {"af23", 22}, {"cs3", 24},  {"af31", 26},
    {"af32", 28}, {"af33", 30}, {"cs4", 32},  {"af41", 34}, {"af42", 36}, {"af43", 38},
    {"cs5", 40},  {"va", 44},   {"ef", 46},   {"cs6", 48},  {"cs7", 56},
};

std::vector<std::string_view> code_point_names() {
  std::vector<std::string_view> names;
  for (const CodePoint& point : code_points) names.push_back(point.name);
  return names;
}

bool read_tos_name(DecodeContext& context, const Node& node, const std::string& path, void* member) {
  const auto* found = std::find_if(std::begin(code_points), std::end(code_points),
                                   [&node](const CodePoint& point) { return point.name == node.text; });
  if (found == std::end(code_points)) {
    const std::vector<std::string_view> names = code_point_names();
    Hint hint{{names.begin(), names.end()}, std::string(base::near_miss(node.text, names))};
    context.report.error(node.position, path, fmt::format("\"{}\" is no DSCP's name", node.text),
                         std::move(hint));
    return false;
  }
  *static_cast<Tos*>(member) = static_cast<std::uint8_t>(found->dscp << 2U);
  return true;
}

bool read_tos(DecodeContext& context, const Field&, const Node& node, const std::string& path, void* member) {
  if (node.kind == Node::Kind::string) return read_tos_name(context, node, path, member);
  if (node.kind != Node::Kind::integer)
    return refuse_kind(context, node, path, "a number from 0 to 252 or a DSCP's name");
  if (node.integer < 0 || node.integer > tos_max) {
    context.report.error(node.position, path, fmt::format("{} is out of range", node.text),
                         {{"0 to 252, in steps of 4"}, ""});
    return false;
  }
  if ((node.integer & ecn_bits) != 0) {
    context.report.error(
        node.position, path,
        fmt::format("the two lowest bits of {} are those of ECN, which TCP sets itself", node.text),
        {{fmt::format("{}", node.integer & ~ecn_bits)}, ""});
    return false;
  }
  *static_cast<Tos*>(member) = static_cast<std::uint8_t>(node.integer);
  return true;
}

void write_tos(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = static_cast<const Tos*>(member)->value();
}

void describe_tos(const Field&, Json& schema) {
  const Json number{{"type", "integer"}, {"minimum", 0}, {"maximum", tos_max}, {"multipleOf", ecn_bits + 1}};
  schema["anyOf"] = Json::array({number, Json{{"enum", code_point_names()}}});
}

bool no_tos(const void* member) {
  return !static_cast<const Tos*>(member)->has_value();
}

void clear_tos(void* member) {
  static_cast<Tos*>(member)->reset();
}

}  // namespace

const ValueType tos_type{.name = "number or DSCP name",
                         .spelling = Node::Kind::integer,
                         .read = read_tos,
                         .write = write_tos,
                         .describe = describe_tos,
                         .absent = no_tos,
                         .clear = clear_tos};

}  // namespace corelane::config
