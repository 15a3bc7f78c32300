// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tls/connection.hpp"

/// What rules and logs can learn of a connection. Texts are views into the connection (they last as long as
/// it) where nothing is said of `out`, and lie in `out` elsewhere; without a value when the peer has not said
/// it, there is no such thing, or `out` is too small. Nothing is allocated for good.
namespace corelane::tls {

std::optional<std::string_view> server_name(const Connection& connection);  // SNI
std::optional<std::string_view> alpn(const Connection& connection);
std::optional<std::string_view> cipher(const Connection& connection);    // OpenSSL's name
std::optional<std::string_view> protocol(const Connection& connection);  // "TLSv1.3"
std::optional<std::string_view> curve(const Connection& connection);     // "X25519"
std::optional<std::string_view> session_id(const Connection& connection);
bool is_resumed(const Connection& connection);
/// Bits of the cipher's key: those that it has, and those that it is worth.
int cipher_key_bits(const Connection& connection);
int cipher_strength_bits(const Connection& connection);
/// tls-unique (RFC 5929) up to TLS 1.2; nothing with TLS 1.3.
std::optional<std::string_view> unique_id(const Connection& connection, std::span<char> out);
std::optional<std::string_view> client_random(const Connection& connection, std::span<char> out);
std::optional<std::string_view> server_random(const Connection& connection, std::span<char> out);

/// The peer has shown a certificate, in this connection or in the one that it resumes.
bool has_peer_certificate(const Connection& connection);
/// It has shown it in this one.
bool is_peer_certificate_fresh(const Connection& connection);

enum class Whose : std::uint8_t { peer, own };

std::optional<std::string_view> certificate_der(const Connection& connection, Whose whose);
/// The peer's certificates, one behind the other: all that a server has shown; of a client, as with OpenSSL,
/// those behind its own.
std::optional<std::string_view> chain_der(const Connection& connection, std::span<char> out);
/// How large they are together, for who makes room.
std::size_t chain_der_size(const Connection& connection);

enum class Name : std::uint8_t { subject, issuer };
enum class NameFormat : std::uint8_t {
  slashes,  // "/C=FR/O=HAProxy/CN=a"
  rfc2253,  // "CN=a,O=HAProxy,C=FR"
};
struct NameEntry {
  std::string_view attribute;  // "CN", in any case; empty: the whole name
  int occurrence = 1;          // the first; -1 is the last
};
std::optional<std::string_view> distinguished_name(const Connection& connection, Whose whose, Name name,
                                                   const NameEntry& entry, NameFormat format,
                                                   std::span<char> out);

enum class Bound : std::uint8_t { not_before, not_after };
/// "YYMMDDhhmmssZ", as the certificate says it.
std::optional<std::string_view> validity(const Connection& connection, Whose whose, Bound bound);
std::optional<std::string_view> serial(const Connection& connection, Whose whose);  // bytes
std::optional<std::string_view> sha1(const Connection& connection, Whose whose,
                                     std::span<char> out);              // 20 bytes
std::optional<int> version(const Connection& connection, Whose whose);  // 3
std::optional<std::string_view> signature_algorithm(const Connection& connection,
                                                    Whose whose);                          // "RSA-SHA256"
std::optional<std::string_view> key_algorithm(const Connection& connection, Whose whose);  // "rsaEncryption"
std::optional<int> key_bits(const Connection& connection, Whose whose);
/// "RSA2048", "EC256"; of no other kinds.
std::optional<std::string_view> key_kind(const Connection& connection, Whose whose, std::span<char> out);

}  // namespace corelane::tls
