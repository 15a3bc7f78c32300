// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace corelane::config {

/// A place in the file, both counted from 1. Columns count characters (Unicode code points), so that a tab is
/// one and "é" is one. Line 0: no particular place.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

enum class Severity : std::uint8_t { error, warning };

/// One fault of a configuration.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string file;
  Position position;
  std::string json_path;  // "frontends.web.bind[0].address"; empty: the whole file
  std::string message;
  std::vector<std::string> allowed;  // what may stand there, where that can be listed
  std::string near_miss;             // what was probably meant; empty: no idea

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// `FILE:LINE:COLUMN: error: PATH: MESSAGE; allowed: A, B; did you mean "A"?`, without a line end.
std::string diagnostic_text(const Diagnostic& diagnostic);

/// The list as a JSON array of objects, for editors and continuous integration, with a line end.
std::string diagnostics_json(std::span<const Diagnostic> diagnostics);

/// What a fault knows beyond its message.
struct Hint {
  std::vector<std::string> allowed;
  std::string near_miss;
};

/// A path with one more step: a key, in ["..."] where it would not read as one word, or a list position.
std::string path_key(const std::string& path, std::string_view key);
std::string path_index(const std::string& path, std::size_t index);

/// Collects the faults of one file.
class Report {
 public:
  /// Of a file with more faults the first ones are kept, and how many were left out.
  static constexpr std::size_t diagnostics_max = 1000;

  explicit Report(std::string_view file) : file_(file) {}

  void error(Position position, const std::string& path, std::string message, Hint hint = {});
  void warning(Position position, const std::string& path, std::string message);

  std::size_t errors() const noexcept { return errors_; }
  /// Everything collected, in the order of the file.
  std::vector<Diagnostic> take();

 private:
  void add(Severity severity, Position position, const std::string& path, std::string message, Hint hint);

  std::string file_;
  std::vector<Diagnostic> diagnostics_;
  std::size_t errors_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace corelane::config
