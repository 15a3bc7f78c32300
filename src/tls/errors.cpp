// SPDX-License-Identifier: Apache-2.0
#include "tls/errors.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>

namespace corelane::tls {
namespace {

struct Reason {
  int reason;
  Error error;
};
constexpr std::array reasons{
    Reason{SSL_R_HTTP_REQUEST, Error::plain_http},
    Reason{SSL_R_HTTPS_PROXY_REQUEST, Error::plain_http},
    Reason{SSL_R_WRONG_VERSION_NUMBER, Error::not_tls},
    Reason{SSL_R_UNSUPPORTED_PROTOCOL, Error::no_common_version},
    Reason{SSL_R_WRONG_SSL_VERSION, Error::no_common_version},
    Reason{SSL_R_INAPPROPRIATE_FALLBACK, Error::no_common_version},
    Reason{SSL_R_NO_SHARED_CIPHER, Error::no_common_cipher},
    Reason{SSL_R_NO_CIPHERS_AVAILABLE, Error::no_common_cipher},
    Reason{SSL_R_NO_SHARED_GROUP, Error::no_common_curve},
    Reason{SSL_R_WRONG_CURVE, Error::no_common_curve},
    Reason{SSL_R_NO_COMMON_SIGNATURE_ALGORITHMS, Error::no_common_curve},
    Reason{SSL_R_WRONG_SIGNATURE_TYPE, Error::no_common_curve},
    Reason{SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, Error::no_peer_certificate},
    Reason{SSL_R_CERTIFICATE_VERIFY_FAILED, Error::bad_peer_certificate},
    Reason{SSL_R_NO_RENEGOTIATION, Error::renegotiation},
    Reason{SSL_R_RENEGOTIATION_MISMATCH, Error::renegotiation},
    Reason{SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, Error::bad_record},
    Reason{SSL_R_DECRYPTION_FAILED, Error::bad_record},
};

constexpr std::array<std::string_view, static_cast<std::size_t>(Error::internal) + 1> error_words{
    "no error",
    "the first bytes are not TLS",
    "plain HTTP on a port for TLS",
    "no common version of TLS",
    "no common cipher",
    "no common curve or signature algorithm",
    "no certificate for the name that the client asks for",
    "the peer has shown no certificate",
    "the peer's certificate is refused",
    "the peer has given up with an alert",
    "renegotiation refused",
    "a record does not decrypt",
    "the peer violates the protocol",
    "the connection ended without close_notify",
    "no memory",
};

// Alerts that a peer sends have reasons of their own, by 1000 and the alert.
constexpr int alert_reasons = SSL_AD_REASON_OFFSET;

}  // namespace

Error take_error(bool unverified) noexcept {
  Error error = unverified ? Error::bad_peer_certificate : Error::protocol;
  while (const std::uint32_t packed = ERR_get_error()) {
    const int reason = ERR_GET_REASON(packed);
    if (reason == ERR_R_MALLOC_FAILURE) error = Error::internal;
    if (ERR_GET_LIB(packed) != ERR_LIB_SSL) continue;
    if (reason >= alert_reasons) error = Error::peer_alert;
    const auto* const found = std::find_if(reasons.begin(), reasons.end(),
                                           [reason](const Reason& row) { return row.reason == reason; });
    if (found != reasons.end()) error = found->error;
  }
  return error;
}

std::string_view words(Error error) noexcept {
  return error_words[static_cast<std::size_t>(error)];
}

}  // namespace corelane::tls
