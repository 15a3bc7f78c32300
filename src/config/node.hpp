// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"

namespace corelane::config {

/// One value of a JSON text, with where it stands.
struct Node {
  enum class Kind : std::uint8_t { null, boolean, integer, real, string, array, object };

  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string text;            // string: its content; integer and real: as written
  std::string written;         // string with an escape: as it is written, in its quotes
  std::string key;             // inside an object
  Position position;           // of the value's first character
  Position key_position;       // of the key's opening quote, inside an object
  std::vector<Node> children;  // array and object, in the order of the file

  /// The child with this key, or null.
  const Node* find(std::string_view wanted) const noexcept;
};

/// Where the byte of a string's content stands.
Position position_in(const Node& text, std::size_t offset);

/// "an object", "a number", ...
std::string_view node_kind_text(Node::Kind kind);

inline constexpr std::size_t json_bytes_max = 8U << 20;
inline constexpr std::size_t json_depth_max = 32;

/// Reads a JSON text strictly: // and /* */ comments are allowed; trailing commas, duplicate keys and
/// anything after the value are not. A duplicate key is reported and left out, and reading goes on; after any
/// other fault the result is empty. Never throws on any input but out of memory.
std::optional<Node> read_json(std::string_view text, Report& report);

}  // namespace corelane::config
