// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "config/config.hpp"

/// Any text loads or has an error; what loads is written out in full, and that loads back to the same without
/// a fault.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace config = corelane::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const config::LoadResult result = config::load(text, "fuzz");
  for (const config::Diagnostic& diagnostic : result.diagnostics) {
    CORELANE_CHECK(!config::diagnostic_text(diagnostic).empty());
  }
  CORELANE_CHECK(!config::diagnostics_json(result.diagnostics).empty());
  if (!result.model) {
    CORELANE_CHECK(!result.diagnostics.empty());
    return 0;
  }
  const config::LoadResult again = config::load(config::dump(*result.model), "dump");
  CORELANE_CHECK(again.model == result.model);
  return 0;
}
