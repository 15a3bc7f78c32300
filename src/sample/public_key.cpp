// SPDX-License-Identifier: Apache-2.0
#include "sample/public_key.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/nid.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

#include "sample/digest.hpp"

namespace corelane::sample {
namespace {

struct AlgorithmRow {
  Digest digest;
  int digest_nid;
  int curve_nid;             // 0: RSA
  std::size_t number_bytes;  // of each of the two numbers of a signature
};
constexpr std::array<AlgorithmRow, 6> algorithms{{
    {Digest::sha256, NID_sha256, 0, 0},
    {Digest::sha384, NID_sha384, 0, 0},
    {Digest::sha512, NID_sha512, 0, 0},
    {Digest::sha256, NID_sha256, NID_X9_62_prime256v1, 32},
    {Digest::sha384, NID_sha384, NID_secp384r1, 48},
    {Digest::sha512, NID_sha512, NID_secp521r1, 66},
}};

const std::uint8_t* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

struct PublicKey::Parts {
  bssl::UniquePtr<RSA> rsa;
  bssl::UniquePtr<EC_KEY> ec;
  AlgorithmRow row{};
};

PublicKey::PublicKey(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PublicKey::~PublicKey() = default;

std::unique_ptr<const PublicKey> PublicKey::from_pem(std::string_view pem, PublicAlgorithm algorithm,
                                                     std::string& failure) {
  const bssl::UniquePtr<BIO> source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const bssl::UniquePtr<EVP_PKEY> key(PEM_read_bio_PUBKEY(source.get(), nullptr, nullptr, nullptr));
  if (key == nullptr) {
    failure = "it has no public key in the form PEM (-----BEGIN PUBLIC KEY-----)";
    return nullptr;
  }
  auto parts = std::make_unique<Parts>();
  parts->row = algorithms[static_cast<std::size_t>(algorithm)];
  if (parts->row.curve_nid == 0) {
    parts->rsa.reset(EVP_PKEY_get1_RSA(key.get()));
    if (parts->rsa == nullptr) failure = "its key is none for RSA";
  } else {
    parts->ec.reset(EVP_PKEY_get1_EC_KEY(key.get()));
    const bool fits = parts->ec != nullptr &&
                      EC_GROUP_get_curve_name(EC_KEY_get0_group(parts->ec.get())) == parts->row.curve_nid;
    if (!fits) failure = "its key is none of the curve that this algorithm has";
  }
  if (!failure.empty()) return nullptr;
  return std::unique_ptr<const PublicKey>(new PublicKey(std::move(parts)));
}

bool PublicKey::verifies(std::string_view text, std::string_view signature) const noexcept {
  std::array<char, digest_bytes_max> memory;
  const std::string_view digest(memory.data(), digest_of(parts_->row.digest, text, memory));
  return parts_->rsa != nullptr ? verifies_rsa(digest, signature) : verifies_ecdsa(digest, signature);
}

bool PublicKey::verifies_rsa(std::string_view digest, std::string_view signature) const noexcept {
  return RSA_verify(parts_->row.digest_nid, bytes_of(digest), digest.size(), bytes_of(signature),
                    signature.size(), parts_->rsa.get()) == 1;
}

// Tokens have the two numbers one behind the other, each in full length (RFC 7518, 3.4).
bool PublicKey::verifies_ecdsa(std::string_view digest, std::string_view signature) const noexcept {
  const std::size_t size = parts_->row.number_bytes;
  if (signature.size() != 2 * size) return false;
  bssl::UniquePtr<BIGNUM> r(BN_bin2bn(bytes_of(signature), size, nullptr));
  bssl::UniquePtr<BIGNUM> s(BN_bin2bn(bytes_of(signature) + size, size, nullptr));
  const bssl::UniquePtr<ECDSA_SIG> numbers(ECDSA_SIG_new());
  if (r == nullptr || s == nullptr || numbers == nullptr ||
      ECDSA_SIG_set0(numbers.get(), r.get(), s.get()) != 1)
    return false;
  (void)r.release();
  (void)s.release();
  return ECDSA_do_verify(bytes_of(digest), digest.size(), numbers.get(), parts_->ec.get()) == 1;
}

}  // namespace corelane::sample
