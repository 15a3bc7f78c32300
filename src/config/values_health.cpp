// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "config/values.hpp"

namespace corelane::config {
namespace {

/// What it stands for is known when every server is read: cross_checks_track.cpp.
bool read_track(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                void* member) {
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, "a server in double quotes");
  const std::size_t slash = node.text.find('/');
  const bool has_backend = slash != std::string::npos;
  const bool sound = is_name(std::string_view(node.text).substr(has_backend ? slash + 1 : 0)) &&
                     (!has_backend || is_name(std::string_view(node.text).substr(0, slash)));
  if (!sound) {
    context.report.error(node.position, path, fmt::format("\"{}\" is not a server", node.text),
                         {{"SERVER", "BACKEND/SERVER"}, ""});
    return false;
  }
  static_cast<Track*>(member)->text = node.text;
  return true;
}

void write_track(const EncodeContext&, const Field&, const void* member, nlohmann::ordered_json& value) {
  value = static_cast<const Track*>(member)->text;
}

void describe_track(const Field&, nlohmann::ordered_json& schema) {
  schema["type"] = "string";
  schema["pattern"] = "^([A-Za-z0-9_.:-]{1,128}/)?[A-Za-z0-9_.:-]{1,128}$";
}

bool track_absent(const void* member) {
  return static_cast<const Track*>(member)->text.empty();
}

void clear_track(void* member) {
  *static_cast<Track*>(member) = {};
}

}  // namespace

const ValueType track_type{.name = "server",
                           .spelling = Node::Kind::string,
                           .read = read_track,
                           .write = write_track,
                           .describe = describe_track,
                           .absent = track_absent,
                           .clear = clear_track};

}  // namespace corelane::config
