// SPDX-License-Identifier: Apache-2.0
#include "proto/tls_hello.hpp"

#include <algorithm>

namespace corelane::proto {
namespace {

constexpr std::size_t record_header_bytes = 5;
constexpr std::size_t record_bytes_max = 16 * 1024 + 2048;  // RFC 5246; RFC 8446 allows less
constexpr std::size_t message_header_bytes = 4;
constexpr unsigned char content_handshake = 22;
constexpr std::size_t random_bytes = 32;
constexpr std::size_t session_id_bytes_max = 32;

constexpr unsigned extension_server_name = 0;
constexpr unsigned extension_groups = 10;
constexpr unsigned extension_alpn = 16;
constexpr unsigned extension_session_ticket = 35;
constexpr unsigned extension_versions = 43;

constexpr unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

/// Takes fields from the front; once one is not there nothing else is, and sound() is false.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::size_t bytes) {
    if (bytes > rest_.size()) {
      sound_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  unsigned number(std::size_t bytes) {
    unsigned value = 0;
    for (const char c : take(bytes)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  /// A vector whose size stands in front of it, in so many bytes.
  std::string_view vector(std::size_t size_bytes) { return take(number(size_bytes)); }

  bool empty() const { return rest_.empty(); }
  bool sound() const { return sound_; }

 private:
  std::string_view rest_;
  bool sound_ = true;
};

// One name of the only type that there is (RFC 6066, 3).
bool read_server_name(std::string_view extension, ClientHello& hello) {
  Fields fields(extension);
  Fields list(fields.vector(2));
  const bool is_host_name = list.number(1) == 0;
  hello.server_name = list.vector(2);
  return is_host_name && fields.sound() && fields.empty() && list.sound() && list.empty() &&
         !hello.server_name.empty();
}

bool read_alpn(std::string_view extension, ClientHello& hello) {
  Fields fields(extension);
  hello.alpn = fields.vector(2);
  Fields list(hello.alpn);
  while (!list.empty())
    if (list.vector(1).empty()) return false;
  return fields.sound() && fields.empty() && list.sound() && !hello.alpn.empty();
}

// Values that are no version are there to keep servers from choking on what they do not know (RFC 8701).
bool read_versions(std::string_view extension, ClientHello& hello) {
  Fields fields(extension);
  Fields list(fields.vector(1));
  if (!fields.sound() || !fields.empty() || list.empty()) return false;
  hello.version_max = 0;
  while (!list.empty()) {
    const unsigned version = list.number(2);
    if (version >> 8 == 3)
      hello.version_max = std::max(hello.version_max, static_cast<std::uint16_t>(version));
  }
  return list.sound();
}

bool read_extension(unsigned type, std::string_view extension, ClientHello& hello) {
  switch (type) {
    case extension_server_name:
      return hello.server_name.empty() && read_server_name(extension, hello);
    case extension_alpn:
      return hello.alpn.empty() && read_alpn(extension, hello);
    case extension_versions:
      return read_versions(extension, hello);
    case extension_session_ticket:
      hello.ticket = extension.empty() ? ClientHello::Ticket::none : ClientHello::Ticket::given;
      return true;
    case extension_groups:
      hello.elliptic_curves = true;
      return true;
    default:
      return true;
  }
}

bool read_client_hello(std::string_view message, ClientHello& hello) {
  Fields fields(message);
  hello.version = hello.version_max = static_cast<std::uint16_t>(fields.number(2));
  fields.take(random_bytes);
  const bool session_fits = fields.vector(1).size() <= session_id_bytes_max;
  const std::string_view ciphers = fields.vector(2);
  const std::string_view compressions = fields.vector(1);
  if (!fields.sound() || !session_fits || ciphers.empty() || ciphers.size() % 2 != 0 || compressions.empty())
    return false;
  if (fields.empty()) return true;  // from before there were extensions
  Fields extensions(fields.vector(2));
  bool versions_seen = false;
  while (!extensions.empty()) {
    const unsigned type = extensions.number(2);
    const std::string_view extension = extensions.vector(2);
    if (!extensions.sound() || (type == extension_versions && versions_seen)) return false;
    versions_seen = versions_seen || type == extension_versions;
    if (!read_extension(type, extension, hello)) return false;
  }
  return fields.sound() && fields.empty();
}

TlsHelloRead refuse(TlsHelloError error) {
  return {.state = TlsHelloRead::State::error, .error = error, .type = -1, .hello = {}};
}

TlsHelloRead read_message(int type, std::string_view message) {
  TlsHelloRead read{.state = TlsHelloRead::State::message, .type = type, .hello = {}};
  if (type != tls_client_hello || read_client_hello(message, read.hello)) return read;
  read = refuse(TlsHelloError::bad_message);
  read.type = type;
  return read;
}

/// What of the header is there already shows that this is no record with a part of a message.
bool is_other_record(std::string_view header) {
  return byte_at(header, 0) != content_handshake || (header.size() > 1 && byte_at(header, 1) != 3);
}

/// A message that its records bring in parts.
class Message {
 public:
  explicit Message(std::span<char> memory) : memory_(memory) {}

  /// False: there is not enough memory.
  bool add(std::string_view part) {
    if (parts_++ == 0) {
      text_ = part;
      return true;
    }
    if (text_.size() + part.size() > memory_.size()) return false;
    if (parts_ == 2) std::copy(text_.begin(), text_.end(), memory_.begin());
    std::copy(part.begin(), part.end(), memory_.begin() + static_cast<std::ptrdiff_t>(text_.size()));
    text_ = {memory_.data(), text_.size() + part.size()};
    return true;
  }
  std::string_view text() const { return text_; }

 private:
  std::span<char> memory_;
  std::string_view text_;
  std::size_t parts_ = 0;
};

}  // namespace

TlsHelloRead read_tls_hello(std::string_view bytes, std::span<char> memory) {
  Message message(memory);
  while (!bytes.empty()) {
    if (is_other_record(bytes)) return refuse(TlsHelloError::not_tls);
    if (bytes.size() < record_header_bytes) return {};
    const std::size_t size = byte_at(bytes, 3) << 8 | byte_at(bytes, 4);
    if (size == 0 || size > record_bytes_max) return refuse(TlsHelloError::bad_record);
    const std::string_view part = bytes.substr(record_header_bytes, size);
    if (!message.add(part)) return refuse(TlsHelloError::too_long);
    Fields fields(message.text());
    const auto type = static_cast<int>(fields.number(1));
    const std::size_t body_bytes = fields.number(3);
    if (fields.sound() && body_bytes > tls_hello_bytes_max - message_header_bytes)
      return refuse(TlsHelloError::too_long);
    const std::string_view body = fields.take(body_bytes);
    if (fields.sound()) return read_message(type, body);
    if (part.size() < size) return {};
    bytes.remove_prefix(record_header_bytes + size);
  }
  return {};
}

}  // namespace corelane::proto
