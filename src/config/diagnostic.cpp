// SPDX-License-Identifier: Apache-2.0
#include "config/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace corelane::config {
namespace {

std::string_view severity_word(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

bool reads_as_one_word(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '$';
  });
}

/// What the file holds may be echoed to a terminal: control characters are made visible.
std::string printable(std::string_view text) {
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string diagnostic_text(const Diagnostic& diagnostic) {
  std::string text = diagnostic.file;
  if (diagnostic.position.line != 0) {
    text += fmt::format(":{}:{}", diagnostic.position.line, diagnostic.position.column);
  }
  text += fmt::format(": {}: ", severity_word(diagnostic.severity));
  if (!diagnostic.json_path.empty()) text += diagnostic.json_path + ": ";
  text += diagnostic.message;
  if (!diagnostic.allowed.empty()) text += fmt::format("; allowed: {}", fmt::join(diagnostic.allowed, ", "));
  if (!diagnostic.near_miss.empty()) text += fmt::format("; did you mean \"{}\"?", diagnostic.near_miss);
  return printable(text);
}

std::string diagnostics_json(std::span<const Diagnostic> diagnostics) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Diagnostic& diagnostic : diagnostics) {
    nlohmann::ordered_json& entry = list.emplace_back();
    entry["severity"] = severity_word(diagnostic.severity);
    entry["file"] = diagnostic.file;
    entry["line"] = diagnostic.position.line;
    entry["column"] = diagnostic.position.column;
    entry["path"] = diagnostic.json_path;
    entry["message"] = diagnostic.message;
    if (!diagnostic.allowed.empty()) entry["allowed"] = diagnostic.allowed;
    if (!diagnostic.near_miss.empty()) entry["did_you_mean"] = diagnostic.near_miss;
  }
  // A file name or an echoed word need not be valid UTF-8; what is written here always is.
  return list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string path_key(const std::string& path, std::string_view key) {
  if (!reads_as_one_word(key)) return fmt::format("{}[\"{}\"]", path, key);
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::string path_index(const std::string& path, std::size_t index) {
  return fmt::format("{}[{}]", path, index);
}

void Report::error(Position position, const std::string& path, std::string message, Hint hint) {
  ++errors_;
  add(Severity::error, position, path, std::move(message), std::move(hint));
}

void Report::warning(Position position, const std::string& path, std::string message) {
  add(Severity::warning, position, path, std::move(message), {});
}

void Report::add(Severity severity, Position position, const std::string& path, std::string message,
                 Hint hint) {
  if (diagnostics_.size() == diagnostics_max) {
    ++left_out_;
    return;
  }
  diagnostics_.push_back({severity, file_, position, path, std::move(message), std::move(hint.allowed),
                          std::move(hint.near_miss)});
}

std::vector<Diagnostic> Report::take() {
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.position < b.position; });
  if (left_out_ > 0) {
    diagnostics_.push_back(
        {Severity::error, file_, {}, "", fmt::format("{} more faults are not shown", left_out_), {}, ""});
  }
  return std::move(diagnostics_);
}

}  // namespace corelane::config
