// SPDX-License-Identifier: Apache-2.0
// Samples of the TLS connection with the client, and of the certificates in it.
#include "sample/functions.hpp"
#include "sample/tls_facts.hpp"

namespace corelane::sample {
namespace {

using namespace tls_facts;

TlsInput client(const Input& input) {
  return {input.context.client_tls, input.arena};
}

}  // namespace

// --- The connection

bool fetch_ssl_fc(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.client_tls != nullptr);
  return true;
}
bool fetch_ssl_fc_sni(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::server_name>(client(input), Type::string, sample);
}
bool fetch_ssl_fc_has_sni(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_truth(
      client(input),
      [](const tls::Connection& connection) { return tls::server_name(connection).has_value(); }, sample);
}
bool fetch_ssl_fc_alpn(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::alpn>(client(input), Type::string, sample);
}
bool fetch_ssl_fc_cipher(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::cipher>(client(input), Type::string, sample);
}
bool fetch_ssl_fc_protocol(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::protocol>(client(input), Type::string, sample);
}
bool fetch_ssl_fc_curve(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::curve>(client(input), Type::string, sample);
}
bool fetch_ssl_fc_session_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::session_id>(client(input), Type::binary, sample);
}
bool fetch_ssl_fc_is_resumed(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_truth(client(input), tls::is_resumed, sample);
}
bool fetch_ssl_fc_has_early(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_truth(
      client(input), [](const tls::Connection& connection) { return connection.is_early(); }, sample);
}
bool fetch_ssl_fc_has_crt(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_truth(client(input), tls::is_peer_certificate_fresh, sample);
}
bool fetch_ssl_fc_alg_keysize(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(client(input), tls::cipher_key_bits, sample);
}
bool fetch_ssl_fc_use_keysize(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(client(input), tls::cipher_strength_bits, sample);
}
bool fetch_ssl_fc_unique_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_bytes<tls::unique_id>(client(input), sample);
}
bool fetch_ssl_fc_client_random(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_bytes<tls::client_random>(client(input), sample);
}
bool fetch_ssl_fc_server_random(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_bytes<tls::server_random>(client(input), sample);
}

bool fetch_ssl_fc_err_str(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const tls::Connection* connection = input.context.client_tls;
  const std::string_view words = connection != nullptr ? connection->failure() : std::string_view{};
  if (!words.empty()) sample.set(words);
  return !words.empty();
}

// --- The client's certificate

bool fetch_ssl_c_used(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_truth(client(input), tls::has_peer_certificate, sample);
}
bool fetch_ssl_c_verify(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(
      client(input), [](const tls::Connection& connection) { return connection.verify_result(); }, sample);
}
bool fetch_ssl_c_err(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(
      client(input), [](const tls::Connection& connection) { return connection.crt_error(); }, sample);
}
bool fetch_ssl_c_ca_err(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(
      client(input), [](const tls::Connection& connection) { return connection.ca_error(); }, sample);
}
bool fetch_ssl_c_ca_err_depth(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(
      client(input), [](const tls::Connection& connection) { return connection.ca_error_depth(); }, sample);
}
bool fetch_ssl_c_chain_der(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const tls::Connection* connection = input.context.client_tls;
  return connection != nullptr &&
         set_made(client(input), tls::chain_der_size(*connection), Type::binary, sample, tls::chain_der);
}
bool fetch_ssl_c_der(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(client(input), Whose::peer, tls::certificate_der, Type::binary, sample);
}
bool fetch_ssl_c_s_dn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_name<Whose::peer, tls::Name::subject>(arguments, client(input), sample);
}
bool fetch_ssl_c_i_dn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_name<Whose::peer, tls::Name::issuer>(arguments, client(input), sample);
}
bool fetch_ssl_c_notbefore(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_validity(client(input), Whose::peer, tls::Bound::not_before, sample);
}
bool fetch_ssl_c_notafter(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_validity(client(input), Whose::peer, tls::Bound::not_after, sample);
}
bool fetch_ssl_c_serial(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(client(input), Whose::peer, tls::serial, Type::binary, sample);
}
bool fetch_ssl_c_sha1(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_sha1<Whose::peer>(client(input), sample);
}
bool fetch_ssl_c_version(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_version(client(input), Whose::peer, sample);
}
bool fetch_ssl_c_sig_alg(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(client(input), Whose::peer, tls::signature_algorithm, Type::string, sample);
}
bool fetch_ssl_c_key_alg(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(client(input), Whose::peer, tls::key_algorithm, Type::string, sample);
}

// --- Our own

bool fetch_ssl_f_der(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(client(input), Whose::own, tls::certificate_der, Type::binary, sample);
}
bool fetch_ssl_f_s_dn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_name<Whose::own, tls::Name::subject>(arguments, client(input), sample);
}
bool fetch_ssl_f_i_dn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_name<Whose::own, tls::Name::issuer>(arguments, client(input), sample);
}
bool fetch_ssl_f_notbefore(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_validity(client(input), Whose::own, tls::Bound::not_before, sample);
}
bool fetch_ssl_f_notafter(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_validity(client(input), Whose::own, tls::Bound::not_after, sample);
}
bool fetch_ssl_f_serial(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(client(input), Whose::own, tls::serial, Type::binary, sample);
}
bool fetch_ssl_f_sha1(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_sha1<Whose::own>(client(input), sample);
}
bool fetch_ssl_f_version(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_version(client(input), Whose::own, sample);
}
bool fetch_ssl_f_sig_alg(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(client(input), Whose::own, tls::signature_algorithm, Type::string, sample);
}
bool fetch_ssl_f_key_alg(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(client(input), Whose::own, tls::key_algorithm, Type::string, sample);
}

}  // namespace corelane::sample
