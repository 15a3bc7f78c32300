// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/shared_rows.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

constexpr std::array<std::string_view, 4> versions{"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
constexpr std::array<std::string_view, 3> verifies{"none", "optional", "required"};

std::span<const std::string_view> version_words() {
  return versions;
}
std::span<const std::string_view> verify_words() {
  return verifies;
}

const BindTls& tls_of(const void* tls) {
  return *static_cast<const BindTls*>(tls);
}

constexpr Condition verifying{"verify", [](const void* tls) { return tls_of(tls).verify != TlsVerify::none; },
                              "verify is optional or required"};
constexpr Condition with_tickets{"tickets", [](const void* tls) { return tls_of(tls).tickets; },
                                 "tickets are on"};
constexpr Condition below_tls13{
    "", [](const void* tls) { return tls_of(tls).min_version != TlsVersion::tls13; },
    "min_version allows a version before TLSv1.3, whose suites are in ciphersuites"};
constexpr Condition with_tls13{"max_version",
                               [](const void* tls) { return tls_of(tls).max_version == TlsVersion::tls13; },
                               "max_version is TLSv1.3"};

constexpr Field bind_tls_fields[] = {
    row::values<&BindTls::certificates>(
        "certificates", as_line,
        "PEM files with a certificate, its key and its chain, or folders of them. The first one is for "
        "clients that name no host, or one that none is for. A file of the same name with .key holds a key "
        "that stands apart, one with .ocsp an answer of the authority that is passed on.",
        {1, 4096}),
    row::value<&BindTls::certificate_list>(
        "certificate_list", as_line, "",
        "A file that names certificates, one a line, as HAProxy's crt-list: FILE [OPTIONS] NAME..., "
        "where !NAME excludes.")
        .with_note("none"),
    row::value<&BindTls::strict_sni>("strict_sni", as_boolean, "false",
                                     "Ends the handshake of clients that name no host, or one that no "
                                     "certificate is for."),
    row::value<&BindTls::min_version>("min_version", as_word<TlsVersion>(), "TLSv1.2",
                                      "The oldest version that is spoken.", {}, version_words),
    row::value<&BindTls::max_version>("max_version", as_word<TlsVersion>(), "TLSv1.3",
                                      "The newest version that is spoken.", {}, version_words),
    row::value<&BindTls::ciphers>(
        "ciphers", as_content, "",
        "The ciphers up to TLSv1.2, in OpenSSL's language: `ECDHE+AESGCM:ECDHE+CHACHA20`.")
        .with_note("those with forward secrecy and authenticated encryption")
        .only_if(below_tls13),
    row::value<&BindTls::ciphersuites>(
        "ciphersuites", as_content, "",
        "The suites of TLSv1.3. BoringSSL always offers its three, which are sound: a list has to name "
        "them all.")
        .with_note("all three")
        .only_if(with_tls13),
    row::values<&BindTls::curves>(
        "curves", as_line, "The groups of the key exchange, the best first: `[\"X25519\", \"P-256\"]`.",
        {1, 16})
        .with_note("X25519, P-256, P-384"),
    row::values<&BindTls::sigalgs>(
        "sigalgs", as_line,
        "The signatures that are made and taken, the best first: `[\"ecdsa_secp256r1_sha256\"]`.", {1, 32})
        .with_note("the library's"),
    row::values<&BindTls::alpn>("alpn", as_line,
                                "The protocols that are offered, the best first: `[\"http/1.1\"]`.", {1, 8})
        .with_note("none"),
    row::value<&BindTls::tickets>("tickets", as_boolean, "true",
                                  "Gives clients tickets, with which they come back without a whole "
                                  "handshake."),
    row::value<&BindTls::ticket_keys>(
        "ticket_keys", as_line, "",
        "A file of keys for tickets, one a line in base64 (48 or 80 bytes), for several machines: the last "
        "but one makes tickets, all are taken.")
        .with_note("one that the process makes at start")
        .only_if(with_tickets),
    row::value<&BindTls::session_lifetime_ms>("session_lifetime", as_whole_seconds, "2h",
                                              "How long a client may come back to a session.",
                                              {row::second_ms, 7 * row::day_ms})
        .only_if(with_tickets),
    row::value<&BindTls::verify>("verify", as_word<TlsVerify>(), "none",
                                 "Whether clients have to show a certificate. optional: one that is shown "
                                 "has to be good.",
                                 {}, verify_words),
    row::value<&BindTls::client_ca>("client_ca", as_line, "",
                                    "A PEM file of the authorities that clients' certificates come from.")
        .with_note("none")
        .only_if(verifying),
    row::value<&BindTls::crl>("crl", as_line, "",
                              "A PEM file of revoked certificates, one list for each authority.")
        .with_note("none")
        .only_if(verifying),
    row::value<&BindTls::ca_ignore_errors>(
        "ca_ignore_errors", as_tls_ignored_errors, "",
        "Faults of an authority's certificate that are let pass; ssl_c_ca_err says which there was.")
        .with_note("none")
        .only_if(verifying),
    row::value<&BindTls::crt_ignore_errors>(
        "crt_ignore_errors", as_tls_ignored_errors, "",
        "Faults of the client's own certificate that are let pass; ssl_c_err says which there was.")
        .with_note("none")
        .only_if(verifying),
};

void refuse(DecodeContext& context, const Node& node, const std::string& path, std::string_view key,
            std::string message) {
  const Node* own = node.find(key);
  context.report.error(own != nullptr ? own->position : node.position,
                       own != nullptr ? path_key(path, std::string(key)) : path, std::move(message));
}

void finish_bind_tls(DecodeContext& context, const Node& node, const std::string& path, void* object,
                     const void*) {
  const BindTls& tls = tls_of(object);
  if (node.find("certificates") == nullptr && node.find("certificate_list") == nullptr)
    refuse(context, node, path, "", "certificates or a certificate_list are missing");
  if (tls.min_version > tls.max_version)
    refuse(context, node, path, node.find("max_version") != nullptr ? "max_version" : "min_version",
           fmt::format("no version is left: min_version is {}, max_version {}",
                       versions[static_cast<std::size_t>(tls.min_version)],
                       versions[static_cast<std::size_t>(tls.max_version)]));
  if (tls.verify != TlsVerify::none && node.find("client_ca") == nullptr)
    refuse(context, node, path, "verify",
           "client_ca is missing: the authorities that clients' certificates come from");
}

}  // namespace

const Section bind_tls_section{.help =
                                   "TLS towards the clients of a bind. Files that are not absolute lie "
                                   "beside the configuration.",
                               .fields = bind_tls_fields,
                               .finish = finish_bind_tls};

}  // namespace corelane::config
