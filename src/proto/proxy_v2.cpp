// SPDX-License-Identifier: Apache-2.0
// The binary form: 16 bytes, addresses, TLVs.
#include <algorithm>
#include <cstring>

#include "proto/crc32c.hpp"
#include "proto/proxy_read.hpp"
#include "proto/proxy_wire.hpp"

namespace corelane::proto {
namespace {

using wire::Family;

void read_ip(std::string_view block, base::Family family, std::size_t ip_bytes, ProxyHeader& header) {
  header.source.family = header.destination.family = family;
  std::memcpy(header.source.ip.data(), block.data(), ip_bytes);
  std::memcpy(header.destination.ip.data(), block.data() + ip_bytes, ip_bytes);
  header.source.port = wire::u16_at(block, 2 * ip_bytes);
  header.destination.port = wire::u16_at(block, 2 * ip_bytes + 2);
}

/// A name of the abstract namespace begins with a zero.
std::string_view read_path(std::string_view field) {
  const std::size_t last = field.find_last_not_of('\0');
  return last == std::string_view::npos ? std::string_view{} : field.substr(0, last + 1);
}

void read_addresses(std::string_view block, Family family, ProxyHeader& header) {
  switch (family) {
    case Family::ipv4:
      return read_ip(block, base::Family::ipv4, 4, header);
    case Family::ipv6:
      return read_ip(block, base::Family::ipv6, 16, header);
    case Family::unix_socket:
      header.source.family = header.destination.family = base::Family::unix_socket;
      header.source_path = read_path(block.substr(0, wire::unix_path_bytes));
      header.destination_path = read_path(block.substr(wire::unix_path_bytes));
      return;
    case Family::unspecified:
      return;
  }
}

bool read_ssl(std::string_view value, std::optional<ProxySsl>& ssl) {
  if (ssl || value.size() < wire::ssl_fixed_bytes) return false;
  std::string_view rest = value.substr(wire::ssl_fixed_bytes);
  ssl = ProxySsl{.client = wire::byte_at(value, 0), .verify = wire::u32_at(value, 1), .sub_tlvs = rest};
  wire::Tlv tlv;
  while (!rest.empty()) {
    if (!wire::next_tlv(rest, tlv)) return false;
  }
  return true;
}

bool keep(std::optional<std::string_view>& member, std::string_view value, std::size_t bytes_max) {
  if (member || value.size() > bytes_max) return false;
  member = value;
  return true;
}

/// Reads the TLVs of a header one after the other. What is not known is skipped.
class TlvReader {
 public:
  TlvReader(std::string_view whole, ProxyHeader& header) : whole_(whole), header_(header) {}

  ProxyError read(std::string_view rest) {
    wire::Tlv tlv;
    while (!rest.empty()) {
      if (!wire::next_tlv(rest, tlv) || !take(tlv)) return ProxyError::bad_tlv;
    }
    return checksum_.empty() || checksum_matches() ? ProxyError::none : ProxyError::bad_checksum;
  }

 private:
  bool take(const wire::Tlv& tlv) {
    switch (tlv.type) {
      case wire::tlv_alpn:
        return keep(header_.alpn, tlv.value, proxy_header_bytes_max);
      case wire::tlv_authority:
        return keep(header_.authority, tlv.value, proxy_authority_bytes_max);
      case wire::tlv_unique_id:
        return keep(header_.unique_id, tlv.value, proxy_unique_id_bytes_max);
      case wire::tlv_netns:
        return keep(header_.netns, tlv.value, proxy_header_bytes_max);
      case wire::tlv_ssl:
        return read_ssl(tlv.value, header_.ssl);
      case wire::tlv_crc32c:
        if (!checksum_.empty() || tlv.value.size() != wire::crc32c_bytes) return false;
        checksum_ = tlv.value;
        return true;
      default:
        return true;
    }
  }

  bool checksum_matches() const {
    const auto position = static_cast<std::size_t>(checksum_.data() - whole_.data());
    std::uint32_t crc = crc32c_add(crc32c_begin, whole_.substr(0, position));
    crc = crc32c_add(crc, std::string_view("\0\0\0\0", wire::crc32c_bytes));
    crc = crc32c_add(crc, whole_.substr(position + wire::crc32c_bytes));
    return crc32c_end(crc) == wire::u32_at(checksum_, 0);
  }

  std::string_view whole_;
  std::string_view checksum_;
  ProxyHeader& header_;
};

/// Each of the fixed bytes is judged as soon as it is there, in their order.
ProxyError check_fixed_bytes(std::string_view bytes) {
  if (bytes.size() <= 12) return ProxyError::none;
  const std::uint8_t version_command = wire::byte_at(bytes, 12);
  if ((version_command & 0xf0) != wire::version_2) return ProxyError::bad_version;
  const std::uint8_t command = version_command & 0x0f;
  if (command != wire::command_local && command != wire::command_proxy) return ProxyError::bad_command;
  if (bytes.size() <= 13) return ProxyError::none;
  const std::uint8_t family = wire::byte_at(bytes, 13);
  // The family of LOCAL is to be ignored.
  if (command == wire::command_proxy && ((family >> 4) > 3 || (family & 0x0f) > 2))
    return ProxyError::bad_family;
  if (bytes.size() < wire::fixed_bytes) return ProxyError::none;
  if (wire::fixed_bytes + wire::u16_at(bytes, 14) > proxy_header_bytes_max) return ProxyError::too_long;
  return ProxyError::none;
}

}  // namespace

ProxyHeaderResult read_proxy_v2(std::string_view bytes) {
  const ProxyError fault = check_fixed_bytes(bytes);
  if (fault != ProxyError::none) return proxy_header_error(fault);
  if (bytes.size() < wire::fixed_bytes) return {};
  ProxyHeaderResult result;
  result.consumed = wire::fixed_bytes + wire::u16_at(bytes, 14);
  if (bytes.size() < result.consumed) return {};
  result.state = ProxyHeaderResult::State::header;
  const auto family = static_cast<Family>(wire::byte_at(bytes, 13) >> 4);
  const auto transport = static_cast<ProxyTransport>(wire::byte_at(bytes, 13) & 0x0f);
  const bool is_local = (wire::byte_at(bytes, 12) & 0x0f) == wire::command_local;
  // Without addresses nothing says where TLVs begin: what comes with LOCAL is to be ignored.
  if (is_local || family == Family::unspecified || transport == ProxyTransport::unspecified) return result;
  const std::string_view block = bytes.substr(wire::fixed_bytes, result.consumed - wire::fixed_bytes);
  const std::size_t address_bytes = wire::address_bytes(family);
  if (block.size() < address_bytes) return proxy_header_error(ProxyError::bad_length);
  ProxyHeader& header = result.header;
  header.local = false;
  header.transport = transport;
  read_addresses(block.substr(0, address_bytes), family, header);
  TlvReader reader(bytes.substr(0, result.consumed), header);
  const ProxyError tlv_fault = reader.read(block.substr(address_bytes));
  return tlv_fault == ProxyError::none ? result : proxy_header_error(tlv_fault);
}

}  // namespace corelane::proto
