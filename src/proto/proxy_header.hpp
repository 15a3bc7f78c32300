// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/endpoint.hpp"

/// The PROXY protocol, versions 1 and 2, as HAProxy's proxy-protocol.txt describes it: what the first bytes
/// of a connection say of the client that it is made for.
namespace corelane::proto {

inline constexpr std::size_t proxy_v1_bytes_max = 107;  // with CRLF
/// The longest header that is read; version 2 could announce 65551 bytes. nginx has the same limit.
inline constexpr std::size_t proxy_header_bytes_max = 4096;
/// Room for every header that was read, written again with a checksum, and for what it did not say: an ALPN
/// and a host name of 255 bytes, a unique id, and the sub-TLVs of the client's TLS.
inline constexpr std::size_t proxy_header_written_bytes_max = proxy_header_bytes_max + 1536;
inline constexpr std::size_t proxy_authority_bytes_max = 255;  // a host name, and HAProxy's limit
inline constexpr std::size_t proxy_unique_id_bytes_max = 128;

enum class ProxyTransport : std::uint8_t { unspecified, stream, datagram };

inline constexpr std::uint8_t proxy_client_ssl = 1;
inline constexpr std::uint8_t proxy_client_certificate_connection = 2;  // shown on this connection
inline constexpr std::uint8_t proxy_client_certificate_session = 4;     // or on one whose session it resumes

/// What the sender knows of the client's TLS connection (PP2_TYPE_SSL).
struct ProxySsl {
  std::uint8_t client = 0;    // the bits above
  std::uint32_t verify = 0;   // 0: a certificate was there and is good
  std::string_view sub_tlvs;  // well-formed, in the form of the wire

  friend bool operator==(const ProxySsl&, const ProxySsl&) = default;
};

/// A header. Its texts lie in the bytes that it was read from.
struct ProxyHeader {
  /// LOCAL, or addresses that are unknown: those of the connection itself count.
  bool local = true;
  ProxyTransport transport = ProxyTransport::stream;
  base::Endpoint source;  // both of one family, none where they are unknown
  base::Endpoint destination;
  std::string_view source_path;  // of UNIX addresses, without the zeroes behind them
  std::string_view destination_path;
  std::optional<std::string_view> alpn;
  std::optional<std::string_view> authority;
  std::optional<std::string_view> unique_id;
  std::optional<ProxySsl> ssl;
  std::optional<std::string_view> netns;

  friend bool operator==(const ProxyHeader&, const ProxyHeader&) = default;
};

enum class ProxyError : std::uint8_t {
  none,
  no_header,     // the first bytes are those of something else
  bad_version,   // version 2's signature with another version
  bad_command,   // neither LOCAL nor PROXY
  bad_family,    // an address family or transport that the protocol does not know
  bad_line,      // version 1: not the fields that there must be
  too_long,      // no CRLF within 107 bytes, or a length beyond the limit
  bad_length,    // version 2: too short for its addresses
  bad_tlv,       // a TLV that passes the end, has a wrong size or comes twice
  bad_checksum,  // CRC32C
  no_room,       // too many connections wait with their headers; never said by the reader
  count,
};

/// "bad_checksum": for log lines. Empty for none.
std::string_view proxy_error_word(ProxyError error);

struct ProxyHeaderResult {
  enum class State : std::uint8_t { need_more, header, error };
  State state = State::need_more;
  std::size_t consumed = 0;  // header: bytes that belong to it
  ProxyError error = ProxyError::none;
  ProxyHeader header;
};

/// Reads the header that a connection begins with from all bytes that have come so far. The answer changes
/// from need_more once, as soon as it is certain, and is the same whichever way the bytes come.
ProxyHeaderResult read_proxy_header(std::string_view bytes);

/// Both write a header to `out` and return its size, 0 when it does not fit. Addresses of mixed families are
/// written as IPv6. Version 1 has neither TLVs nor anything but IP addresses: "PROXY UNKNOWN" stands for all
/// else.
std::size_t write_proxy_v1(const ProxyHeader& header, std::span<char> out);
std::size_t write_proxy_v2(const ProxyHeader& header, bool checksum, std::span<char> out);

/// What the sub-TLVs of a ProxySsl say, as far as it is known.
struct ProxySslFacts {
  std::optional<std::string_view> version;              // "TLSv1.3"
  std::optional<std::string_view> common_name;          // in the client's certificate
  std::optional<std::string_view> key_algorithm;        // of the certificate that the client saw: "RSA2048"
  std::optional<std::string_view> signature_algorithm;  // of the same: "RSA-SHA256"
  std::optional<std::string_view> cipher;
};
/// Their sub-TLVs in HAProxy's order, in `memory`, which has room for all of them.
std::string_view write_proxy_ssl(const ProxySslFacts& facts, std::span<char> memory);

/// What of a ProxySsl is told to those alone who ask for it.
struct ProxySslWish {
  bool common_name = false;
  bool key_algorithm = false;
  bool signature_algorithm = false;
  bool cipher = false;
};
/// Those sub-TLVs that are wished for, and all others, in `memory`, which is as large as they are at least.
std::string_view proxy_ssl_wished(std::string_view sub_tlvs, const ProxySslWish& wish,
                                  std::span<char> memory);

}  // namespace corelane::proto
