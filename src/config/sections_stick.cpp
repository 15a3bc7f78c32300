// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

using stick::DataType;
using stick::KeyType;

constexpr std::array<std::string_view, 5> key_types{"ip", "ipv6", "integer", "string", "binary"};
constexpr std::int64_t size_max = std::int64_t{1} << 30;

std::span<const std::string_view> key_type_words() {
  return key_types;
}

bool takes_length(const void* table) {
  return stick::row_of(static_cast<const StickTable*>(table)->type).takes_length;
}
constexpr Condition with_length{"type", takes_length, "the type is string or binary"};

constexpr Field stick_table_fields[] = {
    row::value<&StickTable::type>(
        "type", as_word<KeyType>(), "",
        "What keys are: an IPv4 address (`ip`), an IPv6 address (`ipv6`), a number of 32 "
        "bits, a text, or bytes.",
        {}, key_type_words)
        .as_required(),
    row::value<&StickTable::length>(
        "length", as_count, "32", "Bytes of a key: longer ones are cut off there.", {1, stick::key_bytes_max})
        .only_if(with_length),
    row::value<&StickTable::size>("size", as_size, "", "How many keys fit: `1m` is 1,048,576.", {1, size_max})
        .as_required(),
    row::value<&StickTable::expire_ms>(
        "expire", as_duration, "0",
        "How long a key stays after it was touched last: tracked, counted or set.",
        {0, std::numeric_limits<std::int32_t>::max()})
        .with_note("for ever"),
    row::value<&StickTable::nopurge>("nopurge", as_boolean, "false",
                                     "A full table takes nothing new; else the oldest key makes room."),
    row::values<&StickTable::store>("store", as_stored_data,
                                    "What is kept with a key; see docs/stick-tables.md.",
                                    {0, stick::data_types}),
};

bool excludes(DataType array, DataType single) {
  switch (array) {
    case DataType::gpc:
      return single == DataType::gpc0 || single == DataType::gpc1;
    case DataType::gpc_rate:
      return single == DataType::gpc0_rate || single == DataType::gpc1_rate;
    case DataType::gpt:
      return single == DataType::gpt0;
    default:
      return false;
  }
}

/// The fault of a stored type behind others; empty: none.
std::string clash(DataType type, DataType before) {
  const std::string_view name = stick::row_of(type).name;
  if (type == before) return fmt::format("{} is there twice", name);
  if (excludes(type, before) || excludes(before, type))
    return fmt::format("{} and {} are the same counters", name, stick::row_of(before).name);
  return "";
}

void finish_stick_table(DecodeContext& context, const Node& node, const std::string& path, void* object,
                        const void*) {
  const auto& table = *static_cast<const StickTable*>(object);
  if (table.nopurge && table.expire_ms == 0 && node.find("expire") == nullptr) {
    context.report.warning(node.find("nopurge")->position, path_key(path, "nopurge"),
                           "without expire nothing leaves the table: once full it stays as it is");
  }
  const Node* store = node.find("store");
  if (store == nullptr || store->children.size() != table.store.size()) return;
  for (std::size_t i = 0; i < table.store.size(); ++i) {
    // A faulty one has been told of already.
    if (!store->children[i].text.starts_with(stick::row_of(table.store[i].type).name)) continue;
    for (std::size_t k = 0; k < i; ++k) {
      const std::string fault = clash(table.store[i].type, table.store[k].type);
      if (!fault.empty())
        context.report.error(store->children[i].position, path_index(path_key(path, "store"), i), fault);
    }
  }
}

}  // namespace

const Section stick_table_section{.help =
                                      "What is known of clients or of whatever else keys stand for, for all "
                                      "frontends and backends: they name it by its "
                                      "owner's name.",
                                  .fields = stick_table_fields,
                                  .finish = finish_stick_table,
                                  .example = R"({"type": "ip", "size": "1m", "expire": "30m"})"};

}  // namespace corelane::config
