// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace corelane::tls {

/// The longest name that a client may ask for (RFC 1035, 2.3.4).
inline constexpr std::size_t server_name_bytes_max = 255;

/// Which certificates are for a name: one for clients that know ECDSA, one for others.
class SniMap {
 public:
  enum class Key : unsigned char { rsa, ecdsa };

  /// Names are "a.example", "*.example" for all names with one more label, or "!b.example" for one that no
  /// wildcard of this entry is for. The first entry of a name keeps it. "*" is for every name.
  void add(std::string_view name, Key key, std::size_t entry);

  /// The entry for a name; one for ECDSA only where the client knows it, unless there is no other.
  std::optional<std::size_t> find(std::string_view name, bool knows_ecdsa) const noexcept;

  /// The name in lower case, without a point at its end.
  static std::string_view fold(std::string_view name,
                               std::array<char, server_name_bytes_max>& memory) noexcept;

 private:
  static constexpr std::size_t none = SIZE_MAX;
  struct Choice {
    std::array<std::size_t, 2> entries{none, none};
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Map = std::unordered_map<std::string, Choice, Hash, std::equal_to<>>;

  static std::optional<std::size_t> choose(const Choice& choice, bool knows_ecdsa) noexcept;
  bool is_excluded(std::string_view name, std::size_t entry) const noexcept;

  Map exact_;
  Map wildcards_;  // "*.example" by "example"
  Choice any_;
  std::unordered_multimap<std::string, std::size_t, Hash, std::equal_to<>> excluded_;
};

}  // namespace corelane::tls
