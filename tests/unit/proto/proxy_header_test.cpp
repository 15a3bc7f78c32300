// SPDX-License-Identifier: Apache-2.0
#include "proto/proxy_header.hpp"

#include <doctest/doctest.h>

#include <array>

#include "headers.hpp"

using namespace corelane::proto;
using corelane::base::Family;
using State = ProxyHeaderResult::State;

namespace {

/// The result must be the same whichever way the bytes come: nothing before it, and nothing else after it.
ProxyHeaderResult read(const std::string& bytes) {
  ProxyHeaderResult whole = read_proxy_header(bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const ProxyHeaderResult part = read_proxy_header(std::string_view(bytes).substr(0, size));
    if (part.state == State::need_more) continue;
    CHECK(part.state == whole.state);
    CHECK(part.error == whole.error);
    CHECK(part.consumed == whole.consumed);
    CHECK(part.header == whole.header);
  }
  return whole;
}

/// Its texts lie in `bytes`.
ProxyHeader header_of(const std::string& bytes) {
  const ProxyHeaderResult result = read(bytes);
  CHECK(result.state == State::header);
  CHECK(result.consumed == bytes.size());
  CHECK(read(bytes + "PROXY data").consumed == bytes.size());
  return result.header;
}

std::string_view fault_of(const std::string& bytes) {
  const ProxyHeaderResult result = read(bytes);
  CHECK((result.state == State::error) == (result.error != ProxyError::none));
  return result.state == State::need_more ? "need more" : proxy_error_word(result.error);
}

}  // namespace

TEST_CASE("version 1 with addresses") {
  const ProxyHeader ipv4 = header_of("PROXY TCP4 192.0.2.1 198.51.100.2 1025 443\r\n");
  CHECK(!ipv4.local);
  CHECK(ipv4.source == endpoint("192.0.2.1", 1025));
  CHECK(ipv4.destination == endpoint("198.51.100.2", 443));
  const ProxyHeader ipv6 = header_of("PROXY TCP6 2001:DB8::1 ::ffff:198.51.100.2 0 65535\r\n");
  CHECK(ipv6.source == endpoint("2001:db8::1", 0));
  CHECK(ipv6.destination == endpoint("::ffff:198.51.100.2", 65535));
}

TEST_CASE("the longest line of version 1") {
  const std::string group = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  const std::string line = "PROXY UNKNOWN " + group + " " + group + " 65535 65535\r\n";
  CHECK(line.size() == proxy_v1_bytes_max);
  CHECK(header_of(line).local);
  CHECK(fault_of("PROXY UNKNOWN  " + group + " " + group + " 65535 65535\r\n") == "too_long");
  CHECK(fault_of("PROXY UNKNOWN " + std::string(92, 'x')) == "need more");
  CHECK(fault_of("PROXY UNKNOWN " + std::string(93, 'x')) == "too_long");
}

TEST_CASE("UNKNOWN says nothing of addresses") {
  for (const char* line : {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN whatever\t\r\n"}) {
    const ProxyHeader header = header_of(line);
    CHECK(header.local);
    CHECK(header.source.family == Family::none);
  }
}

TEST_CASE("version 2 with addresses of every family") {
  const ProxyHeader tcp4 = header_of(v2('\x21', '\x11', ipv4_block));
  CHECK(!tcp4.local);
  CHECK(tcp4.transport == ProxyTransport::stream);
  CHECK(tcp4.source == endpoint("192.0.2.1", 1025));
  CHECK(tcp4.destination == endpoint("198.51.100.2", 443));
  const ProxyHeader udp4 = header_of(v2('\x21', '\x12', ipv4_block));
  CHECK(udp4.transport == ProxyTransport::datagram);
  CHECK(udp4.source == tcp4.source);
  for (const char family : {'\x21', '\x22'}) {
    const ProxyHeader ipv6 = header_of(v2('\x21', family, ipv6_block));
    CHECK(ipv6.source == endpoint("2001:db8::1", 1025));
    CHECK(ipv6.destination == endpoint("2001:db8::2", 443));
  }
  for (const char family : {'\x31', '\x32'}) {
    const std::string bytes = v2('\x21', family, unix_block);
    const ProxyHeader unix_header = header_of(bytes);
    CHECK(!unix_header.local);
    CHECK(unix_header.source.family == Family::unix_socket);
    CHECK(unix_header.source_path == "/run/client");
    CHECK(unix_header.destination_path == "\0abstract"s);
  }
}

TEST_CASE("LOCAL and unspecified addresses: what comes with them is ignored") {
  const std::string garbage(40, '\xee');
  for (const std::string& bytes :
       {v2('\x20', '\x00', ""), v2('\x20', '\x11', ipv4_block), v2('\x20', '\x55', garbage),
        v2('\x21', '\x00', ""), v2('\x21', '\x00', garbage), v2('\x21', '\x10', garbage),
        v2('\x21', '\x01', "x")}) {
    const ProxyHeader header = header_of(bytes);
    CHECK(header.local);
    CHECK(header.source.family == Family::none);
    CHECK(!header.authority);
  }
}

TEST_CASE("TLVs") {
  const std::string ssl = "\x01\x00\x00\x00\x07"s + tlv('\x21', "TLSv1.3") + tlv('\x22', "example.com");
  const std::string bytes = v2('\x21', '\x11',
                               ipv4_block + tlv('\x01', "h2") + tlv('\x04', "") +
                                   tlv('\x02', "mail.example") + tlv('\x05', std::string(128, 'u')) +
                                   tlv('\x20', ssl) + tlv('\x30', "blue") + tlv('\xe0', "own"));
  const ProxyHeader header = header_of(bytes);
  CHECK(header.alpn == "h2");
  CHECK(header.authority == "mail.example");
  CHECK(header.unique_id == std::string(128, 'u'));
  CHECK(header.netns == "blue");
  REQUIRE(header.ssl);
  CHECK(header.ssl->client == 1);
  CHECK(header.ssl->verify == 7);
  CHECK(header.ssl->sub_tlvs == tlv('\x21', "TLSv1.3") + tlv('\x22', "example.com"));
  CHECK(header_of(v2('\x21', '\x11', ipv4_block + tlv('\x02', ""))).authority == "");
}

TEST_CASE("the checksum") {
  const ProxyHeader header = between(endpoint("192.0.2.1", 1025), endpoint("198.51.100.2", 443));
  const std::string bytes = v2('\x21', '\x11', ipv4_block + tlv('\x03', "\0\0\0\0"s));
  CHECK(fault_of(bytes) == "bad_checksum");
  std::array<char, proxy_header_written_bytes_max> written{};
  const std::size_t size = write_proxy_v2(header, true, written);
  CHECK(size == bytes.size());
  const std::string sound(written.data(), size);
  CHECK(header_of(sound) == header);
  for (std::size_t i = 16; i < size; ++i) {
    if (i == 28) continue;  // its type: without it there is no checksum
    std::string changed = sound;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    CHECK(fault_of(changed) != "");
  }
}

TEST_CASE("bytes that are no header") {
  const struct {
    std::string bytes;
    std::string_view fault;
  } cases[] = {
      {"", "need more"},
      {"P", "need more"},
      {"PROXY", "need more"},
      {"PROXY ", "need more"},
      {"PROXY TCP4 1.2.3.4", "need more"},
      {"GET / HTTP/1.1\r\n\r\n", "no_header"},
      {"\x16\x03\x01", "no_header"},
      {"PROXX", "no_header"},
      {"PROXYTCP4", "no_header"},
      {"proxy tcp4", "no_header"},
      {"\r\n\r\nGET", "no_header"},
      {"PROXY \r\n", "bad_line"},
      {"PROXY TCP4\r\n", "bad_line"},
      {"PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n", "bad_line"},
      {"PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n", "bad_line"},
      {"PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n", "bad_line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n", "bad_line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", "bad_line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", "bad_line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", "bad_line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", "bad_line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.4 1 -2\r\n", "bad_line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.4 1 +2\r\n", "bad_line"},
      {"PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n", "bad_line"},
      {"PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n", "bad_line"},
      {"PROXY TCP4 ::1 ::1 1 2\r\n", "bad_line"},
      {"PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", "bad_line"},
      {"PROXY TCP6 ::1 1.2.3.4 1 2\r\n", "bad_line"},
      {"PROXY UNKNOWNX\r\n", "bad_line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", "bad_line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r", "need more"},
      {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\rx", "bad_line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\r\n", "bad_line"},
      {v2_signature, "need more"},
      {v2_signature + "\x11", "bad_version"},
      {v2_signature + "\x31", "bad_version"},
      {v2_signature + "\x22", "bad_command"},
      {v2_signature + "\x21\x41", "bad_family"},
      {v2_signature + "\x21\x13", "bad_family"},
      {v2_signature + "\x21\x11"s + u16(4080), "need more"},
      {v2_signature + "\x21\x11"s + u16(4081), "too_long"},
      {v2_signature + "\x20\x00"s + u16(65535), "too_long"},
      {v2('\x21', '\x11', ipv4_block.substr(1)), "bad_length"},
      {v2('\x21', '\x21', ipv4_block), "bad_length"},
      {v2('\x21', '\x31', ipv6_block), "bad_length"},
      {v2('\x21', '\x11', ipv4_block + "\x04"), "bad_tlv"},
      {v2('\x21', '\x11', ipv4_block + "\x04\x00"s), "bad_tlv"},
      {v2('\x21', '\x11', ipv4_block + "\x04\x00\x01"s), "bad_tlv"},
      {v2('\x21', '\x11', ipv4_block + "\xe0\xff\xff"s), "bad_tlv"},
      {v2('\x21', '\x11', ipv4_block + tlv('\x02', std::string(256, 'a'))), "bad_tlv"},
      {v2('\x21', '\x11', ipv4_block + tlv('\x05', std::string(129, 'u'))), "bad_tlv"},
      {v2('\x21', '\x11', ipv4_block + tlv('\x03', "123")), "bad_tlv"},
      {v2('\x21', '\x11', ipv4_block + tlv('\x03', "1234") + tlv('\x03', "1234")), "bad_tlv"},
      {v2('\x21', '\x11', ipv4_block + tlv('\x02', "a") + tlv('\x02', "a")), "bad_tlv"},
      {v2('\x21', '\x11', ipv4_block + tlv('\x20', "\x01\0\0\0"s)), "bad_tlv"},
      {v2('\x21', '\x11', ipv4_block + tlv('\x20', "\x01\0\0\0\0\x21\0\x02x"s)), "bad_tlv"},
      {v2('\x21', '\x11', ipv4_block + tlv('\x03', "1234")), "bad_checksum"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.bytes);
    CHECK(fault_of(one.bytes) == one.fault);
  }
}

TEST_CASE("every error has a word") {
  for (std::size_t i = 1; i < static_cast<std::size_t>(ProxyError::count); ++i)
    CHECK(!proxy_error_word(static_cast<ProxyError>(i)).empty());
}
