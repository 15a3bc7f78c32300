// SPDX-License-Identifier: Apache-2.0
// Variables, read and set.
#include "sample/functions.hpp"
#include "sample/variables.hpp"

namespace corelane::sample {

bool fetch_var(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  const VariableScopes* variables = input.context.variables;
  if (variables != nullptr && variables->get(arguments[0].variable, input.arena, sample)) return true;
  if (!arguments[1].given()) return false;
  sample.set(std::string_view(arguments[1].text));
  return true;
}

bool fetch_captured(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  const VariableScopes* variables = input.context.variables;
  return variables != nullptr && variables->get(arguments[0].variable, input.arena, sample);
}

bool convert_set_var(const Arguments& arguments, const Input& input, Sample& sample) {
  VariableScopes* variables = input.context.variables;
  if (variables != nullptr) (void)variables->set(arguments[0].variable, sample);
  return true;
}

bool convert_unset_var(const Arguments& arguments, const Input& input, Sample&) {
  VariableScopes* variables = input.context.variables;
  if (variables != nullptr) variables->unset(arguments[0].variable);
  return true;
}

}  // namespace corelane::sample
