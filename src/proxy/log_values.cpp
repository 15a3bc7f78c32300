// SPDX-License-Identifier: Apache-2.0
#include "proxy/log_values.hpp"

#include <algorithm>

#include "proxy/lane_state.hpp"

namespace corelane::proxy {

std::string_view with_log_values(const RuleInput& input, const logfmt::ConnectionRecord& record,
                                 std::string_view text) {
  const logfmt::LogFormat* const form = input.lane.shared.topology.logs(record.frontend).form_of(record);
  if (form == nullptr || form->values().empty()) return text;
  const RuleScene scene(input);
  const rules::Evaluation evaluation = scene.evaluation();
  const std::span<char> memory = input.lane.rules->log_text;
  text = text.substr(0, memory.size() - log_values_bytes_max);
  const std::string_view values = logfmt::write_log_values(
      form->values(), {evaluation.context, evaluation.arena}, memory.first(memory.size() - text.size()));
  std::ranges::copy(text, memory.begin() + static_cast<std::ptrdiff_t>(values.size()));
  return {memory.data(), values.size() + text.size()};
}

}  // namespace corelane::proxy
