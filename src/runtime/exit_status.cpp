// SPDX-License-Identifier: Apache-2.0
#include "runtime/exit_status.hpp"

#include <fmt/format.h>

namespace corelane::runtime {

std::string exit_status_help() {
  std::string text = "Exit status:\n";
  for (const ExitStatusRow& row : exit_status_rows) {
    text += fmt::format("  {}  {}\n", static_cast<int>(row.status), row.meaning);
  }
  return text;
}

}  // namespace corelane::runtime
