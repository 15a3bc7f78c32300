// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "stick/key_hash.hpp"

namespace corelane::stick {

/// What a table's records are made of, and how many there are.
struct RecordShape {
  std::uint32_t records = 0;
  std::uint32_t key_words = 1;     // of 32 bits
  std::uint32_t wide_words = 0;    // values of 64 bits, and twice as many for a rate
  std::uint32_t narrow_words = 0;  // values of 32 bits
  std::uint32_t lifetime_ms = 0;   // without being touched; 0: for ever
  bool evicts = true;              // the oldest makes room where there is none
};

/// A hash table of fixed size that all lanes use at once without a lock.
///
/// `records` records lie in one block; an index of buckets leads to them. A bucket is two cache lines: a
/// header word with a bit for each of its slots that is published and a version, a byte of the hash for each
/// slot, and the number of its record. A record is a control word, values, the time it was touched last, and
/// its key. The control word holds how many threads have the record pinned, two bits (live: it has a key;
/// settled: it is published) and a version.
///
/// What is promised, and why it holds (the model checker of the tests runs this very code through every
/// interleaving of small cases; what follows is about order between processors, which it does not know):
///
/// * **Memory is never reused under a reader.** A record is taken out by one compare-and-exchange of its
/// control
///   word from "live, no pins, this version" to "not live". A reader pins by one add to the same word and has
///   the record only if that found it settled; so either the pin came first, and taking out fails, or the
///   reader sees that it is not live and lets go. Letting go after a use changes the version: who decided to
///   take a record out by what it saw before fails. Pinning acquires and letting go releases; every change of
///   the word is a read-modify-write, so an acquire reads from the release sequences of all earlier ones.
///   Hence what the reader reads was written before, and what it read is read before the taker, who acquires,
///   writes anything new.
/// * **Entries are never torn.** Key and first values are written while nobody but the writer has the record,
/// then
///   the control word is made live with release. Keys are plain memory: they are read only under a pin on a
///   record that was settled when it was pinned, or that was found published after it was pinned (slot, then
///   header, both with acquire: who took the record out of an earlier place cleared that place, header first,
///   before it gave the record away, and giving away and taking are a release and an acquire of `free`).
/// * **A key is there once.** A record becomes part of its bucket by one compare-and-exchange of the header,
/// which
///   succeeds only if nothing was published there or taken away since the header was read (acquire) and all
///   that was published was looked through. It releases the slot and the record. A slot belongs to one writer
///   from when it puts its record's number into the empty slot until it clears it.
/// * **No increment is lost.** Values change by atomic adds (relaxed: they order nothing) under a pin.
/// * **Finding is wait-free**: one pass over the published slots, whatever others do. A key that is missed
/// because
///   its record was replaced meanwhile was not there at one moment in between. get() repeats only when
///   another thread has published or taken away something in the same bucket. Adding to a value, pinning and
///   letting go are one instruction each.
///
/// Versions have 39 and 40 bits, the tag of `free` has 32; a thread would have to sleep through all of them,
/// to the very one, between a load and its exchange. Clocks of lanes may differ by some milliseconds: an age
/// below zero is an age of zero.
template <class Atomics>
class RecordTable {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;
  using Key = std::span<const std::uint32_t>;  // key_words of them

  /// How much memory the table wants, aligned to a cache line and all zero. It is the caller's, who lets it
  /// live as long. Records that were never used are never written.
  static std::size_t bytes(const RecordShape& shape) noexcept { return layout(shape).bytes; }
  RecordTable(const RecordShape& shape, const HashSeed& seed, std::byte* memory);

  /// The key's record, pinned; none: there is none.
  std::uint32_t find(Key key, std::uint32_t now_ms);
  /// The key's record, pinned; a new one where there was none, with all values 0. None: the table is full.
  std::uint32_t get(Key key, std::uint32_t now_ms);
  /// Lets go of a record.
  void release(std::uint32_t record);
  /// A pinned record lives for its whole lifetime from now on.
  void touch(std::uint32_t record, std::uint32_t now_ms);

  /// Takes a record out and lets go of it. False: somebody else has it pinned as well, so that it stays.
  bool remove(std::uint32_t record);
  /// Frees what is too old among `count` records from `first` on. The record to go on from; 0 after the last.
  std::uint32_t expire(std::uint32_t first, std::uint32_t count, std::uint32_t now_ms);
  /// The first record from `first` on that holds a key, pinned; none: there is none.
  std::uint32_t next(std::uint32_t first, std::uint32_t now_ms);

  /// Of pinned records.
  std::uint64_t* wide(std::uint32_t record) { return words(record) + 1; }
  std::uint32_t* narrow(std::uint32_t record) { return key_place(record) + shape_.key_words; }
  Key key(std::uint32_t record) { return {key_place(record), shape_.key_words}; }
  std::uint32_t age_ms(std::uint32_t record, std::uint32_t now_ms);
  /// Threads and streams that have it pinned.
  std::uint32_t pins(std::uint32_t record);

  std::uint32_t used() { return Atomics::load(shared().used, std::memory_order_relaxed); }
  std::uint64_t evicted() { return Atomics::load(shared().evicted, std::memory_order_relaxed); }
  const RecordShape& shape() const noexcept { return shape_; }

 private:
  static constexpr std::uint32_t slots = 24;
  static constexpr std::uint32_t slots_filled = 10;       // of a bucket, on average, when the table is full
  static constexpr std::uint32_t single_bucket_max = 20;  // records
  static constexpr std::uint64_t slots_mask = (std::uint64_t{1} << slots) - 1;
  static constexpr std::uint64_t header_version = std::uint64_t{1} << slots;
  static constexpr std::uint64_t live = 1;
  static constexpr std::uint64_t settled = 2;
  static constexpr std::uint64_t pin_one = 4;
  static constexpr std::uint64_t version_one = std::uint64_t{1} << 25;
  static constexpr std::uint64_t pins_mask = version_one - pin_one;
  /// Where there is no room, the oldest of so many records goes; of all, where there are no more than these.
  static constexpr std::uint32_t looks = 64;
  static constexpr std::uint32_t looks_at_all_max = 512;
  /// Times that others may snatch away what was to go before a table counts as full.
  static constexpr std::uint32_t tries_max = 16;

  struct alignas(64) Bucket {
    std::uint64_t header;       // written by who publishes or takes away
    std::uint8_t marks[slots];  // a byte of the key's hash; written by who owns the slot
    std::uint32_t refs[slots];  // record + 1; 0: empty
  };
  struct alignas(64) Shared {
    std::uint64_t free;     // a stack of records: the first one + 1, and a tag that each change makes another
    std::uint32_t fresh;    // records that were ever used
    std::uint32_t hand;     // where to look for the oldest next
    std::uint64_t evicted;  // statistics
    std::uint32_t used;
    std::uint32_t age_out;  // how old the one was that went after a whole look, or an older one since
  };
  struct Layout {
    std::uint32_t buckets;
    std::uint32_t record_words;  // of 64 bits
    std::size_t bytes;
  };
  /// What get() has in hand before the key is published.
  struct Claim {
    std::uint32_t record = none;
    std::uint32_t slot = none;
  };
  struct Wanted {
    Key key;
    std::uint64_t hash;
    std::uint32_t now_ms;
    bool takes_out;  // what is too old, on the way
    std::uint8_t mark() const { return static_cast<std::uint8_t>(hash); }
  };

  static Layout layout(const RecordShape& shape) noexcept;

  Shared& shared() { return *reinterpret_cast<Shared*>(memory_); }
  Bucket& bucket_of(std::uint64_t hash);
  std::uint64_t* words(std::uint32_t record) {
    return reinterpret_cast<std::uint64_t*>(records_) + std::size_t{record} * layout_.record_words;
  }
  std::uint64_t& control(std::uint32_t record) { return *words(record); }
  std::uint32_t& touched(std::uint32_t record) {
    return *reinterpret_cast<std::uint32_t*>(words(record) + 1 + shape_.wide_words);
  }
  std::uint32_t* key_place(std::uint32_t record) { return &touched(record) + 1; }

  std::uint64_t hash_of(Key key) const;
  bool too_old(std::uint32_t age_ms) const { return shape_.lifetime_ms != 0 && age_ms >= shape_.lifetime_ms; }
  bool same_key(std::uint32_t record, Key key);
  std::uint32_t look_through(Bucket& bucket, std::uint64_t header, const Wanted& wanted);
  bool pin_published(Bucket& bucket, std::uint32_t slot, std::uint32_t record, const Wanted& wanted);
  void unpin(std::uint32_t record);

  bool stake(Bucket& bucket, const Wanted& wanted, Claim& claim);
  bool take_slot(Bucket& bucket, const Wanted& wanted, Claim& claim);
  std::uint32_t take_record(std::uint32_t now_ms);
  void prepare(std::uint32_t record, const Wanted& wanted);
  void withdraw(Bucket& bucket, const Claim& claim);

  /// The record is the caller's when it had this control word still, and in no bucket any more.
  bool take_out(std::uint32_t record, std::uint64_t seen, std::uint64_t own_pins = 0);
  void unpublish(std::uint32_t record);
  std::uint32_t oldest_out(std::uint32_t now_ms);
  bool oldest_of_bucket_out(Bucket& bucket, std::uint32_t now_ms);
  void push_free(std::uint32_t record);
  std::uint32_t pop_free();
  std::uint32_t first_use();

  RecordShape shape_;
  Layout layout_;
  HashSeed seed_;
  std::byte* memory_;
  std::byte* records_;
};

}  // namespace corelane::stick

#include "stick/record_table_find.hpp"
#include "stick/record_table_room.hpp"
