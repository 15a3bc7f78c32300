// SPDX-License-Identifier: Apache-2.0
// Conditions and ACLs: any text is read or refused at a place inside of it, and what was read can be
// evaluated on any head that follows behind the first empty line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/condition.hpp"
#include "scene_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace corelane;
  if (size > SceneInput::bytes_max) return 0;
  SceneInput input(data, size);
  const std::string_view text = input.text;

  const sample::Names names = sample::scene_names();
  rules::Acls acls(names);
  if (const auto fault = acls.add("acl", text)) {
    if (fault->message.empty() || fault->position > text.size()) std::abort();
  }
  const rules::ConditionRead read = acls.read(text, sample::phase_request);
  if (!read.condition) {
    if (read.fault.message.empty() || read.fault.position > text.size()) std::abort();
    return 0;
  }
  (void)read.condition->holds({input.scene->context(), input.scene->arena()});
  return 0;
}
