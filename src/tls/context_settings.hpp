// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ssl.h>

#include <vector>

#include "tls/settings.hpp"

namespace corelane::tls {

/// A bind's settings with what an entry of a list says otherwise, and the defaults of both.
HandshakeSettings merged(const HandshakeSettings& bind, const HandshakeSettings& entry);

/// Where errors and warnings of one part of the settings go.
struct Findings {
  std::vector<SettingError>& errors;
  std::vector<SettingError>& warnings;
  std::optional<std::size_t> certificate;

  void error(std::string_view key, std::string text) {
    errors.push_back({std::string(key), certificate, std::move(text)});
  }
  void warning(std::string_view key, std::string text) {
    warnings.push_back({std::string(key), certificate, std::move(text)});
  }
};

/// Sets versions, ciphers, curves, signature algorithms and CAs.
void apply(const HandshakeSettings& handshake, SSL_CTX* context, Findings& findings);

/// Reads a certificate with its key into a context; says what is wrong or will be soon.
void apply(const CertificateSettings& certificate, std::int64_t now, SSL_CTX* context, Findings& findings);

std::uint16_t wire_version(Version version) noexcept;
/// The list of ALPN as it stands in messages (RFC 7301, 3.1).
std::string wire_alpn(const std::vector<std::string>& names);

}  // namespace corelane::tls
