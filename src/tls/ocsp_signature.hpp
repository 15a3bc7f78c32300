// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/bytestring.h>
#include <openssl/x509.h>

#include <cstdint>
#include <limits>
#include <string>

/// Who has signed an OCSP response (RFC 6960, 4.2.1), and whether he may.
namespace corelane::tls {

/// The parts of a BasicOCSPResponse, as they are encoded.
struct OcspResponse {
  CBS data;          // tbsResponseData, with its tag
  CBS algorithm;     // the content of the AlgorithmIdentifier
  CBS signature;     // the bits, whole bytes
  CBS certificates;  // one behind the other; may be empty
};

/// The most certificates of a response that are looked at.
inline constexpr int ocsp_certificates_max = 8;

enum class OcspSignature : std::uint8_t {
  good,       // of the issuer, or of a responder that it has named for that
  bad,        // `fault` says why
  unknown,    // made in a way that the library does not know
  unchecked,  // nobody knows the issuer
};

/// When the certificate of the responder is valid, where the issuer has named one; both ends count.
struct ResponderTimes {
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  std::int64_t until = std::numeric_limits<std::int64_t>::max();

  bool covers(std::int64_t now) const noexcept { return from <= now && now <= until; }
};

/// `issuer` is who has signed the certificate that the response is about; null: nobody knows.
OcspSignature check_signature(const OcspResponse& response, X509* issuer, ResponderTimes& times,
                              std::string& fault);

}  // namespace corelane::tls
