// SPDX-License-Identifier: Apache-2.0
#include "proxy/kept_body.hpp"

#include <algorithm>

#include "proxy/lane_state.hpp"

namespace corelane::proxy {

// By a reader of its own: what it lets through unseen is the body, all else frames it.
std::size_t QueuedBody::copy_to(std::span<char> memory, bool& complete) const {
  proto::HttpBodyReader reader;
  reader.begin(framing, length, limits);
  std::size_t copied = 0;
  std::uint64_t at = 0;
  while (!reader.complete() && at < bytes && copied < memory.size()) {
    std::string_view part = io::text_of(queue.at(buffers, at));
    if (part.empty()) break;
    part = part.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(part.size(), bytes - at)));
    const std::uint64_t opaque = reader.opaque_remaining();
    if (opaque == 0) {
      const proto::HttpBodyReader::Result read = reader.read(part.substr(0, 1));
      if (read.error != proto::HttpError::none) break;
      at += read.consumed;
      continue;
    }
    part = part.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(opaque, memory.size() - copied)));
    std::copy(part.begin(), part.end(), memory.begin() + static_cast<std::ptrdiff_t>(copied));
    copied += part.size();
    at += part.size();
    reader.skip(part.size());
  }
  complete = reader.complete();
  return copied;
}

QueuedBody queued_body(const RuleInput& input) {
  const HttpLane& http = *input.lane.http;
  const io::BufferPool& buffers = input.lane.ring->buffers();
  const io::BufferQueue& queue = input.body->flow.queue;
  const bool of_response = input.response != nullptr;
  const proto::HttpHead& head = *input.head();
  return {.queue = queue,
          .buffers = buffers,
          .bytes = of_response ? queue.bytes(buffers) : input.body->cleared,
          .framing = head.framing,
          .length = head.content_length,
          .limits = of_response ? http.response_options[input.backend].limits
                                : http.request_options[input.session.frontend].limits};
}

std::string_view KeptBody::bytes() const noexcept {
  const std::span<char> memory = input_.lane.rules->body;
  if (input_.body == nullptr) return {};
  if (!copied_) {
    bool complete = false;
    size_ = queued_body(input_).copy_to(memory, complete);
    copied_ = true;
  }
  return {memory.data(), size_};
}

std::uint64_t KeptBody::size() const noexcept {
  const proto::HttpHead& head = *input_.head();
  return head.framing == proto::HttpFraming::length ? head.content_length : bytes().size();
}

}  // namespace corelane::proxy
