// SPDX-License-Identifier: Apache-2.0
#include "sample/converters_stick.hpp"

namespace corelane::sample {

using stick::Table;

namespace {

/// Calls f(table, record) where the sample is a key of the table. False: it is none.
template <class Function>
bool look_up(const Argument& argument, const Input& input, Sample& sample, Function f) {
  Table& table = *input.context.stick->tables[argument.position];
  const std::span<const std::uint32_t> key = stick_key(table, sample, input.arena);
  if (key.empty()) return false;
  const std::uint32_t record = table.find(key, input.context.stick->now_ms);
  if (record == Table::none) return false;
  f(table, record);
  table.release(record);
  return true;
}

bool take_default(const Argument& argument, Sample& sample) {
  sample.set(argument.integer);
  return argument.given();
}

}  // namespace

bool convert_by_table(stick::DataType type, bool indexed, bool kilobytes, const Arguments& arguments,
                      const Input& input, Sample& sample) {
  if (input.context.stick == nullptr) return false;
  std::uint64_t value = 0;
  const auto element = indexed ? static_cast<std::uint32_t>(arguments[0].integer) : 0;
  (void)look_up(arguments[indexed ? 1 : 0], input, sample, [&](Table& table, std::uint32_t record) {
    if (const auto place = stick_place(table, type, element))
      value = table.value(record, place->type, place->element, input.context.stick->now_ms);
  });
  sample.set(static_cast<std::int64_t>(kilobytes ? value >> 10 : value));
  return true;
}

bool convert_in_table(const Arguments& arguments, const Input& input, Sample& sample) {
  if (input.context.stick == nullptr) return false;
  sample.set(look_up(arguments[0], input, sample, [](Table&, std::uint32_t) {}));
  return true;
}

bool convert_table_expire(const Arguments& arguments, const Input& input, Sample& sample) {
  if (input.context.stick == nullptr) return false;
  std::int64_t left_ms = 0;
  const bool there = look_up(arguments[0], input, sample, [&](Table& table, std::uint32_t record) {
    left_ms = std::int64_t{table.shape().expire_ms} - table.age_ms(record, input.context.stick->now_ms);
  });
  if (!there) return take_default(arguments[1], sample);
  sample.set(left_ms < 0 ? std::int64_t{0} : left_ms);
  return true;
}

bool convert_table_idle(const Arguments& arguments, const Input& input, Sample& sample) {
  if (input.context.stick == nullptr) return false;
  std::int64_t idle_ms = 0;
  const bool there = look_up(arguments[0], input, sample, [&](Table& table, std::uint32_t record) {
    idle_ms = table.age_ms(record, input.context.stick->now_ms);
  });
  if (!there) return take_default(arguments[1], sample);
  sample.set(idle_ms);
  return true;
}

bool convert_table_trackers(const Arguments& arguments, const Input& input, Sample& sample) {
  if (input.context.stick == nullptr) return false;
  std::int64_t trackers = 0;
  (void)look_up(arguments[0], input, sample,
                [&](Table& table, std::uint32_t record) { trackers = std::int64_t{table.pins(record)} - 1; });
  sample.set(trackers);
  return true;
}

}  // namespace corelane::sample
