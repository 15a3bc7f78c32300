// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace corelane::sample {

/// What is wrong with a text, and where.
struct Fault {
  std::size_t position = 0;  // byte in the text
  std::string message;
  std::vector<std::string> allowed;  // what may stand there, where that can be listed
  std::string near_miss;             // what was probably meant
};

}  // namespace corelane::sample
