// SPDX-License-Identifier: Apache-2.0
// Samples of the TLS connection with the client, and of the certificates in it.
#include <algorithm>
#include <cstddef>
#include <optional>

#include "sample/functions.hpp"
#include "tls/peer_facts.hpp"

namespace corelane::sample {
namespace {

using tls::Whose;

// A distinguished name, a serial number, a random: what is longer is none.
constexpr std::size_t text_bytes_max = 4096;

const tls::Connection* connection_of(const Input& input) {
  return input.context.client_tls;
}

bool set_text(std::optional<std::string_view> text, Type type, Sample& sample) {
  if (text) sample.set(*text, type);
  return text.has_value();
}

/// What `make(connection, memory)` writes, in no more of the arena than it takes.
template <class Make>
bool set_made(const Input& input, std::size_t bytes_max, Type type, Sample& sample, Make make) {
  const tls::Connection* connection = connection_of(input);
  if (connection == nullptr) return false;
  const std::size_t bytes = std::min(bytes_max, input.arena.left());
  char* const memory = input.arena.take(bytes);
  if (memory == nullptr) return false;
  const std::optional<std::string_view> text = make(*connection, std::span<char>(memory, bytes));
  input.arena.give_back(bytes - (text ? text->size() : 0));
  return set_text(text, type, sample);
}

template <std::optional<std::string_view> (*fact)(const tls::Connection&)>
bool set_fact(const Input& input, Type type, Sample& sample) {
  const tls::Connection* connection = connection_of(input);
  return connection != nullptr && set_text(fact(*connection), type, sample);
}

bool set_number(const Input& input, int (*number)(const tls::Connection&), Sample& sample) {
  const tls::Connection* connection = connection_of(input);
  if (connection != nullptr) sample.set(std::int64_t{number(*connection)});
  return connection != nullptr;
}

/// False without TLS.
bool set_truth(const Input& input, bool (*truth)(const tls::Connection&), Sample& sample) {
  const tls::Connection* connection = connection_of(input);
  sample.set(connection != nullptr && truth(*connection));
  return true;
}

template <Whose whose, tls::Name name>
bool set_name(const Arguments& arguments, const Input& input, Sample& sample) {
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
bool set_sha1(const Input& input, Sample& sample) {
  constexpr std::size_t sha1_bytes = 20;
  return set_made(input, sha1_bytes, Type::binary, sample,
                  [](const tls::Connection& connection, std::span<char> memory) {
                    return tls::sha1(connection, whose, memory);
                  });
}

bool set_validity(const Input& input, Whose whose, tls::Bound bound, Sample& sample) {
  const tls::Connection* connection = connection_of(input);
  return connection != nullptr && set_text(tls::validity(*connection, whose, bound), Type::string, sample);
}

template <std::optional<std::string_view> (*bytes)(const tls::Connection&, std::span<char>)>
bool set_bytes(const Input& input, Sample& sample) {
  return set_made(
      input, text_bytes_max, Type::binary, sample,
      [](const tls::Connection& connection, std::span<char> memory) { return bytes(connection, memory); });
}

using CertificateFact = std::optional<std::string_view>(const tls::Connection&, Whose);

bool set_part(const Input& input, Whose whose, CertificateFact* fact, Type type, Sample& sample) {
  const tls::Connection* connection = connection_of(input);
  return connection != nullptr && set_text(fact(*connection, whose), type, sample);
}

bool set_version(const Input& input, Whose whose, Sample& sample) {
  const tls::Connection* connection = connection_of(input);
  if (connection == nullptr) return false;
  const std::optional<int> version = tls::version(*connection, whose);
  if (version) sample.set(std::int64_t{*version});
  return version.has_value();
}

}  // namespace

// --- The connection

bool fetch_ssl_fc(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(connection_of(input) != nullptr);
  return true;
}
bool fetch_ssl_fc_sni(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::server_name>(input, Type::string, sample);
}
bool fetch_ssl_fc_has_sni(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_truth(
      input, [](const tls::Connection& connection) { return tls::server_name(connection).has_value(); },
      sample);
}
bool fetch_ssl_fc_alpn(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::alpn>(input, Type::string, sample);
}
bool fetch_ssl_fc_cipher(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::cipher>(input, Type::string, sample);
}
bool fetch_ssl_fc_protocol(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::protocol>(input, Type::string, sample);
}
bool fetch_ssl_fc_curve(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::curve>(input, Type::string, sample);
}
bool fetch_ssl_fc_session_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::session_id>(input, Type::binary, sample);
}
bool fetch_ssl_fc_is_resumed(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_truth(input, tls::is_resumed, sample);
}
bool fetch_ssl_fc_has_early(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_truth(
      input, [](const tls::Connection& connection) { return connection.is_early(); }, sample);
}
bool fetch_ssl_fc_has_crt(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_truth(input, tls::is_peer_certificate_fresh, sample);
}
bool fetch_ssl_fc_alg_keysize(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(input, tls::cipher_key_bits, sample);
}
bool fetch_ssl_fc_use_keysize(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(input, tls::cipher_strength_bits, sample);
}
bool fetch_ssl_fc_unique_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_bytes<tls::unique_id>(input, sample);
}
bool fetch_ssl_fc_client_random(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_bytes<tls::client_random>(input, sample);
}
bool fetch_ssl_fc_server_random(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_bytes<tls::server_random>(input, sample);
}

bool fetch_ssl_fc_err_str(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const tls::Connection* connection = connection_of(input);
  const std::string_view words = connection != nullptr ? connection->failure() : std::string_view{};
  if (!words.empty()) sample.set(words);
  return !words.empty();
}

// --- The client's certificate

bool fetch_ssl_c_used(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_truth(input, tls::has_peer_certificate, sample);
}
bool fetch_ssl_c_verify(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(
      input, [](const tls::Connection& connection) { return connection.verify_result(); }, sample);
}
bool fetch_ssl_c_err(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(
      input, [](const tls::Connection& connection) { return connection.crt_error(); }, sample);
}
bool fetch_ssl_c_ca_err(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(
      input, [](const tls::Connection& connection) { return connection.ca_error(); }, sample);
}
bool fetch_ssl_c_ca_err_depth(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(
      input, [](const tls::Connection& connection) { return connection.ca_error_depth(); }, sample);
}
bool fetch_ssl_c_chain_der(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const tls::Connection* connection = connection_of(input);
  return connection != nullptr &&
         set_made(input, tls::chain_der_size(*connection), Type::binary, sample, tls::chain_der);
}
bool fetch_ssl_c_der(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(input, Whose::peer, tls::certificate_der, Type::binary, sample);
}
bool fetch_ssl_c_s_dn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_name<Whose::peer, tls::Name::subject>(arguments, input, sample);
}
bool fetch_ssl_c_i_dn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_name<Whose::peer, tls::Name::issuer>(arguments, input, sample);
}
bool fetch_ssl_c_notbefore(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_validity(input, Whose::peer, tls::Bound::not_before, sample);
}
bool fetch_ssl_c_notafter(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_validity(input, Whose::peer, tls::Bound::not_after, sample);
}
bool fetch_ssl_c_serial(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(input, Whose::peer, tls::serial, Type::binary, sample);
}
bool fetch_ssl_c_sha1(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_sha1<Whose::peer>(input, sample);
}
bool fetch_ssl_c_version(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_version(input, Whose::peer, sample);
}
bool fetch_ssl_c_sig_alg(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(input, Whose::peer, tls::signature_algorithm, Type::string, sample);
}
bool fetch_ssl_c_key_alg(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(input, Whose::peer, tls::key_algorithm, Type::string, sample);
}

// --- Our own

bool fetch_ssl_f_der(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(input, Whose::own, tls::certificate_der, Type::binary, sample);
}
bool fetch_ssl_f_s_dn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_name<Whose::own, tls::Name::subject>(arguments, input, sample);
}
bool fetch_ssl_f_i_dn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_name<Whose::own, tls::Name::issuer>(arguments, input, sample);
}
bool fetch_ssl_f_notbefore(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_validity(input, Whose::own, tls::Bound::not_before, sample);
}
bool fetch_ssl_f_notafter(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_validity(input, Whose::own, tls::Bound::not_after, sample);
}
bool fetch_ssl_f_serial(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(input, Whose::own, tls::serial, Type::binary, sample);
}
bool fetch_ssl_f_sha1(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_sha1<Whose::own>(input, sample);
}
bool fetch_ssl_f_version(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_version(input, Whose::own, sample);
}
bool fetch_ssl_f_sig_alg(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(input, Whose::own, tls::signature_algorithm, Type::string, sample);
}
bool fetch_ssl_f_key_alg(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(input, Whose::own, tls::key_algorithm, Type::string, sample);
}

}  // namespace corelane::sample
