// SPDX-License-Identifier: Apache-2.0
// Conditions and ACLs: any text is read or refused at a place inside of it, and what was read can be
// evaluated on any head that follows behind the first empty line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include "../unit/sample/scene.hpp"
#include "rules/condition.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace corelane;
  constexpr std::size_t bytes_max = 4096;
  if (size > bytes_max) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find("\n\n");
  const std::string_view text = input.substr(0, end);
  const std::string_view request = end == std::string_view::npos ? std::string_view() : input.substr(end + 2);

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
  std::optional<sample::Scene> scene(std::in_place, std::string(request), "10.0.0.1");
  if (scene->context().request == nullptr) scene.emplace(sample::request_of("GET /a?b=c"), "::1");
  (void)read.condition->holds({scene->context(), scene->arena()});
  return 0;
}
