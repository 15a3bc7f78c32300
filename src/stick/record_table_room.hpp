// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "stick/record_table.hpp"

/// RecordTable: where records come from and where they go. See record_table.hpp for why it works.
namespace corelane::stick {

/// Has a record with the wanted key, live, pinned and not published, and a slot that refers to it.
template <class Atomics>
bool RecordTable<Atomics>::stake(Bucket& bucket, const Wanted& wanted, Claim& claim) {
  if (claim.record == none) {
    claim.record = take_record(wanted.now_ms);
    if (claim.record == none) return false;
    prepare(claim.record, wanted);
  }
  return claim.slot != none || take_slot(bucket, wanted, claim);
}

template <class Atomics>
bool RecordTable<Atomics>::take_slot(Bucket& bucket, const Wanted& wanted, Claim& claim) {
  for (std::uint32_t tries = 0; tries < tries_max; ++tries) {
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
      std::uint32_t& ref = bucket.refs[slot];
      if (Atomics::load(ref, std::memory_order_relaxed) != 0) continue;
      if (!Atomics::exchange(ref, 0U, claim.record + 1, std::memory_order_acq_rel)) continue;
      Atomics::store(bucket.marks[slot], wanted.mark(), std::memory_order_relaxed);
      claim.slot = slot;
      return true;
    }
    if (!oldest_of_bucket_out(bucket, wanted.now_ms)) return false;
  }
  return false;
}

template <class Atomics>
void RecordTable<Atomics>::prepare(std::uint32_t record, const Wanted& wanted) {
  std::uint32_t* place = key_place(record);
  for (std::size_t i = 0; i < wanted.key.size(); ++i) Atomics::write(place[i], wanted.key[i]);
  for (std::uint32_t i = 0; i < shape_.wide_words; ++i)
    Atomics::store(wide(record)[i], std::uint64_t{0}, std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < shape_.narrow_words; ++i)
    Atomics::store(narrow(record)[i], 0U, std::memory_order_relaxed);
  Atomics::store(touched(record), wanted.now_ms, std::memory_order_relaxed);
  // Added: late readers of an earlier life may still be about to let go of it.
  Atomics::add(control(record), live + pin_one, std::memory_order_release);
}

template <class Atomics>
void RecordTable<Atomics>::withdraw(Bucket& bucket, const Claim& claim) {
  if (claim.slot != none) Atomics::store(bucket.refs[claim.slot], 0U, std::memory_order_release);
  if (claim.record == none) return;
  Atomics::add(control(claim.record), version_one - live - pin_one, std::memory_order_acq_rel);
  push_free(claim.record);
}

/// Unused ones first, then the one that goes.
template <class Atomics>
std::uint32_t RecordTable<Atomics>::take_record(std::uint32_t now_ms) {
  std::uint32_t record = pop_free();
  if (record == none) record = first_use();
  if (record == none) record = oldest_out(now_ms);
  return record;
}

template <class Atomics>
std::uint32_t RecordTable<Atomics>::first_use() {
  std::uint32_t record = Atomics::load(shared().fresh, std::memory_order_relaxed);
  while (record < shape_.records) {
    if (Atomics::exchange(shared().fresh, record, record + 1, std::memory_order_relaxed)) return record;
    record = Atomics::load(shared().fresh, std::memory_order_relaxed);
  }
  return none;
}

/// A free record's place of the time is the next one of the stack.
template <class Atomics>
void RecordTable<Atomics>::push_free(std::uint32_t record) {
  for (;;) {
    const std::uint64_t head = Atomics::load(shared().free, std::memory_order_relaxed);
    Atomics::store(touched(record), static_cast<std::uint32_t>(head), std::memory_order_relaxed);
    const std::uint64_t pushed = ((head >> 32) + 1) << 32 | (record + 1);
    if (Atomics::exchange(shared().free, head, pushed, std::memory_order_release)) return;
  }
}

template <class Atomics>
std::uint32_t RecordTable<Atomics>::pop_free() {
  for (;;) {
    const std::uint64_t head = Atomics::load(shared().free, std::memory_order_acquire);
    const auto first = static_cast<std::uint32_t>(head);
    if (first == 0) return none;
    // Another value where somebody else has popped it meanwhile: then the tag differs, too.
    const std::uint32_t second = Atomics::load(touched(first - 1), std::memory_order_relaxed);
    const std::uint64_t popped = ((head >> 32) + 1) << 32 | second;
    if (Atomics::exchange(shared().free, head, popped, std::memory_order_acq_rel)) return first - 1;
  }
}

template <class Atomics>
bool RecordTable<Atomics>::take_out(std::uint32_t record, std::uint64_t seen, std::uint64_t own_pins) {
  if ((seen & (live | settled | pins_mask)) != (live | settled | own_pins)) return false;
  const std::uint64_t dead = seen - live - settled - own_pins + version_one;
  if (!Atomics::exchange(control(record), seen, dead, std::memory_order_acq_rel)) return false;
  unpublish(record);
  return true;
}

template <class Atomics>
void RecordTable<Atomics>::unpublish(std::uint32_t record) {
  Bucket& bucket = bucket_of(hash_of(key(record)));
  std::uint32_t slot = 0;
  while (Atomics::load(bucket.refs[slot], std::memory_order_relaxed) != record + 1) ++slot;
  const std::uint64_t bit = std::uint64_t{1} << slot;
  for (;;) {
    const std::uint64_t header = Atomics::load(bucket.header, std::memory_order_relaxed);
    if (Atomics::exchange(bucket.header, header, (header & ~bit) + header_version, std::memory_order_acq_rel))
      break;
  }
  Atomics::store(bucket.refs[slot], 0U, std::memory_order_release);
  Atomics::add(shared().used, 0U - 1U, std::memory_order_relaxed);
}

/// The oldest of those that are looked at, or one that is too old anyway.
template <class Atomics>
std::uint32_t RecordTable<Atomics>::oldest_out(std::uint32_t now_ms) {
  const std::uint32_t count = shape_.records <= looks_at_all_max ? shape_.records : looks;
  // Of a large table one that is nearly as old as the one before goes without a further look.
  const std::uint32_t age_out =
      count < shape_.records ? Atomics::load(shared().age_out, std::memory_order_relaxed) : 0;
  const std::uint32_t enough = age_out == 0 ? UINT32_MAX : age_out - age_out / 8;
  for (std::uint32_t tries = 0; tries < tries_max; ++tries) {
    std::uint32_t record = Atomics::load(shared().hand, std::memory_order_relaxed) % shape_.records;
    std::uint32_t oldest = none;
    std::uint32_t oldest_age = 0;
    std::uint64_t oldest_seen = 0;
    for (std::uint32_t i = 0; i < count && oldest_age < enough;
         ++i, record = record + 1 == shape_.records ? 0 : record + 1) {
      const std::uint64_t seen = Atomics::load(control(record), std::memory_order_acquire);
      if ((seen & settled) == 0 || (seen & pins_mask) != 0) continue;
      const std::uint32_t age = age_ms(record, now_ms);
      if (oldest != none && age <= oldest_age) continue;
      oldest = record;
      oldest_age = age;
      oldest_seen = seen;
    }
    // Who comes after looks further on; of equally old ones the next goes.
    const std::uint32_t further = count < shape_.records ? record : oldest + 1;
    Atomics::store(shared().hand, oldest == none ? record : further, std::memory_order_relaxed);
    const bool expired = oldest != none && too_old(oldest_age);
    if (oldest == none || (!expired && !shape_.evicts)) {
      if (count == shape_.records) return none;
      continue;
    }
    if (!take_out(oldest, oldest_seen)) continue;
    if (count < shape_.records && (oldest_age < enough || oldest_age > age_out))
      Atomics::store(shared().age_out, oldest_age, std::memory_order_relaxed);
    if (!expired) Atomics::add(shared().evicted, std::uint64_t{1}, std::memory_order_relaxed);
    return oldest;
  }
  return none;
}

template <class Atomics>
bool RecordTable<Atomics>::oldest_of_bucket_out(Bucket& bucket, std::uint32_t now_ms) {
  std::uint32_t oldest = none;
  std::uint32_t oldest_age = 0;
  std::uint64_t oldest_seen = 0;
  for (std::uint32_t& ref : bucket.refs) {
    const std::uint32_t number = Atomics::load(ref, std::memory_order_acquire);
    if (number == 0) return true;  // freed meanwhile
    const std::uint64_t seen = Atomics::load(control(number - 1), std::memory_order_acquire);
    if ((seen & settled) == 0 || (seen & pins_mask) != 0) continue;
    const std::uint32_t age = age_ms(number - 1, now_ms);
    if (oldest != none && age <= oldest_age) continue;
    oldest = number - 1;
    oldest_age = age;
    oldest_seen = seen;
  }
  const bool expired = oldest != none && too_old(oldest_age);
  if (oldest == none || (!expired && !shape_.evicts)) return false;
  if (!take_out(oldest, oldest_seen)) return true;
  if (!expired) Atomics::add(shared().evicted, std::uint64_t{1}, std::memory_order_relaxed);
  push_free(oldest);
  return true;
}

template <class Atomics>
bool RecordTable<Atomics>::remove(std::uint32_t record) {
  for (std::uint32_t tries = 0; tries < tries_max; ++tries) {
    const std::uint64_t seen = Atomics::load(control(record), std::memory_order_acquire);
    if ((seen & pins_mask) != pin_one) break;
    if (!take_out(record, seen, pin_one)) continue;
    push_free(record);
    return true;
  }
  unpin(record);
  return false;
}

template <class Atomics>
std::uint32_t RecordTable<Atomics>::expire(std::uint32_t first, std::uint32_t count, std::uint32_t now_ms) {
  const std::uint32_t fresh = Atomics::load(shared().fresh, std::memory_order_relaxed);
  const std::uint32_t end = std::min(fresh, fresh - std::min(first, fresh) < count ? fresh : first + count);
  for (std::uint32_t record = first; record < end; ++record) {
    const std::uint64_t seen = Atomics::load(control(record), std::memory_order_acquire);
    if ((seen & settled) == 0 || (seen & pins_mask) != 0) continue;
    if (too_old(age_ms(record, now_ms)) && take_out(record, seen)) push_free(record);
  }
  return end == fresh ? 0 : end;
}

}  // namespace corelane::stick
