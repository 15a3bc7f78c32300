// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>

#include "stick/record_table.hpp"

/// RecordTable: finding keys and adding them. See record_table.hpp for why it works.
namespace corelane::stick {

template <class Atomics>
auto RecordTable<Atomics>::layout(const RecordShape& shape) noexcept -> Layout {
  const std::uint32_t buckets =
      shape.records <= single_bucket_max ? 1 : (shape.records + slots_filled - 1) / slots_filled;
  const std::uint32_t halves = 1 + shape.key_words + shape.narrow_words;
  const std::uint32_t record_words = 1 + shape.wide_words + (halves + 1) / 2;
  const std::size_t bytes = sizeof(Shared) + sizeof(Bucket) * buckets +
                            sizeof(std::uint64_t) * record_words * std::size_t{shape.records};
  return {buckets, record_words, (bytes + alignof(Bucket) - 1) / alignof(Bucket) * alignof(Bucket)};
}

template <class Atomics>
RecordTable<Atomics>::RecordTable(const RecordShape& shape, const HashSeed& seed, std::byte* memory)
    : shape_(shape),
      layout_(layout(shape)),
      seed_(seed),
      memory_(memory),
      records_(memory + sizeof(Shared) + sizeof(Bucket) * layout_.buckets) {}

template <class Atomics>
auto RecordTable<Atomics>::bucket_of(std::uint64_t hash) -> Bucket& {
  const std::uint64_t number = (hash >> 32) * layout_.buckets >> 32;
  return reinterpret_cast<Bucket*>(memory_ + sizeof(Shared))[number];
}

/// Of a text only what is there counts, not what fills it up.
template <class Atomics>
std::uint64_t RecordTable<Atomics>::hash_of(Key key) const {
  std::size_t length = key.size();
  while (length > 1 && Atomics::read(key[length - 1]) == 0) --length;
  return key_hash(seed_, key.first(length));
}

template <class Atomics>
bool RecordTable<Atomics>::same_key(std::uint32_t record, Key key) {
  const std::uint32_t* stored = key_place(record);
  for (std::size_t i = 0; i < key.size(); ++i)
    if (Atomics::read(stored[i]) != key[i]) return false;
  return true;
}

template <class Atomics>
std::uint32_t RecordTable<Atomics>::find(Key key, std::uint32_t now_ms) {
  const std::uint64_t hash = hash_of(key);
  Bucket& bucket = bucket_of(hash);
  const std::uint64_t header = Atomics::load(bucket.header, std::memory_order_acquire);
  return look_through(bucket, header, {key, hash, now_ms, false});
}

template <class Atomics>
std::uint32_t RecordTable<Atomics>::get(Key key, std::uint32_t now_ms) {
  const std::uint64_t hash = hash_of(key);
  Bucket& bucket = bucket_of(hash);
  const Wanted wanted{key, hash, now_ms, true};
  Claim claim;
  for (;;) {
    const std::uint64_t header = Atomics::load(bucket.header, std::memory_order_acquire);
    const std::uint32_t found = look_through(bucket, header, wanted);
    if (found != none || !stake(bucket, wanted, claim)) {
      withdraw(bucket, claim);
      return found;
    }
    const std::uint64_t published = (header | std::uint64_t{1} << claim.slot) + header_version;
    if (Atomics::exchange(bucket.header, header, published, std::memory_order_acq_rel)) break;
  }
  Atomics::add(control(claim.record), settled, std::memory_order_release);
  Atomics::add(shared().used, 1U, std::memory_order_relaxed);
  return claim.record;
}

template <class Atomics>
std::uint32_t RecordTable<Atomics>::look_through(Bucket& bucket, std::uint64_t header, const Wanted& wanted) {
  for (std::uint64_t left = header & slots_mask; left != 0; left &= left - 1) {
    const auto slot = static_cast<std::uint32_t>(std::countr_zero(left));
    if (Atomics::load(bucket.marks[slot], std::memory_order_relaxed) != wanted.mark()) continue;
    const std::uint32_t ref = Atomics::load(bucket.refs[slot], std::memory_order_acquire);
    if (ref == 0 || !pin_published(bucket, slot, ref - 1, wanted)) continue;
    if (same_key(ref - 1, wanted.key)) return ref - 1;
    unpin(ref - 1);
  }
  return none;
}

template <class Atomics>
bool RecordTable<Atomics>::pin_published(Bucket& bucket, std::uint32_t slot, std::uint32_t record,
                                         const Wanted& wanted) {
  const std::uint64_t seen = Atomics::load(control(record), std::memory_order_acquire);
  if ((seen & live) == 0) return false;
  if ((seen & pins_mask) == 0 && too_old(age_ms(record, wanted.now_ms))) {
    // Whatever its key is. Fails where somebody else has just pinned it or taken it out.
    if (wanted.takes_out && take_out(record, seen)) push_free(record);
    return false;
  }
  const std::uint64_t before = Atomics::add(control(record), pin_one, std::memory_order_acquire);
  if ((before & settled) != 0) return true;
  // Perhaps it is published and not yet said to be; perhaps it never will be.
  if ((before & live) != 0 && Atomics::load(bucket.refs[slot], std::memory_order_acquire) == record + 1 &&
      (Atomics::load(bucket.header, std::memory_order_acquire) >> slot & 1) != 0)
    return true;
  unpin(record);
  return false;
}

/// After a look that changed nothing: the version stays.
template <class Atomics>
void RecordTable<Atomics>::unpin(std::uint32_t record) {
  Atomics::add(control(record), 0 - pin_one, std::memory_order_release);
}

template <class Atomics>
void RecordTable<Atomics>::release(std::uint32_t record) {
  Atomics::add(control(record), version_one - pin_one, std::memory_order_release);
}

template <class Atomics>
void RecordTable<Atomics>::touch(std::uint32_t record, std::uint32_t now_ms) {
  if (Atomics::load(touched(record), std::memory_order_relaxed) != now_ms)
    Atomics::store(touched(record), now_ms, std::memory_order_relaxed);
}

template <class Atomics>
std::uint32_t RecordTable<Atomics>::age_ms(std::uint32_t record, std::uint32_t now_ms) {
  const auto age =
      static_cast<std::int32_t>(now_ms - Atomics::load(touched(record), std::memory_order_relaxed));
  return age < 0 ? 0 : static_cast<std::uint32_t>(age);
}

template <class Atomics>
std::uint32_t RecordTable<Atomics>::pins(std::uint32_t record) {
  return static_cast<std::uint32_t>((Atomics::load(control(record), std::memory_order_relaxed) & pins_mask) /
                                    pin_one);
}

template <class Atomics>
std::uint32_t RecordTable<Atomics>::next(std::uint32_t first, std::uint32_t now_ms) {
  const std::uint32_t end = Atomics::load(shared().fresh, std::memory_order_relaxed);
  for (std::uint32_t record = first; record < end; ++record) {
    const std::uint64_t seen = Atomics::load(control(record), std::memory_order_acquire);
    if ((seen & settled) == 0) continue;
    if ((seen & pins_mask) == 0 && too_old(age_ms(record, now_ms))) continue;
    if ((Atomics::add(control(record), pin_one, std::memory_order_acquire) & settled) != 0) return record;
    unpin(record);
  }
  return none;
}

}  // namespace corelane::stick
