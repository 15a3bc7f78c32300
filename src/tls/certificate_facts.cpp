// SPDX-License-Identifier: Apache-2.0
#include "tls/certificate_facts.hpp"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/digest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <span>

#include "tls/ocsp.hpp"
#include "tls/pem.hpp"

namespace corelane::tls {
namespace {

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::string text_of(X509_NAME* name) {
  const bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  const std::uint8_t* text = nullptr;
  std::size_t size = 0;
  if (BIO_mem_contents(bio.get(), &text, &size) != 1) return {};
  return {reinterpret_cast<const char*>(text), size};
}

std::string_view key_type_of(const EVP_PKEY* key) {
  switch (EVP_PKEY_id(key)) {
    case EVP_PKEY_RSA:
      return "RSA";
    case EVP_PKEY_EC:
      return "ECDSA";
    case EVP_PKEY_ED25519:
      return "Ed25519";
    default:
      return "other";
  }
}

}  // namespace

std::optional<CertificateFacts> facts_of(const NamedBytes& chain) {
  std::string ignored;
  const std::vector<bssl::UniquePtr<X509>> certificates = read_certificates(chain, ignored);
  if (certificates.empty()) return std::nullopt;
  X509* const certificate = certificates.front().get();
  CertificateFacts facts;
  facts.subject = text_of(X509_get_subject_name(certificate));
  facts.issuer = text_of(X509_get_issuer_name(certificate));
  const ASN1_INTEGER* const serial = X509_get0_serialNumber(certificate);
  facts.serial =
      hexadecimal({ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))});
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1)
    facts.sha256 = hexadecimal(std::span(digest).first(size));
  facts.names = names_of(certificate);
  seconds_of(X509_get0_notBefore(certificate), facts.not_before);
  seconds_of(X509_get0_notAfter(certificate), facts.not_after);
  if (const bssl::UniquePtr<EVP_PKEY> key{X509_get_pubkey(certificate)}) {
    facts.key_type = key_type_of(key.get());
    facts.key_bits = EVP_PKEY_bits(key.get());
  }
  ERR_clear_error();
  return facts;
}

std::optional<StapleFacts> staple_of(const CertificateSettings& certificate) {
  if (certificate.ocsp.bytes.empty()) return std::nullopt;
  std::string ignored;
  OcspFacts facts;
  const bool fits = read_ocsp(certificate, facts, ignored);
  ERR_clear_error();
  if (!fits) return std::nullopt;
  return StapleFacts{.revoked = facts.status == OcspFacts::Status::revoked,
                     .from = facts.times.from,
                     .until = facts.times.until,
                     .ends = facts.times.until != StapleTimes{}.until};
}

bool ocsp_fits(const CertificateSettings& certificate) {
  return certificate.ocsp.bytes.empty() || staple_of(certificate).has_value();
}

bool has_private_key(std::string_view pem) noexcept {
  return pem.find("PRIVATE KEY-----") != std::string_view::npos;
}

}  // namespace corelane::tls
