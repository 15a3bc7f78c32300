// SPDX-License-Identifier: Apache-2.0
#include "tls/context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>

#include "tls/callbacks.hpp"
#include "tls/context_settings.hpp"
#include "tls/context_state.hpp"
#include "tls/pem.hpp"

namespace corelane::tls {
namespace {

thread_local std::int64_t thread_time = 0;

void add_digest(SHA256_CTX& digest, std::string_view bytes) {
  const std::size_t size = bytes.size();
  SHA256_Update(&digest, &size, sizeof(size));
  SHA256_Update(&digest, bytes.data(), size);
}

/// A session may be resumed only where its client would have been judged in the same way.
void set_session_scope(const HandshakeSettings& handshake, const ServerSettings& settings, SSL_CTX* context) {
  SHA256_CTX digest;
  SHA256_Init(&digest);
  const auto verify = static_cast<std::uint8_t>(*handshake.verify);
  SHA256_Update(&digest, &verify, sizeof(verify));
  if (*handshake.verify != Verify::none) {
    for (const NamedBytes& file : handshake.client_ca) add_digest(digest, file.bytes);
    for (const NamedBytes& file : handshake.crl) add_digest(digest, file.bytes);
    add_digest(digest, settings.ca_ignore_errors.to_string());
    add_digest(digest, settings.crt_ignore_errors.to_string());
  }
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> scope{};
  SHA256_Final(scope.data(), &digest);
  SSL_CTX_set_session_id_context(context, scope.data(), scope.size());
}

bool is_ecdsa(SSL_CTX* context) {
  const EVP_PKEY* const key = SSL_CTX_get0_privatekey(context);
  return key != nullptr && EVP_PKEY_id(key) != EVP_PKEY_RSA;
}

/// The library's own cache is one of each context, behind a lock: it is not even looked at.
void set_sessions(const ServerSettings& settings, bool early_data, bool cached, SSL_CTX* context) {
  SSL_CTX_set_session_cache_mode(
      context, SSL_SESS_CACHE_NO_INTERNAL | (cached ? SSL_SESS_CACHE_SERVER : SSL_SESS_CACHE_OFF));
  SSL_CTX_set_timeout(context, static_cast<std::uint32_t>(settings.session_seconds));
  SSL_CTX_set_session_psk_dhe_timeout(context, static_cast<std::uint32_t>(settings.session_seconds));
  if (!settings.tickets.enabled) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_early_data_enabled(context, early_data ? 1 : 0);
}

CertificateEntry build_entry(const ServerSettings& settings, const CertificateSettings& certificate,
                             std::int64_t now, bool cached, Findings& findings) {
  CertificateEntry entry;
  entry.context.reset(SSL_CTX_new(TLS_method()));
  entry.handshake = merged(settings.handshake, certificate.handshake);
  if (certificate.no_alpn) entry.handshake.alpn.clear();
  SSL_CTX* const context = entry.context.get();
  apply(entry.handshake, context, findings);
  apply(certificate, now, context, findings);
  entry.staple = apply_ocsp(certificate, now, context, findings);
  if (*entry.handshake.verify != Verify::none && entry.handshake.client_ca.empty())
    findings.error("verify", "clients' certificates are verified by \"client_ca\", which is missing");
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  set_sessions(settings, settings.early_data || certificate.early_data, cached, context);
  set_session_scope(entry.handshake, settings, context);
  set_server_callbacks(context, *entry.handshake.verify, cached);
  entry.is_ecdsa = is_ecdsa(context);
  entry.alpn = wire_alpn(entry.handshake.alpn);
  return entry;
}

/// A name that the first of these is for.
std::string any_name_of(const std::vector<std::string>& names) {
  const auto names_one = [](const std::string& name) { return !name.starts_with('!') && name != "*"; };
  const auto found = std::find_if(names.begin(), names.end(), names_one);
  if (found == names.end()) return {};
  return found->starts_with('*') ? "any" + found->substr(1) : *found;
}

void add_names(ServerContextState& state, const CertificateSettings& certificate, std::size_t index) {
  const CertificateEntry& entry = state.entries[index];
  const SniMap::Key key = entry.is_ecdsa ? SniMap::Key::ecdsa : SniMap::Key::rsa;
  std::vector<std::string> names = certificate.names;
  const auto excludes = [](const std::string& name) { return name.starts_with('!'); };
  if (std::all_of(names.begin(), names.end(), excludes))
    if (X509* const leaf = SSL_CTX_get0_certificate(entry.context.get()))
      for (std::string& name : names_of(leaf)) names.push_back(std::move(name));
  for (const std::string& name : names) state.names.add(name, key, index);
  if (index == 0) state.default_name = any_name_of(names);
}

}  // namespace

void set_time(std::int64_t now) noexcept {
  thread_time = now;
}

std::int64_t time_now() noexcept {
  return thread_time;
}

ServerContext::Built ServerContext::build(const ServerSettings& settings, std::int64_t now,
                                          SessionCache* sessions) {
  Built built;
  auto* const state = new ServerContextState;
  std::unique_ptr<ServerContext> context(new ServerContext(state));
  state->ca_ignore_errors = settings.ca_ignore_errors;
  state->crt_ignore_errors = settings.crt_ignore_errors;
  state->strict_sni = settings.strict_sni;
  state->tickets.set(settings.tickets);
  state->sessions = sessions;
  Findings findings{built.errors, built.warnings, std::nullopt};
  if (settings.certificates.empty())
    findings.error("certificates", "a bind with TLS needs at least one certificate");
  for (std::size_t i = 0; i < settings.certificates.size(); ++i) {
    findings.certificate = i;
    state->entries.push_back(
        build_entry(settings, settings.certificates[i], now, sessions != nullptr, findings));
    add_names(*state, settings.certificates[i], i);
  }
  for (CertificateEntry& entry : state->entries) {
    entry.overrides = &entry != &state->entries.front();
    offer_alpn(entry);
    limit_staple(entry);
  }
  if (built.errors.empty()) built.context = std::move(context);
  return built;
}

ServerContext::~ServerContext() {
  state_->release();
}

void ServerContext::replace_tickets(const TicketSettings& tickets) {
  state_->tickets.set(tickets);
}

}  // namespace corelane::tls
