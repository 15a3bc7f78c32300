// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

/// The rows that TLS towards clients, towards servers and of checks share. Owner is BindTls, ServerTls or
/// CheckTls.
namespace corelane::config::row {

template <class Owner>
const TlsHandshake& handshake_of(const void* tls) {
  return *static_cast<const Owner*>(tls);
}

template <class Owner>
inline constexpr Condition below_tls13{
    "", [](const void* tls) { return handshake_of<Owner>(tls).min_version != TlsVersion::tls13; },
    "min_version allows a version before TLSv1.3, whose suites are in ciphersuites"};
template <class Owner>
inline constexpr Condition with_tls13{
    "max_version", [](const void* tls) { return handshake_of<Owner>(tls).max_version == TlsVersion::tls13; },
    "max_version is TLSv1.3"};

template <class Owner>
constexpr Field tls_min_version() {
  return value<&TlsHandshake::min_version, Owner>("min_version", as_word<TlsVersion>(), "TLSv1.2",
                                                  "The oldest version that is spoken.", {},
                                                  tls_version_words);
}

template <class Owner>
constexpr Field tls_max_version() {
  return value<&TlsHandshake::max_version, Owner>("max_version", as_word<TlsVersion>(), "TLSv1.3",
                                                  "The newest version that is spoken.", {},
                                                  tls_version_words);
}

template <class Owner>
constexpr Field tls_ciphers() {
  return value<&TlsHandshake::ciphers, Owner>(
             "ciphers", as_content, "",
             "The ciphers up to TLSv1.2, in OpenSSL's language: `ECDHE+AESGCM:ECDHE+CHACHA20`.")
      .with_note("those with forward secrecy and authenticated encryption")
      .only_if(below_tls13<Owner>);
}

template <class Owner>
constexpr Field tls_ciphersuites() {
  return value<&TlsHandshake::ciphersuites, Owner>(
             "ciphersuites", as_content, "",
             "The suites of TLSv1.3. BoringSSL always offers its three, which are sound: a list has to name "
             "them all.")
      .with_note("all three")
      .only_if(with_tls13<Owner>);
}

template <class Owner>
constexpr Field tls_curves() {
  return values<&TlsHandshake::curves, Owner>(
             "curves", as_line, "The groups of the key exchange, the best first: `[\"X25519\", \"P-256\"]`.",
             {1, 16})
      .with_note("X25519, P-256, P-384");
}

template <class Owner>
constexpr Field tls_sigalgs() {
  return values<&TlsHandshake::sigalgs, Owner>(
             "sigalgs", as_line,
             "The signatures that are made and taken, the best first: `[\"ecdsa_secp256r1_sha256\"]`.",
             {1, 32})
      .with_note("the library's");
}

template <class Owner>
constexpr Field tls_alpn() {
  return values<&TlsHandshake::alpn, Owner>(
             "alpn", as_line, "The protocols that are offered, the best first: `[\"http/1.1\"]`.", {1, 8})
      .with_note("none");
}

template <class Owner>
constexpr Field tls_crl() {
  return value<&TlsHandshake::crl, Owner>("crl", as_line, "",
                                          "A PEM file of revoked certificates, one list for each authority.")
      .with_note("none");
}

}  // namespace corelane::config::row
