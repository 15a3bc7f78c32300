// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ssl.h>

#include <optional>
#include <vector>

#include "tls/references.hpp"
#include "tls/settings.hpp"
#include "tls/sni_map.hpp"
#include "tls/tickets.hpp"

namespace corelane::tls {

class Connection;

/// What one certificate's names negotiate, and its key.
struct CertificateEntry {
  bssl::UniquePtr<SSL_CTX> context;
  bool is_ecdsa = false;
  bool overrides = false;  // `handshake` differs from the bind's
  HandshakeSettings handshake;
};

/// The inside of a ServerContext, for this folder.
class ServerContextState : public Counted<ServerContextState> {
 public:
  std::vector<CertificateEntry> entries;
  SniMap names;
  Tickets tickets;
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

/// Where callbacks of the library find what they are for.
ServerContextState& state_of(const SSL* ssl) noexcept;
Connection& connection_of(const SSL* ssl) noexcept;

}  // namespace corelane::tls
