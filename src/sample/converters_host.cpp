// SPDX-License-Identifier: Apache-2.0
// Converters of what requests say in their fields: hosts and languages.
#include <algorithm>
#include <optional>

#include "sample/functions.hpp"
#include "sample/numbers.hpp"

namespace corelane::sample {
namespace {

struct HostPort {
  std::string_view host;
  std::string_view port;
};

/// "www:80": what follows the last colon, where that is digits alone.
HostPort split_host(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && is_digit(text[end - 1])) --end;
  if (end == 0 || text[end - 1] != ':') return {text, {}};
  return {text.substr(0, end - 1), text.substr(end)};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The next part, without the delimiter behind it.
std::string_view cut(std::string_view& rest, char delimiter) {
  const std::string_view part = rest.substr(0, rest.find(delimiter));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

constexpr int weight_max = 1000;

/// Thousandths: "0.5" is 500. What is no number counts as 1.
int weight_of(std::string_view parameters) {
  parameters = trimmed(parameters);
  if (!parameters.starts_with("q=") && !parameters.starts_with("Q=")) return weight_max;
  const std::string_view text = parameters.substr(2);
  if (text.starts_with('1')) return weight_max;
  if (!text.starts_with('0')) return weight_max;
  int weight = 0;
  int digit_worth = 100;
  for (std::size_t i = 2; i < text.size() && i < 5 && text[1] == '.' && is_digit(text[i]); ++i) {
    weight += (text[i] - '0') * digit_worth;
    digit_worth /= 10;
  }
  return weight;
}

std::optional<std::string_view> find_language(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    const std::string_view known = trimmed(cut(list, ';'));
    if (!known.empty() && known == wanted) return known;
  }
  return std::nullopt;
}

}  // namespace

bool convert_host_only(const Arguments&, Arena& arena, Sample& sample) {
  const std::string_view host = split_host(sample.text).host;
  char* text = arena.take(host.size());
  if (text == nullptr) return false;
  std::transform(host.begin(), host.end(), text, lower_case);
  sample.set(std::string_view(text, host.size()));
  return true;
}

bool convert_port_only(const Arguments&, Arena&, Sample& sample) {
  sample.set(leading_integer(split_host(sample.text).port));
  return true;
}

// Of those with the highest weight the first one. "de-CH" is also "de", where the list has only that.
bool convert_language(const Arguments& arguments, Arena&, Sample& sample) {
  std::string_view rest = sample.text;
  std::string_view best;
  int best_weight = 0;
  while (!rest.empty()) {
    std::string_view entry = cut(rest, ',');
    const std::string_view name = trimmed(cut(entry, ';'));
    const int weight = weight_of(entry);
    if (weight <= best_weight) continue;
    auto found = find_language(arguments[0].text, name);
    if (!found) found = find_language(arguments[0].text, name.substr(0, name.find('-')));
    if (!found) continue;
    best = *found;
    best_weight = weight;
  }
  if (best.empty() && !arguments[1].given()) return false;
  sample.set(best.empty() ? std::string_view(arguments[1].text) : best);
  return true;
}

}  // namespace corelane::sample
