// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace corelane::sample {

enum class Digest : std::uint8_t { md5, sha1, sha224, sha256, sha384, sha512 };
inline constexpr std::size_t digest_bytes_max = 64;

/// By OpenSSL's name, in either case: "sha256".
std::optional<Digest> find_digest(std::string_view name);
std::span<const std::string_view> digest_names() noexcept;

/// How many bytes were written. Nothing is allocated.
std::size_t digest_of(Digest digest, std::string_view bytes, std::span<char, digest_bytes_max> out) noexcept;
std::size_t hmac_of(Digest digest, std::string_view key, std::string_view bytes,
                    std::span<char, digest_bytes_max> out) noexcept;

struct AesGcm {
  std::string_view key;  // 16, 24 or 32 bytes
  std::string_view nonce;
  std::string_view tag;
};
/// `out` has room for as many bytes. False: they are not what was encrypted with the key.
bool decrypt_aes_gcm(const AesGcm& parameters, std::string_view bytes, char* out) noexcept;

/// In a time that depends on the lengths alone.
bool same_bytes(std::string_view a, std::string_view b) noexcept;

}  // namespace corelane::sample
