// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace corelane::config {

enum class TlsVersion : std::uint8_t { tls10, tls11, tls12, tls13 };
enum class TlsVerify : std::uint8_t { none, optional, required };
enum class TlsServerVerify : std::uint8_t { none, required };

/// Faults of certificates that are let pass: their numbers (X509_V_ERR_...), or all.
struct TlsIgnoredErrors {
  bool all = false;
  std::vector<std::uint16_t> codes;

  bool empty() const noexcept { return !all && codes.empty(); }
  friend bool operator==(const TlsIgnoredErrors&, const TlsIgnoredErrors&) = default;
};

/// What is negotiated, with either side.
struct TlsHandshake {
  TlsVersion min_version = TlsVersion::tls12;
  TlsVersion max_version = TlsVersion::tls13;
  std::string ciphers;              // up to TLS 1.2, in OpenSSL's language; empty: those with forward secrecy
  std::string ciphersuites;         // of TLS 1.3; empty: all three
  std::vector<std::string> curves;  // empty: the library's
  std::vector<std::string> sigalgs;  // likewise
  std::vector<std::string> alpn;     // the protocols offered, the best first; empty: none
  std::string crl;                   // a file; empty: none

  friend bool operator==(const TlsHandshake&, const TlsHandshake&) = default;
};

/// TLS towards the clients of a bind. Files are named as they are written: one that is not absolute lies
/// beside the configuration. Who starts the process reads them.
struct BindTls : TlsHandshake {
  std::vector<std::string> certificates;  // files of certificate, key and chain, or folders of such
  std::string certificate_list;           // a file that names some, with options; empty: none
  bool strict_sni = false;                // a name without a certificate ends the handshake
  bool tickets = true;
  std::string ticket_keys;  // a file of keys for several machines; empty: one that is made at start
  std::int64_t session_lifetime_ms = 0;
  bool early_data = false;  // 0-RTT; of frontends in mode http
  TlsVerify verify = TlsVerify::none;
  std::string client_ca;  // a file; empty: none
  TlsIgnoredErrors ca_ignore_errors;
  TlsIgnoredErrors crt_ignore_errors;

  friend bool operator==(const BindTls&, const BindTls&) = default;
};

/// TLS towards a server, of connections and of checks alike. Files as above.
struct TlsTowardsServer : TlsHandshake {
  TlsServerVerify verify = TlsServerVerify::required;
  std::string ca;           // a file; empty: the authorities of the system
  std::string verify_host;  // a name that the certificate must be for
  std::string certificate;  // a file, for servers that ask for one; empty: none

  friend bool operator==(const TlsTowardsServer&, const TlsTowardsServer&) = default;
};

/// TLS of connections to a server. verify_host is for those that ask for no name.
struct ServerTls : TlsTowardsServer {
  std::string sni;  // an expression that makes the name that is asked for; empty: none is
  bool session_reuse = true;

  /// TEXT where sni is str(TEXT); empty elsewhere.
  std::string constant_sni() const;

  friend bool operator==(const ServerTls&, const ServerTls&) = default;
};

/// TLS of a server's checks. Without verify_host the certificate must be for `sni`.
struct CheckTls : TlsTowardsServer {
  std::string sni;  // the name that is asked for; empty: verify_host, or none

  friend bool operator==(const CheckTls&, const CheckTls&) = default;
};

}  // namespace corelane::config
