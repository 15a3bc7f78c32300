// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/model.hpp"

/// The configuration file: JSON text to model and back, and what can be said about the file's form.
/// Everything here comes from the field tables in sections_*.cpp.
namespace corelane::config {

struct LoadResult {
  std::optional<Model> model;           // empty when a diagnostic is an error
  std::vector<Diagnostic> diagnostics;  // in the order of the file
};

/// Reads a file that rules name. False: `failure` says why it cannot be read.
using FileReader = std::function<bool(const std::string& path, std::string& text, std::string& failure)>;

/// Reads a configuration and finds all its faults. `file_name` appears in the diagnostics only. Without a
/// reader the files that rules name count as empty. Throws on no input.
LoadResult load(std::string_view text, std::string_view file_name, const FileReader& read_file = {});

/// What `corelane run --listen ADDRESS[,...] --to ADDRESS[,...] [--mode tcp|http]` stands for: one frontend,
/// one backend with a check by connecting, and a log on standard output. The diagnostics' file is the
/// option's name, their column a place in its value.
LoadResult model_from_listen(std::string_view listen, std::string_view to, std::string_view mode = "tcp");

/// The effective configuration in the file's own form with every default written out. Loads back to an equal
/// model.
std::string dump(const Model& model);

/// The file's form as JSON Schema, draft 2020-12.
std::string schema();

/// The reference page, in Markdown.
std::string reference_markdown();

/// Every key and word of the file, sorted, for shell completion.
std::vector<std::string> keywords();

}  // namespace corelane::config
