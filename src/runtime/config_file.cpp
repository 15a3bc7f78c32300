// SPDX-License-Identifier: Apache-2.0
#include "runtime/config_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "config/locate.hpp"
#include "runtime/notices.hpp"

namespace corelane::runtime {

namespace {

struct FileCloser {
  void operator()(std::FILE* file) const noexcept {
    if (file != stdin) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

// A configuration is text written by people or programs for people; more than this is not one.
constexpr std::size_t config_bytes_max = 64U << 20U;
// Lists of patterns may be large.
constexpr std::size_t pattern_bytes_max = 1U << 30U;

std::string failure_text(const char* what, const std::string& path) {
  return fmt::format("cannot {} {}: {}", what, path, std::strerror(errno));
}

}  // namespace

namespace {

bool read_all(const File& file, const std::string& path, std::size_t bytes_max, std::string& text,
              std::string& failure) {
  char bytes[16 * 1024];
  std::size_t count = 0;
  text.clear();
  while (file != nullptr && (count = std::fread(bytes, 1, sizeof bytes, file.get())) > 0) {
    text.append(bytes, count);
    if (text.size() <= bytes_max) continue;
    failure = fmt::format("cannot read {}: it is larger than {} bytes", path, bytes_max);
    return false;
  }
  if (file != nullptr && std::ferror(file.get()) == 0) return true;
  failure = failure_text("read", path);
  return false;
}

/// A file that the configuration names lies beside it, unless its path is absolute.
std::string beside(const std::string& config_path, const std::string& path) {
  const std::size_t slash = config_path.rfind('/');
  if (path.starts_with('/') || slash == std::string::npos) return path;
  return config_path.substr(0, slash + 1) + path;
}

bool read_pattern_file(const std::string& path, std::string& text, std::string& failure) {
  return read_all(File(std::fopen(path.c_str(), "re")), path, pattern_bytes_max, text, failure);
}

}  // namespace

bool file_read(const std::string& path, std::string& text, std::string& failure) {
  const File file(path == "-" ? stdin : std::fopen(path.c_str(), "re"));
  return read_all(file, path, config_bytes_max, text, failure);
}

bool file_create(const std::string& path, const std::string& text, std::string& failure) {
  File file(std::fopen(path.c_str(), "wxe"));
  if (file == nullptr || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
      std::fflush(file.get()) != 0) {
    failure = failure_text("write", path);
    return false;
  }
  return true;
}

LoadedFile config_load_file(const std::string& path) {
  LoadedFile loaded;
  std::string failure;
  const std::string name = path == "-" ? "standard input" : path;
  if (file_read(path, loaded.text, failure)) {
    const auto read = [path](const std::string& file, std::string& content, std::string& fault) {
      return read_pattern_file(beside(path, file), content, fault);
    };
    static_cast<config::LoadResult&>(loaded) = config::load(loaded.text, name, read);
  } else {
    config::Diagnostic& diagnostic = loaded.diagnostics.emplace_back();
    diagnostic.file = name;
    diagnostic.message = failure;
  }
  return loaded;
}

void LoadedFile::add(std::vector<config::Diagnostic> found) {
  config::locate(text, found);
  for (config::Diagnostic& one : found) {
    if (one.severity == config::Severity::error) model.reset();
    diagnostics.push_back(std::move(one));
  }
}

void diagnostics_print(const std::vector<config::Diagnostic>& diagnostics) {
  for (const config::Diagnostic& diagnostic : diagnostics) {
    stream_write(stderr, config::diagnostic_text(diagnostic) + "\n");
  }
}

}  // namespace corelane::runtime
