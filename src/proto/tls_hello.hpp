// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// The first message of a TLS connection as it passes by (RFC 8446, 4.1.2; RFC 6066, 3; RFC 7301, 3.1).
/// Nothing is deciphered: a client says where it wants to go before it knows anybody's key.
namespace corelane::proto {

inline constexpr int tls_client_hello = 1;
inline constexpr int tls_server_hello = 2;

/// What a client offers. Views lie in the bytes that it was read from, or in the reader's memory.
struct ClientHello {
  /// What a client offers of the session tickets of TLS 1.2.
  enum class Ticket : std::uint8_t { unsupported, none, given };

  std::uint16_t version = 0;      // 0x0301 is TLS 1.0; never more than 0x0303
  std::uint16_t version_max = 0;  // the highest one it offers: 0x0304 is TLS 1.3
  std::string_view server_name;   // empty: it named none
  std::string_view alpn;          // for AlpnNames
  Ticket ticket = Ticket::unsupported;
  bool elliptic_curves = false;  // it says which ones

  friend bool operator==(const ClientHello&, const ClientHello&) = default;
};

enum class TlsHelloError : std::uint8_t {
  none,
  not_tls,      // these are no records of a handshake
  bad_record,   // a record of a size that none has
  bad_message,  // a client's hello that ends too early, goes on behind its end, or says something twice
  too_long,     // beyond the limit or the memory
};

struct TlsHelloRead {
  enum class State : std::uint8_t { need_more, message, error };
  State state = State::need_more;
  TlsHelloError error = TlsHelloError::none;
  int type = -1;      // of the handshake message that has come completely; also of a bad one
  ClientHello hello;  // message, with tls_client_hello
};

/// The longest message that is read.
inline constexpr std::size_t tls_hello_bytes_max = 64 * 1024;

/// Reads the handshake message that a connection begins with from all bytes that have come so far. The answer
/// changes from need_more once, as soon as it is certain, and is the same whichever way the bytes come. A
/// message in several records is put together in `memory`.
TlsHelloRead read_tls_hello(std::string_view bytes, std::span<char> memory);

/// The names of ClientHello::alpn in their order.
class AlpnNames {
 public:
  explicit AlpnNames(std::string_view list) noexcept : rest_(list) {}

  bool next(std::string_view& name) noexcept {
    if (rest_.empty()) return false;
    const auto size = static_cast<unsigned char>(rest_.front());
    name = rest_.substr(1, size);
    rest_.remove_prefix(std::size_t{1} + size);
    return true;
  }

 private:
  std::string_view rest_;
};

}  // namespace corelane::proto
