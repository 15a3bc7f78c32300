// SPDX-License-Identifier: Apache-2.0
#include "tls/sni_map.hpp"

#include <algorithm>

namespace corelane::tls {
namespace {

void keep_first(std::size_t& place, std::size_t entry) {
  if (place == SIZE_MAX) place = entry;
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string_view SniMap::fold(std::string_view name,
                              std::array<char, server_name_bytes_max>& memory) noexcept {
  if (name.size() > memory.size()) return {};
  if (name.ends_with('.')) name.remove_suffix(1);
  std::transform(name.begin(), name.end(), memory.begin(), lower);
  return {memory.data(), name.size()};
}

void SniMap::add(std::string_view name, Key key, std::size_t entry) {
  std::array<char, server_name_bytes_max> memory{};
  const bool excluded = name.starts_with('!');
  if (excluded) name.remove_prefix(1);
  const std::string folded(fold(name, memory));
  if (folded.empty()) return;
  const auto kind = static_cast<std::size_t>(key);
  if (excluded) {
    excluded_.emplace(folded, entry);
  } else if (folded == "*") {
    keep_first(any_.entries[kind], entry);
  } else if (folded.starts_with("*.")) {
    keep_first(wildcards_[folded.substr(2)].entries[kind], entry);
  } else {
    keep_first(exact_[folded].entries[kind], entry);
  }
}

std::optional<std::size_t> SniMap::choose(const Choice& choice, bool knows_ecdsa) noexcept {
  const auto [rsa, ecdsa] = choice.entries;
  if (ecdsa != none && (knows_ecdsa || rsa == none)) return ecdsa;
  if (rsa != none) return rsa;
  return std::nullopt;
}

bool SniMap::is_excluded(std::string_view name, std::size_t entry) const noexcept {
  const auto [begin, end] = excluded_.equal_range(name);
  return std::any_of(begin, end, [entry](const auto& pair) { return pair.second == entry; });
}

std::optional<std::size_t> SniMap::find(std::string_view name, bool knows_ecdsa) const noexcept {
  std::array<char, server_name_bytes_max> memory{};
  name = fold(name, memory);
  if (const auto found = exact_.find(name); found != exact_.end()) return choose(found->second, knows_ecdsa);
  if (const std::size_t point = name.find('.'); point != std::string_view::npos && point != 0) {
    const auto found = wildcards_.find(name.substr(point + 1));
    if (found != wildcards_.end()) {
      Choice left = found->second;
      for (std::size_t& entry : left.entries)
        if (entry != none && is_excluded(name, entry)) entry = none;
      if (const auto chosen = choose(left, knows_ecdsa)) return chosen;
    }
  }
  if (name.empty()) return std::nullopt;
  return choose(any_, knows_ecdsa);
}

}  // namespace corelane::tls
