// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a bind or a server says about TLS, as plain values. Files have been read: nothing here opens one.
namespace corelane::tls {

/// The content of a file, and its name for messages.
struct NamedBytes {
  std::string name;
  std::string bytes;

  bool empty() const noexcept { return name.empty() && bytes.empty(); }

  friend bool operator==(const NamedBytes&, const NamedBytes&) = default;
};

enum class Version : std::uint8_t { tls10, tls11, tls12, tls13 };

/// "TLSv1.2", as HAProxy writes it in either case, with or without the "v" or the point's part: "TLSv1.0" is
/// "TLSv1".
std::optional<Version> find_version(std::string_view name);
/// "TLSv1.2", the way `ssl_fc_protocol` says it.
std::string_view version_name(Version version) noexcept;

/// What a bind asks of its clients' certificates.
enum class Verify : std::uint8_t { none, optional, required };

/// Results of the verification (X509_V_ERR_*) that do not end a handshake.
inline constexpr std::size_t verify_codes_max = 128;
using VerifyCodes = std::bitset<verify_codes_max>;

/// A number, or OpenSSL's name with or without "X509_V_ERR_". Nothing for what is not known; near misses by
/// verify_code_names.
std::optional<int> find_verify_code(std::string_view name);
/// "X509_V_ERR_CERT_HAS_EXPIRED"; empty when it has no name.
std::string_view verify_code_name(int code) noexcept;
/// "certificate has expired", for people; never empty.
std::string_view verify_code_words(int code) noexcept;

/// What is negotiated. A bind has one; an entry of a certificate list may say something else for its names:
/// there, what is empty is the bind's.
struct HandshakeSettings {
  std::optional<Version> version_min;  // a bind without: TLS 1.2
  std::optional<Version> version_max;  // a bind without: TLS 1.3
  std::string ciphers;            // of TLS up to 1.2, in OpenSSL's names; a bind without: ECDHE with AEADs
  std::string ciphersuites;       // of TLS 1.3; the library offers all three and lets no one choose
  std::string curves;             // "X25519:P-256"
  std::string sigalgs;            // "ECDSA+SHA256:RSA-PSS+SHA256"
  std::vector<std::string> alpn;  // in the order of preference
  std::optional<Verify> verify;   // a bind without: none, or required with a client_ca
  std::vector<NamedBytes> client_ca;  // PEM
  std::vector<NamedBytes> crl;  // PEM; with one, every certificate of a chain needs a list of its issuer

  friend bool operator==(const HandshakeSettings&, const HandshakeSettings&) = default;
};

struct CertificateSettings {
  NamedBytes chain;                // PEM: the certificate, then those between it and the root
  NamedBytes key;                  // PEM; empty: it is in `chain`
  NamedBytes ocsp;                 // DER of a response for this certificate; empty: none
  NamedBytes issuer;               // PEM: who signed the certificate, where `chain` has it not; empty: none
  std::vector<std::string> names;  // "a.example", "*.example", "!b.example"; empty: the certificate's own
  HandshakeSettings handshake;     // only what differs from the bind
  bool early_data = false;         // for its names, where the bind takes none
  bool no_alpn = false;            // for its names, where the bind offers some

  friend bool operator==(const CertificateSettings&, const CertificateSettings&) = default;
};

/// Keys that tickets are sealed with: HAProxy's file has base64 of 48 or 80 bytes in each line, the last but
/// one seals, all open.
struct TicketKey {
  std::string name;  // 16 bytes
  std::string aes;   // 16 or 32 bytes
  std::string hmac;  // 16 or 32 bytes

  friend bool operator==(const TicketKey&, const TicketKey&) = default;
};

struct TicketSettings {
  bool enabled = true;
  std::vector<TicketKey> keys;  // of a file
  std::string secret;  // without keys: 32 random bytes that all lanes share. Keys are derived from it, and
                       // change every `rotation_seconds`; the one before still opens.
  std::int64_t rotation_seconds = 12 * 3600;

  friend bool operator==(const TicketSettings&, const TicketSettings&) = default;
};

/// Reads a file of ticket keys. False: `error` says what is wrong, with the line.
bool read_ticket_keys(const NamedBytes& file, std::vector<TicketKey>& keys, std::string& error);

struct ServerSettings {
  HandshakeSettings handshake;
  std::vector<CertificateSettings> certificates;  // at least one; the first is the default
  VerifyCodes ca_ignore_errors;                   // for certificates above the client's
  VerifyCodes crt_ignore_errors;                  // for the client's own
  bool strict_sni = false;                        // no default: unknown names are refused
  TicketSettings tickets;
  std::int64_t session_seconds = 300;
  bool early_data = false;

  friend bool operator==(const ServerSettings&, const ServerSettings&) = default;
};

struct ClientSettings {
  HandshakeSettings
      handshake;  // of which client_ca are those that may sign servers' certificates, verify is not looked at
  bool verify = true;       // needs a CA
  std::string verify_host;  // the name or address that the certificate must be for; empty: the SNI of the
                            // connection, if any
  CertificateSettings certificate;  // shown to servers that ask for one; empty: none
  bool reuse_sessions = true;

  friend bool operator==(const ClientSettings&, const ClientSettings&) = default;
};

/// What a setting is wrong about, for a message with its place in the file.
struct SettingError {
  std::string key;                         // the setting's name: "certificates", "ciphers"
  std::optional<std::size_t> certificate;  // the entry that it stands in
  std::string text;
};

}  // namespace corelane::tls
