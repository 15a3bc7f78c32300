// SPDX-License-Identifier: Apache-2.0
#include "tls/client_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

#include "tls/callbacks.hpp"
#include "tls/context_settings.hpp"
#include "tls/context_state.hpp"

namespace corelane::tls {

ClientContext::Built ClientContext::build(const ClientSettings& settings, std::int64_t now) {
  Built built;
  auto* const state = new ClientContextState;
  std::unique_ptr<ClientContext> context(new ClientContext(state));
  state->context.reset(SSL_CTX_new(TLS_method()));
  state->verify_host = settings.verify_host;
  state->verify = settings.verify;
  state->reuse_sessions = settings.reuse_sessions;
  SSL_CTX* const library = state->context.get();
  Findings findings{built.errors, built.warnings, std::nullopt};
  const HandshakeSettings handshake = merged(settings.handshake, {});
  apply(handshake, library, findings);
  SSL_CTX_set_client_CA_list(library, nullptr);
  if (settings.verify && handshake.client_ca.empty())
    findings.error("verify", "a server's certificate is verified by \"ca\", which is missing");
  if (!settings.certificate.chain.empty()) apply(settings.certificate, now, library, findings);
  const std::string alpn = wire_alpn(handshake.alpn);
  SSL_CTX_set_alpn_protos(library, reinterpret_cast<const std::uint8_t*>(alpn.data()),
                          static_cast<unsigned>(alpn.size()));
  set_client_callbacks(library, settings.verify, settings.reuse_sessions);
  if (built.errors.empty()) built.context = std::move(context);
  return built;
}

ClientContext::~ClientContext() {
  state_->release();
}

Session& Session::operator=(Session&& other) noexcept {
  std::swap(session_, other.session_);
  return *this;
}

Session Session::share() const noexcept {
  if (session_ != nullptr) SSL_SESSION_up_ref(session_);
  return Session(session_);
}

bool Session::is_single_use() const noexcept {
  return session_ != nullptr && SSL_SESSION_should_be_single_use(session_) == 1;
}

Session::~Session() {
  SSL_SESSION_free(session_);
}

}  // namespace corelane::tls
