// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/functions.hpp"

/// Samples of the TLS connection with the client, and of the certificates in it.
namespace corelane::sample {

constexpr FetchRow tls_row(std::string_view name, Type output, FetchFunction* fetch, std::string_view help) {
  return {.name = name, .output = output, .needs = need_client, .fetch = fetch, .help = help};
}

constexpr FetchRow tls_name_row(std::string_view name, FetchFunction* fetch, std::string_view help) {
  return {.name = name,
          .arguments = {ArgumentKind::text, ArgumentKind::integer, ArgumentKind::name_format},
          .output = Type::string,
          .needs = need_client,
          .fetch = fetch,
          .help = help};
}

constexpr FetchRow hello_row(std::string_view name, Type output, FetchFunction* fetch, std::string_view help,
                             ArgumentKind filter = ArgumentKind::truth) {
  return {.name = name,
          .arguments = {filter},
          .output = output,
          .needs = need_client,
          .fetch = fetch,
          .help = help,
          .of_hello = true};
}

inline constexpr FetchRow tls_rows[] = {
    tls_row("ssl_fc", Type::boolean, fetch_ssl_fc, "Whether the client's connection has TLS that ends here."),
    tls_row("ssl_fc_sni", Type::string, fetch_ssl_fc_sni, "The host name that the client asked for (SNI)."),
    tls_row("ssl_fc_has_sni", Type::boolean, fetch_ssl_fc_has_sni, "Whether it asked for one."),
    tls_row("ssl_fc_alpn", Type::string, fetch_ssl_fc_alpn, "The protocol that was agreed on (ALPN)."),
    tls_row("ssl_fc_cipher", Type::string, fetch_ssl_fc_cipher, "The cipher: `TLS_AES_128_GCM_SHA256`."),
    tls_row("ssl_fc_protocol", Type::string, fetch_ssl_fc_protocol, "The version: `TLSv1.3`."),
    tls_row("ssl_fc_curve", Type::string, fetch_ssl_fc_curve, "The group of the key exchange: `X25519`."),
    tls_row("ssl_fc_session_id", Type::binary, fetch_ssl_fc_session_id, "The session's number."),
    tls_row("ssl_fc_is_resumed", Type::boolean, fetch_ssl_fc_is_resumed,
            "Whether the client came back to a session."),
    tls_row("ssl_fc_has_early", Type::boolean, fetch_ssl_fc_has_early,
            "Whether what came may be the recording of another connection (0-RTT)."),
    tls_row(
        "ssl_fc_has_crt", Type::boolean, fetch_ssl_fc_has_crt,
        "Whether the client has shown a certificate in this handshake; ssl_c_used says it of the session."),
    tls_row("ssl_fc_alg_keysize", Type::sint, fetch_ssl_fc_alg_keysize,
            "How many bits the cipher's key has."),
    tls_row("ssl_fc_use_keysize", Type::sint, fetch_ssl_fc_use_keysize, "How many of them count."),
    tls_row("ssl_fc_unique_id", Type::binary, fetch_ssl_fc_unique_id,
            "What makes the connection unique (tls-unique, RFC 5929); none with TLSv1.3."),
    tls_row("ssl_fc_client_random", Type::binary, fetch_ssl_fc_client_random,
            "The client's random bytes of the handshake."),
    tls_row("ssl_fc_server_random", Type::binary, fetch_ssl_fc_server_random, "Ours."),
    hello_row("ssl_fc_cipherlist_bin", Type::binary, fetch_ssl_fc_cipherlist_bin,
              "The ciphers that the client offers, two bytes each; with 1 without those that are only there "
              "to be ignored (GREASE, RFC 8701)."),
    hello_row("ssl_fc_cipherlist_hex", Type::string, fetch_ssl_fc_cipherlist_hex,
              "The same in hexadecimal digits."),
    hello_row("ssl_fc_cipherlist_str", Type::string, fetch_ssl_fc_cipherlist_str,
              "The same by OpenSSL's names, with commas between them: "
              "`TLS_AES_128_GCM_SHA256,UNKNOWN(1a1a)`."),
    hello_row("ssl_fc_cipherlist_xxh", Type::sint, fetch_ssl_fc_cipherlist_xxh,
              "The XXH64 of all ciphers that the client offers.", ArgumentKind::none),
    hello_row("ssl_fc_extlist_bin", Type::binary, fetch_ssl_fc_extlist_bin,
              "The types of the extensions in the client's hello, in their order, two bytes each; with 1 "
              "without GREASE."),
    hello_row("ssl_fc_eclist_bin", Type::binary, fetch_ssl_fc_eclist_bin,
              "The groups, or elliptic curves, that the client offers, two bytes each; with 1 without "
              "GREASE."),
    hello_row("ssl_fc_ecformats_bin", Type::binary, fetch_ssl_fc_ecformats_bin,
              "The formats of points that the client offers, a byte each.", ArgumentKind::none),
    hello_row("ssl_fc_protocol_hello_id", Type::sint, fetch_ssl_fc_protocol_hello_id,
              "The version in the client's hello, MAJOR * 256 + MINOR: 771 of TLS 1.2 and later.",
              ArgumentKind::none),
    tls_row("ssl_fc_err_str", Type::string, fetch_ssl_fc_err_str,
            "Why the handshake or the connection failed, in words: `certificate has expired`."),
    tls_row(
        "ssl_c_used", Type::boolean, fetch_ssl_c_used,
        "Whether the client has shown a certificate, in this handshake or in the one that it came back to."),
    tls_row("ssl_c_verify", Type::sint, fetch_ssl_c_verify,
            "What was found wrong with it: 0 is nothing, 10 that it has expired, and so on as `openssl "
            "verify` counts."),
    tls_row("ssl_c_err", Type::sint, fetch_ssl_c_err,
            "The fault of the certificate itself that crt_ignore_errors let pass; 0 is none."),
    tls_row("ssl_c_ca_err", Type::sint, fetch_ssl_c_ca_err,
            "The fault of an authority's certificate that ca_ignore_errors let pass; 0 is none."),
    tls_row("ssl_c_ca_err_depth", Type::sint, fetch_ssl_c_ca_err_depth,
            "How far up that authority stands: 1 is the one that signed the client's certificate."),
    tls_row("ssl_c_chain_der", Type::binary, fetch_ssl_c_chain_der,
            "The certificates that the client has shown behind its own, in DER."),
    tls_row("ssl_c_der", Type::binary, fetch_ssl_c_der, "The client's certificate in DER."),
    tls_name_row("ssl_c_s_dn", fetch_ssl_c_s_dn,
                 "The name in the client's certificate: `/C=FR/O=Example/CN=anna`, or one attribute of it, "
                 "`ssl_c_s_dn(cn)`. The second argument is which of several: 1 is the first, -1 the last."),
    tls_name_row("ssl_c_i_dn", fetch_ssl_c_i_dn, "The same of who signed it."),
    tls_row("ssl_c_notbefore", Type::string, fetch_ssl_c_notbefore,
            "Since when the client's certificate is good: YYMMDDhhmmssZ."),
    tls_row("ssl_c_notafter", Type::string, fetch_ssl_c_notafter, "Until when."),
    tls_row("ssl_c_serial", Type::binary, fetch_ssl_c_serial, "Its serial number."),
    tls_row("ssl_c_sha1", Type::binary, fetch_ssl_c_sha1, "Its fingerprint (SHA-1)."),
    tls_row("ssl_c_version", Type::sint, fetch_ssl_c_version, "Its version."),
    tls_row("ssl_c_sig_alg", Type::string, fetch_ssl_c_sig_alg, "How it is signed: `RSA-SHA256`."),
    tls_row("ssl_c_key_alg", Type::string, fetch_ssl_c_key_alg, "What key it is for: `rsaEncryption`."),
    tls_row("ssl_f_der", Type::binary, fetch_ssl_f_der, "The certificate that the client was shown, in DER."),
    tls_name_row("ssl_f_s_dn", fetch_ssl_f_s_dn, "The name in it, as ssl_c_s_dn."),
    tls_name_row("ssl_f_i_dn", fetch_ssl_f_i_dn, "Who signed it, as ssl_c_s_dn."),
    tls_row("ssl_f_notbefore", Type::string, fetch_ssl_f_notbefore, "Since when it is good: YYMMDDhhmmssZ."),
    tls_row("ssl_f_notafter", Type::string, fetch_ssl_f_notafter, "Until when."),
    tls_row("ssl_f_serial", Type::binary, fetch_ssl_f_serial, "Its serial number."),
    tls_row("ssl_f_sha1", Type::binary, fetch_ssl_f_sha1, "Its fingerprint (SHA-1)."),
    tls_row("ssl_f_version", Type::sint, fetch_ssl_f_version, "Its version."),
    tls_row("ssl_f_sig_alg", Type::string, fetch_ssl_f_sig_alg, "How it is signed: `RSA-SHA256`."),
    tls_row("ssl_f_key_alg", Type::string, fetch_ssl_f_key_alg, "What key it is for: `rsaEncryption`."),
};

}  // namespace corelane::sample
