// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/functions.hpp"

/// Samples of the TLS connection with the server, and of the certificates in it.
namespace corelane::sample {

constexpr FetchRow server_tls_row(std::string_view name, Type output, FetchFunction* fetch,
                                  std::string_view help) {
  return {.name = name, .output = output, .needs = need_server_connection, .fetch = fetch, .help = help};
}

constexpr FetchRow server_tls_name_row(std::string_view name, FetchFunction* fetch, std::string_view help) {
  return {.name = name,
          .arguments = {ArgumentKind::text, ArgumentKind::integer, ArgumentKind::name_format},
          .output = Type::string,
          .needs = need_server_connection,
          .fetch = fetch,
          .help = help};
}

inline constexpr FetchRow server_tls_rows[] = {
    server_tls_row("ssl_bc", Type::boolean, fetch_ssl_bc,
                   "Whether the connection to the server has TLS that begins here."),
    server_tls_row("ssl_bc_alpn", Type::string, fetch_ssl_bc_alpn,
                   "The protocol that was agreed on with the server (ALPN)."),
    server_tls_row("ssl_bc_cipher", Type::string, fetch_ssl_bc_cipher,
                   "The cipher there: `TLS_AES_128_GCM_SHA256`."),
    server_tls_row("ssl_bc_protocol", Type::string, fetch_ssl_bc_protocol, "The version there: `TLSv1.3`."),
    server_tls_row("ssl_bc_curve", Type::string, fetch_ssl_bc_curve,
                   "The group of the key exchange there: `X25519`."),
    server_tls_row("ssl_bc_session_id", Type::binary, fetch_ssl_bc_session_id, "The session's number there."),
    server_tls_row("ssl_bc_is_resumed", Type::boolean, fetch_ssl_bc_is_resumed,
                   "Whether the connection came back to a session of the server."),
    server_tls_row("ssl_bc_alg_keysize", Type::sint, fetch_ssl_bc_alg_keysize,
                   "How many bits the key of the cipher there has."),
    server_tls_row("ssl_bc_use_keysize", Type::sint, fetch_ssl_bc_use_keysize, "How many of them count."),
    server_tls_row(
        "ssl_bc_unique_id", Type::binary, fetch_ssl_bc_unique_id,
        "What makes the connection to the server unique (tls-unique, RFC 5929); none with TLSv1.3."),
    server_tls_row("ssl_bc_client_random", Type::binary, fetch_ssl_bc_client_random,
                   "Our random bytes of the handshake with the server."),
    server_tls_row("ssl_bc_server_random", Type::binary, fetch_ssl_bc_server_random, "The server's."),
    server_tls_row("ssl_bc_err_str", Type::string, fetch_ssl_bc_err_str,
                   "Why the handshake with the server failed, or the connection, in words: `certificate has "
                   "expired`."),
    server_tls_row("ssl_s_chain_der", Type::binary, fetch_ssl_s_chain_der,
                   "All certificates that the server has shown, in DER."),
    server_tls_row("ssl_s_der", Type::binary, fetch_ssl_s_der, "The server's certificate in DER."),
    server_tls_name_row("ssl_s_s_dn", fetch_ssl_s_s_dn,
                        "The name in the server's certificate, or one attribute of it, as ssl_c_s_dn."),
    server_tls_name_row("ssl_s_i_dn", fetch_ssl_s_i_dn, "The same of who signed it."),
    server_tls_row("ssl_s_notbefore", Type::string, fetch_ssl_s_notbefore,
                   "Since when the server's certificate is good: YYMMDDhhmmssZ."),
    server_tls_row("ssl_s_notafter", Type::string, fetch_ssl_s_notafter, "Until when."),
    server_tls_row("ssl_s_serial", Type::binary, fetch_ssl_s_serial, "Its serial number."),
    server_tls_row("ssl_s_sha1", Type::binary, fetch_ssl_s_sha1, "Its fingerprint (SHA-1)."),
    server_tls_row("ssl_s_version", Type::sint, fetch_ssl_s_version, "Its version."),
    server_tls_row("ssl_s_sig_alg", Type::string, fetch_ssl_s_sig_alg, "How it is signed: `RSA-SHA256`."),
    server_tls_row("ssl_s_key_alg", Type::string, fetch_ssl_s_key_alg,
                   "What key it is for: `rsaEncryption`."),
};

}  // namespace corelane::sample
