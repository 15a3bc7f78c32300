// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "base/endpoint.hpp"

/// The values of the field Forwarded (RFC 7239), as far as it says who speaks to whom.
namespace corelane::proto {

/// One hop. Views are of the text.
struct ForwardedElement {
  std::optional<std::string_view> proto, host, for_node, by_node;
};

/// Takes an element and the comma behind it from the front of the text. None: it is not sound.
std::optional<ForwardedElement> take_forwarded_element(std::string_view& text) noexcept;
/// Whether there are elements, and nothing but.
bool is_forwarded(std::string_view text) noexcept;

/// "192.0.2.43:47011", "[2001:db8::1]", "unknown", "_hidden:_port": a name and perhaps a port.
struct ForwardedNode {
  std::string_view name;  // without brackets
  std::string_view port;  // empty: none
};
std::optional<ForwardedNode> read_forwarded_node(std::string_view text) noexcept;

}  // namespace corelane::proto
