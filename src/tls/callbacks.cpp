// SPDX-License-Identifier: Apache-2.0
#include "tls/callbacks.hpp"

#include <openssl/bytestring.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <optional>

#include "tls/connection.hpp"
#include "tls/context_settings.hpp"
#include "tls/context_state.hpp"
#include "tls/session_cache.hpp"

namespace corelane::tls {

/// The library calls these with what it was given: they find the connection, and write to it.
struct Callbacks {
  static Connection& connection_of(const SSL* ssl) noexcept {
    return *static_cast<Connection*>(SSL_get_ex_data(ssl, 0));
  }

  static void time(const SSL*, timeval* out) {
    out->tv_sec = static_cast<decltype(out->tv_sec)>(time_now());
    out->tv_usec = 0;
  }

  static void info(const SSL* ssl, int type, int value) {
    const auto alert = static_cast<std::int16_t>(value & 0xff);
    if (type == SSL_CB_READ_ALERT) connection_of(ssl).alert_received_ = alert;
    if (type == SSL_CB_WRITE_ALERT) connection_of(ssl).alert_sent_ = alert;
    if ((type & SSL_CB_ALERT) != 0 && value >> 8 == SSL3_AL_FATAL) forget_session(ssl);
  }

  static int verify(int good, X509_STORE_CTX* context) {
    if (good == 1) return 1;
    auto* const ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
    Connection& connection = connection_of(ssl);
    const int code = X509_STORE_CTX_get_error(context);
    const int depth = X509_STORE_CTX_get_error_depth(context);
    if (depth == 0) {
      if (connection.crt_error_ == 0) connection.crt_error_ = static_cast<std::int16_t>(code);
    } else if (connection.ca_error_ == 0) {
      connection.ca_error_ = static_cast<std::int16_t>(code);
      connection.ca_error_depth_ = static_cast<std::int16_t>(depth);
    }
    if (connection.server_ != nullptr) {
      const VerifyCodes& ignored =
          depth == 0 ? connection.server_->crt_ignore_errors : connection.server_->ca_ignore_errors;
      // The code stays the verification's result: who was let in all the same is not told to be good.
      if (static_cast<std::size_t>(code) < ignored.size() && ignored[static_cast<std::size_t>(code)])
        return 1;
    }
    connection.verify_result_ = static_cast<std::int16_t>(code);
    return 0;
  }

  static ssl_select_cert_result_t select(const SSL_CLIENT_HELLO* hello);
  static int server_name(SSL* ssl, int* alert, void*);
  static int alpn(SSL* ssl, const std::uint8_t** out, std::uint8_t* out_size, const std::uint8_t* in,
                  unsigned in_size, void* entry);
  static int staple(SSL* ssl, void* entry);
  static int ticket(SSL* ssl, std::uint8_t* name, std::uint8_t* iv, EVP_CIPHER_CTX* cipher, HMAC_CTX* hmac,
                    int seal);
  static int session(SSL* ssl, SSL_SESSION* session);
  static int keep_session(SSL* ssl, SSL_SESSION* session);
  static SSL_SESSION* find_session(SSL* ssl, const std::uint8_t* id, int size, int* copy);
  static void forget_session(const SSL* ssl);
};

namespace {

constexpr std::uint16_t ecdsa_p256 = 0x0403;
constexpr std::uint16_t ecdsa_p384 = 0x0503;
constexpr std::uint16_t ecdsa_p521 = 0x0603;

/// The name of a client's hello (RFC 6066, 3); empty when it has none that can be read.
std::string_view asked_name(const SSL_CLIENT_HELLO* hello) {
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (SSL_early_callback_ctx_extension_get(hello, TLSEXT_TYPE_server_name, &bytes, &size) != 1) return {};
  CBS extension;
  CBS list;
  CBS name;
  std::uint8_t type = 0;
  CBS_init(&extension, bytes, size);
  if (CBS_get_u16_length_prefixed(&extension, &list) != 1 || CBS_get_u8(&list, &type) != 1 ||
      type != TLSEXT_NAMETYPE_host_name || CBS_get_u16_length_prefixed(&list, &name) != 1)
    return {};
  return {reinterpret_cast<const char*>(CBS_data(&name)), CBS_len(&name)};
}

/// Whether some suite of TLS 1.2 is for ECDSA, or TLS 1.3 is spoken, where suites do not say.
bool has_ecdsa_suite(const SSL_CLIENT_HELLO* hello) {
  CBS suites;
  CBS_init(&suites, hello->cipher_suites, hello->cipher_suites_len);
  std::uint16_t suite = 0;
  while (CBS_get_u16(&suites, &suite) == 1) {
    const SSL_CIPHER* const cipher = SSL_get_cipher_by_value(suite);
    if (cipher == nullptr) continue;
    const int auth = SSL_CIPHER_get_auth_nid(cipher);
    if (auth == NID_auth_ecdsa || auth == NID_auth_any) return true;
  }
  return false;
}

bool knows_ecdsa(const SSL_CLIENT_HELLO* hello) {
  if (!has_ecdsa_suite(hello)) return false;
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  // Before TLS 1.2 the suites are all there is to go by.
  if (SSL_early_callback_ctx_extension_get(hello, TLSEXT_TYPE_signature_algorithms, &bytes, &size) != 1)
    return true;
  CBS extension;
  CBS list;
  CBS_init(&extension, bytes, size);
  if (CBS_get_u16_length_prefixed(&extension, &list) != 1) return false;
  std::uint16_t algorithm = 0;
  while (CBS_get_u16(&list, &algorithm) == 1)
    if (algorithm == ecdsa_p256 || algorithm == ecdsa_p384 || algorithm == ecdsa_p521) return true;
  return false;
}

int verify_mode(Verify verify) noexcept {
  if (verify == Verify::none) return SSL_VERIFY_NONE;
  return verify == Verify::optional ? SSL_VERIFY_PEER : SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

/// Takes over what SSL_set_SSL_CTX leaves as it was.
bool switch_to(SSL* ssl, const CertificateEntry& entry) {
  if (SSL_set_SSL_CTX(ssl, entry.context.get()) == nullptr) return false;
  SSL_set_verify(ssl, verify_mode(*entry.handshake.verify), Callbacks::verify);
  bool good = SSL_set_min_proto_version(ssl, wire_version(*entry.handshake.version_min)) == 1 &&
              SSL_set_max_proto_version(ssl, wire_version(*entry.handshake.version_max)) == 1;
  if (!entry.handshake.curves.empty())
    good = good && SSL_set1_curves_list(ssl, entry.handshake.curves.c_str()) == 1;
  return good;
}

std::optional<SessionCache::Id> id_of(const SSL_SESSION* session) noexcept {
  unsigned size = 0;
  const std::uint8_t* const id = SSL_SESSION_get_id(session, &size);
  if (size != SessionCache::id_bytes) return std::nullopt;
  return SessionCache::Id(id, SessionCache::id_bytes);
}

}  // namespace

ssl_select_cert_result_t Callbacks::select(const SSL_CLIENT_HELLO* hello) {
  Connection& connection = connection_of(hello->ssl);
  if (connection.keeps_hello_ && connection.offered_ == nullptr) connection.offered_ = offered_copy(*hello);
  const ServerContextState& state = *connection.server_;
  if (state.entries.size() == 1 && !state.strict_sni) return ssl_select_cert_success;
  const bool ecdsa = knows_ecdsa(hello);
  std::optional<std::size_t> found = state.names.find(asked_name(hello), ecdsa);
  if (!found) {
    connection.unknown_name_ = state.strict_sni;
    // The default may be there with the other kind of key, too.
    found = state.names.find(state.default_name, ecdsa);
    if (!found) return ssl_select_cert_success;
  }
  const CertificateEntry& entry = state.entries[*found];
  if (!entry.overrides) return ssl_select_cert_success;
  return switch_to(hello->ssl, entry) ? ssl_select_cert_success : ssl_select_cert_error;
}

int Callbacks::server_name(SSL* ssl, int* alert, void*) {
  if (!connection_of(ssl).unknown_name_) return SSL_TLSEXT_ERR_OK;
  *alert = SSL_AD_UNRECOGNIZED_NAME;
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int Callbacks::alpn(SSL*, const std::uint8_t** out, std::uint8_t* out_size, const std::uint8_t* in,
                    unsigned in_size, void* entry) {
  const std::string& ours = static_cast<const CertificateEntry*>(entry)->alpn;
  std::uint8_t* chosen = nullptr;
  const int result =
      SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const std::uint8_t*>(ours.data()),
                            static_cast<unsigned>(ours.size()), in, in_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// Only asked for clients that want a response.
int Callbacks::staple(SSL*, void* entry) {
  return static_cast<const CertificateEntry*>(entry)->staple.covers(time_now()) ? SSL_TLSEXT_ERR_OK
                                                                                : SSL_TLSEXT_ERR_NOACK;
}

int Callbacks::ticket(SSL* ssl, std::uint8_t* name, std::uint8_t* iv, EVP_CIPHER_CTX* cipher, HMAC_CTX* hmac,
                      int seal) {
  Tickets& tickets = connection_of(ssl).server_->tickets;
  return seal != 0 ? tickets.seal(name, iv, cipher, hmac, time_now())
                   : tickets.open(name, iv, cipher, hmac, time_now());
}

int Callbacks::session(SSL* ssl, SSL_SESSION* session) {
  Connection& connection = connection_of(ssl);
  SSL_SESSION_free(connection.session_);
  connection.session_ = session;
  return 1;
}

// Called for clients with tickets, too, whose sessions have no id.
int Callbacks::keep_session(SSL* ssl, SSL_SESSION* session) {
  Connection& connection = connection_of(ssl);
  const std::optional<SessionCache::Id> id = id_of(session);
  if (!id) return 0;
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (SSL_SESSION_to_bytes(session, &bytes, &size) != 1) {
    ERR_clear_error();
    return 0;
  }
  const bssl::UniquePtr<std::uint8_t> owner(bytes);
  const auto end =
      static_cast<std::int64_t>(SSL_SESSION_get_time(session) + SSL_SESSION_get_timeout(session));
  connection.session_not_kept_ = !connection.server_->sessions->keep(*id, {bytes, size}, end);
  return 0;  // the session stays the library's
}

// Whether it may be taken up here (session id context, version, cipher) the library judges.
SSL_SESSION* Callbacks::find_session(SSL* ssl, const std::uint8_t* id, int size, int* copy) {
  *copy = 0;  // what is returned is the library's
  Connection& connection = connection_of(ssl);
  connection.session_use_ = SessionUse::missed;
  if (static_cast<std::size_t>(size) != SessionCache::id_bytes) return nullptr;
  SessionCache::Room room;
  const auto bytes =
      connection.server_->sessions->find(SessionCache::Id(id, SessionCache::id_bytes), time_now(), room);
  if (!bytes) return nullptr;
  SSL_SESSION* const session = SSL_SESSION_from_bytes(bytes->data(), bytes->size(), SSL_get_SSL_CTX(ssl));
  if (session == nullptr) {
    ERR_clear_error();
    return nullptr;
  }
  connection.session_use_ = SessionUse::found;
  return session;
}

// RFC 5246, 7.2.2: who has come to a fatal alert does not come back to the session.
void Callbacks::forget_session(const SSL* ssl) {
  const ServerContextState* const state = connection_of(ssl).server_;
  if (state == nullptr || state->sessions == nullptr) return;
  const SSL_SESSION* const session = SSL_get_session(ssl);
  const std::optional<SessionCache::Id> id = session == nullptr ? std::nullopt : id_of(session);
  if (id) state->sessions->forget(*id);
}

void set_server_callbacks(SSL_CTX* context, Verify verify, bool sessions) {
  SSL_CTX_set_current_time_cb(context, Callbacks::time);
  SSL_CTX_set_info_callback(context, Callbacks::info);
  SSL_CTX_set_verify(context, verify_mode(verify), Callbacks::verify);
  SSL_CTX_set_select_certificate_cb(context, Callbacks::select);
  SSL_CTX_set_tlsext_servername_callback(context, Callbacks::server_name);
  SSL_CTX_set_tlsext_ticket_key_cb(context, Callbacks::ticket);
  if (!sessions) return;
  SSL_CTX_sess_set_new_cb(context, Callbacks::keep_session);
  SSL_CTX_sess_set_get_cb(context, Callbacks::find_session);
}

void set_client_callbacks(SSL_CTX* context, bool verify, bool sessions) {
  SSL_CTX_set_current_time_cb(context, Callbacks::time);
  SSL_CTX_set_info_callback(context, Callbacks::info);
  SSL_CTX_set_verify(context, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, Callbacks::verify);
  if (!sessions) return;
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, Callbacks::session);
}

void limit_staple(CertificateEntry& entry) {
  SSL_CTX_set_tlsext_status_cb(entry.context.get(), Callbacks::staple);
  SSL_CTX_set_tlsext_status_arg(entry.context.get(), &entry);
}

void offer_alpn(CertificateEntry& entry) {
  if (!entry.alpn.empty()) SSL_CTX_set_alpn_select_cb(entry.context.get(), Callbacks::alpn, &entry);
}

}  // namespace corelane::tls
