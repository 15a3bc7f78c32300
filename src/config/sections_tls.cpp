// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/shared_rows.hpp"
#include "config/tls_rows.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

constexpr std::array<std::string_view, 4> versions{"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
constexpr std::array<std::string_view, 3> verifies{"none", "optional", "required"};

std::span<const std::string_view> verify_words() {
  return verifies;
}

/// With the place of the key where it is given, or else of the object.
void refuse(DecodeContext& context, const Node& node, const std::string& path, std::string_view key,
            std::string message) {
  const Node* own = node.find(key);
  context.report.error(own != nullptr ? own->position : node.position,
                       own != nullptr ? path_key(path, std::string(key)) : path, std::move(message));
}

void refuse_no_version(DecodeContext& context, const Node& node, const std::string& path,
                       const TlsHandshake& tls) {
  if (tls.min_version <= tls.max_version) return;
  refuse(context, node, path, node.find("max_version") != nullptr ? "max_version" : "min_version",
         fmt::format("no version is left: min_version is {}, max_version {}",
                     versions[static_cast<std::size_t>(tls.min_version)],
                     versions[static_cast<std::size_t>(tls.max_version)]));
}

// --- towards clients

const BindTls& tls_of(const void* tls) {
  return *static_cast<const BindTls*>(tls);
}

constexpr Condition verifying{"verify", [](const void* tls) { return tls_of(tls).verify != TlsVerify::none; },
                              "verify is optional or required"};
constexpr Condition with_tickets{"tickets", [](const void* tls) { return tls_of(tls).tickets; },
                                 "tickets are on"};

constexpr Condition with_sessions{
    "", [](const void* tls) { return tls_of(tls).tickets || tls_of(tls).min_version < TlsVersion::tls13; },
    "tickets are on or min_version is TLSv1.2 or lower"};

constexpr Condition coming_back{
    "", [](const void* tls) { return tls_of(tls).tickets && tls_of(tls).max_version == TlsVersion::tls13; },
    "tickets are on and max_version is TLSv1.3"};

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
    row::tls_min_version<BindTls>(),
    row::tls_max_version<BindTls>(),
    row::tls_ciphers<BindTls>(),
    row::tls_ciphersuites<BindTls>(),
    row::tls_curves<BindTls>(),
    row::tls_sigalgs<BindTls>(),
    row::tls_alpn<BindTls>(),
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
        .only_if(with_sessions),
    row::value<&BindTls::early_data>(
        "early_data", as_boolean, "false",
        "Takes requests of clients that come back before the handshake is over (0-RTT), in mode http. "
        "Anybody "
        "on the way can repeat them: those that must not be repeated are answered 425, servers are told of "
        "others by the field Early-Data.")
        .only_if(coming_back),
    row::value<&BindTls::verify>("verify", as_word<TlsVerify>(), "none",
                                 "Whether clients have to show a certificate. optional: one that is shown "
                                 "has to be good.",
                                 {}, verify_words),
    row::value<&BindTls::client_ca>("client_ca", as_line, "",
                                    "A PEM file of the authorities that clients' certificates come from.")
        .with_note("none")
        .only_if(verifying),
    row::tls_crl<BindTls>().only_if(verifying),
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

void finish_bind_tls(DecodeContext& context, const Node& node, const std::string& path, void* object,
                     const void*) {
  const BindTls& tls = tls_of(object);
  if (node.find("certificates") == nullptr && node.find("certificate_list") == nullptr)
    refuse(context, node, path, "", "certificates or a certificate_list are missing");
  refuse_no_version(context, node, path, tls);
  if (tls.verify != TlsVerify::none && node.find("client_ca") == nullptr)
    refuse(context, node, path, "verify",
           "client_ca is missing: the authorities that clients' certificates come from");
}

// --- towards servers

constexpr std::array<std::string_view, 2> server_verifies{"none", "required"};

std::span<const std::string_view> server_verify_words() {
  return server_verifies;
}

template <class Owner>
const TlsTowardsServer& towards_server(const void* tls) {
  return *static_cast<const Owner*>(tls);
}

template <class Owner>
constexpr Condition verified{
    "verify", [](const void* tls) { return towards_server<Owner>(tls).verify == TlsServerVerify::required; },
    "verify is required"};

template <class Owner>
constexpr Field server_verify() {
  return row::value<&TlsTowardsServer::verify, Owner>(
      "verify", as_word<TlsServerVerify>(), "required",
      "Whether the server's certificate has to be good: of an authority of ca, not expired, and for the name "
      "that sni or verify_host says.",
      {}, server_verify_words);
}

template <class Owner>
constexpr Field server_ca() {
  return row::value<&TlsTowardsServer::ca, Owner>(
             "ca", as_line, "", "A PEM file of the authorities that the server's certificate may come from.")
      .with_note("those of the system")
      .only_if(verified<Owner>);
}

template <class Owner>
constexpr Field server_certificate() {
  return row::value<&TlsTowardsServer::certificate, Owner>(
             "certificate", as_line, "",
             "A PEM file with a certificate, its key and its chain, for servers that ask for one.")
      .with_note("none");
}

constexpr Field server_tls_fields[] = {
    server_verify<ServerTls>(),
    server_ca<ServerTls>(),
    row::tls_crl<ServerTls>().only_if(verified<ServerTls>),
    row::value<&ServerTls::sni>(
        "sni", as_line, "",
        "A sample that makes the name that the server is asked for, which its certificate has to be for: "
        "`req.hdr(host)`, `ssl_fc_sni`, `str(app.example)`. It is made for each connection, and idle ones "
        "serve requests that it makes the same name of.")
        .with_note("no name is asked for"),
    row::value<&TlsTowardsServer::verify_host, ServerTls>(
        "verify_host", as_line, "",
        "The name that the server's certificate has to be for where sni makes none.")
        .with_note("any name is good there")
        .only_if(verified<ServerTls>),
    server_certificate<ServerTls>(),
    row::value<&ServerTls::session_reuse>("session_reuse", as_boolean, "true",
                                          "Comes back to sessions of the server without a whole handshake."),
    row::tls_min_version<ServerTls>(),
    row::tls_max_version<ServerTls>(),
    row::tls_ciphers<ServerTls>(),
    row::tls_ciphersuites<ServerTls>(),
    row::tls_curves<ServerTls>(),
    row::tls_sigalgs<ServerTls>(),
    row::tls_alpn<ServerTls>(),
};

void finish_server_tls(DecodeContext& context, const Node& node, const std::string& path, void* object,
                       const void*) {
  refuse_no_version(context, node, path, *static_cast<const ServerTls*>(object));
}

constexpr Field check_tls_fields[] = {
    server_verify<CheckTls>(),
    server_ca<CheckTls>(),
    row::tls_crl<CheckTls>().only_if(verified<CheckTls>),
    row::value<&CheckTls::sni>("sni", as_line, "", "The name that the server is asked for.")
        .with_note("verify_host"),
    row::value<&TlsTowardsServer::verify_host, CheckTls>(
        "verify_host", as_line, "", "The name that the server's certificate has to be for.")
        .with_note("sni; without both, any name is good")
        .only_if(verified<CheckTls>),
    server_certificate<CheckTls>(),
    row::tls_min_version<CheckTls>(),
    row::tls_max_version<CheckTls>(),
    row::tls_ciphers<CheckTls>(),
    row::tls_ciphersuites<CheckTls>(),
    row::tls_curves<CheckTls>(),
    row::tls_sigalgs<CheckTls>(),
    row::tls_alpn<CheckTls>(),
};

void finish_check_tls(DecodeContext& context, const Node& node, const std::string& path, void* object,
                      const void*) {
  refuse_no_version(context, node, path, *static_cast<const CheckTls*>(object));
}

}  // namespace

std::span<const std::string_view> tls_version_words() {
  return versions;
}

const Section bind_tls_section{.help =
                                   "TLS towards the clients of a bind. Files that are not absolute lie "
                                   "beside the configuration.",
                               .fields = bind_tls_fields,
                               .finish = finish_bind_tls,
                               .example = R"({"certificates": ["site.pem"]})"};
const Section server_tls_section{.help =
                                     "TLS towards a server; true: with all defaults. Files that are not "
                                     "absolute lie beside the configuration.",
                                 .fields = server_tls_fields,
                                 .finish = finish_server_tls,
                                 .switchable = true};
const Section check_tls_section{.help =
                                    "TLS of a server's checks; true: with all defaults. Files that are not "
                                    "absolute lie beside the configuration.",
                                .fields = check_tls_fields,
                                .finish = finish_check_tls,
                                .switchable = true};

}  // namespace corelane::config
