// SPDX-License-Identifier: Apache-2.0
// Numbers in ranges, addresses in networks.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/network.hpp"
#include "rules/interval_table.hpp"
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
  RangeMatcher(std::vector<IntervalTable<std::int64_t>::Interval> ranges, bool of_length)
      : ranges_(std::move(ranges)), of_length_(of_length) {}

  std::uint32_t find(const sample::Sample& sample) const noexcept override {
    return ranges_.find(of_length_ ? static_cast<std::int64_t>(sample.text.size()) : sample.integer);
  }

 private:
  IntervalTable<std::int64_t> ranges_;
  bool of_length_;
};

// --- networks

using Narrow = std::uint32_t;

/// Network order.
std::uint64_t number_of(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < count; ++i) number = number << 8 | bytes[i];
  return number;
}
Narrow narrow_of(const base::Endpoint& address) {
  return static_cast<Narrow>(number_of(address.ip.data(), 4));
}
Wide wide_of(const base::Endpoint& address) {
  return {number_of(address.ip.data(), 8), number_of(address.ip.data() + 8, 8)};
}

/// All bits behind the first ones.
std::uint64_t host_bits(std::size_t prefix_bits) {
  return prefix_bits >= 64 ? 0 : std::numeric_limits<std::uint64_t>::max() >> prefix_bits;
}

/// The longest network that an address is in. An IPv4 address that comes as IPv6 is looked for in both forms,
/// and so is an IPv4 address.
class NetworkMatcher final : public Matcher {
 public:
  explicit NetworkMatcher(const std::vector<base::Network>& networks) {
    std::vector<IntervalTable<Narrow>::Interval> narrow;
    std::vector<IntervalTable<Wide>::Interval> wide;
    for (std::size_t i = 0; i < networks.size(); ++i) {
      const base::Network& network = networks[i];
      const std::size_t bits = network.prefix_bits;
      const auto number = static_cast<std::uint32_t>(i);
      const std::uint64_t rank = std::uint64_t{128 - bits} << 32 | number;
      if (network.address.family == base::Family::ipv4) {
        const Narrow min = narrow_of(network.address);
        narrow.push_back({min, min | static_cast<Narrow>(host_bits(bits) >> 32), rank, number});
      } else {
        const Wide min = wide_of(network.address);
        const Wide max{min.high | host_bits(bits), min.low | host_bits(bits < 64 ? 0 : bits - 64)};
        wide.push_back({min, max, rank, number});
      }
    }
    narrow_ = IntervalTable<Narrow>(std::move(narrow));
    wide_ = IntervalTable<Wide>(std::move(wide));
  }

  std::uint32_t find(const sample::Sample& sample) const noexcept override {
    const base::Endpoint& address = sample.address;
    if (address.family == base::Family::ipv4) {
      const std::uint32_t found = narrow_.find(narrow_of(address));
      return found != none ? found : wide_.find(wide_of(base::endpoint_as_ipv6(address)));
    }
    const std::uint32_t found = wide_.find(wide_of(address));
    const base::Endpoint unmapped = base::endpoint_unmapped(address);
    return found != none || unmapped.family != base::Family::ipv4 ? found : narrow_.find(narrow_of(unmapped));
  }

 private:
  IntervalTable<Narrow> narrow_;
  IntervalTable<Wide> wide_;
};

}  // namespace

MatcherMade make_number_matcher(Method method, std::span<const Pattern> patterns) {
  std::vector<IntervalTable<std::int64_t>::Interval> ranges;
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
    const auto number = static_cast<std::uint32_t>(&pattern - patterns.data());
    ranges.push_back({range->min, range->max, number, number});
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
    // Bits beyond the prefix say nothing, as in HAProxy.
    if (!base::is_ip(read.network.address.family))
      return refuse_pattern(pattern, fmt::format("bad network \"{}\": {}", pattern.text, read.fault));
    networks.push_back(read.network);
  }
  return {std::make_unique<NetworkMatcher>(networks), {}};
}

}  // namespace corelane::rules
