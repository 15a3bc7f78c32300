// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/near_miss.hpp"
#include "config/sections.hpp"
#include "config/source_address.hpp"
#include "config/values.hpp"
#include "sample/expression.hpp"

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

// --- transparent

constexpr std::array<std::string_view, 3> transparent_sources{"none", "client", "clientip"};

/// Of a text that is none of the words; an empty message: it makes an address.
sample::Fault fault_of_client_expression(const std::string& text) {
  sample::ExpressionRead read = sample::read_expression(text, {});
  if (!read.expression) return std::move(read.fault);
  if (!sample::castable(read.expression->output(), sample::Type::address))
    return {
        0,
        fmt::format("expected an address, but this makes {}", sample::type_text(read.expression->output())),
        {},
        {}};
  return sample::unmet_need(read.expression->needs(), sample::phase_request, read.expression->fetch_name(), 0)
      .value_or(sample::Fault{});
}

bool read_transparent(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                      void* member) {
  constexpr std::string_view wanted = "none, client, clientip or a sample such as hdr_ip(x-forwarded-for,-1)";
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, wanted);
  auto& source = *static_cast<Source*>(member);
  source.client_expression.clear();
  const auto word = std::find(transparent_sources.begin(), transparent_sources.end(), node.text);
  if (word != transparent_sources.end()) {
    source.transparent = static_cast<TransparentSource>(word - transparent_sources.begin());
    return true;
  }
  if (node.text.find('(') == std::string::npos) {
    context.report.error(
        node.position, path, fmt::format("\"{}\" is not a place to connect from", node.text),
        {{std::string(wanted)}, std::string(base::near_miss(node.text, transparent_sources))});
    return false;
  }
  const sample::Fault fault = fault_of_client_expression(node.text);
  if (!fault.message.empty()) {
    context.report.error(position_in(node, fault.position), path, fault.message,
                         {fault.allowed, fault.near_miss});
    return false;
  }
  source.transparent = TransparentSource::expression;
  source.client_expression = node.text;
  return true;
}

void write_transparent(const EncodeContext&, const Field&, const void* member,
                       nlohmann::ordered_json& value) {
  const auto& source = *static_cast<const Source*>(member);
  if (source.transparent == TransparentSource::expression) {
    value = source.client_expression;
  } else {
    value = transparent_sources[static_cast<std::size_t>(source.transparent)];
  }
}

void describe_transparent(const Field&, nlohmann::ordered_json& schema) {
  schema["type"] = "string";
  schema["minLength"] = 1;
  schema["examples"] = {"none", "client", "clientip", "hdr_ip(x-forwarded-for,-1)"};
}

}  // namespace

std::span<const std::string_view> transparent_source_words() {
  return transparent_sources;
}

const ValueType transparent_type{.name = "word or sample",
                                 .spelling = Node::Kind::string,
                                 .read = read_transparent,
                                 .write = write_transparent,
                                 .describe = describe_transparent};
const ValueType source_address_type{.name = "source address",
                                    .spelling = Node::Kind::string,
                                    .read = read_source_address,
                                    .write = write_source_address,
                                    .describe = describe_source_address,
                                    .absent = source_address_absent,
                                    .clear = clear_source_address};

}  // namespace corelane::config
