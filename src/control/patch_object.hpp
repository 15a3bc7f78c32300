// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "config/diagnostic.hpp"
#include "config/node.hpp"

/// What the bodies of PATCH requests have in common: an object of known keys, of which one at least is there.
namespace corelane::control {

config::Hint hint_of(std::string_view word, std::span<const std::string_view> allowed);

/// `take` is told each of the keys with its value; every fault goes to the report.
void read_patch_object(std::string_view json, std::span<const std::string_view> keys, config::Report& report,
                       const std::function<void(const config::Node&)>& take);

}  // namespace corelane::control
