// SPDX-License-Identifier: Apache-2.0
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/mem.h>
#include <openssl/obj.h>
#include <openssl/pool.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/ascii.hpp"
#include "tls/peer_facts.hpp"

namespace corelane::tls {
namespace {

using Text = std::optional<std::string_view>;

/// Of the session or the context, which live as long as the connection.
X509* certificate_of(const Connection& connection, Whose whose) {
  if (!connection.is_open()) return nullptr;
  const SSL* const ssl = connection.native();
  if (whose == Whose::own) return SSL_CTX_get0_certificate(SSL_get_SSL_CTX(ssl));
  X509* const certificate = SSL_get_peer_certificate(ssl);
  X509_free(certificate);  // the session has a reference of its own
  return certificate;
}

const STACK_OF(CRYPTO_BUFFER) * chain_of(const Connection& connection) {
  return connection.is_open() ? SSL_get0_peer_certificates(connection.native()) : nullptr;
}

std::string_view bytes_of(const CRYPTO_BUFFER* buffer) {
  return {reinterpret_cast<const char*>(CRYPTO_BUFFER_data(buffer)), CRYPTO_BUFFER_len(buffer)};
}

std::string_view bytes_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

/// Text that grows in memory of the caller, until it is full.
class Writer {
 public:
  explicit Writer(std::span<char> out) noexcept : out_(out) {}

  void add(std::string_view part) noexcept {
    if (part.size() > out_.size() - size_) {
      full_ = true;
      return;
    }
    std::copy(part.begin(), part.end(), out_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += part.size();
  }

  Text finish() const noexcept {
    if (full_) return std::nullopt;
    return std::string_view(out_.data(), size_);
  }

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
  bool full_ = false;
};

/// The short name of an attribute, or its numbers.
std::string_view attribute_of(X509_NAME_ENTRY* entry, std::array<char, 128>& memory) {
  const ASN1_OBJECT* const object = X509_NAME_ENTRY_get_object(entry);
  const int nid = OBJ_obj2nid(object);
  if (nid != NID_undef) return OBJ_nid2sn(nid);
  const int size = OBJ_obj2txt(memory.data(), static_cast<int>(memory.size()), object, 1);
  return {memory.data(), static_cast<std::size_t>(std::clamp(size, 0, static_cast<int>(memory.size()) - 1))};
}

/// Without case, as HAProxy's ssl_c_s_dn(cn).
bool is_named(std::string_view attribute, std::string_view wanted) {
  return std::ranges::equal(attribute, wanted,
                            [](char a, char b) { return base::lower_case(a) == base::lower_case(b); });
}

Text entry_of(X509_NAME* name, const NameEntry& wanted, std::span<char> out) {
  const int count = X509_NAME_entry_count(name);
  const bool backwards = wanted.occurrence < 0;
  int left = backwards ? -wanted.occurrence : wanted.occurrence;
  if (left == 0) left = 1;
  for (int i = 0; i < count; ++i) {
    X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, backwards ? count - 1 - i : i);
    std::array<char, 128> memory{};
    if (!is_named(attribute_of(entry, memory), wanted.attribute) || --left > 0) continue;
    Writer writer(out);
    writer.add(bytes_of(X509_NAME_ENTRY_get_data(entry)));
    return writer.finish();
  }
  return std::nullopt;
}

Text with_slashes(X509_NAME* name, std::span<char> out) {
  Writer writer(out);
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, i);
    std::array<char, 128> memory{};
    writer.add("/");
    writer.add(attribute_of(entry, memory));
    writer.add("=");
    writer.add(bytes_of(X509_NAME_ENTRY_get_data(entry)));
  }
  return writer.finish();
}

Text as_rfc2253(X509_NAME* name, std::span<char> out) {
  const bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0 ||
      BIO_mem_contents(bio.get(), &bytes, &size) != 1)
    return std::nullopt;
  Writer writer(out);
  writer.add({reinterpret_cast<const char*>(bytes), size});
  return writer.finish();
}

Text name_of(const ASN1_OBJECT* object) {
  const int nid = OBJ_obj2nid(object);
  if (nid == NID_undef) return std::nullopt;
  return std::string_view(OBJ_nid2sn(nid));
}

}  // namespace

bool has_peer_certificate(const Connection& connection) {
  const auto* const chain = chain_of(connection);
  return chain != nullptr && sk_CRYPTO_BUFFER_num(chain) > 0;
}

bool is_peer_certificate_fresh(const Connection& connection) {
  return has_peer_certificate(connection) && !is_resumed(connection);
}

Text certificate_der(const Connection& connection, Whose whose) {
  if (!connection.is_open()) return std::nullopt;
  const auto* const chain =
      whose == Whose::peer ? chain_of(connection) : SSL_CTX_get0_chain(SSL_get_SSL_CTX(connection.native()));
  if (chain == nullptr || sk_CRYPTO_BUFFER_num(chain) == 0) return std::nullopt;
  const CRYPTO_BUFFER* const leaf = sk_CRYPTO_BUFFER_value(chain, 0);
  if (leaf == nullptr) return std::nullopt;
  return bytes_of(leaf);
}

namespace {

std::size_t chain_begin(const Connection& connection) {
  return SSL_is_server(connection.native()) != 0 ? 1 : 0;
}

}  // namespace

Text chain_der(const Connection& connection, std::span<char> out) {
  const auto* const chain = chain_of(connection);
  if (chain == nullptr || sk_CRYPTO_BUFFER_num(chain) <= chain_begin(connection)) return std::nullopt;
  Writer writer(out);
  for (std::size_t i = chain_begin(connection); i < sk_CRYPTO_BUFFER_num(chain); ++i)
    writer.add(bytes_of(sk_CRYPTO_BUFFER_value(chain, i)));
  return writer.finish();
}

std::size_t chain_der_size(const Connection& connection) {
  const auto* const chain = chain_of(connection);
  std::size_t size = 0;
  if (chain == nullptr) return size;
  for (std::size_t i = chain_begin(connection); i < sk_CRYPTO_BUFFER_num(chain); ++i)
    size += CRYPTO_BUFFER_len(sk_CRYPTO_BUFFER_value(chain, i));
  return size;
}

Text distinguished_name(const Connection& connection, Whose whose, Name name, const NameEntry& entry,
                        NameFormat format, std::span<char> out) {
  X509* const certificate = certificate_of(connection, whose);
  if (certificate == nullptr) return std::nullopt;
  X509_NAME* const names =
      name == Name::subject ? X509_get_subject_name(certificate) : X509_get_issuer_name(certificate);
  if (!entry.attribute.empty()) return entry_of(names, entry, out);
  return format == NameFormat::slashes ? with_slashes(names, out) : as_rfc2253(names, out);
}

Text validity(const Connection& connection, Whose whose, Bound bound) {
  X509* const certificate = certificate_of(connection, whose);
  if (certificate == nullptr) return std::nullopt;
  const ASN1_TIME* const time =
      bound == Bound::not_before ? X509_get0_notBefore(certificate) : X509_get0_notAfter(certificate);
  std::string_view digits = bytes_of(time);
  // A generalized time has four digits of the year (RFC 5280, 4.1.2.5.2).
  if (ASN1_STRING_type(time) == V_ASN1_GENERALIZEDTIME) {
    if (!digits.starts_with("20")) return std::nullopt;
    digits.remove_prefix(2);
  }
  return digits;
}

Text serial(const Connection& connection, Whose whose) {
  X509* const certificate = certificate_of(connection, whose);
  if (certificate == nullptr) return std::nullopt;
  return bytes_of(X509_get0_serialNumber(certificate));
}

Text sha1(const Connection& connection, Whose whose, std::span<char> out) {
  const Text der = certificate_der(connection, whose);
  if (!der || out.size() < SHA_DIGEST_LENGTH) return std::nullopt;
  SHA1(reinterpret_cast<const std::uint8_t*>(der->data()), der->size(),
       reinterpret_cast<std::uint8_t*>(out.data()));
  return std::string_view(out.data(), SHA_DIGEST_LENGTH);
}

std::optional<int> version(const Connection& connection, Whose whose) {
  X509* const certificate = certificate_of(connection, whose);
  if (certificate == nullptr) return std::nullopt;
  return static_cast<int>(X509_get_version(certificate)) + 1;
}

Text signature_algorithm(const Connection& connection, Whose whose) {
  X509* const certificate = certificate_of(connection, whose);
  if (certificate == nullptr) return std::nullopt;
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, certificate);
  return name_of(algorithm->algorithm);
}

Text key_algorithm(const Connection& connection, Whose whose) {
  X509* const certificate = certificate_of(connection, whose);
  if (certificate == nullptr) return std::nullopt;
  ASN1_OBJECT* object = nullptr;
  if (X509_PUBKEY_get0_param(&object, nullptr, nullptr, nullptr, X509_get_X509_PUBKEY(certificate)) != 1)
    return std::nullopt;
  return name_of(object);
}

std::optional<int> key_bits(const Connection& connection, Whose whose) {
  X509* const certificate = certificate_of(connection, whose);
  if (certificate == nullptr) return std::nullopt;
  const bssl::UniquePtr<EVP_PKEY> key(X509_get_pubkey(certificate));
  if (!key) return std::nullopt;
  return EVP_PKEY_bits(key.get());
}

Text key_kind(const Connection& connection, Whose whose, std::span<char> out) {
  X509* const certificate = certificate_of(connection, whose);
  if (certificate == nullptr) return std::nullopt;
  const bssl::UniquePtr<EVP_PKEY> key(X509_get_pubkey(certificate));
  if (!key) return std::nullopt;
  const int kind = EVP_PKEY_id(key.get());
  if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_EC) return std::nullopt;
  std::array<char, 12> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), EVP_PKEY_bits(key.get())).ptr;
  Writer writer(out);
  writer.add(kind == EVP_PKEY_RSA ? "RSA" : "EC");
  writer.add({digits.data(), static_cast<std::size_t>(end - digits.data())});
  return writer.finish();
}

}  // namespace corelane::tls
