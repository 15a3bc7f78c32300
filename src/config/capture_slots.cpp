// SPDX-License-Identifier: Apache-2.0
#include "config/capture_slots.hpp"

#include "sample/captured.hpp"

namespace corelane::config {
namespace {

std::uint32_t add_slots(const std::vector<CaptureField>& fields, const std::vector<CaptureSlot>& declared,
                        std::vector<std::uint32_t>& slots) {
  for (const CaptureField& field : fields) slots.push_back(field.length);
  for (const CaptureSlot& slot : declared) slots.push_back(slot.length);
  return static_cast<std::uint32_t>(fields.size());
}

/// Lists in the order in which rules are made ready.
void add_slots_of_rules(const Frontend& frontend, rules::RuleList list, std::vector<std::uint32_t>& slots) {
  for (const Rule& rule : frontend.rules[list])
    if (rule.action == rules::Action::capture && rule.length != 0) slots.push_back(rule.length);
}

}  // namespace

CaptureSlots capture_slots(const Frontend& frontend) {
  const Capture& capture = frontend.http.capture;
  CaptureSlots slots;
  slots.request_fields = add_slots(capture.request_headers, capture.request_slots, slots.request);
  slots.response_fields = add_slots(capture.response_headers, capture.response_slots, slots.response);
  add_slots_of_rules(frontend, rules::RuleList::tcp_request_content, slots.request);
  add_slots_of_rules(frontend, rules::RuleList::http_request, slots.request);
  add_slots_of_rules(frontend, rules::RuleList::http_response, slots.response);
  return slots;
}

std::string capture_variable(bool of_response, std::size_t slot) {
  return std::string(of_response ? sample::captured_response_slot : sample::captured_request_slot) +
         std::to_string(slot);
}

}  // namespace corelane::config
