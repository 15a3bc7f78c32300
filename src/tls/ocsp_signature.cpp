// SPDX-License-Identifier: Apache-2.0
#include "tls/ocsp_signature.hpp"

#include <fmt/format.h>
#include <openssl/digest.h>
#include <openssl/evp.h>
#include <openssl/nid.h>
#include <openssl/obj.h>
#include <openssl/x509v3.h>

#include "tls/pem.hpp"

namespace corelane::tls {
namespace {

/// How it was signed; no digest where the library does not know.
struct Algorithm {
  const EVP_MD* digest = nullptr;
  int key_kind = NID_undef;
};

Algorithm algorithm_of(CBS identifier) {
  CBS object;
  int digest = NID_undef;
  Algorithm algorithm;
  if (CBS_get_asn1(&identifier, &object, CBS_ASN1_OBJECT) == 1 &&
      OBJ_find_sigid_algs(OBJ_cbs2nid(&object), &digest, &algorithm.key_kind) == 1)
    algorithm.digest = EVP_get_digestbynid(digest);
  return algorithm;
}

bool is_by(const OcspResponse& response, const Algorithm& algorithm, X509* signer) {
  const bssl::UniquePtr<EVP_PKEY> key(X509_get_pubkey(signer));
  if (key == nullptr || EVP_PKEY_id(key.get()) != algorithm.key_kind) return false;
  bssl::ScopedEVP_MD_CTX context;
  return EVP_DigestVerifyInit(context.get(), nullptr, algorithm.digest, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), CBS_data(&response.signature), CBS_len(&response.signature),
                          CBS_data(&response.data), CBS_len(&response.data)) == 1;
}

/// RFC 6960, 4.2.2.2: the issuer itself must have signed the responder's certificate, and for this purpose.
bool may_respond(X509* responder, X509* issuer) {
  const bssl::UniquePtr<EVP_PKEY> key(X509_get_pubkey(issuer));
  return (X509_get_extension_flags(responder) & EXFLAG_XKUSAGE) != 0 &&
         (X509_get_extended_key_usage(responder) & XKU_OCSP_SIGN) != 0 &&
         X509_NAME_cmp(X509_get_issuer_name(responder), X509_get_subject_name(issuer)) == 0 &&
         key != nullptr && X509_verify(responder, key.get()) == 1;
}

bool read_times(X509* certificate, ResponderTimes& times) {
  return seconds_of(X509_get0_notBefore(certificate), times.from) &&
         seconds_of(X509_get0_notAfter(certificate), times.until);
}

bssl::UniquePtr<X509> next_certificate(CBS& certificates) {
  CBS element;
  if (CBS_get_asn1_element(&certificates, &element, CBS_ASN1_SEQUENCE) != 1) return nullptr;
  const std::uint8_t* bytes = CBS_data(&element);
  return bssl::UniquePtr<X509>(d2i_X509(nullptr, &bytes, static_cast<long>(CBS_len(&element))));
}

}  // namespace

OcspSignature check_signature(const OcspResponse& response, X509* issuer, ResponderTimes& times,
                              std::string& fault) {
  if (issuer == nullptr) return OcspSignature::unchecked;
  const Algorithm algorithm = algorithm_of(response.algorithm);
  if (algorithm.digest == nullptr) return OcspSignature::unknown;
  if (is_by(response, algorithm, issuer)) return OcspSignature::good;
  CBS certificates = response.certificates;
  std::string signer;
  for (int i = 0; i < ocsp_certificates_max && CBS_len(&certificates) > 0; ++i) {
    const bssl::UniquePtr<X509> responder = next_certificate(certificates);
    if (responder == nullptr) break;
    if (!is_by(response, algorithm, responder.get())) continue;
    if (may_respond(responder.get(), issuer) && read_times(responder.get(), times))
      return OcspSignature::good;
    signer = subject_of(responder.get());
  }
  fault = signer.empty()
              ? fmt::format(
                    "the signature of the OCSP response is not that of {}, which has issued the "
                    "certificate, nor that of a responder whose certificate is in the response",
                    subject_of(issuer))
              : fmt::format(
                    "the OCSP response is signed by {}, whom {}, which has issued the certificate, has not "
                    "named for that: such a certificate comes from the issuer itself, with the extended "
                    "key usage OCSPSigning",
                    signer, subject_of(issuer));
  return OcspSignature::bad;
}

}  // namespace corelane::tls
