// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.hpp"
#include "logfmt/names.hpp"

namespace corelane::runtime {

/// The names of a configuration, as log lines want them.
class LogNames {
 public:
  /// `model` outlives this.
  explicit LogNames(const config::Model& model);
  LogNames(const LogNames&) = delete;
  LogNames& operator=(const LogNames&) = delete;

  const logfmt::Names& names() const noexcept { return names_; }

 private:
  using List = std::vector<std::string_view>;

  // What names_ points into.
  std::vector<List> lists_;
  std::deque<std::string> made_;  // of slots
  std::vector<logfmt::FrontendNames> frontends_;
  std::vector<logfmt::BackendNames> backends_;
  logfmt::Names names_;
};

}  // namespace corelane::runtime
