// SPDX-License-Identifier: Apache-2.0
#include "tls/session_cache.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/check.hpp"

namespace corelane::tls {
namespace {

using Word = std::uint64_t;

// So many that hardly any id finds a bucket full of others that are still there.
constexpr std::uint32_t entries_per_block = 4;
// An entry: so many bits of the id below the number.
constexpr unsigned tag_bits = 16;
constexpr Word tag_mask = (Word{1} << tag_bits) - 1;
// The first word of a session: its size below the second of its end.
constexpr unsigned size_bits = 16;
constexpr Word size_mask = (Word{1} << size_bits) - 1;
static_assert(SessionCache::session_bytes_max <= size_mask);

Word load(Word& word, std::memory_order order) noexcept {
  return std::atomic_ref<Word>(word).load(order);
}

void store(Word& word, Word value, std::memory_order order) noexcept {
  std::atomic_ref<Word>(word).store(value, order);
}

bool exchange(Word& word, Word expected, Word desired, std::memory_order order) noexcept {
  return std::atomic_ref<Word>(word).compare_exchange_strong(expected, desired, order,
                                                             std::memory_order_relaxed);
}

// Ids are random: the parts of one say nothing of each other.
Word word_of(SessionCache::Id id, std::size_t index) noexcept {
  Word word = 0;
  std::memcpy(&word, id.data() + index * sizeof(Word), sizeof(Word));
  return word;
}

Word tag_of(SessionCache::Id id) noexcept {
  return word_of(id, 1) & tag_mask;
}

Word* zeroed(std::size_t words) {
  return static_cast<Word*>(std::calloc(words, sizeof(Word)));
}

}  // namespace

SessionCache::SessionCache(std::uint32_t blocks)
    : slots_(blocks),
      buckets_(std::max(1U, blocks / static_cast<std::uint32_t>(bucket_words) * entries_per_block)),
      memory_(zeroed(std::size_t{blocks} * block_words)),
      index_(zeroed(std::size_t{buckets_} * bucket_words)) {
  CORELANE_CHECK(blocks >= 1 && blocks <= blocks_max);
}

Word* SessionCache::bucket_of(Id id) const noexcept {
  const Word high = word_of(id, 0) >> 32U;
  return &index_[(high * buckets_ >> 32U) * bucket_words];
}

Word* SessionCache::slot_of(std::uint64_t number) const noexcept {
  return &memory_[number % slots_ * block_words];
}

bool SessionCache::write_block(std::uint64_t number, std::span<const Word> words) noexcept {
  Word* const slot = slot_of(number);
  const Word before = load(slot[0], std::memory_order_relaxed);
  if (before % 2 == 1 || before > 2 * number ||
      !exchange(slot[0], before, 2 * number + 1, std::memory_order_acquire))
    return false;
  for (std::size_t i = 0; i < words.size(); ++i) store(slot[1 + i], words[i], std::memory_order_release);
  store(slot[0], 2 * number, std::memory_order_release);
  return true;
}

bool SessionCache::read_block(std::uint64_t number, std::span<Word> words) const noexcept {
  Word* const slot = slot_of(number);
  if (load(slot[0], std::memory_order_acquire) != 2 * number) return false;
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = load(slot[1 + i], std::memory_order_acquire);
  return load(slot[0], std::memory_order_relaxed) == 2 * number;
}

bool SessionCache::read_head(Word entry, Id id, Room& room) const noexcept {
  return entry != 0 && (entry & tag_mask) == tag_of(id) &&
         read_block(entry >> tag_bits, std::span(room.words).first(block_words - 1)) &&
         std::memcmp(&room.words[1], id.data(), id_bytes) == 0;
}

// The lowest entry is none, or leads to what is overwritten first.
void SessionCache::publish(Id id, std::uint64_t number) noexcept {
  const std::span<Word> bucket(bucket_of(id), bucket_words);
  for (std::size_t attempt = 0; attempt < bucket_words; ++attempt) {
    std::size_t oldest = 0;
    Word entry = load(bucket[0], std::memory_order_relaxed);
    for (std::size_t i = 1; i < bucket.size(); ++i) {
      const Word other = load(bucket[i], std::memory_order_relaxed);
      if (other >= entry) continue;
      entry = other;
      oldest = i;
    }
    if (exchange(bucket[oldest], entry, number << tag_bits | tag_of(id), std::memory_order_release)) return;
  }
}

bool SessionCache::keep(Id id, std::span<const std::uint8_t> session, std::int64_t end) noexcept {
  if (session.empty() || session.size() > session_bytes_max) return false;
  Room room;
  const std::size_t used = head_words + (session.size() + sizeof(Word) - 1) / sizeof(Word);
  const std::size_t blocks = (used + block_words - 2) / (block_words - 1);
  if (blocks > slots_) return false;
  room.words[used - 1] = 0;
  room.words[0] = static_cast<Word>(std::max<std::int64_t>(end, 0)) << size_bits | session.size();
  std::memcpy(&room.words[1], id.data(), id_bytes);
  std::memcpy(&room.words[head_words], session.data(), session.size());
  const std::uint64_t first = std::atomic_ref<Word>(next_).fetch_add(blocks, std::memory_order_relaxed);
  std::span<const Word> left = std::span<const Word>(room.words).first(used);
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::size_t size = std::min(left.size(), block_words - 1);
    // Whoever holds the slot was stopped for a whole round of the ring, or this thread was.
    if (!write_block(first + i, left.first(size))) return true;
    left = left.subspan(size);
  }
  publish(id, first);
  return true;
}

std::optional<std::span<const std::uint8_t>> SessionCache::find(Id id, std::int64_t now,
                                                                Room& room) const noexcept {
  for (Word& place : std::span<Word>(bucket_of(id), bucket_words)) {
    const Word entry = load(place, std::memory_order_acquire);
    if (!read_head(entry, id, room)) continue;
    const std::size_t size = room.words[0] & size_mask;
    if (static_cast<std::int64_t>(room.words[0] >> size_bits) <= now || size > session_bytes_max)
      return std::nullopt;
    const std::size_t used = head_words + (size + sizeof(Word) - 1) / sizeof(Word);
    std::uint64_t number = entry >> tag_bits;
    for (std::size_t done = block_words - 1; done < used; done += block_words - 1) {
      const std::size_t wanted = std::min(used - done, block_words - 1);
      if (!read_block(++number, std::span(room.words).subspan(done, wanted))) return std::nullopt;
    }
    return std::span(reinterpret_cast<const std::uint8_t*>(&room.words[head_words]), size);
  }
  return std::nullopt;
}

void SessionCache::forget(Id id) noexcept {
  Room room;
  for (Word& place : std::span<Word>(bucket_of(id), bucket_words)) {
    const Word entry = load(place, std::memory_order_acquire);
    if (read_head(entry, id, room)) exchange(place, entry, 0, std::memory_order_relaxed);
  }
}

}  // namespace corelane::tls
