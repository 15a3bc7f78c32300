// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy_headers.hpp"

#include <fmt/format.h>

#include <array>

namespace corelane::sim {

namespace {

std::string written(const proto::ProxyHeader& header, bool version_2, bool checksum) {
  std::array<char, proto::proxy_header_written_bytes_max> out;
  const std::size_t size =
      version_2 ? proto::write_proxy_v2(header, checksum, out) : proto::write_proxy_v1(header, out);
  return {out.data(), size};
}

std::string sound_header(Random& random, Opening& opening, std::uint32_t number) {
  proto::ProxyHeader header;
  const bool version_2 = random.chance(600);
  if (random.chance(850)) {
    const bool ipv6 = random.chance(400);
    header.local = false;
    header.source = *base::endpoint_from_ip(ipv6 ? "2001:db8::7" : "192.0.2.7",
                                            static_cast<std::uint16_t>(1000 + number));
    header.destination = *base::endpoint_from_ip(ipv6 ? "2001:db8::1" : "198.51.100.1", 3306);
    opening.announced = header.source;
  }
  static const std::string long_name(200, 'n');
  if (version_2 && !header.local) {
    if (random.chance(500)) header.authority = "mail.example";
    if (random.chance(300)) header.unique_id = "unique";
    if (random.chance(100)) header.netns = long_name;
  }
  return written(header, version_2, random.chance(500));
}

void break_header(Random& random, std::string& bytes) {
  switch (random.number(0, 2)) {
    case 0:
      bytes = "GET / HTTP/1.1\r\n";
      break;
    case 1:
      bytes = "PROXY " + std::string(random.size(102, 120), 'x');
      break;
    default:
      if (bytes.starts_with("PROXY")) {
        bytes.insert(random.size(1, bytes.size() - 2), 1, '\n');
      } else {
        bytes[13] = '\x7f';
      }
      if (bytes[12] == ' ') bytes[12] = '!';  // LOCAL may have any family
  }
}

}  // namespace

Opening make_opening(Random& random, bool gentle, std::uint32_t number) {
  Opening opening{.kind = Opening::Kind::sound, .bytes = {}, .announced = {}};
  opening.bytes = sound_header(random, opening, number);
  if (gentle || random.chance(700)) return opening;
  opening.announced.reset();
  if (random.chance(500)) {
    opening.kind = Opening::Kind::broken;
    break_header(random, opening.bytes);
  } else {
    opening.kind = Opening::Kind::incomplete;
    opening.bytes.resize(random.size(0, opening.bytes.size() - 1));
  }
  return opening;
}

std::string_view HeaderReader::take(std::string_view bytes, std::string& fault) {
  if (complete_) return bytes;
  const std::size_t before = bytes_.size();
  bytes_ += bytes;
  const proto::ProxyHeaderResult result = proto::read_proxy_header(bytes_);
  if (result.state == proto::ProxyHeaderResult::State::error) {
    fault = fmt::format("a server got no header: {}", proto::proxy_error_word(result.error));
    return {};
  }
  if (result.state == proto::ProxyHeaderResult::State::need_more) return {};
  complete_ = true;
  header_ = result.header;
  size_ = result.consumed;
  const bool version_2 = bytes_.front() == '\r';
  if (version_2 != (wanted_.version == config::ProxyVersion::v2))
    fault = "a server got a header of the wrong version";
  return bytes.substr(result.consumed - before);
}

}  // namespace corelane::sim
