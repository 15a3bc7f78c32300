// SPDX-License-Identifier: Apache-2.0
#include "check/run.hpp"

#include <algorithm>
#include <utility>

namespace corelane::check {

CheckRun::CheckRun(const Plan& plan) : plan_(plan), conversation_(plan.type().start(plan)) {}

Step CheckRun::connected(const base::Endpoint& peer) {
  bytes_.clear();
  conversation_->connected(peer);
  return advance(false);
}

// Piece by piece, so that what is too much does not depend on how the bytes were cut.
Step CheckRun::received(std::string_view bytes) {
  Step all;
  while (true) {
    const std::size_t room = received_bytes_max - bytes_.size();
    bytes_.append(bytes.substr(0, room));
    bytes.remove_prefix(std::min(room, bytes.size()));
    Step step = advance(false);
    all.send += step.send;
    all.kind = step.kind;
    all.verdict = std::move(step.verdict);
    all.connect = step.connect;
    all.awaits_end = step.awaits_end;
    if (all.kind != Step::Kind::receive) return all;
    if (bytes_.size() == received_bytes_max) {
      all.kind = Step::Kind::done;
      all.verdict = failed(plan_.type().broken, "too long an answer");
      return all;
    }
    if (bytes.empty()) return all;
  }
}

Step CheckRun::ended(std::string_view how) {
  Step step = advance(true);
  if (step.kind == Step::Kind::receive) {
    step.kind = Step::Kind::done;
    step.verdict = failed(plan_.type().broken, how);
  }
  return step;
}

Step CheckRun::advance(bool ended) {
  Input input{.bytes = bytes_, .ended = ended};
  Step step = conversation_->advance(input);
  bytes_.erase(0, input.used);
  return step;
}

Verdict CheckRun::failed(CheckStatus status, std::string_view what) const {
  std::string text = std::string(what) + conversation_->waiting_for();
  if (text.starts_with(' ')) text.erase(0, 1);
  return {.status = status, .text = std::move(text)};
}

}  // namespace corelane::check
