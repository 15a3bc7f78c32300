// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tls/settings.hpp"

namespace corelane::tls {

/// What people want to know of a certificate, without a connection.
struct CertificateFacts {
  std::string subject;  // "CN=a.example,O=Example"
  std::string issuer;
  std::string serial;              // hexadecimal
  std::string sha256;              // of the whole, hexadecimal
  std::vector<std::string> names;  // that it is for
  std::int64_t not_before = 0;     // seconds since 1970
  std::int64_t not_after = 0;
  std::string key_type;  // "ECDSA"
  int key_bits = 0;
};

/// Of the first certificate in PEM: that of the key. Nothing where there is none.
std::optional<CertificateFacts> facts_of(const NamedBytes& chain);

/// The OCSP response of a certificate, which is as good as the library could tell.
struct StapleFacts {
  bool revoked = false;
  std::int64_t from = 0;  // seconds since 1970
  std::int64_t until = 0;
  bool ends = false;  // `until` is told
};
/// Nothing where there is none, or none that fits.
std::optional<StapleFacts> staple_of(const CertificateSettings& certificate);
/// Whether the response of a certificate is for it; one that is not there is.
bool ocsp_fits(const CertificateSettings& certificate);

/// Whether a private key stands in the text.
bool has_private_key(std::string_view pem) noexcept;

}  // namespace corelane::tls
