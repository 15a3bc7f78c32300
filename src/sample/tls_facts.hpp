// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sample/functions.hpp"
#include "tls/peer_facts.hpp"

/// How samples are made of what a TLS connection knows, of either side. False where there is no such sample.
namespace corelane::sample::tls_facts {

using tls::Whose;

// A distinguished name, a serial number, a random: what is longer is none.
inline constexpr std::size_t text_bytes_max = 4096;

/// The connection that it is about, which may be null, and room for what is made.
struct TlsInput {
  const tls::Connection* connection;
  Arena& arena;
};

inline bool set_text(std::optional<std::string_view> text, Type type, Sample& sample) {
  if (text) sample.set(*text, type);
  return text.has_value();
}

/// What `make(connection, memory)` writes, in no more of the arena than it takes.
template <class Make>
bool set_made(const TlsInput& input, std::size_t bytes_max, Type type, Sample& sample, Make make) {
  const tls::Connection* connection = input.connection;
  if (connection == nullptr) return false;
  const std::size_t bytes = std::min(bytes_max, input.arena.left());
  char* const memory = input.arena.take(bytes);
  if (memory == nullptr) return false;
  const std::optional<std::string_view> text = make(*connection, std::span<char>(memory, bytes));
  input.arena.give_back(bytes - (text ? text->size() : 0));
  return set_text(text, type, sample);
}

template <std::optional<std::string_view> (*fact)(const tls::Connection&)>
bool set_fact(const TlsInput& input, Type type, Sample& sample) {
  const tls::Connection* connection = input.connection;
  return connection != nullptr && set_text(fact(*connection), type, sample);
}

inline bool set_number(const TlsInput& input, int (*number)(const tls::Connection&), Sample& sample) {
  const tls::Connection* connection = input.connection;
  if (connection != nullptr) sample.set(std::int64_t{number(*connection)});
  return connection != nullptr;
}

/// False without TLS.
inline bool set_truth(const TlsInput& input, bool (*truth)(const tls::Connection&), Sample& sample) {
  const tls::Connection* connection = input.connection;
  sample.set(connection != nullptr && truth(*connection));
  return true;
}

template <Whose whose, tls::Name name>
bool set_name(const Arguments& arguments, const TlsInput& input, Sample& sample) {
  tls::NameEntry entry;
  if (arguments[0].given()) entry.attribute = arguments[0].text;
  if (arguments[1].given()) entry.occurrence = static_cast<int>(arguments[1].integer);
  const tls::NameFormat format = arguments[2].given() ? tls::NameFormat::rfc2253 : tls::NameFormat::slashes;
  return set_made(input, text_bytes_max, Type::string, sample,
                  [&](const tls::Connection& connection, std::span<char> memory) {
                    return tls::distinguished_name(connection, whose, name, entry, format, memory);
                  });
}

template <Whose whose>
bool set_sha1(const TlsInput& input, Sample& sample) {
  constexpr std::size_t sha1_bytes = 20;
  return set_made(input, sha1_bytes, Type::binary, sample,
                  [](const tls::Connection& connection, std::span<char> memory) {
                    return tls::sha1(connection, whose, memory);
                  });
}

inline bool set_validity(const TlsInput& input, Whose whose, tls::Bound bound, Sample& sample) {
  const tls::Connection* connection = input.connection;
  return connection != nullptr && set_text(tls::validity(*connection, whose, bound), Type::string, sample);
}

template <std::optional<std::string_view> (*bytes)(const tls::Connection&, std::span<char>)>
bool set_bytes(const TlsInput& input, Sample& sample) {
  return set_made(
      input, text_bytes_max, Type::binary, sample,
      [](const tls::Connection& connection, std::span<char> memory) { return bytes(connection, memory); });
}

using CertificateFact = std::optional<std::string_view>(const tls::Connection&, Whose);

inline bool set_part(const TlsInput& input, Whose whose, CertificateFact* fact, Type type, Sample& sample) {
  const tls::Connection* connection = input.connection;
  return connection != nullptr && set_text(fact(*connection, whose), type, sample);
}

inline bool set_version(const TlsInput& input, Whose whose, Sample& sample) {
  const tls::Connection* connection = input.connection;
  if (connection == nullptr) return false;
  const std::optional<int> version = tls::version(*connection, whose);
  if (version) sample.set(std::int64_t{*version});
  return version.has_value();
}

}  // namespace corelane::sample::tls_facts
