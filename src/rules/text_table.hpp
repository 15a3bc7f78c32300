// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sample/numbers.hpp"

/// Many texts, and which of them a text is, or begins with.
namespace corelane::rules {

inline constexpr std::uint32_t no_text = std::numeric_limits<std::uint32_t>::max();

/// Texts side by side in one piece of memory, in lower case where case is ignored.
template <bool ignore_case>
class Texts {
 public:
  void reserve(std::size_t count, std::size_t bytes) {
    ends_.reserve(count);
    bytes_.reserve(bytes);
  }
  void append(std::string_view text) {
    for (const char c : text) bytes_ += fold(c);
    ends_.push_back(bytes_.size());
  }
  std::size_t size() const noexcept { return ends_.size(); }
  std::string_view operator[](std::size_t number) const noexcept {
    const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
    return std::string_view(bytes_).substr(begin, ends_[number] - begin);
  }

  static char fold(char c) noexcept { return ignore_case ? sample::lower_case(c) : c; }
  /// `text` is not folded yet, and as long.
  static bool same(std::string_view folded, std::string_view text) noexcept {
    if constexpr (!ignore_case) return folded == text;
    return std::equal(folded.begin(), folded.end(), text.begin(),
                      [](char a, char b) { return a == fold(b); });
  }
  static std::uint64_t hash(std::string_view text) noexcept {
    if constexpr (!ignore_case) return std::hash<std::string_view>()(text);
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;  // FNV-1a
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(fold(c))) * 0x100'0000'01b3;
    return hash ^ hash >> 32;
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

/// Finds a text among the others. Of equal ones the first counts.
template <bool ignore_case>
class TextTable {
 public:
  explicit TextTable(const Texts<ignore_case>& texts) : texts_(texts) {
    slots_.resize(std::bit_ceil(2 * texts.size() + 1));
    for (std::size_t i = 0; i < texts.size(); ++i) add(i);
    for (std::size_t i = 0; i < texts.size(); ++i) lengths_.push_back(texts[i].size());
    std::sort(lengths_.begin(), lengths_.end());
    lengths_.erase(std::unique(lengths_.begin(), lengths_.end()), lengths_.end());
    lengths_.shrink_to_fit();
  }

  std::uint32_t find(std::string_view text) const noexcept {
    const std::uint64_t hash = Texts<ignore_case>::hash(text);
    for (std::size_t at = hash & mask(); slots_[at].number != no_text; at = (at + 1) & mask())
      if (is(slots_[at], hash, text)) return slots_[at].number;
    return no_text;
  }
  /// The different lengths, ascending.
  std::span<const std::size_t> lengths() const noexcept { return lengths_; }

 private:
  struct Slot {
    std::uint32_t tag = 0;  // of the hash's upper half, so that few other texts are looked at
    std::uint32_t number = no_text;
  };

  std::size_t mask() const noexcept { return slots_.size() - 1; }
  static std::uint32_t tag_of(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32); }
  bool is(const Slot& slot, std::uint64_t hash, std::string_view text) const noexcept {
    if (slot.tag != tag_of(hash)) return false;
    const std::string_view there = texts_[slot.number];
    return there.size() == text.size() && Texts<ignore_case>::same(there, text);
  }

  void add(std::size_t number) {
    const std::string_view text = texts_[number];
    const std::uint64_t hash = Texts<ignore_case>::hash(text);
    std::size_t at = hash & mask();
    for (; slots_[at].number != no_text; at = (at + 1) & mask())
      if (is(slots_[at], hash, text)) return;
    slots_[at] = {tag_of(hash), static_cast<std::uint32_t>(number)};
  }

  const Texts<ignore_case>& texts_;
  std::vector<Slot> slots_;  // a power of two, at most half of them in use
  std::vector<std::size_t> lengths_;
};

/// Finds the longest of the texts that another one begins with: the texts are sorted, and each knows the
/// longest one that it begins with itself.
template <bool ignore_case>
class PrefixTable {
 public:
  explicit PrefixTable(const Texts<ignore_case>& texts) : texts_(texts), sorted_(texts.size()) {
    std::iota(sorted_.begin(), sorted_.end(), 0U);
    std::stable_sort(sorted_.begin(), sorted_.end(),
                     [&texts](std::uint32_t a, std::uint32_t b) { return texts[a] < texts[b]; });
    sorted_.erase(std::unique(sorted_.begin(), sorted_.end(),
                              [&texts](std::uint32_t a, std::uint32_t b) { return texts[a] == texts[b]; }),
                  sorted_.end());
    for (std::size_t i = 0; i < sorted_.size(); ++i) shorter_.push_back(shorter_than(i));
  }

  std::uint32_t find(std::string_view text) const noexcept {
    const auto after = std::upper_bound(
        sorted_.begin(), sorted_.end(), text,
        [this](std::string_view wanted, std::uint32_t number) { return is_before(wanted, texts_[number]); });
    if (after == sorted_.begin()) return no_text;
    auto place = static_cast<std::uint32_t>(after - sorted_.begin() - 1);
    const std::size_t shared = shared_bytes(texts_[sorted_[place]], text);
    while (place != no_text && texts_[sorted_[place]].size() > shared) place = shorter_[place];
    return place == no_text ? no_text : sorted_[place];
  }

 private:
  static bool is_before(std::string_view text, std::string_view folded) noexcept {
    if constexpr (!ignore_case) return text < folded;
    return std::lexicographical_compare(text.begin(), text.end(), folded.begin(), folded.end(),
                                        [](char a, char b) {
                                          return static_cast<unsigned char>(Texts<true>::fold(a)) <
                                                 static_cast<unsigned char>(Texts<true>::fold(b));
                                        });
  }
  static std::size_t shared_bytes(std::string_view folded, std::string_view text) noexcept {
    std::size_t count = 0;
    const std::size_t most = std::min(folded.size(), text.size());
    while (count < most && folded[count] == Texts<ignore_case>::fold(text[count])) ++count;
    return count;
  }

  // It stands before its place, and what is between them begins with it as well.
  std::uint32_t shorter_than(std::size_t place) const {
    const std::string_view text = texts_[sorted_[place]];
    auto at = place == 0 ? no_text : static_cast<std::uint32_t>(place - 1);
    while (at != no_text && !text.starts_with(texts_[sorted_[at]])) at = shorter_[at];
    return at;
  }

  const Texts<ignore_case>& texts_;
  std::vector<std::uint32_t> sorted_;
  std::vector<std::uint32_t> shorter_;  // by place in sorted_: a place, or no_text
};

}  // namespace corelane::rules
