// SPDX-License-Identifier: Apache-2.0
#include "control/rates.hpp"

#include <algorithm>

namespace corelane::control {

void Rate::sample(std::uint64_t total, base::TimeUs span_us) noexcept {
  if (span_us <= 0) return;
  // A sum read while lanes count may lag, never by much; it must not look like a huge step.
  const std::uint64_t step = total > total_ ? total - total_ : 0;
  const auto span = static_cast<std::uint64_t>(span_us);
  per_second_ = (step * 1'000'000 + span / 2) / span;
  per_second_max_ = std::max(per_second_max_, per_second_);
  total_ = std::max(total_, total);
}

Rates::Rates(Loop& loop, const proxy::Topology& topology, const std::vector<const stats::LaneBlock*>& blocks)
    : loop_(loop),
      blocks_(blocks),
      handshakes_(topology.model().frontends.size()),
      frontends_(topology.model().frontends.size()),
      backends_(topology.backends().size()),
      lanes_busy_us_(blocks.size()) {
  for (const proxy::Backend& backend : topology.backends()) servers_.emplace_back(backend.servers.size());
  timer_.owner = this;
  timer_.handler = &Rates::sample_due;
}

void Rates::start() {
  sampled_at_ = loop_.now();
  loop_.timers().set(timer_, sampled_at_ + sample_interval_us);
}

void Rates::stop() {
  loop_.timers().stop(timer_);
}

void Rates::sample_due(base::Timer& timer) {
  auto& self = *static_cast<Rates*>(timer.owner);
  const base::TimeUs now = self.loop_.now();
  self.sample(now);
  self.loop_.timers().set(timer, now + sample_interval_us);
}

void Rates::sample(base::TimeUs now) {
  const base::TimeUs span = now - sampled_at_;
  sampled_at_ = now;
  const auto total = [this](auto&& connections_total_of) {
    std::uint64_t sum = 0;
    for (const stats::LaneBlock* block : blocks_) sum += connections_total_of(*block).connections_total.get();
    return sum;
  };
  process_.sample(total([](const auto& block) -> const auto& { return block.lane(); }), span);
  for (std::size_t f = 0; f < frontends_.size(); ++f) {
    frontends_[f].sample(total([f](const auto& block) -> const auto& { return block.frontend(f); }), span);
  }
  for (std::size_t b = 0; b < backends_.size(); ++b) {
    backends_[b].sample(total([b](const auto& block) -> const auto& { return block.backend(b); }), span);
    for (std::size_t s = 0; s < servers_[b].size(); ++s) {
      servers_[b][s].sample(total([ b, s ](const auto& block) -> const auto& { return block.server(b, s); }),
                            span);
    }
  }
  sample_handshakes(span);
  for (std::size_t lane = 0; lane < lanes_busy_us_.size(); ++lane) {
    lanes_busy_us_[lane].sample(blocks_[lane]->lane().busy_us.get(), span);
  }
}

void Rates::sample_handshakes(base::TimeUs span) {
  std::uint64_t process_full = 0;
  std::uint64_t process_resumed = 0;
  for (std::size_t f = 0; f < handshakes_.size(); ++f) {
    std::uint64_t full = 0;
    std::uint64_t resumed = 0;
    for (const stats::LaneBlock* block : blocks_) {
      full += block->tls(f).handshakes_full.get();
      resumed += block->tls(f).handshakes_resumed.get();
    }
    handshakes_[f].full.sample(full, span);
    handshakes_[f].all.sample(full + resumed, span);
    process_full += full;
    process_resumed += resumed;
  }
  process_handshakes_.full.sample(process_full, span);
  process_handshakes_.all.sample(process_full + process_resumed, span);
}

double Rates::lane_busy_share(std::size_t lane) const {
  return std::min(1.0, static_cast<double>(lanes_busy_us_[lane].per_second()) / 1e6);
}

}  // namespace corelane::control
