// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ssl.h>

#include <string>
#include <vector>

#include "tls/ocsp.hpp"
#include "tls/references.hpp"
#include "tls/settings.hpp"
#include "tls/sni_map.hpp"
#include "tls/tickets.hpp"

namespace corelane::tls {

class SessionCache;

/// What one certificate's names negotiate, and its key.
struct CertificateEntry {
  bssl::UniquePtr<SSL_CTX> context;
  bool is_ecdsa = false;
  bool overrides = false;  // not the first one, which connections begin with
  HandshakeSettings handshake;
  std::string alpn;    // as messages have it
  StapleTimes staple;  // of the OCSP response, if there is one
};

/// The inside of a ServerContext, for this folder.
class ServerContextState : public Counted<ServerContextState> {
 public:
  std::vector<CertificateEntry> entries;
  SniMap names;
  std::string default_name;  // one that the first certificate is for
  Tickets tickets;
  SessionCache* sessions = nullptr;  // null: none
  VerifyCodes ca_ignore_errors;
  VerifyCodes crt_ignore_errors;
  bool strict_sni = false;
};

class ClientContextState : public Counted<ClientContextState> {
 public:
  bssl::UniquePtr<SSL_CTX> context;
  std::string verify_host;
  bool verify = true;
  bool reuse_sessions = true;
};

}  // namespace corelane::tls
