// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace corelane::sample {

/// Finds values in JSON texts, reading only as far as it has to. What it passes over need not be sound.
struct JsonStep {
  std::string key;
  std::size_t position = 0;
  bool is_position = false;
};
using JsonPath = std::vector<JsonStep>;

/// Reads "$.a.b[2]"; a backslash takes its meaning from a dot or a bracket. False: it is no such path.
bool read_json_path(std::string_view text, JsonPath& path);

/// The value there as it is written; empty where there is none.
std::string_view find_json(std::string_view json, const JsonPath& path) noexcept;

/// The content of a string, of which `written` is all with its quotes; `out` has room for as much. False: it
/// is none.
bool json_string(std::string_view written, char* out, std::size_t& size) noexcept;

}  // namespace corelane::sample
