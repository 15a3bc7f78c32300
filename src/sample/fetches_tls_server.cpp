// SPDX-License-Identifier: Apache-2.0
// Samples of the TLS connection with the server, and of the certificates in it.
#include "sample/functions.hpp"
#include "sample/tls_facts.hpp"

namespace corelane::sample {
namespace {

using namespace tls_facts;

TlsInput server(const Input& input) {
  return {input.context.server_tls, input.arena};
}

}  // namespace

// --- The connection

bool fetch_ssl_bc(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.server_tls != nullptr);
  return true;
}
bool fetch_ssl_bc_alpn(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::alpn>(server(input), Type::string, sample);
}
bool fetch_ssl_bc_cipher(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::cipher>(server(input), Type::string, sample);
}
bool fetch_ssl_bc_protocol(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::protocol>(server(input), Type::string, sample);
}
bool fetch_ssl_bc_curve(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::curve>(server(input), Type::string, sample);
}
bool fetch_ssl_bc_session_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_fact<tls::session_id>(server(input), Type::binary, sample);
}
bool fetch_ssl_bc_is_resumed(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_truth(server(input), tls::is_resumed, sample);
}
bool fetch_ssl_bc_alg_keysize(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(server(input), tls::cipher_key_bits, sample);
}
bool fetch_ssl_bc_use_keysize(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_number(server(input), tls::cipher_strength_bits, sample);
}
bool fetch_ssl_bc_unique_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_bytes<tls::unique_id>(server(input), sample);
}
bool fetch_ssl_bc_client_random(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_bytes<tls::client_random>(server(input), sample);
}
bool fetch_ssl_bc_server_random(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_bytes<tls::server_random>(server(input), sample);
}
// Of one that stands, or of the handshake that failed.
bool fetch_ssl_bc_err_str(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const tls::Connection* connection = input.context.server_tls;
  const std::string_view words =
      connection != nullptr ? connection->failure() : input.context.server_tls_fault;
  if (!words.empty()) sample.set(words);
  return !words.empty();
}

// --- The server's certificate

bool fetch_ssl_s_chain_der(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const tls::Connection* connection = input.context.server_tls;
  return connection != nullptr &&
         set_made(server(input), tls::chain_der_size(*connection), Type::binary, sample, tls::chain_der);
}
bool fetch_ssl_s_der(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(server(input), Whose::peer, tls::certificate_der, Type::binary, sample);
}
bool fetch_ssl_s_s_dn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_name<Whose::peer, tls::Name::subject>(arguments, server(input), sample);
}
bool fetch_ssl_s_i_dn(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_name<Whose::peer, tls::Name::issuer>(arguments, server(input), sample);
}
bool fetch_ssl_s_notbefore(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_validity(server(input), Whose::peer, tls::Bound::not_before, sample);
}
bool fetch_ssl_s_notafter(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_validity(server(input), Whose::peer, tls::Bound::not_after, sample);
}
bool fetch_ssl_s_serial(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(server(input), Whose::peer, tls::serial, Type::binary, sample);
}
bool fetch_ssl_s_sha1(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_sha1<Whose::peer>(server(input), sample);
}
bool fetch_ssl_s_version(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_version(server(input), Whose::peer, sample);
}
bool fetch_ssl_s_sig_alg(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(server(input), Whose::peer, tls::signature_algorithm, Type::string, sample);
}
bool fetch_ssl_s_key_alg(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_part(server(input), Whose::peer, tls::key_algorithm, Type::string, sample);
}

}  // namespace corelane::sample
