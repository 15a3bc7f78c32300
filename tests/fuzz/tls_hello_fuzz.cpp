// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "proto/tls_hello.hpp"

namespace {

namespace proto = corelane::proto;

void check_inside(std::string_view text, std::string_view bytes, std::string_view memory) {
  const auto inside = [text](std::string_view of) {
    return text.data() >= of.data() && text.data() + text.size() <= of.data() + of.size();
  };
  CORELANE_CHECK(text.empty() || inside(bytes) || inside(memory));
}

}  // namespace

/// Any bytes have one answer, whichever way they come, and what it points to is theirs.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using State = proto::TlsHelloRead::State;
  static std::array<char, 8192> memory;
  static std::array<char, 8192> memory_of_part;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const proto::TlsHelloRead whole = proto::read_tls_hello(bytes, memory);
  for (std::size_t part = 0; part < size; ++part) {
    const proto::TlsHelloRead read = proto::read_tls_hello(bytes.substr(0, part), memory_of_part);
    if (read.state == State::need_more) continue;
    CORELANE_CHECK(read.state == whole.state && read.error == whole.error && read.type == whole.type);
    CORELANE_CHECK(read.hello == whole.hello);
  }
  CORELANE_CHECK((whole.state == State::error) == (whole.error != proto::TlsHelloError::none));
  if (whole.state != State::message) return 0;
  CORELANE_CHECK(whole.type >= 0 && whole.type <= 255);
  check_inside(whole.hello.server_name, bytes, {memory.data(), memory.size()});
  check_inside(whole.hello.alpn, bytes, {memory.data(), memory.size()});
  proto::AlpnNames names(whole.hello.alpn);
  for (std::string_view name; names.next(name);) CORELANE_CHECK(!name.empty());
  return 0;
}
