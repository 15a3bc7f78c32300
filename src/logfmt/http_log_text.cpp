// SPDX-License-Identifier: Apache-2.0
#include "logfmt/http_log_text.hpp"

#include <algorithm>
#include <cstring>

namespace corelane::logfmt {
namespace {

constexpr std::uint16_t length_of_absent = UINT16_MAX;
constexpr std::size_t part_bytes_max = length_of_absent - 1;

}  // namespace

HttpLogTextWriter::HttpLogTextWriter(std::span<char> memory, std::string_view text) noexcept
    : memory_(memory), used_(std::min(text.size(), memory.size())) {
  std::copy_n(text.begin(), used_, memory_.begin());
}

void HttpLogTextWriter::add_length(std::uint16_t length) noexcept {
  std::memcpy(memory_.data() + used_, &length, sizeof(length));
  used_ += sizeof(length);
}

void HttpLogTextWriter::add(std::string_view part, std::size_t bytes_max) noexcept {
  if (memory_.size() - used_ < sizeof(std::uint16_t)) return;
  const std::size_t room = memory_.size() - used_ - sizeof(std::uint16_t);
  const std::size_t length = std::min({part.size(), bytes_max, room, part_bytes_max});
  add_length(static_cast<std::uint16_t>(length));
  std::copy_n(part.begin(), length, memory_.begin() + static_cast<std::ptrdiff_t>(used_));
  used_ += length;
}

void HttpLogTextWriter::add_absent() noexcept {
  if (memory_.size() - used_ >= sizeof(std::uint16_t)) add_length(length_of_absent);
}

std::optional<std::string_view> HttpLogTextReader::next() noexcept {
  std::uint16_t length = 0;
  if (rest_.size() < sizeof(length)) return std::nullopt;
  std::memcpy(&length, rest_.data(), sizeof(length));
  rest_.remove_prefix(sizeof(length));
  if (length == length_of_absent) return std::nullopt;
  const std::string_view part = rest_.substr(0, length);
  rest_.remove_prefix(part.size());
  return part;
}

}  // namespace corelane::logfmt
