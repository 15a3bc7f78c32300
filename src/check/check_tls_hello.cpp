// SPDX-License-Identifier: Apache-2.0
#include <initializer_list>

#include "check/registry.hpp"

namespace corelane::check {
namespace {

constexpr char content_alert = 21;
constexpr char content_handshake = 22;
constexpr char client_hello = 1;
constexpr char server_hello = 2;
constexpr char version_major = 3;
constexpr std::size_t record_header_bytes = 5;
constexpr std::size_t random_bytes = 32;

std::string two_bytes(std::size_t value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

std::string words(std::initializer_list<std::uint16_t> values) {
  std::string bytes;
  for (const std::uint16_t value : values) bytes += two_bytes(value);
  return bytes;
}

std::string sized(const std::string& bytes) {
  return two_bytes(bytes.size()) + bytes;
}

std::string extension(std::uint16_t type, const std::string& content) {
  return two_bytes(type) + sized(content);
}

/// Versions 1.2 and 1.3 with what servers commonly know. It is never completed, so its random number needs no
/// chance, and a 1.3 server may choose a group by itself.
std::string hello() {
  const std::string suites = words({0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8,
                                    0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035});
  std::string versions = words({0x0304, 0x0303});
  versions.insert(0, 1, static_cast<char>(versions.size()));
  const std::string extensions =
      extension(10, sized(words({0x001d, 0x0017, 0x0018}))) +  // groups
      extension(11, std::string("\x01\x00", 2)) +              // point formats: uncompressed
      extension(13, sized(words({0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501,
                                 0x0601, 0x0201}))) +  // signatures
      extension(43, versions) +
      extension(51, sized("")) +                  // no key share yet
      extension(45, std::string("\x01\x01", 2));  // how a key would be resumed: with a fresh share
  const std::string body = words({0x0303}) + std::string(random_bytes, 'c') + std::string(1, '\0') +
                           sized(suites) + std::string("\x01\x00", 2) + sized(extensions);
  const std::string handshake = std::string{client_hello, '\0'} + sized(body);
  return std::string{content_handshake} + words({0x0301}) + sized(handshake);
}

/// HAProxy's ssl-hello-chk: any TLS server answers a hello with its own, or says why not.
class TlsHello final : public Conversation {
 public:
  Step advance(Input& input) override {
    if (!asked_) {
      asked_ = true;
      Step step;
      step.send = hello();
      return step;
    }
    const std::string_view bytes = input.rest();
    if (bytes.empty()) return {};
    const bool alert = bytes[0] == content_alert;
    if (!alert && bytes[0] != content_handshake) return malformed();
    if (bytes.size() > 1 && bytes[1] != version_major) return malformed();
    if (bytes.size() > record_header_bytes && !alert && bytes[record_header_bytes] != server_hello)
      return malformed();
    const std::size_t wanted = record_header_bytes + (alert ? 2 : 1);
    if (bytes.size() < wanted) return {};
    if (!alert) return done(CheckStatus::l6_ok);
    return done(CheckStatus::l6_ok, "answered with an alert", static_cast<unsigned char>(bytes[wanted - 1]));
  }
  std::string waiting_for() const override { return " (expect the server's hello)"; }

 private:
  static Step malformed() { return done(CheckStatus::l6_response, "not TLS"); }

  bool asked_ = false;
};

}  // namespace

std::unique_ptr<Conversation> start_tls_hello(const Plan&) {
  return std::make_unique<TlsHello>();
}

}  // namespace corelane::check
