// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "check/registry.hpp"
#include "check/run.hpp"

namespace corelane::check {
namespace {

constexpr std::uint32_t protocol_version = 0x30000;
constexpr std::size_t header_bytes = 5;  // a letter, and the length of what follows with itself
constexpr std::string_view terminate("X\0\0\0\x04", header_bytes);

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::uint32_t number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::string startup_packet(const Options& options) {
  const std::string_view zero("\0", 1);
  std::string body = big_endian(protocol_version);
  body.append("user").append(zero).append(options.user).append(zero);
  if (!options.database.empty()) body.append("database").append(zero).append(options.database).append(zero);
  body.append(zero);
  return big_endian(static_cast<std::uint32_t>(body.size() + 4)) + body;
}

/// An error's fields: a letter and a text each. "53300 sorry, too many clients already".
Step refused(std::string_view fields) {
  std::string state;
  std::string_view message;
  while (!fields.empty() && fields.front() != '\0') {
    const std::string_view text = fields.substr(1, fields.find('\0') - 1);
    if (fields.front() == 'C') state = text;
    if (fields.front() == 'M') message = text;
    fields.remove_prefix(std::min(fields.size(), text.size() + 2));
  }
  if (!state.empty()) state += ' ';
  return done(CheckStatus::l7_status, report_text(state.append(message)));
}

/// HAProxy's pgsql-check: a startup packet, and any request for authentication is an answer.
class Pgsql final : public Conversation {
 public:
  explicit Pgsql(const Plan& plan) : options_(plan.options()) {}

  Step advance(Input& input) override {
    if (!asked_) {
      asked_ = true;
      Step step;
      step.send = startup_packet(options_);
      return step;
    }
    while (input.rest().size() >= header_bytes) {
      const char type = input.rest().front();
      const std::uint32_t size = number(input.rest().substr(1));
      const bool known = type == 'R' || type == 'E' || type == 'N' || type == 'v';
      if (!known || size < 4 || size >= received_bytes_max)
        return done(CheckStatus::l7_response, "not PostgreSQL");
      if (input.rest().size() < size + 1) break;
      const std::string_view body = input.rest().substr(header_bytes, size - 4);
      input.use(size + 1);
      if (type == 'R') return answered(body);
      if (type == 'E') return refused(body);
    }
    return {};
  }

  std::string waiting_for() const override { return " (expect the answer to the startup packet)"; }

 private:
  static Step answered(std::string_view body) {
    if (body.size() < 4) return done(CheckStatus::l7_response, "not PostgreSQL");
    // Whoever is in says goodbye; in the midst of an authentication there is no word for it.
    const bool logged_in = number(body) == 0;
    return done(CheckStatus::l7_ok, "PostgreSQL server is ok", 0, std::string(logged_in ? terminate : ""));
  }

  const Options& options_;
  bool asked_ = false;
};

}  // namespace

std::unique_ptr<Conversation> start_pgsql(const Plan& plan) {
  return std::make_unique<Pgsql>(plan);
}

}  // namespace corelane::check
