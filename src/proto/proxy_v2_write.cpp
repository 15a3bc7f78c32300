// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "proto/crc32c.hpp"
#include "proto/proxy_header.hpp"
#include "proto/proxy_wire.hpp"

namespace corelane::proto {
namespace {

using wire::Family;

/// Puts bytes behind each other; what does not fit is counted and not written.
class Writer {
 public:
  explicit Writer(std::span<char> out) : out_(out) {}

  void bytes(std::string_view value) {
    if (value.size() <= out_.size() - std::min(out_.size(), size_))
      std::copy(value.begin(), value.end(), out_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += value.size();
  }
  void u8(std::uint8_t value) {
    const char byte = static_cast<char>(value);
    bytes({&byte, 1});
  }
  void u16(std::size_t value) {
    u8(static_cast<std::uint8_t>(value >> 8));
    u8(static_cast<std::uint8_t>(value));
  }
  void u32(std::uint32_t value) {
    u16(value >> 16);
    u16(value & 0xffff);
  }
  void ip(const base::Endpoint& endpoint, std::size_t ip_bytes) {
    for (std::size_t i = 0; i < ip_bytes; ++i) u8(endpoint.ip[i]);
  }
  void path(std::string_view value) {
    const std::string_view used = value.substr(0, wire::unix_path_bytes);
    bytes(used);
    for (std::size_t i = used.size(); i < wire::unix_path_bytes; ++i) u8(0);
  }
  void tlv(std::uint8_t type, const std::optional<std::string_view>& value) {
    if (!value) return;
    u8(type);
    u16(value->size());
    bytes(*value);
  }

  std::size_t size() const { return size_; }
  bool fits() const { return size_ <= out_.size(); }
  std::string_view text() const { return {out_.data(), size_}; }
  /// Writes over what stands at `position` already.
  void patch(std::size_t position, const auto& write) {
    const std::size_t end = std::exchange(size_, position);
    write(*this);
    size_ = end;
  }

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
};

Family family_of(const ProxyHeader& header) {
  if (header.local) return Family::unspecified;
  const base::Family source = header.source.family;
  const base::Family destination = header.destination.family;
  const auto is = [&](base::Family family) { return source == family && destination == family; };
  if (is(base::Family::ipv4)) return Family::ipv4;
  if (is(base::Family::unix_socket)) return Family::unix_socket;
  return base::is_ip(source) && base::is_ip(destination) ? Family::ipv6 : Family::unspecified;
}

void write_addresses(Writer& writer, const ProxyHeader& header, Family family) {
  switch (family) {
    case Family::ipv4:
      writer.ip(header.source, 4);
      writer.ip(header.destination, 4);
      break;
    case Family::ipv6:
      writer.ip(base::endpoint_as_ipv6(header.source), 16);
      writer.ip(base::endpoint_as_ipv6(header.destination), 16);
      break;
    case Family::unix_socket:
      writer.path(header.source_path);
      writer.path(header.destination_path);
      return;
    case Family::unspecified:
      return;
  }
  writer.u16(header.source.port);
  writer.u16(header.destination.port);
}

}  // namespace

std::string_view write_proxy_ssl(const ProxySslFacts& facts, std::span<char> memory) {
  Writer writer(memory);
  writer.tlv(wire::tlv_ssl_version, facts.version);
  writer.tlv(wire::tlv_ssl_cn, facts.common_name);
  writer.tlv(wire::tlv_ssl_key, facts.key_algorithm);
  writer.tlv(wire::tlv_ssl_signature, facts.signature_algorithm);
  writer.tlv(wire::tlv_ssl_cipher, facts.cipher);
  CORELANE_CHECK(writer.fits());
  return writer.text();
}

std::string_view proxy_ssl_wished(std::string_view sub_tlvs, const ProxySslWish& wish,
                                  std::span<char> memory) {
  const auto is_wished = [&wish](std::uint8_t type) {
    switch (type) {
      case wire::tlv_ssl_cn:
        return wish.common_name;
      case wire::tlv_ssl_cipher:
        return wish.cipher;
      case wire::tlv_ssl_signature:
        return wish.signature_algorithm;
      case wire::tlv_ssl_key:
        return wish.key_algorithm;
      default:
        return true;
    }
  };
  Writer writer(memory);
  wire::Tlv tlv;
  while (wire::next_tlv(sub_tlvs, tlv)) {
    if (is_wished(tlv.type)) writer.tlv(tlv.type, tlv.value);
  }
  return writer.text();
}

std::size_t write_proxy_v2(const ProxyHeader& header, bool checksum, std::span<char> out) {
  const Family family = family_of(header);
  const bool local = family == Family::unspecified;
  Writer writer(out);
  writer.bytes(wire::v2_signature);
  writer.u8(wire::version_2 | (local ? wire::command_local : wire::command_proxy));
  writer.u8(local ? 0
                  : static_cast<std::uint8_t>(static_cast<unsigned>(family) << 4 |
                                              static_cast<unsigned>(header.transport)));
  const std::size_t length_position = writer.size();
  writer.u16(0);
  write_addresses(writer, header, family);
  const std::size_t checksum_position = writer.size() + wire::tlv_bytes_min;
  if (checksum) writer.tlv(wire::tlv_crc32c, std::string_view("\0\0\0\0", wire::crc32c_bytes));
  writer.tlv(wire::tlv_alpn, header.alpn);
  writer.tlv(wire::tlv_authority, header.authority);
  writer.tlv(wire::tlv_unique_id, header.unique_id);
  if (header.ssl) {
    writer.u8(wire::tlv_ssl);
    writer.u16(wire::ssl_fixed_bytes + header.ssl->sub_tlvs.size());
    writer.u8(header.ssl->client);
    writer.u32(header.ssl->verify);
    writer.bytes(header.ssl->sub_tlvs);
  }
  writer.tlv(wire::tlv_netns, header.netns);
  const std::size_t length = writer.size() - wire::fixed_bytes;
  if (!writer.fits() || length > UINT16_MAX) return 0;
  writer.patch(length_position, [&](Writer& at) { at.u16(length); });
  if (checksum) {
    const std::uint32_t crc = crc32c_end(crc32c_add(crc32c_begin, writer.text()));
    writer.patch(checksum_position, [&](Writer& at) { at.u32(crc); });
  }
  return writer.size();
}

}  // namespace corelane::proto
