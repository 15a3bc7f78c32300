// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace corelane::runtime {

/// The whole file, or standard input for "-". False: `failure` says why it cannot be read.
bool file_read(const std::string& path, std::string& text, std::string& failure);

/// Creates the file. False when it exists already or cannot be written; `failure` says which.
bool file_create(const std::string& path, const std::string& text, std::string& failure);

struct LoadedFile : config::LoadResult {
  std::string text;

  /// Faults of what the configuration names. One that is an error takes the model away.
  void add(std::vector<config::Diagnostic> found);
};

/// Reads and loads a configuration. A file that cannot be read is a diagnostic like any other.
LoadedFile config_load_file(const std::string& path);

/// Every diagnostic on standard error, one a line.
void diagnostics_print(const std::vector<config::Diagnostic>& diagnostics);

}  // namespace corelane::runtime
