// SPDX-License-Identifier: Apache-2.0
#include "control/admin_target.hpp"

#include <algorithm>
#include <charconv>

namespace corelane::control {

namespace {

std::optional<std::string> decoded(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    if (text.front() != '%') {
      plain += text.front();
      text.remove_prefix(1);
      continue;
    }
    unsigned byte = 0;
    const std::string_view digits = text.substr(1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
    plain += static_cast<char>(byte);
    text.remove_prefix(3);
  }
  return plain;
}

/// Calls `visit` with each part; false when one of the calls was.
template <class Visit>
bool for_each_part(std::string_view text, char separator, Visit visit) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (!visit(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool add_query(AdminTarget& target, std::string_view part) {
  if (part.empty()) return true;
  const std::size_t equals = std::min(part.find('='), part.size());
  const auto key = decoded(part.substr(0, equals));
  const auto value = decoded(part.substr(std::min(equals + 1, part.size())));
  if (!key || !value) return false;
  target.query.emplace_back(*key, *value);
  return true;
}

}  // namespace

std::optional<AdminTarget> read_admin_target(std::string_view target) {
  AdminTarget result;
  const std::size_t question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (path.starts_with('/')) path.remove_prefix(1);
  const bool path_read = for_each_part(path, '/', [&result](std::string_view part) {
    const auto segment = decoded(part);
    if (segment) result.segments.push_back(*segment);
    return segment.has_value();
  });
  if (!path_read) return std::nullopt;
  if (question == std::string_view::npos) return result;
  const bool query_read = for_each_part(target.substr(question + 1), '&',
                                        [&result](std::string_view part) { return add_query(result, part); });
  if (!query_read) return std::nullopt;
  return result;
}

bool matches_admin_path(std::string_view pattern, const std::vector<std::string>& segments,
                        std::vector<std::string_view>& names) {
  names.clear();
  std::size_t at = 0;
  pattern.remove_prefix(1);
  const bool matches = for_each_part(pattern, '/', [&](std::string_view part) {
    if (at == segments.size()) return false;
    const std::string& segment = segments[at++];
    if (!part.starts_with('{')) return part == segment;
    names.push_back(segment);
    return !segment.empty();
  });
  return matches && at == segments.size();
}

}  // namespace corelane::control
