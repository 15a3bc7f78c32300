// SPDX-License-Identifier: Apache-2.0
#include "check/agent.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace corelane::check {

namespace {

constexpr std::string_view separators = " \t,";
constexpr std::string_view blanks = " \t";
constexpr std::string_view limit_prefix = "maxconn:";
constexpr std::uint32_t percent_max = 1'000'000;
constexpr std::uint32_t limit_max = 10'000'000;  // that of max_connections

std::string lower_case(std::string_view word) {
  std::string lower(word);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::optional<std::uint32_t> number_up_to(std::string_view text, std::uint32_t max) {
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || number > max) return std::nullopt;
  return number;
}

/// Whether the word means something.
bool take_word(const std::string& word, AgentReport& report) {
  if (word == "up" || word == "down" || word == "fail" || word == "failed" || word == "stopped") {
    report.health = word == "up" ? Opinion::up : Opinion::down;
    report.health_word = word;
    return true;
  }
  if (const std::optional<AdminState> state = find_admin_state(word)) {
    report.admin = state;
    return true;
  }
  if (word.ends_with('%')) {
    const auto percent = number_up_to(std::string_view(word).substr(0, word.size() - 1), percent_max);
    if (percent) report.weight_percent = percent;
    return percent.has_value();
  }
  if (word.starts_with(limit_prefix)) {
    const auto limit = number_up_to(std::string_view(word).substr(limit_prefix.size()), limit_max);
    if (limit) report.connections_max = limit;
    return limit.has_value();
  }
  return false;
}

}  // namespace

AgentReport read_agent_line(std::string_view line) {
  AgentReport report;
  while (true) {
    const std::size_t begin = line.find_first_not_of(separators);
    if (begin == std::string_view::npos) return report;
    line.remove_prefix(begin);
    if (line.front() == '#') {
      const std::size_t text = line.find_first_not_of(blanks, 1);
      if (text != std::string_view::npos) report.description = line.substr(text);
      return report;
    }
    const std::string_view word = line.substr(0, line.find_first_of(separators));
    line.remove_prefix(word.size());
    // "down#out of memory": the description may follow at once.
    const std::size_t sharp = word.find('#');
    if (!take_word(lower_case(word.substr(0, sharp)), report) && report.unknown.empty())
      report.unknown = word.substr(0, sharp);
    if (sharp == std::string_view::npos) continue;
    report.description = std::string(word.substr(sharp + 1)) + std::string(line);
    return report;
  }
}

}  // namespace corelane::check
