// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/base.h>

#include <cstdint>
#include <limits>
#include <string>

#include "tls/context_settings.hpp"
#include "tls/ocsp_signature.hpp"
#include "tls/settings.hpp"

/// Responses of authorities that certificates are not revoked (RFC 6960), as binds pass them on.
namespace corelane::tls {

/// When a response may be passed on, in seconds since 1970; both ends count.
struct StapleTimes {
  std::int64_t from = std::numeric_limits<std::int64_t>::max();
  std::int64_t until = std::numeric_limits<std::int64_t>::max();

  bool covers(std::int64_t now) const noexcept { return from <= now && now <= until; }
};

/// What a response says of one certificate.
struct OcspFacts {
  enum class Status : std::uint8_t { good, revoked, unknown };
  Status status = Status::unknown;
  OcspSignature signature = OcspSignature::unchecked;
  ResponderTimes responder;
  StapleTimes times;
};

/// Reads the response for a certificate, which has one, and looks at its signature, if it is known who has
/// issued the certificate: who stands in `issuer`, or is the second one of `chain`, or the certificate itself
/// that has signed itself. False: `fault` says what is wrong with the response, behind the file's name.
bool read_ocsp(const CertificateSettings& certificate, OcspFacts& facts, std::string& fault);

/// Gives a context the response of its certificate, if it has one. It is to be passed on while the times
/// cover the present one alone.
StapleTimes apply_ocsp(const CertificateSettings& certificate, std::int64_t now, SSL_CTX* context,
                       Findings& findings);

}  // namespace corelane::tls
