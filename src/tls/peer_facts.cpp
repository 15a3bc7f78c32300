// SPDX-License-Identifier: Apache-2.0
#include "tls/peer_facts.hpp"

#include <openssl/ssl.h>

namespace corelane::tls {
namespace {

std::optional<std::string_view> text(const char* pointer) {
  if (pointer == nullptr) return std::nullopt;
  return std::string_view(pointer);
}

std::optional<std::string_view> view(const std::uint8_t* bytes, std::size_t size) {
  if (bytes == nullptr || size == 0) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(bytes), size);
}

std::uint8_t* bytes_of(std::span<char> out) {
  return reinterpret_cast<std::uint8_t*>(out.data());
}

}  // namespace

std::optional<std::string_view> server_name(const Connection& connection) {
  if (!connection.is_open()) return std::nullopt;
  return text(SSL_get_servername(connection.native(), TLSEXT_NAMETYPE_host_name));
}

std::optional<std::string_view> alpn(const Connection& connection) {
  if (!connection.is_open()) return std::nullopt;
  const std::uint8_t* bytes = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(connection.native(), &bytes, &size);
  return view(bytes, size);
}

std::optional<std::string_view> cipher(const Connection& connection) {
  if (!connection.is_open()) return std::nullopt;
  const SSL_CIPHER* const cipher = SSL_get_current_cipher(connection.native());
  if (cipher == nullptr) return std::nullopt;
  // OpenSSL's name of a suite of TLS 1.3 is the standard's, BoringSSL's is not.
  return text(SSL_CIPHER_get_min_version(cipher) >= TLS1_3_VERSION ? SSL_CIPHER_standard_name(cipher)
                                                                   : SSL_CIPHER_get_name(cipher));
}

std::optional<std::string_view> protocol(const Connection& connection) {
  if (!connection.is_ready()) return std::nullopt;
  return text(SSL_get_version(connection.native()));
}

std::optional<std::string_view> curve(const Connection& connection) {
  if (!connection.is_open()) return std::nullopt;
  const std::uint16_t id = SSL_get_curve_id(connection.native());
  return id == 0 ? std::nullopt : text(SSL_get_curve_name(id));
}

std::optional<std::string_view> session_id(const Connection& connection) {
  if (!connection.is_ready()) return std::nullopt;
  const SSL_SESSION* const session = SSL_get_session(connection.native());
  if (session == nullptr) return std::nullopt;
  unsigned size = 0;
  const std::uint8_t* const bytes = SSL_SESSION_get_id(session, &size);
  return view(bytes, size);
}

bool is_resumed(const Connection& connection) {
  return connection.is_ready() && SSL_session_reused(connection.native()) == 1;
}

int cipher_key_bits(const Connection& connection) {
  int bits = 0;
  if (connection.is_open()) SSL_CIPHER_get_bits(SSL_get_current_cipher(connection.native()), &bits);
  return bits;
}

int cipher_strength_bits(const Connection& connection) {
  if (!connection.is_open()) return 0;
  return SSL_CIPHER_get_bits(SSL_get_current_cipher(connection.native()), nullptr);
}

std::optional<std::string_view> unique_id(const Connection& connection, std::span<char> out) {
  if (!connection.is_ready()) return std::nullopt;
  std::size_t size = 0;
  if (SSL_get_tls_unique(connection.native(), bytes_of(out), &size, out.size()) != 1) return std::nullopt;
  return view(bytes_of(out), size);
}

std::optional<std::string_view> client_random(const Connection& connection, std::span<char> out) {
  if (!connection.is_open() || out.size() < SSL3_RANDOM_SIZE) return std::nullopt;
  return view(bytes_of(out), SSL_get_client_random(connection.native(), bytes_of(out), SSL3_RANDOM_SIZE));
}

std::optional<std::string_view> server_random(const Connection& connection, std::span<char> out) {
  if (!connection.is_open() || out.size() < SSL3_RANDOM_SIZE) return std::nullopt;
  return view(bytes_of(out), SSL_get_server_random(connection.native(), bytes_of(out), SSL3_RANDOM_SIZE));
}

}  // namespace corelane::tls
