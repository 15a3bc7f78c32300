// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>

namespace corelane::tls {

/// The sessions of clients that come back without a ticket, for all lanes at once: what a session has to be
/// known by its id, at whichever lane its client comes back. What is kept are bytes; who asks for a session
/// knows what they mean.
///
/// Memory is a ring of blocks and never more. A session takes as many of them, one behind the other, as it
/// needs, from the place where the last one ended; so the oldest is what goes. An index finds a session's
/// first block by its id. Nobody waits for anybody, and what cannot be done at once is left undone: a session
/// that is not kept, or not found, costs its client a whole handshake and nothing else.
///
/// Places. `next_` counts blocks that were given out since the beginning; block number n lies in slot n
/// modulo the number of slots, and never in another. So a number stands for a place in memory and for what
/// was put there, once: a slot says by its `stamp` which block it holds, 2n, or that number n is being
/// written, 2n + 1. Stamps only grow.
///
/// Why this needs no lock. All memory that lanes share are words that are touched by atomics alone:
///
/// * `next_` is taken from by a relaxed fetch_add: that two sessions never get the same number is all that is
///   asked of it.
/// * A writer takes a slot by exchanging an even, smaller stamp for 2n + 1. Only one can: another one finds
///   the stamp odd, or larger, and gives up. It acquires, which with the release of the stamp 2m by the
///   writer before it puts all words of block n behind those of block m in each word's order of changes.
/// * The words of a block are stored with release and loaded with acquire. A reader loads the stamp with
///   acquire, then the words, then the stamp again. The first load, which found 2n, comes after all of block
///   n's words, so that each load gives that block's word or a later one. If it is a later one, of block m,
///   that load acquires what m's writer did before its store: taking the slot. The second load of the stamp
///   then cannot give 2n any more, because 2m + 1 has come behind it in the stamp's order of changes. So when
///   both loads give 2n, every word between them was block n's. (A fence would do the same with relaxed
///   words; the thread sanitizer does not know fences, and on x86-64 both are plain moves.)
/// * An entry of the index is stored with release when its blocks are whole, and loaded with acquire, so that
///   who finds it finds its blocks. Were it seen early, the stamp would say so.
///
/// Numbers have 48 bits in the index: at a million sessions a second that is for nine years. What an entry
/// says is looked at once more where it leads: the whole id stands in the block.
class SessionCache {
 public:
  static constexpr std::size_t id_bytes = 32;
  using Id = std::span<const std::uint8_t, id_bytes>;

  /// What a block costs. Sessions without a client's certificate fit one.
  static constexpr std::size_t block_bytes = 256;
  /// The most blocks of one session.
  static constexpr std::size_t session_blocks_max = 32;
  static constexpr std::uint32_t blocks_max = 16 * 1024 * 1024;

 private:
  using Word = std::uint64_t;
  static constexpr std::size_t block_words = block_bytes / sizeof(Word);
  static constexpr std::size_t head_words = 1 + id_bytes / sizeof(Word);  // size and end, id
  static constexpr std::size_t room_words = session_blocks_max * (block_words - 1);

 public:
  /// The largest session that is kept: that of a client with a chain of some certificates.
  static constexpr std::size_t session_bytes_max = (room_words - head_words) * sizeof(Word);
  /// Where find() puts one.
  struct Room {
    std::array<std::uint64_t, room_words> words;
  };

  /// `blocks` is 1 to blocks_max. Memory comes from the kernel as it is written to the first time; where the
  /// system does not even promise it, has_memory() is false and the cache cannot be used.
  explicit SessionCache(std::uint32_t blocks);
  SessionCache(const SessionCache&) = delete;
  SessionCache& operator=(const SessionCache&) = delete;

  bool has_memory() const noexcept { return memory_ != nullptr && index_ != nullptr; }

  /// Any thread. Keeps a session until `end`, in seconds since 1970, unless newer ones push it out before.
  /// False: it is too large. An id is for one session.
  bool keep(Id id, std::span<const std::uint8_t> session, std::int64_t end) noexcept;
  /// Any thread. What was kept for the id and has not ended; it lies in `room`.
  std::optional<std::span<const std::uint8_t>> find(Id id, std::int64_t now, Room& room) const noexcept;
  /// Any thread. Nobody finds the session from now on.
  void forget(Id id) noexcept;

 private:
  // Places in the index where an id's entry may be; as long as a cache line.
  static constexpr std::size_t bucket_words = 8;

  struct Free {
    void operator()(Word* memory) const noexcept { std::free(memory); }
  };
  using Words = std::unique_ptr<Word[], Free>;

  Word* bucket_of(Id id) const noexcept;
  Word* slot_of(std::uint64_t number) const noexcept;
  bool write_block(std::uint64_t number, std::span<const Word> words) noexcept;
  bool read_block(std::uint64_t number, std::span<Word> words) const noexcept;
  /// The words of the first block alone, if they are of that id.
  bool read_head(Word entry, Id id, Room& room) const noexcept;
  void publish(Id id, std::uint64_t number) noexcept;

  std::uint32_t slots_;
  std::uint32_t buckets_;
  Words memory_;  // of the slots: each a stamp and what the block holds
  Words index_;   // entries: number and a part of the id; 0: none
  alignas(128) Word next_ = 1;
};

}  // namespace corelane::tls
