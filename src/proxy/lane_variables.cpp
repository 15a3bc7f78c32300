// SPDX-License-Identifier: Apache-2.0
#include "proxy/lane_variables.hpp"

namespace corelane::proxy {

namespace {

std::size_t bytes_for(std::size_t slots, std::size_t text_bytes) {
  return slots == 0 ? 0 : sample::VariableBlock::bytes_for(slots, text_bytes);
}

}  // namespace

LaneVariables::LaneVariables(const sample::VariableNames& names, std::uint32_t streams,
                             std::size_t captured_bytes)
    : names_(names),
      session_bytes_(bytes_for(names.of_session(), text_bytes)),
      stream_bytes_(bytes_for(names.of_stream(), text_bytes + captured_bytes)),
      memory_((streams + 1UL) * (session_bytes_ + stream_bytes_)) {}

sample::VariableBlock LaneVariables::block(std::uint32_t stream, std::size_t offset, std::size_t bytes,
                                           std::size_t slots) noexcept {
  const std::size_t place = stream * (session_bytes_ + stream_bytes_) + offset;
  return {{&memory_[place], bytes}, slots};
}

}  // namespace corelane::proxy
