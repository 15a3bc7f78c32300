// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ssl.h>

#include "tls/settings.hpp"

/// What the library asks while a handshake goes on.
namespace corelane::tls {

struct CertificateEntry;

void set_server_callbacks(SSL_CTX* context, Verify verify, bool sessions);
void set_client_callbacks(SSL_CTX* context, bool verify, bool sessions);

/// Lets clients choose among the entry's protocols. It stays where it is.
void offer_alpn(CertificateEntry& entry);

/// Passes the entry's OCSP response on while it is good. It stays where it is.
void limit_staple(CertificateEntry& entry);

}  // namespace corelane::tls
