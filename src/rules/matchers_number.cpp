// SPDX-License-Identifier: Apache-2.0
// Numbers in ranges, addresses in networks.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/network.hpp"
#include "rules/matchers.hpp"

namespace corelane::rules {
namespace {

struct Range {
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

bool read_integer(std::string_view text, std::int64_t& value) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && end.ec == std::errc() && end.ptr == text.data() + text.size();
}

constexpr std::array<std::string_view, 5> comparisons{"eq", "ge", "gt", "le", "lt"};

std::optional<Range> range_of(std::string_view comparison, std::string_view text) {
  Range range;
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view min = text.substr(0, colon);
    const std::string_view max = text.substr(colon + 1);
    if (comparison != "eq" || (min.empty() && max.empty())) return std::nullopt;
    if (!min.empty() && !read_integer(min, range.min)) return std::nullopt;
    if (!max.empty() && !read_integer(max, range.max)) return std::nullopt;
    return range;
  }
  std::int64_t value = 0;
  if (!read_integer(text, value)) return std::nullopt;
  if (comparison == "eq" || comparison == "ge") range.min = value;
  if (comparison == "eq" || comparison == "le") range.max = value;
  // Nothing is above the highest or below the lowest: an empty range.
  if (comparison == "gt") range = {value, range.max};
  if (comparison == "lt") range = {range.min, value};
  if (comparison == "gt" && range.min++ == range.max) range = {1, 0};
  if (comparison == "lt" && range.max-- == range.min) range = {1, 0};
  return range;
}

class RangeMatcher final : public Matcher {
 public:
  RangeMatcher(std::vector<Range> ranges, bool of_length)
      : ranges_(std::move(ranges)), of_length_(of_length) {}

  bool matches(const sample::Sample& sample) const noexcept override {
    const std::int64_t value = of_length_ ? static_cast<std::int64_t>(sample.text.size()) : sample.integer;
    for (const Range& range : ranges_)
      if (value >= range.min && value <= range.max) return true;
    return false;
  }

 private:
  std::vector<Range> ranges_;
  bool of_length_;
};

// --- networks

constexpr std::size_t networks_walked_max = 8;  // more are looked up

using AddressBytes = std::array<std::uint8_t, 16>;

struct AddressHash {
  std::size_t operator()(const AddressBytes& bytes) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, bytes.data(), sizeof(halves));
    const std::uint64_t mixed = (halves[0] ^ halves[1] * 0x9e37'79b9'7f4a'7c15) * 0xff51'afd7'ed55'8ccd;
    return mixed ^ mixed >> 32;
  }
};

AddressBytes masked(AddressBytes bytes, std::size_t bits) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bits >= 8 * (i + 1)) continue;
    const std::size_t kept = bits > 8 * i ? bits - 8 * i : 0;
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00 >> kept));
  }
  return bytes;
}

/// Networks of one family and one length.
struct NetworkGroup {
  base::Family family;
  std::uint8_t bits;
  std::unordered_set<AddressBytes, AddressHash> addresses;
};

class NetworkMatcher final : public Matcher {
 public:
  explicit NetworkMatcher(std::vector<base::Network> networks) {
    if (networks.size() <= networks_walked_max) {
      networks_ = std::move(networks);
      return;
    }
    for (const base::Network& network : networks)
      group_of(network.address.family, network.prefix_bits).addresses.insert(network.address.ip);
  }

  bool matches(const sample::Sample& sample) const noexcept override {
    for (const base::Network& network : networks_)
      if (network.contains(sample.address)) return true;
    if (groups_.empty()) return false;
    const base::Endpoint address = base::endpoint_unmapped(sample.address);
    return is_in_group(address) || (address != sample.address && is_in_group(sample.address));
  }

 private:
  NetworkGroup& group_of(base::Family family, std::uint8_t bits) {
    for (NetworkGroup& group : groups_)
      if (group.family == family && group.bits == bits) return group;
    return groups_.emplace_back(NetworkGroup{family, bits, {}});
  }

  bool is_in_group(const base::Endpoint& address) const {
    return std::any_of(groups_.begin(), groups_.end(), [&address](const NetworkGroup& group) {
      return group.family == address.family && group.addresses.contains(masked(address.ip, group.bits));
    });
  }

  std::vector<base::Network> networks_;
  std::vector<NetworkGroup> groups_;  // where there are many
};

}  // namespace

MatcherMade make_number_matcher(Method method, std::span<const Pattern> patterns) {
  std::vector<Range> ranges;
  std::string_view comparison = "eq";
  bool awaits_value = false;
  for (const Pattern& pattern : patterns) {
    const auto word = std::find(comparisons.begin(), comparisons.end(), pattern.text);
    if (word != comparisons.end()) {
      comparison = *word;
      awaits_value = true;
      continue;
    }
    const std::optional<Range> range = range_of(comparison, pattern.text);
    if (!range) {
      return refuse_pattern(
          pattern,
          fmt::format("\"{}\" is no integer{}", pattern.text,
                      comparison == "eq" ? ", no range such as 1024:65535 and none of eq ge gt le lt" : ""));
    }
    ranges.push_back(*range);
    awaits_value = false;
  }
  if (awaits_value)
    return refuse_pattern(patterns.back(), fmt::format("expected an integer after {}", comparison));
  return {std::make_unique<RangeMatcher>(std::move(ranges), method == Method::length), {}};
}

MatcherMade make_network_matcher(std::span<const Pattern> patterns) {
  std::vector<base::Network> networks;
  for (const Pattern& pattern : patterns) {
    base::NetworkResult read = base::network_from_text(pattern.text);
    if (!read.fault.empty())
      return refuse_pattern(pattern, fmt::format("bad network \"{}\": {}", pattern.text, read.fault));
    networks.push_back(read.network);
  }
  return {std::make_unique<NetworkMatcher>(std::move(networks)), {}};
}

}  // namespace corelane::rules
