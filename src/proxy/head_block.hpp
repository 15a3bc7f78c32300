// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/check.hpp"
#include "base/pool.hpp"

namespace corelane::proxy {

/// Memory for one HTTP head outside of receive buffers: one that comes in pieces, so that a slow peer holds
/// no buffer, or one that is sent with what we changed. What of the body goes along with it follows the head.
class HeadBlock {
 public:
  HeadBlock(const HeadBlock&) = delete;
  HeadBlock& operator=(const HeadBlock&) = delete;

  std::span<char> bytes() noexcept { return {memory(), capacity}; }
  std::string_view text() const noexcept { return {memory(), size}; }
  std::string_view unsent() const noexcept { return {memory() + sent, size - sent}; }
  std::span<char> room() noexcept { return bytes().subspan(size); }

  void append(std::string_view text) noexcept {
    if (text.empty()) return;  // it may be nowhere
    CORELANE_CHECK(text.size() <= capacity - size);
    std::memcpy(memory() + size, text.data(), text.size());
    size += static_cast<std::uint32_t>(text.size());
  }

  const std::uint32_t capacity;
  std::uint32_t size = 0;
  std::uint32_t sent = 0;

 protected:
  explicit HeadBlock(std::uint32_t bytes) noexcept : capacity(bytes) {}
  ~HeadBlock() = default;

 private:
  // SizedHeadBlock has its bytes behind this.
  char* memory() noexcept { return reinterpret_cast<char*>(this + 1); }
  const char* memory() const noexcept { return reinterpret_cast<const char*>(this + 1); }
};

template <std::uint32_t Bytes>
struct SizedHeadBlock final : HeadBlock {
  SizedHeadBlock() noexcept : HeadBlock(Bytes) {}  // leaves the bytes as they are

  std::array<char, Bytes> memory;
};

/// The blocks of one lane, in two sizes: nearly all heads fit the small one, and what is in use at the same
/// time stays near together. Single-threaded.
class HeadBlocks {
 public:
  /// The largest head (config::HttpLimits::head_bytes), and what our own fields may add to it.
  static constexpr std::uint32_t head_bytes_max = 16 * 1024;
  static constexpr std::uint32_t bytes_max = head_bytes_max + 3 * 1024;

  /// There are `count` of each size: as many as may be in use.
  explicit HeadBlocks(std::uint32_t count) : small_(count), large_(count) {}

  /// An empty one for at least so many bytes, or the largest there is; the caller's until release().
  HeadBlock& take(std::size_t bytes) {
    HeadBlock* block = bytes <= small_bytes ? static_cast<HeadBlock*>(small_.acquire()) : large_.acquire();
    CORELANE_CHECK(block != nullptr);
    return *block;
  }

  /// Null: nothing is released, which makes `block` null in any case.
  void release(HeadBlock*& block) noexcept {
    if (block == nullptr) return;
    if (block->capacity == small_bytes) {
      small_.release(static_cast<Small*>(block));
    } else {
      large_.release(static_cast<Large*>(block));
    }
    block = nullptr;
  }

  /// Makes room for so many bytes behind what is in it, as far as the largest has it.
  void reserve(HeadBlock*& block, std::size_t bytes) {
    if (block->room().size() >= bytes || block->capacity == bytes_max) return;
    HeadBlock& larger = take(bytes_max);
    larger.append(block->text());
    release(block);
    block = &larger;
  }

 private:
  static constexpr std::uint32_t small_bytes = 2048 - sizeof(HeadBlock);
  using Small = SizedHeadBlock<small_bytes>;
  using Large = SizedHeadBlock<bytes_max>;

  base::Pool<Small> small_;
  base::Pool<Large> large_;
};

}  // namespace corelane::proxy
