// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "io/buffer.hpp"
#include "proto/http_body.hpp"
#include "sample/context.hpp"

namespace corelane::proxy {

struct RuleInput;

/// What there is of a body in a flow's queue: `bytes` at its front, none of which is in flight. They may end
/// anywhere.
struct QueuedBody {
  const io::BufferQueue& queue;
  const io::BufferPool& buffers;
  std::uint64_t bytes = 0;
  proto::HttpFraming framing = proto::HttpFraming::none;
  std::uint64_t length = 0;  // with HttpFraming::length
  const proto::HttpLimits& limits;

  /// Copies it without its framing, as far as there is room: how many bytes that are. `complete`: the body
  /// ends within them.
  std::size_t copy_to(std::span<char> memory, bool& complete) const;
};

/// That of `input.body`, whose head is the input's.
QueuedBody queued_body(const RuleInput& input);

/// The body of the message that rules are about, copied when one of them asks for it.
class KeptBody final : public sample::BodySource {
 public:
  /// The input outlives this.
  explicit KeptBody(const RuleInput& input) : input_(input) {}

  std::string_view bytes() const noexcept override;
  std::uint64_t size() const noexcept override;

 private:
  const RuleInput& input_;
  mutable bool copied_ = false;
  mutable std::size_t size_ = 0;
};

}  // namespace corelane::proxy
