// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/base.h>
#include <openssl/hmac.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tls/settings.hpp"

namespace corelane::tls {

/// The keys that one lane seals and opens session tickets with (RFC 5077, 4).
class Tickets {
 public:
  void set(const TicketSettings& settings);
  bool enabled() const noexcept { return settings_.enabled; }

  /// As SSL_CTX_set_tlsext_ticket_key_cb wants it.
  int seal(std::uint8_t* name, std::uint8_t* iv, EVP_CIPHER_CTX* cipher, HMAC_CTX* hmac, std::int64_t now);
  int open(const std::uint8_t* name, const std::uint8_t* iv, EVP_CIPHER_CTX* cipher, HMAC_CTX* hmac,
           std::int64_t now);

 private:
  void derive(std::int64_t period);

  TicketSettings settings_;
  std::int64_t period_ = -1;  // that `keys_` were derived for
  std::vector<TicketKey> keys_;
  std::size_t sealing_ = 0;  // of keys_
};

}  // namespace corelane::tls
