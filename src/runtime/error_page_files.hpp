// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/model.hpp"
#include "proxy/error_pages.hpp"

namespace corelane::runtime {

/// Reads every file that error_files and errors name. The faults, none when all are sound, name the place in
/// the configuration, which was read from `config_file`; `pages` is set only without one.
std::vector<config::Diagnostic> load_error_pages(const config::Model& model, const std::string& config_file,
                                                 proxy::ErrorPages& pages);

}  // namespace corelane::runtime
