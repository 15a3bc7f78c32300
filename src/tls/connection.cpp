// SPDX-License-Identifier: Apache-2.0
#include "tls/connection.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.hpp"
#include "tls/errors.hpp"

namespace corelane::tls {
namespace {

// What a write may have to send before the data: an answer to an update of keys, or an alert.
constexpr std::size_t spare_output = 96;

/// OpenSSL's clients say in TLS 1.3 in plain text what they dislike about the server's certificate, where
/// only encrypted records are expected: the alert at the end of what came, if there is one.
std::optional<std::int16_t> plain_alert(std::span<const std::byte> came) noexcept {
  constexpr std::size_t record_bytes = 7;  // type, version, length, level, description
  constexpr std::byte fatal{2};
  if (came.size() < record_bytes) return std::nullopt;
  const std::span<const std::byte> record = came.last(record_bytes);
  if (record[0] != std::byte{SSL3_RT_ALERT} || record[1] != std::byte{SSL3_VERSION_MAJOR} ||
      record[3] != std::byte{0} || record[4] != std::byte{2} || record[5] != fatal)
    return std::nullopt;
  return std::to_integer<std::int16_t>(record[6]);
}

/// Lends the call's spans to the library.
class Lending {
 public:
  Lending(Io*& place, Io& io) noexcept : place_(place) {
    place = &io;
    ERR_clear_error();
  }
  Lending(const Lending&) = delete;
  Lending& operator=(const Lending&) = delete;
  ~Lending() { place_ = nullptr; }

 private:
  Io*& place_;
};

}  // namespace

Step Connection::fail(Error error) noexcept {
  if (error_ == Error::none) error_ = error;
  ERR_clear_error();
  return Step::failed;
}

Step Connection::step_of(int result) noexcept {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_NONE:
      return Step::done;
    case SSL_ERROR_WANT_READ:
      return Step::want_input;
    case SSL_ERROR_WANT_WRITE:
      return Step::want_output;
    case SSL_ERROR_ZERO_RETURN:
      return Step::closed;
    default:
      break;
  }
  return fail(unknown_name_ ? Error::unknown_name : take_error(!ready_ && verify_result_ != 0));
}

Step Connection::handshake(Io& io, base::TimeUs now) noexcept {
  CORELANE_CHECK(is_open());
  if (ready_) return Step::done;
  if (error_ != Error::none) return Step::failed;
  const std::span<const std::byte> came = io.in;
  const Lending lending(io_, io);
  const Step step = step_of(SSL_do_handshake(ssl_));
  if (step == Step::failed && error_ == Error::bad_record) {
    if (const std::optional<std::int16_t> alert = plain_alert(came)) {
      error_ = Error::peer_alert;
      alert_received_ = *alert;
    }
  }
  if (step == Step::closed) return fail(Error::truncated);
  if (step != Step::done) return step;
  ready_ = true;
  done_ = now;
  verify_result_ = static_cast<std::int16_t>(SSL_get_verify_result(ssl_));
  return Step::done;
}

Step Connection::read(Io& io, std::span<std::byte>& plain) noexcept {
  CORELANE_CHECK(ready_);
  if (error_ != Error::none) return Step::failed;
  const Lending lending(io_, io);
  bool some = false;
  while (!plain.empty()) {
    const int wanted = static_cast<int>(std::min<std::size_t>(plain.size(), SSL3_RT_MAX_PLAIN_LENGTH));
    const int size = SSL_read(ssl_, plain.data(), wanted);
    if (size <= 0) {
      // What was read before a failure is the peer's all the same; the next call says the rest.
      if (some) return Step::done;
      return step_of(size);
    }
    plain = plain.subspan(static_cast<std::size_t>(size));
    some = true;
  }
  return Step::done;
}

std::size_t Connection::record_size(std::size_t wanted, base::TimeUs now) noexcept {
  if (now - last_write_ >= small_records_after_us) small_left_ = small_records_bytes;
  last_write_ = now;
  return std::min(wanted, small_left_ > 0 ? plaintext_bytes_small : plaintext_bytes_max);
}

Step Connection::write(Io& io, std::span<const std::byte>& plain, base::TimeUs now) noexcept {
  CORELANE_CHECK(ready_);
  if (error_ != Error::none) return Step::failed;
  const Lending lending(io_, io);
  const std::size_t overhead = SSL_max_seal_overhead(ssl_) + spare_output;
  for (bool first = true; !plain.empty(); first = false) {
    std::size_t size = blocked_write_;
    if (size == 0) {
      const std::size_t wanted = record_size(plain.size(), now);
      if (io.out.size() <= overhead) return Step::want_output;
      const std::size_t room = io.out.size() - overhead;
      // A record of what little room is left would cost the peer more than another turn costs here.
      if (!first && room < std::min(wanted, plaintext_bytes_small)) return Step::want_output;
      size = std::min(wanted, room);
    }
    // What had to go first, session tickets for one, may have taken the room: the record is made, and waits.
    const int result = SSL_write(ssl_, plain.data(), static_cast<int>(size));
    blocked_write_ = result <= 0 ? static_cast<std::uint16_t>(size) : std::uint16_t{0};
    if (result <= 0) return step_of(result);
    plain = plain.subspan(static_cast<std::size_t>(result));
    small_left_ -= std::min(small_left_, static_cast<std::uint32_t>(result));
  }
  return Step::done;
}

Step Connection::close(Io& io) noexcept {
  CORELANE_CHECK(is_open());
  if (error_ != Error::none) return Step::failed;
  if (!ready_ || close_said_) return Step::done;
  const Lending lending(io_, io);
  const int result = SSL_shutdown(ssl_);
  if (result < 0) return step_of(result);
  close_said_ = true;
  return Step::done;
}

bool Connection::end_of_input() noexcept {
  if (error_ != Error::none) return false;
  if (ready_ && has_peer_closed()) return true;
  fail(Error::truncated);
  return false;
}

std::string_view Connection::failure() const noexcept {
  switch (error_) {
    case Error::none:
      return {};
    case Error::bad_peer_certificate:
      return verify_code_words(verify_result_);
    case Error::peer_alert:
      return client_ != nullptr ? alert_of_server(alert_received_) : alert_of_client(alert_received_);
    default:
      return words(error_);
  }
}

bool Connection::is_early() const noexcept {
  return ssl_ != nullptr && SSL_in_early_data(ssl_) == 1;
}

bool Connection::has_pending() const noexcept {
  return ssl_ != nullptr && SSL_pending(ssl_) > 0;
}

bool Connection::has_peer_closed() const noexcept {
  return ssl_ != nullptr && (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
}

Session Connection::take_session() noexcept {
  return Session(std::exchange(session_, nullptr));
}

}  // namespace corelane::tls
