// SPDX-License-Identifier: Apache-2.0
#include "control/table_admin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/model_stick.hpp"
#include "control/table_request.hpp"

namespace corelane::control {

namespace {

using Json = nlohmann::ordered_json;
using stick::Table;

constexpr base::TimeUs sweep_interval_us = 250'000;
/// A table is looked through at least once in its keys' lifetime, or this.
constexpr std::uint32_t sweep_round_ms_max = 60'000;
constexpr std::uint32_t sweep_rounds_per_lifetime = 4;

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

Json record_tree(Table& table, std::uint32_t record, std::uint32_t now_ms) {
  Json json{{"key", table_key_text(table, record)}, {"trackers", table.pins(record) - 1}};
  const std::uint32_t age_ms = table.age_ms(record, now_ms);
  if (table.shape().expire_ms != 0)
    json["expires_ms"] = age_ms < table.shape().expire_ms ? table.shape().expire_ms - age_ms : 0;
  json["idle_ms"] = age_ms;
  for (const TableValue value : table_values(table))
    json["data"][table_value_name(table, value)] = table.value(record, value.type, value.element, now_ms);
  return json;
}

bool all_hold(Table& table, std::uint32_t record, const std::vector<TableFilter>& filters,
              std::uint32_t now_ms) {
  return std::all_of(filters.begin(), filters.end(), [&](const TableFilter& filter) {
    return filter.holds(table.value(record, filter.value.type, filter.value.element, now_ms));
  });
}

/// Calls f(record) for each that is asked for, from `after` on, until it answers false: f then owns none.
/// Whoever f keeps nothing of is let go.
template <class Function>
void for_each_wanted(Table& table, const TableQuery& query, std::uint32_t now_ms, Function f) {
  if (query.key) {
    const std::uint32_t record = table.find(*query.key, now_ms);
    if (record != Table::none) (void)f(record, all_hold(table, record, query.filters, now_ms));
    return;
  }
  for (std::uint32_t record = table.next(query.after, now_ms); record != Table::none;
       record = table.next(record + 1, now_ms)) {
    if (!f(record, all_hold(table, record, query.filters, now_ms))) return;
  }
}

}  // namespace

Json table_tree(Table& table) {
  Json json{{"type", stick::row_of(table.shape().key).name},
            {"size", table.shape().size},
            {"used", table.used()},
            {"evictions", table.evicted()},
            {"memory_bytes", table.memory_bytes()}};
  if (table.shape().expire_ms != 0) json["expire_ms"] = table.shape().expire_ms;
  return json;
}

std::vector<std::string> table_names(const config::Model& model) {
  std::vector<std::string> names;
  config::for_each_table(model.frontends, model.backends,
                         [&](const std::string& name, const config::StickTable&) { names.push_back(name); });
  return names;
}

TableAdmin::TableAdmin(Loop& loop, const proxy::Topology& topology)
    : loop_(loop),
      topology_(topology),
      names_(table_names(topology.model())),
      sweep_from_(topology.tables().size(), 0) {
  timer_.owner = this;
  timer_.handler = &TableAdmin::sweep_due;
}

void TableAdmin::start() {
  if (!names_.empty()) loop_.timers().set(timer_, loop_.now() + sweep_interval_us);
}

void TableAdmin::stop() {
  loop_.timers().stop(timer_);
}

void TableAdmin::sweep_due(base::Timer& timer) {
  auto& self = *static_cast<TableAdmin*>(timer.owner);
  self.sweep();
  self.loop_.timers().set(timer, self.loop_.now() + sweep_interval_us);
}

// A part of each table at a time. What is too old counts for nobody; this gives its place back.
void TableAdmin::sweep() {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    Table& table = *topology_.tables()[i];
    const std::uint32_t expire_ms = table.shape().expire_ms;
    if (expire_ms == 0 || table.used() == 0) continue;
    const std::uint32_t round_ms =
        std::clamp<std::uint32_t>(expire_ms / sweep_rounds_per_lifetime, 1, sweep_round_ms_max);
    const std::uint64_t share = std::uint64_t{table.shape().size} * (sweep_interval_us / 1000) / round_ms + 1;
    const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(share, table.shape().size));
    sweep_from_[i] = table.expire(sweep_from_[i], count, now_ms());
  }
}

AdminResponse TableAdmin::answer(const AdminCall& call, TableVerb verb) {
  if (verb == TableVerb::list) return list();
  const auto found = std::find(names_.begin(), names_.end(), call.names[0]);
  if (found == names_.end()) {
    return admin_error(404, fmt::format("there is no stick table \"{}\"", call.names[0]),
                       {.allowed = names_, .near_miss = {}});
  }
  Table& table = *topology_.tables()[static_cast<std::size_t>(found - names_.begin())];
  if (verb == TableVerb::show) return show(table, call);
  return verb == TableVerb::remove ? remove(table, call) : patch(table, call);
}

AdminResponse TableAdmin::list() {
  Json json = Json::object();
  for (std::size_t i = 0; i < names_.size(); ++i) json[names_[i]] = table_tree(*topology_.tables()[i]);
  return {.body = json_text({{"tables", json}})};
}

AdminResponse TableAdmin::show(Table& table, const AdminCall& call) {
  TableQuery query;
  const std::string fault = read_table_query(call.target, table, query);
  if (!fault.empty()) return admin_error(400, fault);
  Json entries = Json::array();
  Json next = nullptr;
  for_each_wanted(table, query, now_ms(), [&](std::uint32_t record, bool wanted) {
    const bool room = entries.size() < query.limit;
    if (wanted && room) entries.push_back(record_tree(table, record, now_ms()));
    if (wanted && !room) next = record;
    table.release(record);
    return next == nullptr;
  });
  if (query.key && entries.empty()) return admin_error(404, "the table has no such key");
  Json json = table_tree(table);
  json["entries"] = std::move(entries);
  if (!query.key) json["next"] = next;
  return {.body = json_text(json)};
}

AdminResponse TableAdmin::remove(Table& table, const AdminCall& call) {
  TableQuery query;
  const std::string fault = read_table_query(call.target, table, query);
  if (!fault.empty()) return admin_error(400, fault);
  std::uint32_t removed = 0;
  std::uint32_t in_use = 0;
  for_each_wanted(table, query, now_ms(), [&](std::uint32_t record, bool wanted) {
    if (!wanted) {
      table.release(record);
    } else if (table.remove(record)) {
      ++removed;
    } else {
      ++in_use;
    }
    return true;
  });
  if (query.key && removed + in_use == 0) return admin_error(404, "the table has no such key");
  if (query.key && in_use != 0) return admin_error(409, "a connection or request follows this key now");
  return {.body = json_text({{"removed", removed}, {"in_use", in_use}})};
}

AdminResponse TableAdmin::patch(Table& table, const AdminCall& call) {
  TableQuery query;
  const std::string fault = read_table_query(call.target, table, query);
  if (!fault.empty() || !query.key) return admin_error(400, fault.empty() ? "?key= is missing" : fault);
  config::Report report("the body");
  const TablePatch values = read_table_patch(call.request.content, table, report);
  if (report.errors() != 0) return admin_faults(report);
  const std::uint32_t record = table.get(*query.key, now_ms());
  if (record == Table::none) return admin_error(503, "the table is full");
  for (const auto& [value, number] : values) table.set(record, value.type, value.element, number, now_ms());
  table.touch(record, now_ms());
  const Json json = record_tree(table, record, now_ms());
  table.release(record);
  return {.body = json_text(json)};
}

}  // namespace corelane::control
