// SPDX-License-Identifier: Apache-2.0
#ifndef CORELANE_TESTS_UNIT_PRECOMPILED_HPP  // g++ warns of #pragma once in what it precompiles
#define CORELANE_TESTS_UNIT_PRECOMPILED_HPP

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#endif
