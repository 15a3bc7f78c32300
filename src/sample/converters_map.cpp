// SPDX-License-Identifier: Apache-2.0
// Converters that look a sample up in a map.
#include "sample/functions.hpp"

namespace corelane::sample {

bool convert_map(const Arguments& arguments, Arena& arena, Sample& sample) {
  if (arguments[0].lookup->replace(sample, arena)) return true;
  const Argument& otherwise = arguments[1];
  switch (otherwise.kind) {
    case ArgumentKind::none:
      return false;
    case ArgumentKind::integer:
      sample.set(otherwise.integer);
      return true;
    case ArgumentKind::address:
      sample.set(otherwise.address);
      return true;
    default:
      sample.set(std::string_view(otherwise.text));
      return true;
  }
}

}  // namespace corelane::sample
