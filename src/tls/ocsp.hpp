// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/base.h>
#include <openssl/x509.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tls/context_settings.hpp"
#include "tls/settings.hpp"

/// Responses of authorities that certificates are not revoked (RFC 6960), as binds pass them on. Signatures
/// are left to clients: who could replace the file could replace the key beside it.
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
  StapleTimes times;
};

/// Looks for the first certificate of `chain` in a response; the second one is its issuer, if it is there.
/// False: `fault` says what is wrong with the response, behind the file's name.
bool read_ocsp(std::string_view der, const std::vector<bssl::UniquePtr<X509>>& chain, OcspFacts& facts,
               std::string& fault);

/// Gives a context the response of its certificate, if it has one. It is to be passed on while the times
/// cover the present one alone.
StapleTimes apply_ocsp(const CertificateSettings& certificate, std::int64_t now, SSL_CTX* context,
                       Findings& findings);

}  // namespace corelane::tls
