// SPDX-License-Identifier: Apache-2.0
#include "sample/digest.hpp"

#include <openssl/aead.h>
#include <openssl/md5.h>
#include <openssl/mem.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "sample/numbers.hpp"

namespace corelane::sample {
namespace {

constexpr std::array<std::string_view, 6> names{"md5", "sha1", "sha224", "sha256", "sha384", "sha512"};
constexpr std::size_t block_bytes_max = 128;

/// One digest while it is made, on the stack.
class Hasher {
 public:
  explicit Hasher(Digest digest) noexcept : digest_(digest) {
    switch (digest) {
      case Digest::md5:
        MD5_Init(&context_.md5);
        break;
      case Digest::sha1:
        SHA1_Init(&context_.sha1);
        break;
      case Digest::sha224:
        SHA224_Init(&context_.sha256);
        break;
      case Digest::sha256:
        SHA256_Init(&context_.sha256);
        break;
      case Digest::sha384:
        SHA384_Init(&context_.sha512);
        break;
      case Digest::sha512:
        SHA512_Init(&context_.sha512);
        break;
    }
  }

  void update(std::string_view bytes) noexcept {
    switch (digest_) {
      case Digest::md5:
        MD5_Update(&context_.md5, bytes.data(), bytes.size());
        break;
      case Digest::sha1:
        SHA1_Update(&context_.sha1, bytes.data(), bytes.size());
        break;
      case Digest::sha224:
      case Digest::sha256:
        SHA256_Update(&context_.sha256, bytes.data(), bytes.size());
        break;
      case Digest::sha384:
      case Digest::sha512:
        SHA512_Update(&context_.sha512, bytes.data(), bytes.size());
        break;
    }
  }

  std::size_t finish(std::span<char, digest_bytes_max> out) noexcept {
    std::array<std::uint8_t, digest_bytes_max> bytes{};
    std::size_t size = 0;
    switch (digest_) {
      case Digest::md5:
        MD5_Final(bytes.data(), &context_.md5);
        size = MD5_DIGEST_LENGTH;
        break;
      case Digest::sha1:
        SHA1_Final(bytes.data(), &context_.sha1);
        size = SHA_DIGEST_LENGTH;
        break;
      case Digest::sha224:
        SHA224_Final(bytes.data(), &context_.sha256);
        size = SHA224_DIGEST_LENGTH;
        break;
      case Digest::sha256:
        SHA256_Final(bytes.data(), &context_.sha256);
        size = SHA256_DIGEST_LENGTH;
        break;
      case Digest::sha384:
        SHA384_Final(bytes.data(), &context_.sha512);
        size = SHA384_DIGEST_LENGTH;
        break;
      case Digest::sha512:
        SHA512_Final(bytes.data(), &context_.sha512);
        size = SHA512_DIGEST_LENGTH;
        break;
    }
    std::memcpy(out.data(), bytes.data(), size);
    return size;
  }

 private:
  Digest digest_;
  union {
    MD5_CTX md5;
    SHA_CTX sha1;
    SHA256_CTX sha256;
    SHA512_CTX sha512;
  } context_;
};

}  // namespace

std::optional<Digest> find_digest(std::string_view name) {
  const auto same = [name](std::string_view known) {
    return std::equal(known.begin(), known.end(), name.begin(), name.end(),
                      [](char a, char b) { return a == lower_case(b); });
  };
  const auto found = std::find_if(names.begin(), names.end(), same);
  if (found == names.end()) return std::nullopt;
  return static_cast<Digest>(found - names.begin());
}

std::span<const std::string_view> digest_names() noexcept {
  return names;
}

std::size_t digest_of(Digest digest, std::string_view bytes, std::span<char, digest_bytes_max> out) noexcept {
  Hasher hasher(digest);
  hasher.update(bytes);
  return hasher.finish(out);
}

// RFC 2104.
std::size_t hmac_of(Digest digest, std::string_view key, std::string_view bytes,
                    std::span<char, digest_bytes_max> out) noexcept {
  const std::size_t block = digest >= Digest::sha384 ? block_bytes_max : block_bytes_max / 2;
  std::array<char, block_bytes_max> padded{};
  if (key.size() > block) {
    const std::size_t size = digest_of(digest, key, out);
    std::copy_n(out.begin(), size, padded.begin());
  } else {
    std::copy(key.begin(), key.end(), padded.begin());
  }
  constexpr int inner_mask = 0x36;
  constexpr int outer_mask = 0x5c;
  for (char& c : padded) c = static_cast<char>(c ^ inner_mask);
  Hasher inner(digest);
  inner.update({padded.data(), block});
  inner.update(bytes);
  const std::size_t size = inner.finish(out);
  for (char& c : padded) c = static_cast<char>(c ^ inner_mask ^ outer_mask);
  Hasher outer(digest);
  outer.update({padded.data(), block});
  outer.update({out.data(), size});
  return outer.finish(out);
}

bool decrypt_aes_gcm(const AesGcm& parameters, std::string_view bytes, char* out) noexcept {
  const auto pointer = [](std::string_view text) {
    return reinterpret_cast<const std::uint8_t*>(text.data());
  };
  const EVP_AEAD* const cipher = parameters.key.size() == 16   ? EVP_aead_aes_128_gcm()
                                 : parameters.key.size() == 24 ? EVP_aead_aes_192_gcm()
                                                               : EVP_aead_aes_256_gcm();
  EVP_AEAD_CTX context;
  if (parameters.tag.empty() || EVP_AEAD_CTX_init(&context, cipher, pointer(parameters.key),
                                                  parameters.key.size(), parameters.tag.size(), nullptr) != 1)
    return false;
  const bool sound =
      EVP_AEAD_CTX_open_gather(&context, reinterpret_cast<std::uint8_t*>(out), pointer(parameters.nonce),
                               parameters.nonce.size(), pointer(bytes), bytes.size(), pointer(parameters.tag),
                               parameters.tag.size(), nullptr, 0) == 1;
  EVP_AEAD_CTX_cleanup(&context);
  return sound;
}

bool same_bytes(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace corelane::sample
