// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace corelane::config {

enum class TlsVersion : std::uint8_t { tls10, tls11, tls12, tls13 };
enum class TlsVerify : std::uint8_t { none, optional, required };

/// Faults of certificates that are let pass: their numbers (X509_V_ERR_...), or all.
struct TlsIgnoredErrors {
  bool all = false;
  std::vector<std::uint16_t> codes;

  bool empty() const noexcept { return !all && codes.empty(); }
  friend bool operator==(const TlsIgnoredErrors&, const TlsIgnoredErrors&) = default;
};

/// TLS towards the clients of a bind. Files are named as they are written: one that is not absolute lies
/// beside the configuration. Who starts the process reads them.
struct BindTls {
  std::vector<std::string> certificates;  // files of certificate, key and chain, or folders of such
  std::string certificate_list;           // a file that names some, with options; empty: none
  bool strict_sni = false;                // a name without a certificate ends the handshake
  TlsVersion min_version = TlsVersion::tls12;
  TlsVersion max_version = TlsVersion::tls13;
  std::string ciphers;              // up to TLS 1.2, in OpenSSL's language; empty: those with forward secrecy
  std::string ciphersuites;         // of TLS 1.3; empty: all three
  std::vector<std::string> curves;  // empty: the library's
  std::vector<std::string> sigalgs;  // likewise
  std::vector<std::string> alpn;     // the protocols offered, the best first; empty: none
  bool tickets = true;
  std::string ticket_keys;  // a file of keys for several machines; empty: one that is made at start
  std::int64_t session_lifetime_ms = 0;
  TlsVerify verify = TlsVerify::none;
  std::string client_ca;  // a file; empty: none
  std::string crl;        // a file; empty: none
  TlsIgnoredErrors ca_ignore_errors;
  TlsIgnoredErrors crt_ignore_errors;

  friend bool operator==(const BindTls&, const BindTls&) = default;
};

}  // namespace corelane::config
