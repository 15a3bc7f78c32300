// SPDX-License-Identifier: Apache-2.0
#include "balance/algorithms.hpp"
#include "balance/candidate.hpp"

namespace corelane::balance {

std::uint32_t first_pick(State& /*state*/, std::span<const ServerView> servers, const PickInput& input,
                         const Options& /*options*/) {
  for (std::size_t index = 0; index < servers.size(); ++index)
    if (candidate(servers, index, input)) return static_cast<std::uint32_t>(index);
  return last_resort(servers, input);
}

}  // namespace corelane::balance
