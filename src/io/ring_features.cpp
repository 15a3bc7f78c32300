// SPDX-License-Identifier: Apache-2.0
#include "io/ring.hpp"

namespace corelane::io {

std::string RingFeatures::text() const {
  std::string text = "io_uring";
  if (single_issuer) text += " single_issuer";
  if (defer_taskrun) text += " defer_taskrun";
  if (receive_multishot_capped) text += " receive_multishot_capped";
  return text;
}

}  // namespace corelane::io
