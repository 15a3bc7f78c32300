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

/// The key among `keys` that stands for HAProxy's `word`; empty when there is none.
std::string_view key_of_haproxy_word(std::string_view word, std::span<const std::string_view> keys);

}  // namespace corelane::config
