// SPDX-License-Identifier: Apache-2.0
#include "proxy/identities.hpp"

#include <algorithm>
#include <span>

#include "proxy/lane_state.hpp"

namespace corelane::proxy {

LaneIdentities::LaneIdentities(std::uint32_t lane, std::uint32_t lanes, std::uint32_t streams)
    : next_(lane), step_(lanes), identities_(streams + 1UL) {}

std::uint64_t LaneIdentities::number_of(std::uint32_t stream) noexcept {
  std::uint64_t& number_after = identities_[stream].number_after;
  if (number_after == 0) {
    number_after = next_ + 1;
    next_ += step_;
  }
  return number_after - 1;
}

// Most have none: their memory is not written.
void LaneIdentities::forget(std::uint32_t stream) noexcept {
  Identity& identity = identities_[stream];
  if (identity.number_after != 0) identity.number_after = 0;
  if (identity.id.made) identity.id.made = false;
}

SceneIdentity::SceneIdentity(const RuleInput& input)
    : lane_(input.lane),
      stream_(input.lane.streams.slot(input.session.stream)),
      frontend_(input.session.frontend) {}

std::uint64_t SceneIdentity::number() const noexcept {
  return lane_.rules->identities.number_of(stream_);
}

std::string_view SceneIdentity::unique_id(const sample::Context& context, sample::Arena& arena) const {
  const config::FrontendRules* rules = lane_.shared.topology.rules(frontend_);
  if (rules == nullptr || rules->unique_id.empty()) return {};
  LaneIdentities::UniqueId& id = lane_.rules->identities.unique_id_of(stream_);
  if (id.made) return id.view();
  // Rules about the connection come before there is a request.
  const bool asks_for_request = (rules->unique_id.needs() & (sample::need_request | sample::need_head)) != 0;
  if (asks_for_request && context.request == nullptr) return {};
  // A format that asks for the id itself gets none.
  id.made = true;
  id.bytes = 0;
  std::size_t bytes = 0;
  (void)rules->unique_id.append_to({context, arena}, id.text, bytes);
  // As HAProxy: blanks behind flags that hold for all of the format are no part of it.
  const std::string_view text(id.text.data(), bytes);
  const std::size_t blanks = std::min(text.find_first_not_of(' '), bytes);
  std::copy(text.begin() + static_cast<std::ptrdiff_t>(blanks), text.end(), id.text.begin());
  id.bytes = static_cast<std::uint8_t>(bytes - blanks);
  return id.view();
}

std::string_view unique_id_of(const RuleInput& input) {
  const config::FrontendRules* rules = rules_of(input);
  if (rules == nullptr || rules->unique_id.empty()) return {};
  const RuleScene scene(input);
  const rules::Evaluation evaluation = scene.evaluation();
  return evaluation.context.identity->unique_id(evaluation.context, evaluation.arena);
}

}  // namespace corelane::proxy
