// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "config/source_address.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

bool read_source_address(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                         void* member) {
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, "an address in double quotes");
  SourceAddressResult result = source_address_from_text(node.text);
  if (!result.address) {
    context.report.error(node.position, path,
                         fmt::format("bad source address \"{}\": {}", node.text, result.fault),
                         {{std::string(source_address_forms)}, ""});
    return false;
  }
  *static_cast<SourceAddress*>(member) = std::move(*result.address);
  return true;
}

void write_source_address(const EncodeContext&, const Field&, const void* member,
                          nlohmann::ordered_json& value) {
  value = static_cast<const SourceAddress*>(member)->text;
}

void describe_source_address(const Field&, nlohmann::ordered_json& schema) {
  schema["type"] = "string";
  schema["pattern"] = "^([0-9.]+|\\[[0-9a-fA-F:.]+\\])(:[0-9]+-[0-9]+)?$|^[0-9a-fA-F:.]+$";
  schema["$comment"] = source_address_forms;
}

bool source_address_absent(const void* member) {
  return static_cast<const SourceAddress*>(member)->text.empty();
}

void clear_source_address(void* member) {
  *static_cast<SourceAddress*>(member) = {};
}

}  // namespace

const ValueType source_address_type{.name = "source address",
                                    .spelling = Node::Kind::string,
                                    .read = read_source_address,
                                    .write = write_source_address,
                                    .describe = describe_source_address,
                                    .absent = source_address_absent,
                                    .clear = clear_source_address};

}  // namespace corelane::config
