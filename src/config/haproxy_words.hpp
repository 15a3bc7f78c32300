// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace corelane::config {

/// What HAProxy calls a thing and what the key is called here, where near_miss would not see it.
struct HaproxyWord {
  std::string_view theirs;
  std::string_view key;
};

std::span<const HaproxyWord> haproxy_words();

/// What HAProxy has and no key here stands for, and what to do instead.
struct HaproxyNote {
  std::string_view theirs;
  std::string_view instead;
};

std::span<const HaproxyNote> haproxy_notes();

/// The key among `keys` that stands for HAProxy's `word`; empty when there is none.
std::string_view key_of_haproxy_word(std::string_view word, std::span<const std::string_view> keys);

/// What to do instead of HAProxy's `word`; empty when nothing is known.
std::string_view instead_of_haproxy_word(std::string_view word);

}  // namespace corelane::config
