// SPDX-License-Identifier: Apache-2.0
// Converters of the field Forwarded (RFC 7239).
#include "proto/forwarded_element.hpp"
#include "sample/functions.hpp"

namespace corelane::sample {
namespace {

bool set_text(const std::optional<std::string_view>& text, Sample& sample) {
  if (text) sample.set(*text);
  return text.has_value();
}

}  // namespace

bool convert_rfc7239_is_valid(const Arguments&, Arena&, Sample& sample) {
  sample.set(proto::is_forwarded(sample.text));
  return true;
}

// Of the first element: what the field began with.
bool convert_rfc7239_field(const Arguments& arguments, Arena&, Sample& sample) {
  std::string_view text = sample.text;
  const auto element = proto::take_forwarded_element(text);
  if (!element) return false;
  const std::optional<std::string_view> parts[] = {element->proto, element->host, element->for_node,
                                                   element->by_node};
  return set_text(parts[arguments[0].integer], sample);
}

bool convert_rfc7239_n2nn(const Arguments&, Arena&, Sample& sample) {
  const auto node = proto::read_forwarded_node(sample.text);
  return set_text(node ? std::optional(node->name) : std::nullopt, sample);
}

bool convert_rfc7239_n2np(const Arguments&, Arena&, Sample& sample) {
  const auto node = proto::read_forwarded_node(sample.text);
  return set_text(node && !node->port.empty() ? std::optional(node->port) : std::nullopt, sample);
}

}  // namespace corelane::sample
