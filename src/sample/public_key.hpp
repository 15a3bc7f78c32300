// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace corelane::sample {

/// Algorithms of JSON Web Tokens that need a key which everybody may know (RFC 7518, 3.3 to 3.5).
enum class PublicAlgorithm : std::uint8_t { rs256, rs384, rs512, es256, es384, es512 };

/// Those without one come first among the words of jwt_verify.
inline constexpr std::int64_t jwt_public_algorithms_from = 3;

/// Such a key, made ready at start. Any lane uses it at any time.
class PublicKey {
 public:
  /// Of a file in the form PEM. Null: `failure` says why it is no key for this algorithm.
  static std::unique_ptr<const PublicKey> from_pem(std::string_view pem, PublicAlgorithm algorithm,
                                                   std::string& failure);
  PublicKey(const PublicKey&) = delete;
  PublicKey& operator=(const PublicKey&) = delete;
  ~PublicKey();

  /// Whether the signature, in the form that tokens have it, was made of this text with the key's other half.
  /// Takes some 30 to 200 microseconds, in which the library allocates.
  bool verifies(std::string_view text, std::string_view signature) const noexcept;

 private:
  struct Parts;
  explicit PublicKey(std::unique_ptr<Parts> parts);
  bool verifies_rsa(std::string_view digest, std::string_view signature) const noexcept;
  bool verifies_ecdsa(std::string_view digest, std::string_view signature) const noexcept;

  std::unique_ptr<Parts> parts_;
};

}  // namespace corelane::sample
