// SPDX-License-Identifier: Apache-2.0
#include "sample/fetches_stick.hpp"

namespace corelane::sample {

using stick::DataType;
using stick::Table;

namespace {

/// A key in its table: pinned for as long as this lives where it is not a counter's, who has it pinned.
class Key {
 public:
  Key() = default;
  Key(Table& table, std::uint32_t record, bool owned) : table_(&table), record_(record), owned_(owned) {}
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key() {
    if (owned_ && there()) table_->release(record_);
  }

  /// False: not even a table is known.
  bool known() const noexcept { return table_ != nullptr; }
  bool there() const noexcept { return record_ != Table::none; }
  Table& table() const noexcept { return *table_; }
  std::uint32_t record() const noexcept { return record_; }
  bool owned() const noexcept { return owned_; }

 private:
  Table* table_ = nullptr;
  std::uint32_t record_ = Table::none;
  bool owned_ = false;
};

bool changes(StickFetch what) {
  return what == StickFetch::increment || what == StickFetch::indexed_increment;
}
bool clears(StickFetch what) {
  return what == StickFetch::clear || what == StickFetch::indexed_clear;
}

/// The client's address, which is added where something is to be counted.
Key key_of_source(const Argument& argument, const Input& input, bool add) {
  Table& table = *input.context.stick->tables[argument.position];
  Sample address;
  address.set(*input.context.client);
  const std::span<const std::uint32_t> key = stick_key(table, address, input.arena);
  if (key.empty()) return {};
  const std::uint32_t now_ms = input.context.stick->now_ms;
  return {table, add ? table.get(key, now_ms) : table.find(key, now_ms), true};
}

/// What a counter follows, or the same key in the table that is named.
Key key_of_counter(std::size_t counter, const Argument& named, const Input& input) {
  const StickView& view = *input.context.stick;
  const TrackedKey tracked = view.tracked(counter);
  if (!tracked.tracked()) return {};
  Table& table = *view.tables[tracked.table()];
  if (!named.given()) return {table, tracked.record, false};
  Table& other = *view.tables[named.position];
  if (other.shape().key != table.shape().key || other.key_words() != table.key_words()) return {};
  return {other, other.find(table.key(tracked.record), view.now_ms), true};
}

Key key_of(KeyFrom from, StickFetch what, const Arguments& arguments, const Input& input) {
  const std::size_t at = is_indexed(what) ? 1 : 0;
  if (from == KeyFrom::source) return key_of_source(arguments[at], input, changes(what) || clears(what));
  if (from == KeyFrom::counter)
    return key_of_counter(static_cast<std::size_t>(arguments[at].integer), arguments[at + 1], input);
  const auto counter = static_cast<std::size_t>(from) - static_cast<std::size_t>(KeyFrom::counter0);
  return key_of_counter(counter, arguments[at], input);
}

void take(const Key& key, StickFetch what, StickPlace place, std::uint32_t now_ms, Sample& sample) {
  Table& table = key.table();
  std::uint64_t value = 0;
  if (clears(what)) {
    table.touch(key.record(), now_ms);
    value = table.set(key.record(), place.type, place.element, 0, now_ms);
  } else {
    value = table.value(key.record(), place.type, place.element, now_ms);
    if (what == StickFetch::kilobytes) value >>= 10;
  }
  sample.set(static_cast<std::int64_t>(value));
}

}  // namespace

bool fetch_of_stick(KeyFrom from, StickFetch what, DataType type, const Arguments& arguments,
                    const Input& input, Sample& sample) {
  if (input.context.stick == nullptr) return false;
  const Key key = key_of(from, what, arguments, input);
  if (what == StickFetch::tracked) {
    sample.set(key.known() && key.there());
    return true;
  }
  if (!key.known()) return false;
  sample.set(std::int64_t{0});
  if (!key.there()) return true;
  const std::uint32_t now_ms = input.context.stick->now_ms;
  if (what == StickFetch::trackers) {
    const std::uint32_t own = key.owned() ? 1 : 0;
    sample.set(std::int64_t{key.table().pins(key.record())} - own);
    return true;
  }
  const auto element = is_indexed(what) ? static_cast<std::uint32_t>(arguments[0].integer) : 0;
  if (changes(what)) {
    sample.set(
        static_cast<std::int64_t>(stick_increment(key.table(), key.record(), type, element, 1, now_ms)));
    return true;
  }
  const auto place = stick_place(key.table(), type, element);
  if (!place) return false;  // the table does not keep it
  take(key, what, *place, now_ms, sample);
  return true;
}

bool fetch_src_updt_conn_cnt(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  if (input.context.stick == nullptr) return false;
  const Key key = key_of_source(arguments[0], input, true);
  if (!key.known() || !key.there()) return false;
  const std::uint32_t now_ms = input.context.stick->now_ms;
  stick_count(key.table(), key.record(), DataType::conn_rate, 1, now_ms);
  stick_count(key.table(), key.record(), DataType::conn_cnt, 1, now_ms);
  sample.set(static_cast<std::int64_t>(key.table().value(key.record(), DataType::conn_cnt, 0, now_ms)));
  return true;
}

bool fetch_table_cnt(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  if (input.context.stick == nullptr) return false;
  sample.set(std::int64_t{input.context.stick->tables[arguments[0].position]->used()});
  return true;
}
bool fetch_table_avl(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  if (input.context.stick == nullptr) return false;
  Table& table = *input.context.stick->tables[arguments[0].position];
  sample.set(std::int64_t{table.shape().size} - std::int64_t{table.used()});
  return true;
}

}  // namespace corelane::sample
