// SPDX-License-Identifier: Apache-2.0
#include "proto/http_edit.hpp"

#include <algorithm>
#include <cstring>

#include "base/check.hpp"
#include "proto/http_tokens.hpp"

namespace corelane::proto {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view name_end = ": ";

bool has_line_end(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

bool is_name(std::string_view text) {
  return !text.empty() && http::all(text.data(), text.data() + text.size(), http::token);
}

void copy(char* to, std::string_view text) {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
}

}  // namespace

void HttpHeadEdits::begin(std::string_view head, std::span<char> arena) noexcept {
  head_ = head;
  arena_ = arena;
  arena_used_ = 0;
  size_ = 0;
  growth_ = 0;
  full_ = false;
}

bool HttpHeadEdits::copy_to_arena(std::string_view text, std::uint32_t& place) noexcept {
  if (text.size() > arena_.size() - arena_used_) {
    full_ = true;
    return false;
  }
  place = static_cast<std::uint32_t>(arena_used_);
  copy(arena_.data() + arena_used_, text);
  arena_used_ += text.size();
  return true;
}

void HttpHeadEdits::drop(std::size_t index) noexcept {
  const Edit& edit = edits_[index];
  growth_ -=
      static_cast<std::ptrdiff_t>(edit.text_bytes) - static_cast<std::ptrdiff_t>(edit.end - edit.begin);
  std::copy(edits_.begin() + static_cast<std::ptrdiff_t>(index) + 1,
            edits_.begin() + static_cast<std::ptrdiff_t>(size_),
            edits_.begin() + static_cast<std::ptrdiff_t>(index));
  --size_;
}

/// Puts it behind those that begin at the same place or before.
bool HttpHeadEdits::insert(const Edit& edit) noexcept {
  std::size_t index = size_;
  while (index > 0 && edits_[index - 1].begin > edit.begin) --index;
  if (index > 0 && edits_[index - 1].end > edit.begin) return false;
  if (index < size_ && edits_[index].begin < edit.end) return false;
  if (size_ == edits_.size()) {
    full_ = true;
    return false;
  }
  std::copy_backward(edits_.begin() + static_cast<std::ptrdiff_t>(index),
                     edits_.begin() + static_cast<std::ptrdiff_t>(size_),
                     edits_.begin() + static_cast<std::ptrdiff_t>(size_) + 1);
  edits_[index] = edit;
  ++size_;
  growth_ +=
      static_cast<std::ptrdiff_t>(edit.text_bytes) - static_cast<std::ptrdiff_t>(edit.end - edit.begin);
  return true;
}

bool HttpHeadEdits::remove(const HttpField& field) noexcept {
  const auto begin = static_cast<std::uint32_t>(field.line.data() - head_.data());
  const auto end = begin + static_cast<std::uint32_t>(field.line.size());
  CORELANE_CHECK(end <= head_.size());
  for (std::size_t i = size_; i > 0; --i) {
    const Edit& edit = edits_[i - 1];
    if (edit.begin >= begin && edit.end <= end && edit.begin != end) drop(i - 1);
  }
  return insert({.begin = begin, .end = end});
}

bool HttpHeadEdits::replace(std::string_view part, std::string_view text) noexcept {
  const auto begin = static_cast<std::uint32_t>(part.data() - head_.data());
  const auto end = begin + static_cast<std::uint32_t>(part.size());
  CORELANE_CHECK(end <= head_.size());
  Edit edit{.begin = begin, .end = end, .text_bytes = static_cast<std::uint32_t>(text.size())};
  if (has_line_end(text) || !copy_to_arena(text, edit.text)) return false;
  for (std::size_t i = size_; i > 0 && !part.empty(); --i)
    if (edits_[i - 1].begin == begin && edits_[i - 1].end == end) drop(i - 1);
  return insert(edit);
}

bool HttpHeadEdits::add_field(std::string_view name, std::string_view value) noexcept {
  return add_field(name, std::span(&value, 1));
}

bool HttpHeadEdits::add_field(std::string_view name, std::span<const std::string_view> value) noexcept {
  if (!is_name(name) || std::any_of(value.begin(), value.end(), has_line_end)) return false;
  const auto place = static_cast<std::uint32_t>(head_.size() - line_end.size());
  const std::size_t used = arena_used_;
  Edit edit{.begin = place, .end = place};
  std::uint32_t next = 0;
  bool copied = copy_to_arena(name, edit.text) && copy_to_arena(name_end, next);
  for (const std::string_view part : value) copied = copied && copy_to_arena(part, next);
  copied = copied && copy_to_arena(line_end, next);
  edit.text_bytes = static_cast<std::uint32_t>(arena_used_ - used);
  if (copied && insert(edit)) return true;
  arena_used_ = used;
  return false;
}

std::size_t HttpHeadEdits::new_size() const noexcept {
  return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(head_.size()) + growth_);
}

std::size_t HttpHeadEdits::write_to(std::span<char> out) const noexcept {
  if (new_size() > out.size()) return 0;
  char* to = out.data();
  std::size_t from = 0;
  const auto write = [&to](std::string_view text) {
    copy(to, text);
    to += text.size();
  };
  for (std::size_t i = 0; i < size_; ++i) {
    const Edit& edit = edits_[i];
    write(head_.substr(from, edit.begin - from));
    write(text_of(edit));
    from = edit.end;
  }
  write(head_.substr(from));
  return new_size();
}

char* HttpHeadEdits::apply_in_place(char* head, std::size_t room_before) noexcept {
  CORELANE_CHECK(head == head_.data());
  if (growth_ > static_cast<std::ptrdiff_t>(room_before)) return nullptr;
  // What stands before edit i moves by shift_before(i). What moves to the left goes first, from the left,
  // then what moves to the right, from the right: so nothing is written over that is still to move.
  const auto growth_of = [](const Edit& edit) {
    return static_cast<std::ptrdiff_t>(edit.text_bytes) - static_cast<std::ptrdiff_t>(edit.end - edit.begin);
  };
  const auto move_before = [this, head](std::size_t index, std::ptrdiff_t shift) {
    const std::size_t from = index == 0 ? 0 : edits_[index - 1].end;
    char* const part = head + from;
    std::memmove(part + shift, part, edits_[index].begin - from);
  };
  std::ptrdiff_t shift = -growth_;
  for (std::size_t i = 0; i < size_; ++i) {
    if (shift < 0) move_before(i, shift);
    shift += growth_of(edits_[i]);
  }
  for (std::size_t i = size_; i > 0; --i) {
    shift -= growth_of(edits_[i - 1]);
    if (shift > 0) move_before(i - 1, shift);
  }
  for (std::size_t i = 0; i < size_; ++i) {
    copy(head + edits_[i].begin + shift, text_of(edits_[i]));
    shift += growth_of(edits_[i]);
  }
  return head - growth_;
}

}  // namespace corelane::proto
