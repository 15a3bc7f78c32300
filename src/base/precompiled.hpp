// SPDX-License-Identifier: Apache-2.0
//
// The library headers that most files include, compiled once per folder: a build takes two thirds of the
// time. Files still include what they use; release builds are made without this and prove it.
#ifndef CORELANE_BASE_PRECOMPILED_HPP  // g++ warns of #pragma once in what it precompiles
#define CORELANE_BASE_PRECOMPILED_HPP

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#endif
