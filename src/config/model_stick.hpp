// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "stick/table.hpp"

namespace corelane::config {

/// What a frontend or a backend says about its stick table, which has the name of its owner.
struct StickTable {
  stick::KeyType type = stick::KeyType::ip;
  std::uint32_t length = 0;  // bytes of a string or binary key
  std::uint32_t size = 0;
  std::int64_t expire_ms = 0;  // 0: never
  bool nopurge = false;
  std::vector<stick::StoredData> store;

  bool keeps_servers() const {
    return std::any_of(store.begin(), store.end(), [](const stick::StoredData& stored) {
      return stored.type == stick::DataType::server_id;
    });
  }
  stick::TableShape shape() const {
    const stick::KeyTypeRow& row = stick::row_of(type);
    const std::uint32_t bytes = row.takes_length ? length : row.bytes;
    return {type, bytes, size, static_cast<std::uint32_t>(expire_ms), nopurge, store};
  }

  friend bool operator==(const StickTable&, const StickTable&) = default;
};

/// Calls f(name, stick_table) for each table of the configuration, in the order of their numbers: those of
/// the frontends, then those of the backends.
template <class Frontends, class Backends, class Function>
void for_each_table(Frontends& frontends, Backends& backends, Function f) {
  for (auto& frontend : frontends)
    if (frontend.stick_table) f(frontend.name, *frontend.stick_table);
  for (auto& backend : backends)
    if (backend.stick_table) f(backend.name, *backend.stick_table);
}

}  // namespace corelane::config
