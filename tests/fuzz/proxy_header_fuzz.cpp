// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "proto/proxy_header.hpp"

/// Any bytes have one answer, whichever way they come; what is read is written and read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace proto = corelane::proto;
  using State = proto::ProxyHeaderResult::State;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const proto::ProxyHeaderResult whole = proto::read_proxy_header(bytes);
  for (std::size_t part = 0; part < size && part <= proto::proxy_header_bytes_max; ++part) {
    const proto::ProxyHeaderResult result = proto::read_proxy_header(bytes.substr(0, part));
    if (result.state == State::need_more) continue;
    CORELANE_CHECK(result.state == whole.state && result.error == whole.error);
    CORELANE_CHECK(result.consumed == whole.consumed && result.header == whole.header);
  }
  CORELANE_CHECK((whole.state == State::error) == !proto::proxy_error_word(whole.error).empty());
  if (whole.state != State::header) return 0;
  CORELANE_CHECK(whole.consumed <= size && whole.consumed <= proto::proxy_header_bytes_max);
  for (const bool checksum : {false, true}) {
    std::array<char, proto::proxy_header_written_bytes_max> out;
    const std::size_t written = proto::write_proxy_v2(whole.header, checksum, out);
    const proto::ProxyHeaderResult again = proto::read_proxy_header({out.data(), written});
    if (written > proto::proxy_header_bytes_max) continue;  // by its checksum
    CORELANE_CHECK(again.state == State::header && again.consumed == written);
    CORELANE_CHECK(again.header == whole.header);
  }
  std::array<char, proto::proxy_v1_bytes_max> line;
  const std::size_t written = proto::write_proxy_v1(whole.header, line);
  const proto::ProxyHeaderResult again = proto::read_proxy_header({line.data(), written});
  CORELANE_CHECK(again.state == State::header && again.consumed == written);
  return 0;
}
