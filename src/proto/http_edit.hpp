// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proto/http_head.hpp"

namespace corelane::proto {

/// The most edits of one head: every field removed, and as many again replaced and added.
inline constexpr std::size_t http_edits_max = 2 * http_fields_max;

/// Options in Connection beside close and keep-alive.
inline constexpr std::size_t http_connection_options_max = 32;

/// Changes to a head that was read, collected first and carried out in one go. Texts are copied to the arena
/// that the caller lends, which lives as long as this; nothing is allocated. Large: it lives in scratch
/// memory.
///
/// Each call answers whether it was accepted; what is refused changes nothing. An edit is refused that would
/// break the head (a text with CR, LF or NUL, a name that is no token), that overlaps another one, or for
/// which there is no room; the last is told apart by `full()`.
class HttpHeadEdits {
 public:
  HttpHeadEdits() noexcept {}  // leaves the places unset on purpose

  /// Begins anew with a head that was read without error.
  void begin(std::string_view head, std::span<char> arena) noexcept;

  /// Takes a field's line out, with what was replaced in it. True also when it is out already.
  bool remove(const HttpField& field) noexcept;
  /// Puts `text` in the place of a part of the head. A second one for the same part counts alone.
  bool replace(std::string_view part, std::string_view text) noexcept;
  /// Adds a field after all others; those added earlier stand before it.
  bool add_field(std::string_view name, std::string_view value) noexcept;
  /// The same of a value in parts that follow each other.
  bool add_field(std::string_view name, std::span<const std::string_view> value) noexcept;

  bool empty() const noexcept { return size_ == 0; }
  bool full() const noexcept { return full_; }
  /// Bytes that the new head is longer (negative: shorter), and how long it is.
  std::ptrdiff_t growth() const noexcept { return growth_; }
  std::size_t new_size() const noexcept;

  /// Writes the new head and returns its size, 0 when it does not fit.
  std::size_t write_to(std::span<char> out) const noexcept;

  /// Makes the head the new one where it lies, at `head`, which are the bytes given to begin(), writable. It
  /// keeps its end, so that what follows still does; what it grows by is taken from the `room_before`
  /// writable bytes. Returns the new beginning, null when the room is too small. Views of the old head are
  /// void then.
  char* apply_in_place(char* head, std::size_t room_before) noexcept;

 private:
  struct Edit {
    std::uint32_t begin = 0;  // in the head
    std::uint32_t end = 0;
    std::uint32_t text = 0;  // in the arena
    std::uint32_t text_bytes = 0;
  };

  bool copy_to_arena(std::string_view text, std::uint32_t& place) noexcept;
  bool insert(const Edit& edit) noexcept;
  void drop(std::size_t index) noexcept;
  std::string_view text_of(const Edit& edit) const noexcept {
    return {arena_.data() + edit.text, edit.text_bytes};
  }

  std::string_view head_;
  std::span<char> arena_;
  std::size_t arena_used_ = 0;
  std::size_t size_ = 0;
  std::ptrdiff_t growth_ = 0;
  bool full_ = false;
  std::array<Edit, http_edits_max> edits_;  // by their place in the head
};

/// Takes out what is meant for this connection alone (RFC 9110 7.6.1): Connection and the fields that it
/// names, Keep-Alive, Proxy-Connection, and Upgrade. TE keeps `trailers` alone. Fields that frame or route a
/// message stay although Connection names them, and so do those that say who the client is: a client could
/// have them removed otherwise. Where head.upgrade is set, `Connection: upgrade` and Upgrade stay. False when
/// there is no room for the edits or Connection has more than http_connection_options_max options: the
/// message is refused then, as too_many_fields.
bool remove_hop_by_hop(const HttpHead& head, HttpHeadEdits& edits) noexcept;

}  // namespace corelane::proto
