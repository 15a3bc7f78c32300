// SPDX-License-Identifier: Apache-2.0
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "tls/connection.hpp"
#include "tls/context_state.hpp"

namespace corelane::tls {
namespace {

// The library reads and writes by way of these, from and to what the present call has at hand.
int take_input(BIO* bio, char* out, int wanted) {
  BIO_clear_retry_flags(bio);
  auto* const io = *static_cast<Io**>(BIO_get_data(bio));
  const std::size_t size = io == nullptr ? 0 : std::min(static_cast<std::size_t>(wanted), io->in.size());
  if (size == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(out, io->in.data(), size);
  io->in = io->in.subspan(size);
  return static_cast<int>(size);
}

int put_output(BIO* bio, const char* bytes, int offered) {
  BIO_clear_retry_flags(bio);
  auto* const io = *static_cast<Io**>(BIO_get_data(bio));
  const std::size_t size = io == nullptr ? 0 : std::min(static_cast<std::size_t>(offered), io->out.size());
  if (size == 0) {
    BIO_set_retry_write(bio);
    return -1;
  }
  std::memcpy(io->out.data(), bytes, size);
  io->out = io->out.subspan(size);
  return static_cast<int>(size);
}

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* spans() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(0, "spans");
    BIO_meth_set_read(made, take_input);
    BIO_meth_set_write(made, put_output);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

using NameText = std::array<char, server_name_bytes_max + 1>;

bool terminate(std::string_view name, NameText& text) {
  if (name.size() >= text.size()) return false;
  std::copy(name.begin(), name.end(), text.begin());
  return true;
}

/// Says who the server must be, by name or by address.
bool expect(X509_VERIFY_PARAM* parameters, std::string_view host) {
  NameText text{};
  if (!terminate(host, text)) return false;
  return X509_VERIFY_PARAM_set1_ip_asc(parameters, text.data()) == 1 ||
         X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size()) == 1;
}

bool is_address(std::string_view name) {
  return name.find(':') != std::string_view::npos ||
         name.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool set_server(SSL* ssl, const ClientContextState& state, const ClientTarget& target) {
  const std::string_view name = target.server_name;
  NameText text{};
  if (!terminate(name, text)) return false;
  // An address is not asked for by SNI (RFC 6066, 3).
  if (!name.empty() && !is_address(name) && SSL_set_tlsext_host_name(ssl, text.data()) != 1) return false;
  std::string_view host = state.verify_host;
  if (host.empty()) host = name.empty() ? target.nameless_host : name;
  return !state.verify || host.empty() || expect(SSL_get0_param(ssl), host);
}

}  // namespace

bool Connection::begin(ssl_st* ssl, base::TimeUs now) noexcept {
  ssl_ = ssl;
  if (ssl == nullptr) return false;
  BIO* const bio = BIO_new(spans());
  if (bio == nullptr) return false;
  BIO_set_data(bio, &io_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_ex_data(ssl, 0, this);
  SSL_set_shed_handshake_config(ssl, 1);
  // A chain is what its file says: the library would look for more in every handshake.
  SSL_set_mode(ssl,
               SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_NO_AUTO_CHAIN);
  X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl), time_now());
  begun_ = now;
  return true;
}

bool Connection::open(const ServerContext& context, base::TimeUs now, bool keeps_hello) noexcept {
  reset();
  keeps_hello_ = keeps_hello;
  server_ = &context.state();
  server_->retain();
  if (!begin(SSL_new(server_->entries.front().context.get()), now)) {
    reset();
    return false;
  }
  SSL_set_accept_state(ssl_);
  return true;
}

bool Connection::open(const ClientContext& context, const ClientTarget& target, base::TimeUs now) noexcept {
  reset();
  client_ = &context.state();
  client_->retain();
  if (!begin(SSL_new(client_->context.get()), now) || !set_server(ssl_, *client_, target)) {
    reset();
    return false;
  }
  if (target.session != nullptr && *target.session) SSL_set_session(ssl_, target.session->get());
  SSL_set_connect_state(ssl_);
  return true;
}

void Connection::reset() noexcept {
  SSL_free(ssl_);
  SSL_SESSION_free(session_);
  if (server_ != nullptr) server_->release();
  if (client_ != nullptr) client_->release();
  ssl_ = nullptr;
  session_ = nullptr;
  offered_free(offered_);
  offered_ = nullptr;
  server_ = nullptr;
  client_ = nullptr;
  io_ = nullptr;
  begun_ = done_ = last_write_ = 0;
  small_left_ = small_records_bytes;
  blocked_write_ = 0;
  alert_sent_ = alert_received_ = -1;
  verify_result_ = ca_error_ = crt_error_ = ca_error_depth_ = 0;
  error_ = Error::none;
  session_use_ = SessionUse::none;
  session_not_kept_ = ready_ = close_said_ = unknown_name_ = keeps_hello_ = false;
}

}  // namespace corelane::tls
