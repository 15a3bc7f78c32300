// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "config/values.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t networks_max = 1024;

bool read_network(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                  void* member) {
  if (node.kind != Node::Kind::string)
    return refuse_kind(context, node, path, "a network such as \"10.0.0.0/8\" or \"::1\"");
  const base::NetworkResult result = base::network_from_text(node.text);
  if (!result.fault.empty()) {
    context.report.error(node.position, path, fmt::format("bad network \"{}\": {}", node.text, result.fault));
    return false;
  }
  *static_cast<base::Network*>(member) = result.network;
  return true;
}

void write_network(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = base::network_text(*static_cast<const base::Network*>(member));
}

void describe_network(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["pattern"] = "^[0-9A-Fa-f.:]+(/[0-9]+)?$";
}

bool read_accept_proxy(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                       void* member) {
  AcceptProxy accept;
  if (node.kind == Node::Kind::boolean) {
    accept.enabled = node.boolean;
  } else if (node.kind != Node::Kind::array) {
    return refuse_kind(context, node, path, "true, false or a list of networks");
  } else if (node.children.empty() || node.children.size() > networks_max) {
    context.report.error(node.position, path,
                         fmt::format("a list of networks has 1 to {} entries", networks_max));
    return false;
  } else {
    accept.enabled = true;
    bool sound = true;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      base::Network& network = accept.from.emplace_back();
      sound = read_network(context, field, node.children[i], path_index(path, i), &network) && sound;
    }
    if (!sound) return false;
  }
  *static_cast<AcceptProxy*>(member) = std::move(accept);
  return true;
}

void write_accept_proxy(const EncodeContext&, const Field&, const void* member, Json& value) {
  const auto& accept = *static_cast<const AcceptProxy*>(member);
  value = accept.enabled;
  if (accept.from.empty()) return;
  value = Json::array();
  for (const base::Network& network : accept.from) value.push_back(base::network_text(network));
}

void describe_accept_proxy(const Field& field, Json& schema) {
  Json network;
  describe_network(field, network);
  schema["anyOf"] =
      Json::array({Json{{"type", "boolean"}},
                   Json{{"type", "array"}, {"items", network}, {"minItems", 1}, {"maxItems", networks_max}}});
}

}  // namespace

const ValueType network_type{.name = "network",
                             .spelling = Node::Kind::string,
                             .read = read_network,
                             .write = write_network,
                             .describe = describe_network};
const ValueType accept_proxy_type{.name = "boolean or list of networks",
                                  .spelling = Node::Kind::boolean,
                                  .read = read_accept_proxy,
                                  .write = write_accept_proxy,
                                  .describe = describe_accept_proxy};

}  // namespace corelane::config
