// SPDX-License-Identifier: Apache-2.0
#include "tls/context_settings.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "base/near_miss.hpp"
#include "tls/pem.hpp"

namespace corelane::tls {
namespace {

// Forward secrecy and authenticated encryption. Among those in brackets the client's preference counts: it
// knows whether it has instructions for AES.
constexpr std::string_view modern_ciphers =
    "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305|ECDHE-RSA-AES128-GCM-SHA256|"
    "ECDHE-RSA-CHACHA20-POLY1305]:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
// TLS 1.0 and 1.1 have nothing better.
constexpr std::string_view old_ciphers =
    ":ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA";

constexpr std::array<std::string_view, 3> all_ciphersuites{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                                           "TLS_CHACHA20_POLY1305_SHA256"};
constexpr std::array<std::string_view, 5> all_curves{"X25519", "P-256", "P-384", "P-521", "P-224"};
constexpr std::array<std::string_view, 8> gone_ciphers{"RC4", "DES",      "EXP",  "NULL",
                                                       "DHE", "CAMELLIA", "SEED", "IDEA"};

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end != 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::string hint(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view near = base::near_miss(word, candidates);
  return near.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", near);
}

std::vector<std::string_view> cipher_names() {
  const bssl::UniquePtr<SSL_CTX> every(SSL_CTX_new(TLS_method()));
  std::vector<std::string_view> names;
  if (SSL_CTX_set_cipher_list(every.get(), "ALL") != 1) return names;
  const STACK_OF(SSL_CIPHER)* const ciphers = SSL_CTX_get_ciphers(every.get());
  for (std::size_t i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i)
    names.emplace_back(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i)));
  return names;
}

/// Whether a word of a list of ciphers means something to the library.
bool is_cipher_word(std::string_view word) {
  const bssl::UniquePtr<SSL_CTX> probe(SSL_CTX_new(TLS_method()));
  const bool known = SSL_CTX_set_strict_cipher_list(probe.get(), std::string(word).c_str()) == 1;
  ERR_clear_error();
  return known;
}

std::string cipher_error(std::string_view word) {
  const auto gone = [word](std::string_view part) {
    const std::size_t at = word.find(part);
    // ECDHE is there, DHE is not; 3DES has a name of its own.
    return at != std::string_view::npos && (part != "DHE" || at == 0);
  };
  const std::string known =
      "; ECDHE with AES-GCM or CHACHA20-POLY1305 is what is recommended, ECDHE and RSA with AES-CBC is there "
      "for old "
      "clients";
  if (std::any_of(gone_ciphers.begin(), gone_ciphers.end(), gone))
    return fmt::format(
        "\"{}\": BoringSSL has no such cipher any more, because it is broken or gives nothing{}", word,
        known);
  return fmt::format("\"{}\" is no cipher that BoringSSL knows{}", word, hint(word, cipher_names()));
}

void apply_ciphers(const std::string& ciphers, SSL_CTX* context, Findings& findings) {
  for (std::string_view word : split(ciphers, ":, ;")) {
    // What is taken away need not be there.
    if (word.starts_with('!') || word.starts_with('-') || word.starts_with('@') || word.starts_with('['))
      continue;
    if (word.starts_with('+')) word.remove_prefix(1);
    if (word.find('|') != std::string_view::npos || word.ends_with(']') || is_cipher_word(word)) continue;
    findings.error("ciphers", cipher_error(word));
    return;
  }
  if (SSL_CTX_set_cipher_list(context, ciphers.c_str()) != 1)
    findings.error("ciphers", "no cipher is left of this list");
  ERR_clear_error();
}

void apply_ciphersuites(const std::string& text, Findings& findings) {
  if (text.empty()) return;
  std::vector<std::string_view> named;
  for (const std::string_view word : split(text, ":, ")) {
    if (std::find(all_ciphersuites.begin(), all_ciphersuites.end(), word) == all_ciphersuites.end()) {
      findings.error("ciphersuites", fmt::format("\"{}\" is no cipher suite of TLS 1.3{}", word,
                                                 hint(word, all_ciphersuites)));
      return;
    }
    if (std::find(named.begin(), named.end(), word) == named.end()) named.push_back(word);
  }
  if (named.size() != all_ciphersuites.size())
    findings.error(
        "ciphersuites",
        "BoringSSL offers the three suites of TLS 1.3 always, and takes AES or CHACHA20 first as suits the "
        "machines: all are sound. Name all of them, or leave the setting out");
}

void apply_curves(const std::string& curves, SSL_CTX* context, Findings& findings) {
  if (curves.empty()) return;
  for (const std::string_view word : split(curves, ":")) {
    const bssl::UniquePtr<SSL_CTX> probe(SSL_CTX_new(TLS_method()));
    if (SSL_CTX_set1_curves_list(probe.get(), std::string(word).c_str()) == 1) continue;
    findings.error("curves", fmt::format("\"{}\" is no curve that BoringSSL knows: {} are{}", word,
                                         fmt::join(all_curves, ", "), hint(word, all_curves)));
    ERR_clear_error();
    return;
  }
  if (SSL_CTX_set1_curves_list(context, curves.c_str()) != 1)
    findings.error("curves", "this is no list of curves, as in \"X25519:P-256\"");
  ERR_clear_error();
}

void apply_sigalgs(const std::string& sigalgs, SSL_CTX* context, Findings& findings) {
  if (sigalgs.empty() || SSL_CTX_set1_sigalgs_list(context, sigalgs.c_str()) == 1) return;
  findings.error("sigalgs",
                 "this is no list of signature algorithms, as in \"ECDSA+SHA256:RSA-PSS+SHA256\" or "
                 "\"ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256\"");
  ERR_clear_error();
}

void apply_versions(const HandshakeSettings& handshake, SSL_CTX* context, Findings& findings) {
  if (*handshake.version_min > *handshake.version_max)
    findings.error("max_version",
                   fmt::format("{} is before the lowest version, {}", version_name(*handshake.version_max),
                               version_name(*handshake.version_min)));
  SSL_CTX_set_min_proto_version(context, wire_version(*handshake.version_min));
  SSL_CTX_set_max_proto_version(context, wire_version(*handshake.version_max));
}

void apply_authorities(const HandshakeSettings& handshake, SSL_CTX* context, Findings& findings) {
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  bssl::UniquePtr<STACK_OF(X509_NAME)> names(sk_X509_NAME_new_null());
  for (const NamedBytes& file : handshake.client_ca) {
    std::string error;
    for (const bssl::UniquePtr<X509>& certificate : read_certificates(file, error)) {
      X509_STORE_add_cert(store, certificate.get());
      bssl::UniquePtr<X509_NAME> name(X509_NAME_dup(X509_get_subject_name(certificate.get())));
      if (name) bssl::PushToStack(names.get(), std::move(name));
    }
    if (!error.empty()) findings.error("client_ca", std::move(error));
  }
  SSL_CTX_set_client_CA_list(context, names.release());
  for (const NamedBytes& file : handshake.crl) {
    std::string error;
    for (const bssl::UniquePtr<X509_CRL>& list : read_revocations(file, error))
      X509_STORE_add_crl(store, list.get());
    if (!error.empty()) findings.error("crl", std::move(error));
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  }
  ERR_clear_error();
}

/// Says what is odd about the times and the order of a chain.
void look_at_chain(const std::vector<bssl::UniquePtr<X509>>& chain, const NamedBytes& file, std::int64_t now,
                   Findings& findings) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    X509* const certificate = chain[i].get();
    std::int64_t time = 0;
    if (seconds_of(X509_get0_notAfter(certificate), time) && time < now)
      findings.warning("certificates", fmt::format("{}: the certificate of {} has expired", file.name,
                                                   subject_of(certificate)));
    else if (seconds_of(X509_get0_notBefore(certificate), time) && time > now)
      findings.warning("certificates", fmt::format("{}: the certificate of {} is not valid yet", file.name,
                                                   subject_of(certificate)));
    if (i == 0) continue;
    if (X509_NAME_cmp(X509_get_issuer_name(chain[i - 1].get()), X509_get_subject_name(certificate)) != 0)
      findings.warning(
          "certificates",
          fmt::format(
              "{}: the certificate of {} is not by {}, which comes behind it: each one's issuer is next",
              file.name, subject_of(chain[i - 1].get()), subject_of(certificate)));
  }
}

}  // namespace

HandshakeSettings merged(const HandshakeSettings& bind, const HandshakeSettings& entry) {
  HandshakeSettings all = bind;
  if (entry.version_min) all.version_min = entry.version_min;
  if (entry.version_max) all.version_max = entry.version_max;
  if (!entry.ciphers.empty()) all.ciphers = entry.ciphers;
  if (!entry.ciphersuites.empty()) all.ciphersuites = entry.ciphersuites;
  if (!entry.curves.empty()) all.curves = entry.curves;
  if (!entry.sigalgs.empty()) all.sigalgs = entry.sigalgs;
  if (!entry.alpn.empty()) all.alpn = entry.alpn;
  if (entry.verify) all.verify = entry.verify;
  if (!entry.client_ca.empty()) {
    all.client_ca = entry.client_ca;
    if (!entry.verify && !bind.verify) all.verify = Verify::required;
  }
  if (!entry.crl.empty()) all.crl = entry.crl;
  if (!all.version_min) all.version_min = std::min(Version::tls12, all.version_max.value_or(Version::tls13));
  if (!all.version_max) all.version_max = Version::tls13;
  if (!all.verify) all.verify = all.client_ca.empty() ? Verify::none : Verify::required;
  return all;
}

std::uint16_t wire_version(Version version) noexcept {
  return static_cast<std::uint16_t>(TLS1_VERSION + static_cast<int>(version));
}

std::string wire_alpn(const std::vector<std::string>& names) {
  std::string wire;
  for (const std::string& name : names) {
    wire.push_back(static_cast<char>(name.size()));
    wire += name;
  }
  return wire;
}

void apply(const HandshakeSettings& handshake, SSL_CTX* context, Findings& findings) {
  apply_versions(handshake, context, findings);
  std::string ciphers = handshake.ciphers;
  if (ciphers.empty()) {
    ciphers = modern_ciphers;
    if (*handshake.version_min < Version::tls12) ciphers += old_ciphers;
  }
  apply_ciphers(ciphers, context, findings);
  apply_ciphersuites(handshake.ciphersuites, findings);
  apply_curves(handshake.curves, context, findings);
  apply_sigalgs(handshake.sigalgs, context, findings);
  apply_authorities(handshake, context, findings);
  for (const std::string& name : handshake.alpn)
    if (name.empty() || name.size() > 255)
      findings.error("alpn", "a protocol's name has 1 to 255 bytes, as \"http/1.1\" has");
}

void apply(const CertificateSettings& certificate, std::int64_t now, SSL_CTX* context, Findings& findings) {
  std::string error;
  const std::vector<bssl::UniquePtr<X509>> chain = read_certificates(certificate.chain, error);
  if (!error.empty()) return findings.error("certificates", std::move(error));
  const NamedBytes& key_file = certificate.key.empty() ? certificate.chain : certificate.key;
  const bssl::UniquePtr<EVP_PKEY> key = read_key(key_file, error);
  if (!key) return findings.error("certificates", std::move(error));
  if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
    ERR_clear_error();
    return findings.error(
        "certificates",
        fmt::format("the private key in {} is not the one of the certificate of {} in {}: the first "
                    "certificate of a file must be the key's own",
                    key_file.name, subject_of(chain.front().get()), certificate.chain.name));
  }
  bool sound = SSL_CTX_use_certificate(context, chain.front().get()) == 1;
  for (std::size_t i = 1; i < chain.size(); ++i)
    sound = SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1 && sound;
  sound = SSL_CTX_use_PrivateKey(context, key.get()) == 1 && sound;
  ERR_clear_error();
  if (!sound)
    return findings.error("certificates", fmt::format("{}: BoringSSL does not take this kind of certificate",
                                                      certificate.chain.name));
  look_at_chain(chain, certificate.chain, now, findings);
}

}  // namespace corelane::tls
