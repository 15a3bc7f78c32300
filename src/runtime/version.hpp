// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace corelane::runtime {

/// "0.1.0 (1a2b3c4)"; without the commit where the build did not know it.
std::string version_text();

/// What `corelane version` says, in its order: names and values.
struct VersionReport {
  std::string version;
  std::string commit;  // empty: not known
  std::string compiler;
  std::string build_type;
  std::vector<std::pair<std::string, std::string>> libraries;
  std::string kernel;
  std::string io_uring;  // features of a ring on this kernel, or why there is none
};
VersionReport version_report();

std::string version_report_text(const VersionReport& report);
std::string version_report_json(const VersionReport& report);

}  // namespace corelane::runtime
