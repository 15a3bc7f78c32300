// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "check/registry.hpp"
#include "check/run.hpp"

namespace corelane::check {
namespace {

// Version 3, no name, no password: an anonymous bind as message 1, and the unbind that follows as message 2.
constexpr std::string_view bind_request("\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00", 14);
constexpr std::string_view unbind_request("\x30\x05\x02\x01\x02\x42\x00", 7);
constexpr char tag_integer = 0x02;
constexpr char tag_octets = 0x04;
constexpr char tag_enumerated = 0x0a;
constexpr char tag_sequence = 0x30;
constexpr char tag_bind_response = 0x61;
constexpr std::size_t length_bytes_max = 4;

/// One value of BER at the front of some bytes.
struct Value {
  enum class State : std::uint8_t { incomplete, whole, impossible };
  State state = State::incomplete;
  std::string_view content = {};
  std::size_t size = 0;  // with tag and length

  bool whole() const noexcept { return state == State::whole; }
};

Value value_of(std::string_view bytes, char tag) {
  if (bytes.empty()) return {};
  if (bytes.front() != tag) return {.state = Value::State::impossible};
  if (bytes.size() < 2) return {};
  std::size_t length = static_cast<unsigned char>(bytes[1]);
  std::size_t header = 2;
  if (length >= 0x80) {
    const std::size_t digits = length & 0x7f;
    if (digits == 0 || digits > length_bytes_max) return {.state = Value::State::impossible};
    if (bytes.size() < header + digits) return {};
    length = 0;
    for (const char c : bytes.substr(header, digits)) length = length << 8 | static_cast<unsigned char>(c);
    header += digits;
  }
  if (header + length > received_bytes_max) return {.state = Value::State::impossible};
  if (bytes.size() < header + length) return {};
  return {.state = Value::State::whole, .content = bytes.substr(header, length), .size = header + length};
}

/// Takes the value with this tag off the front; nothing when another one stands there.
std::optional<std::string_view> take(std::string_view& bytes, char tag) {
  const Value value = value_of(bytes, tag);
  if (!value.whole()) return std::nullopt;
  bytes.remove_prefix(value.size);
  return value.content;
}

/// HAProxy's ldap-check: an anonymous bind.
class Ldap final : public Conversation {
 public:
  Step advance(Input& input) override {
    if (!asked_) {
      asked_ = true;
      Step step;
      step.send = bind_request;
      return step;
    }
    const Value message = value_of(input.rest(), tag_sequence);
    if (message.state == Value::State::incomplete) return {};
    return message.whole() ? judge(message.content) : malformed();
  }
  std::string waiting_for() const override { return " (expect the answer to the bind)"; }

 private:
  static Step malformed() { return done(CheckStatus::l7_response, "not LDAPv3"); }

  static Step judge(std::string_view message) {
    const std::optional<std::string_view> number = take(message, tag_integer);
    std::optional<std::string_view> response = take(message, tag_bind_response);
    if (number != "\x01" || !response) return malformed();
    const std::optional<std::string_view> code = take(*response, tag_enumerated);
    if (!code || code->size() != 1 || !take(*response, tag_octets)) return malformed();
    const std::string_view diagnostic = take(*response, tag_octets).value_or("");
    const auto result = static_cast<unsigned char>(code->front());
    if (result == 0) return done(CheckStatus::l7_ok, "LDAP server is ok", 0, std::string(unbind_request));
    return done(CheckStatus::l7_status, report_text(diagnostic), result, std::string(unbind_request));
  }

  bool asked_ = false;
};

}  // namespace

std::unique_ptr<Conversation> start_ldap(const Plan&) {
  return std::make_unique<Ldap>();
}

}  // namespace corelane::check
