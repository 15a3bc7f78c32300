// SPDX-License-Identifier: Apache-2.0
// Alerts in words (RFC 8446, 6; RFC 5246, 7.2; RFC 6066, 9; RFC 7301, 3.2).
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "tls/connection.hpp"

namespace corelane::tls {
namespace {

struct Alert {
  int number;
  std::string_view words;
};
constexpr std::array alerts{
    Alert{0, "close notify"},
    Alert{10, "unexpected message"},
    Alert{20, "bad record mac"},
    Alert{21, "decryption failed"},
    Alert{22, "record overflow"},
    Alert{30, "decompression failure"},
    Alert{40, "handshake failure"},
    Alert{41, "no certificate"},
    Alert{42, "bad certificate"},
    Alert{43, "unsupported certificate"},
    Alert{44, "certificate revoked"},
    Alert{45, "certificate expired"},
    Alert{46, "certificate unknown"},
    Alert{47, "illegal parameter"},
    Alert{48, "unknown CA"},
    Alert{49, "access denied"},
    Alert{50, "decode error"},
    Alert{51, "decrypt error"},
    Alert{60, "export restriction"},
    Alert{70, "protocol version"},
    Alert{71, "insufficient security"},
    Alert{80, "internal error"},
    Alert{86, "inappropriate fallback"},
    Alert{90, "user canceled"},
    Alert{100, "no renegotiation"},
    Alert{109, "missing extension"},
    Alert{110, "unsupported extension"},
    Alert{111, "certificate unobtainable"},
    Alert{112, "unrecognized name"},
    Alert{113, "bad certificate status response"},
    Alert{114, "bad certificate hash value"},
    Alert{115, "unknown PSK identity"},
    Alert{116, "certificate required"},
    Alert{120, "no application protocol"},
    Alert{121, "ECH required"},
    Alert{-1, "unknown"},  // all others
};

constexpr std::string_view client_said = "the client's alert: ";
constexpr std::string_view server_said = "the server's alert: ";

/// Logs keep views of it.
struct Sentence {
  std::array<char, 56> text{};
  std::uint8_t size = 0;

  constexpr void append(std::string_view words) {
    for (const char letter : words) text[size++] = letter;
  }
  constexpr std::string_view view() const { return {text.data(), size}; }
};
using Sentences = std::array<Sentence, alerts.size()>;

constexpr Sentences sentences_with(std::string_view who) {
  Sentences made;
  for (std::size_t i = 0; i < alerts.size(); ++i) {
    made[i].append(who);
    made[i].append(alerts[i].words);
  }
  return made;
}
constexpr Sentences of_clients = sentences_with(client_said);
constexpr Sentences of_servers = sentences_with(server_said);

std::size_t row_of(int number) noexcept {
  const auto* const found = std::find_if(alerts.begin(), alerts.end() - 1,
                                         [number](const Alert& alert) { return alert.number == number; });
  return static_cast<std::size_t>(found - alerts.begin());
}

}  // namespace

std::string_view alert_words(int alert) noexcept {
  return alerts[row_of(alert)].words;
}

std::string_view alert_of_client(int alert) noexcept {
  return of_clients[row_of(alert)].view();
}
std::string_view alert_of_server(int alert) noexcept {
  return of_servers[row_of(alert)].view();
}

}  // namespace corelane::tls
