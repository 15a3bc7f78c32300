// SPDX-License-Identifier: Apache-2.0
#include "tls/ocsp.hpp"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bytestring.h>
#include <openssl/digest.h>
#include <openssl/err.h>
#include <openssl/mem.h>
#include <openssl/nid.h>
#include <openssl/obj.h>
#include <openssl/ssl.h>

#include <array>
#include <optional>

#include "tls/pem.hpp"

namespace corelane::tls {
namespace {

constexpr unsigned explicit_0 = CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;
constexpr unsigned good_tag = CBS_ASN1_CONTEXT_SPECIFIC | 0;
constexpr std::string_view basic_response = "\x2b\x06\x01\x05\x05\x07\x30\x01\x01";  // id-pkix-ocsp-basic
constexpr unsigned revoked_tag = CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 1;

std::string_view view(const CBS& bytes) {
  return {reinterpret_cast<const char*>(CBS_data(&bytes)), CBS_len(&bytes)};
}

bool read_time(CBS& in, std::int64_t& seconds) {
  CBS time;
  if (CBS_get_asn1(&in, &time, CBS_ASN1_GENERALIZEDTIME) != 1) return false;
  const bssl::UniquePtr<ASN1_GENERALIZEDTIME> parsed(ASN1_GENERALIZEDTIME_new());
  const std::string text(view(time));
  return parsed && ASN1_GENERALIZEDTIME_set_string(parsed.get(), text.c_str()) == 1 &&
         seconds_of(parsed.get(), seconds);
}

/// As certificate identifiers have it; the hash of what is there, or nothing where it is of a kind that is
/// not known.
struct Digest {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;

  bool is(const CBS& other) const noexcept {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), size) == view(other);
  }
};

const EVP_MD* digest_of(CBS algorithm) {
  CBS object;
  if (CBS_get_asn1(&algorithm, &object, CBS_ASN1_OBJECT) != 1) return nullptr;
  const int nid = OBJ_cbs2nid(&object);
  return nid == NID_sha1 ? EVP_sha1() : nid == NID_sha256 ? EVP_sha256() : nullptr;
}

/// Whether a CertID (RFC 6960, 4.1.1) is that of the certificate, whose issuer may not be known.
bool names_certificate(CBS id, X509* certificate, X509* issuer) {
  CBS algorithm, name_hash, key_hash, serial;
  if (CBS_get_asn1(&id, &algorithm, CBS_ASN1_SEQUENCE) != 1 ||
      CBS_get_asn1(&id, &name_hash, CBS_ASN1_OCTETSTRING) != 1 ||
      CBS_get_asn1(&id, &key_hash, CBS_ASN1_OCTETSTRING) != 1 ||
      CBS_get_asn1_element(&id, &serial, CBS_ASN1_INTEGER) != 1)
    return false;
  std::uint8_t* encoded = nullptr;
  const int size = i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate), &encoded);
  const bssl::UniquePtr<std::uint8_t> owner(encoded);
  if (size <= 0 || view(serial) != std::string_view(reinterpret_cast<const char*>(encoded),
                                                    static_cast<std::size_t>(size)))
    return false;
  const EVP_MD* const kind = digest_of(algorithm);
  if (kind == nullptr) return true;
  Digest digest;
  if (X509_NAME_digest(X509_get_issuer_name(certificate), kind, digest.bytes.data(), &digest.size) != 1 ||
      !digest.is(name_hash))
    return false;
  return issuer == nullptr ||
         (X509_pubkey_digest(issuer, kind, digest.bytes.data(), &digest.size) == 1 && digest.is(key_hash));
}

/// What stands behind the certificate's identifier in a SingleResponse.
bool read_single(CBS single, OcspFacts& facts) {
  CBS status, next;
  unsigned tag = 0;
  int has_next = 0;
  facts.times = {};
  if (CBS_get_any_asn1(&single, &status, &tag) != 1 || !read_time(single, facts.times.from) ||
      CBS_get_optional_asn1(&single, &next, &has_next, explicit_0) != 1)
    return false;
  facts.status = tag == good_tag      ? OcspFacts::Status::good
                 : tag == revoked_tag ? OcspFacts::Status::revoked
                                      : OcspFacts::Status::unknown;
  return has_next == 0 || read_time(next, facts.times.until);
}

/// The parts of a successful one; `refusal` is what another one says.
bool find_parts(std::string_view der, OcspResponse& parts, std::string& refusal) {
  constexpr std::array<std::string_view, 7> statuses{
      "", "malformed request",       "internal error", "try later",
      "", "a signature is required", "not authorized"};
  CBS in, response, status, bytes, basic, skipped;
  CBS_init(&in, reinterpret_cast<const std::uint8_t*>(der.data()), der.size());
  if (CBS_get_asn1(&in, &response, CBS_ASN1_SEQUENCE) != 1 ||
      CBS_get_asn1(&response, &status, CBS_ASN1_ENUMERATED) != 1 || CBS_len(&status) != 1)
    return false;
  if (const std::uint8_t code = CBS_data(&status)[0]; code != 0) {
    refusal = code < statuses.size() ? statuses[code] : "";
    return false;
  }
  int has_certificates = 0;
  std::uint8_t unused_bits = 0;
  if (CBS_get_asn1(&response, &bytes, explicit_0) != 1 ||
      CBS_get_asn1(&bytes, &bytes, CBS_ASN1_SEQUENCE) != 1 ||
      CBS_get_asn1(&bytes, &skipped, CBS_ASN1_OBJECT) != 1 || view(skipped) != basic_response ||
      CBS_get_asn1(&bytes, &basic, CBS_ASN1_OCTETSTRING) != 1 ||
      CBS_get_asn1(&basic, &basic, CBS_ASN1_SEQUENCE) != 1 ||
      CBS_get_asn1_element(&basic, &parts.data, CBS_ASN1_SEQUENCE) != 1 ||
      CBS_get_asn1(&basic, &parts.algorithm, CBS_ASN1_SEQUENCE) != 1 ||
      CBS_get_asn1(&basic, &parts.signature, CBS_ASN1_BITSTRING) != 1 ||
      CBS_get_u8(&parts.signature, &unused_bits) != 1 || unused_bits != 0 ||
      CBS_get_optional_asn1(&basic, &skipped, &has_certificates, explicit_0) != 1)
    return false;
  CBS_init(&parts.certificates, nullptr, 0);
  return has_certificates == 0 || CBS_get_asn1(&skipped, &parts.certificates, CBS_ASN1_SEQUENCE) == 1;
}

/// Of the ResponseData.
bool find_responses(CBS data, CBS& responses) {
  CBS skipped;
  int present = 0;
  unsigned tag = 0;
  return CBS_get_asn1(&data, &data, CBS_ASN1_SEQUENCE) == 1 &&
         CBS_get_optional_asn1(&data, &skipped, &present, explicit_0) == 1 &&  // version
         CBS_get_any_asn1(&data, &skipped, &tag) == 1 &&                       // responderID
         CBS_get_asn1(&data, &skipped, CBS_ASN1_GENERALIZEDTIME) == 1 &&       // producedAt
         CBS_get_asn1(&data, &responses, CBS_ASN1_SEQUENCE) == 1;
}

/// Finds what is said of the certificate. False: `fault` says why there is nothing.
bool find_single(CBS responses, X509* certificate, X509* issuer, OcspFacts& facts, std::string& fault) {
  while (CBS_len(&responses) > 0) {
    CBS single, id;
    if (CBS_get_asn1(&responses, &single, CBS_ASN1_SEQUENCE) != 1 ||
        CBS_get_asn1(&single, &id, CBS_ASN1_SEQUENCE) != 1)
      break;
    if (!names_certificate(id, certificate, issuer)) continue;
    if (!read_single(single, facts)) break;
    if (facts.status != OcspFacts::Status::unknown) return true;
    fault = "the authority of the OCSP response does not know the certificate";
    return false;
  }
  fault = fmt::format(
      "the OCSP response is not for the certificate of {}: its serial number and issuer are others",
      subject_of(certificate));
  return false;
}

/// Who has signed the first certificate of the chain.
X509* issuer_in(const std::vector<bssl::UniquePtr<X509>>& chain) {
  X509* const certificate = chain.front().get();
  if (chain.size() > 1) return chain[1].get();
  const bool own = X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(certificate)) == 0;
  return own ? certificate : nullptr;
}

void note_times(const OcspFacts& facts, const NamedBytes& file, std::int64_t now, Findings& findings) {
  if (facts.times.until < now)
    findings.warning("certificates",
                     fmt::format("{}: the OCSP response has expired, and is not passed on: ask the authority "
                                 "for another one",
                                 file.name));
  if (facts.times.from > now)
    findings.warning("certificates",
                     fmt::format("{}: the OCSP response is not valid yet, and not passed on so long: is the "
                                 "clock right?",
                                 file.name));
  if (facts.status == OcspFacts::Status::revoked)
    findings.warning("certificates",
                     fmt::format("{}: the OCSP response says that the certificate is revoked: "
                                 "clients will refuse it",
                                 file.name));
}

/// What keeps clients from checking it, or this program.
void note_signature(const OcspFacts& facts, const CertificateSettings& certificate, std::int64_t now,
                    Findings& findings) {
  if (facts.signature == OcspSignature::unchecked)
    findings.warning(
        "certificates",
        fmt::format("{}: the signature of the OCSP response is not checked: the certificate of the issuer "
                    "is missing; put it behind that in {}, or alone into {}.issuer",
                    certificate.ocsp.name, certificate.chain.name, certificate.chain.name));
  if (facts.signature == OcspSignature::unknown)
    findings.warning("certificates",
                     fmt::format("{}: the signature of the OCSP response is not checked: BoringSSL "
                                 "does not know how it was made",
                                 certificate.ocsp.name));
  if (!facts.responder.covers(now))
    findings.warning("certificates",
                     fmt::format("{}: the certificate of who has signed the OCSP response is not "
                                 "valid now: clients will not accept the response",
                                 certificate.ocsp.name));
}

}  // namespace

bool read_ocsp(const CertificateSettings& certificate, OcspFacts& facts, std::string& fault) {
  const std::vector<bssl::UniquePtr<X509>> chain = read_certificates(certificate.chain, fault);
  if (chain.empty()) return false;
  std::vector<bssl::UniquePtr<X509>> issuers;
  if (!certificate.issuer.empty()) {
    issuers = read_certificates(certificate.issuer, fault);
    if (issuers.empty()) return false;
  }
  X509* const issuer = issuers.empty() ? issuer_in(chain) : issuers.front().get();
  OcspResponse parts;
  CBS responses;
  std::string refusal;
  if (!find_parts(certificate.ocsp.bytes, parts, refusal) || !find_responses(parts.data, responses)) {
    fault = refusal.empty() ? "this is no OCSP response in DER, as `openssl ocsp -respout FILE` writes one"
                            : fmt::format("the authority has not answered the OCSP request: {}", refusal);
    return false;
  }
  if (!find_single(responses, chain.front().get(), issuer, facts, fault)) return false;
  facts.signature = check_signature(parts, issuer, facts.responder, fault);
  return facts.signature != OcspSignature::bad;
}

StapleTimes apply_ocsp(const CertificateSettings& certificate, std::int64_t now, SSL_CTX* context,
                       Findings& findings) {
  // As with HAProxy a file may be empty until there is a response.
  if (certificate.ocsp.bytes.empty() || SSL_CTX_get0_certificate(context) == nullptr) return {};
  std::string fault;
  OcspFacts facts;
  const bool sound = read_ocsp(certificate, facts, fault);
  ERR_clear_error();
  if (!sound) {
    findings.error("certificates", fmt::format("{}: {}", certificate.ocsp.name, fault));
    return {};
  }
  note_times(facts, certificate.ocsp, now, findings);
  note_signature(facts, certificate, now, findings);
  if (SSL_CTX_set_ocsp_response(context, reinterpret_cast<const std::uint8_t*>(certificate.ocsp.bytes.data()),
                                certificate.ocsp.bytes.size()) != 1)
    findings.error("certificates", fmt::format("{}: no memory", certificate.ocsp.name));
  return facts.times;
}

}  // namespace corelane::tls
