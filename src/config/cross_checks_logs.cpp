// SPDX-License-Identifier: Apache-2.0
#include "config/cross_checks.hpp"
#include "config/frontend_logs.hpp"
#include "config/frontend_rules.hpp"
#include "rules/pattern_sets.hpp"
#include "sample/variables.hpp"

namespace corelane::config {
namespace {

void tell(const Node& object, const std::string& path, std::string_view key, const sample::Fault& fault,
          Report& report) {
  const Node* const text = object.find(key);
  if (text == nullptr) return;  // it is a default, and was told there
  report.error(position_in(*text, fault.position), path_key(path, key), fault.message,
               {fault.allowed, fault.near_miss});
}

}  // namespace

void check_logs(const Document& document, const Node& root, Report& report) {
  sample::VariableNames variables;
  const sample::Names names =
      names_of(document.frontends, document.backends, document.pattern_files.sets.get(), &variables);
  if (const Node* defaults = root.find("defaults")) {
    const Frontend any{.mode = Mode::http,
                       .log_format = document.defaults.log_format,
                       .error_log_format = document.defaults.error_log_format};
    compile_logs(any, names, [&](std::string_view key, const sample::Fault& fault) {
      tell(*defaults, "defaults", key, fault, report);
    });
  }
  for (std::size_t f = 0; f < document.frontends.size(); ++f) {
    const Frontend& frontend = document.frontends[f];
    compile_logs(frontend, names, [&](std::string_view key, const sample::Fault& fault) {
      tell(root.find("frontends")->children[f], path_key("frontends", frontend.name), key, fault, report);
    });
  }
}

}  // namespace corelane::config
