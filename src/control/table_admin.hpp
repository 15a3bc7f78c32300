// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "control/admin_routes.hpp"
#include "control/loop.hpp"
#include "proxy/topology.hpp"

namespace corelane::control {

/// Stick tables as administrators see and change them, while lanes use them; and what lanes leave to others:
/// taking out keys that are too old. Lives in the control thread.
class TableAdmin {
 public:
  TableAdmin(Loop& loop, const proxy::Topology& topology);
  TableAdmin(const TableAdmin&) = delete;
  TableAdmin& operator=(const TableAdmin&) = delete;

  void start();
  void stop();

  AdminResponse answer(const AdminCall& call, TableVerb verb);

 private:
  AdminResponse list();
  AdminResponse show(stick::Table& table, const AdminCall& call);
  AdminResponse remove(stick::Table& table, const AdminCall& call);
  AdminResponse patch(stick::Table& table, const AdminCall& call);

  std::uint32_t now_ms() const noexcept { return static_cast<std::uint32_t>(loop_.now() / 1000); }
  static void sweep_due(base::Timer& timer);
  void sweep();

  Loop& loop_;
  const proxy::Topology& topology_;
  std::vector<std::string> names_;         // of the tables, by number
  std::vector<std::uint32_t> sweep_from_;  // likewise: the next record to look at
  base::Timer timer_;
};

/// Of /stats: a table's type, size and use.
nlohmann::ordered_json table_tree(stick::Table& table);
/// The names of the tables, by number.
std::vector<std::string> table_names(const config::Model& model);

}  // namespace corelane::control
