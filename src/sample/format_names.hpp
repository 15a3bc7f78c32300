// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace corelane::sample {

/// What %NAME stands for in the texts of rules: in a log line the same names say what had become of it by the
/// end.
struct FormatName {
  std::string_view name;
  std::string_view text;  // a text with samples that says the same; empty: only a log line knows it
};
std::span<const FormatName> format_names() noexcept;
/// Null: there is none of this name.
const FormatName* find_format_name(std::string_view name) noexcept;

}  // namespace corelane::sample
