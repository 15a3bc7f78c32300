// SPDX-License-Identifier: Apache-2.0
#include "config/capture_slots.hpp"

#include "sample/captured.hpp"

namespace corelane::config {
namespace {

std::uint32_t add_slots(const std::vector<CaptureField>& fields, const std::vector<CaptureSlot>& declared,
                        const std::vector<Rule>& rules, std::vector<std::uint32_t>& slots) {
  for (const CaptureField& field : fields) slots.push_back(field.length);
  for (const CaptureSlot& slot : declared) slots.push_back(slot.length);
  for (const Rule& rule : rules)
    if (rule.action == rules::Action::capture && rule.length != 0) slots.push_back(rule.length);
  return static_cast<std::uint32_t>(fields.size());
}

}  // namespace

CaptureSlots capture_slots(const Frontend& frontend) {
  const Capture& capture = frontend.http.capture;
  CaptureSlots slots;
  slots.request_fields = add_slots(capture.request_headers, capture.request_slots,
                                   frontend.rules[rules::RuleList::http_request], slots.request);
  slots.response_fields = add_slots(capture.response_headers, capture.response_slots,
                                    frontend.rules[rules::RuleList::http_response], slots.response);
  return slots;
}

std::string capture_variable(bool of_response, std::size_t slot) {
  return std::string(of_response ? sample::captured_response_slot : sample::captured_request_slot) +
         std::to_string(slot);
}

}  // namespace corelane::config
