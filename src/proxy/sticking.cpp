// SPDX-License-Identifier: Apache-2.0
#include "proxy/sticking.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "proxy/lane_state.hpp"
#include "sample/stick_view.hpp"

namespace corelane::proxy {

using config::BackendRules;
using config::CompiledStick;
using stick::DataType;
using stick::Table;

namespace {

/// Null: the backend does not stick.
const BackendRules* sticking_rules(LaneState& lane, std::uint32_t backend) {
  const BackendRules* rules = lane.shared.topology.backend_rules(backend);
  return rules != nullptr && rules->sticks() ? rules : nullptr;
}

std::uint32_t find_server(const BackendRules& rules, std::uint64_t id) {
  const auto found =
      std::lower_bound(rules.servers_by_id.begin(), rules.servers_by_id.end(), id,
                       [](const auto& server, std::uint64_t wanted) { return server.first < wanted; });
  return found != rules.servers_by_id.end() && found->first == id ? found->second : config::no_index;
}

/// One walk over a backend's entries.
class Sticking {
 public:
  explicit Sticking(const RuleInput& input)
      : input_(input),
        scene_(input),
        place_(input.lane.rules->sticking->of(input.lane.streams.slot(input.session.stream))) {}

  LaneSticking::Place& place() { return place_; }

  /// As HAProxy: once a key is kept for a table, further entries that would keep one there are passed over,
  /// so that the first that makes a key decides.
  template <class Found>
  void look_at(const BackendRules& rules, const std::vector<CompiledStick>& entries, Found found) {
    for (const CompiledStick& entry : entries) {
      if (entry.stores && (place_.kept >> entry.stored_at & 1) != 0) continue;
      if (!entry.when.applies(scene_.evaluation())) continue;
      const std::span<const std::uint32_t> key = key_of(entry);
      if (key.empty()) continue;
      if (entry.matches) found(table(entry.table), key);
      if (entry.stores) keep(rules, entry, key);
    }
  }

  Table& table(std::uint32_t number) { return *input_.lane.shared.topology.tables()[number]; }

 private:
  std::span<const std::uint32_t> key_of(const CompiledStick& entry) {
    const rules::Evaluation evaluation = scene_.evaluation();
    sample::Sample sample;
    if (!entry.key.make({evaluation.context, evaluation.arena}, sample)) return {};
    return sample::stick_key(table(entry.table), sample, evaluation.arena);
  }

  void keep(const BackendRules& rules, const CompiledStick& entry, std::span<const std::uint32_t> key) {
    std::copy(key.begin(), key.end(), place_.words.begin() + rules.stick_keys[entry.stored_at].first);
    place_.kept |= std::uint64_t{1} << entry.stored_at;
  }

  const RuleInput& input_;
  RuleScene scene_;
  LaneSticking::Place place_;
};

bool takes_connections(const LaneState& lane, std::uint32_t backend, std::uint32_t server) {
  const ServerState& state = *lane.shared.topology.backends()[backend].servers[server].state;
  return state.status.load(std::memory_order_relaxed) == ServerStatus::up;
}

}  // namespace

LaneSticking::LaneSticking(std::uint32_t words, std::uint32_t streams)
    : place_bytes_((sizeof(Head) + words * sizeof(std::uint32_t) + alignof(Head) - 1) / alignof(Head) *
                   alignof(Head)),
      memory_((streams + 1UL) * place_bytes_) {}

std::optional<std::uint32_t> LaneSticking::words_for(const Topology& topology) {
  std::optional<std::uint32_t> words;
  for (std::uint32_t b = 0; b < topology.model().backends.size(); ++b) {
    const BackendRules* rules = topology.backend_rules(b);
    if (rules != nullptr && rules->sticks()) words = std::max(words.value_or(0), rules->stick_words());
  }
  return words;
}

LaneSticking::Place LaneSticking::of(std::uint32_t stream) noexcept {
  std::byte* const memory = &memory_[stream * place_bytes_];
  auto& head = *reinterpret_cast<Head*>(memory);
  auto* const words = reinterpret_cast<std::uint32_t*>(memory + sizeof(Head));
  return {head.server_after, head.kept, {words, (place_bytes_ - sizeof(Head)) / sizeof(std::uint32_t)}};
}

void stick_by_request(const RuleInput& input, bool forced) {
  LaneState& lane = input.lane;
  const BackendRules* rules = sticking_rules(lane, input.backend);
  if (rules == nullptr) return;
  Sticking sticking(input);
  LaneSticking::Place& place = sticking.place();
  place.server_after = 0;
  place.kept = 0;
  sticking.look_at(*rules, rules->stick_on_request, [&](Table& table, std::span<const std::uint32_t> key) {
    const std::uint32_t record = table.find(key, lane.now_ms());
    if (record == Table::none) return;
    const std::uint64_t id = table.value(record, DataType::server_id, 0, lane.now_ms());
    const std::uint32_t server = find_server(*rules, id);
    if (place.server_after == 0 && server != config::no_index &&
        (forced || takes_connections(lane, input.backend, server)))
      place.server_after = server + 1;
    table.touch(record, lane.now_ms());
    table.release(record);
  });
}

std::uint32_t stuck_server(LaneState& lane, const Stream& stream, std::uint32_t backend) {
  if (sticking_rules(lane, backend) == nullptr) return config::no_index;
  const std::uint32_t after = lane.rules->sticking->of(lane.streams.slot(&stream)).server_after;
  return after != 0 ? after - 1 : config::no_index;
}

void stick_to_server(const RuleInput& input) {
  LaneState& lane = input.lane;
  const BackendRules* rules = sticking_rules(lane, input.backend);
  if (rules == nullptr) return;
  Sticking sticking(input);
  sticking.look_at(*rules, rules->stick_on_response, [](Table&, std::span<const std::uint32_t>) {});
  LaneSticking::Place& place = sticking.place();
  const config::Server& server = lane.model().backends[input.backend].servers[input.server];
  for (std::uint32_t i = 0; i < rules->stick_keys.size() && !server.non_stick; ++i) {
    if ((place.kept >> i & 1) == 0) continue;
    const BackendRules::StickKey& stored = rules->stick_keys[i];
    Table& table = sticking.table(stored.table);
    const std::uint32_t record = table.get(place.words.subspan(stored.first, stored.words), lane.now_ms());
    if (record == Table::none) continue;  // the table is full
    table.set(record, DataType::server_id, 0, server.id, lane.now_ms());
    table.touch(record, lane.now_ms());
    table.release(record);
  }
  place.kept = 0;
}

}  // namespace corelane::proxy
