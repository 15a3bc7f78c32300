// SPDX-License-Identifier: Apache-2.0
#include "tls/tickets.hpp"

#include <fmt/format.h>
#include <openssl/base64.h>
#include <openssl/cipher.h>
#include <openssl/mem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace corelane::tls {
namespace {

constexpr std::size_t name_bytes = 16;
constexpr std::size_t short_key_bytes = 16;
constexpr std::size_t long_key_bytes = 32;
constexpr std::size_t short_line_bytes = name_bytes + 2 * short_key_bytes;
constexpr std::size_t long_line_bytes = name_bytes + 2 * long_key_bytes;
constexpr std::size_t file_keys_min = 3;

const std::uint8_t* bytes_of(const std::string& text) noexcept {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

const EVP_CIPHER* cipher_of(const TicketKey& key) noexcept {
  return key.aes.size() == short_key_bytes ? EVP_aes_128_cbc() : EVP_aes_256_cbc();
}

bool decode_line(std::string_view line, TicketKey& key) {
  std::array<std::uint8_t, 128> bytes{};
  std::size_t size = 0;
  if (EVP_DecodeBase64(bytes.data(), &size, bytes.size(), reinterpret_cast<const std::uint8_t*>(line.data()),
                       line.size()) != 1)
    return false;
  if (size != short_line_bytes && size != long_line_bytes) return false;
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), size);
  const std::size_t key_bytes = (size - name_bytes) / 2;
  const std::string_view first = all.substr(name_bytes, key_bytes);
  const std::string_view second = all.substr(name_bytes + key_bytes);
  // HAProxy's two layouts: the short one has the AES key first, the long one the HMAC key.
  const bool is_short = size == short_line_bytes;
  key = {std::string(all.substr(0, name_bytes)), std::string(is_short ? first : second),
         std::string(is_short ? second : first)};
  return true;
}

bool prepare(const TicketKey& key, bool seal, const std::uint8_t* iv, EVP_CIPHER_CTX* cipher,
             HMAC_CTX* hmac) {
  return HMAC_Init_ex(hmac, bytes_of(key.hmac), key.hmac.size(), EVP_sha256(), nullptr) == 1 &&
         EVP_CipherInit_ex(cipher, cipher_of(key), nullptr, bytes_of(key.aes), iv, seal ? 1 : 0) == 1;
}

std::string hash(std::string_view secret, std::int64_t period, std::uint8_t part) {
  std::array<std::uint8_t, 9> message{};
  std::memcpy(message.data(), &period, sizeof(period));
  message.back() = part;
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), secret.size(), message.data(), message.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

bool read_ticket_keys(const NamedBytes& file, std::vector<TicketKey>& keys, std::string& error) {
  std::string_view rest = file.bytes;
  for (int number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    TicketKey key;
    if (!decode_line(line, key)) {
      error = fmt::format(
          "{}, line {}: a ticket key is base64 of 48 bytes (AES-128) or 80 bytes (AES-256), as `openssl rand "
          "-base64 80 | tr -d '\\n'` makes it",
          file.name, number);
      return false;
    }
    keys.push_back(std::move(key));
  }
  if (keys.size() < file_keys_min) {
    error = fmt::format(
        "{} has {} ticket keys, and needs {}: one that only opens old tickets, the last but one that seals "
        "new "
        "ones, and the last, which other machines may begin to seal with",
        file.name, keys.size(), file_keys_min);
    return false;
  }
  return true;
}

void Tickets::set(const TicketSettings& settings) {
  settings_ = settings;
  keys_ = settings.keys;
  sealing_ = keys_.size() < 2 ? 0 : keys_.size() - 2;
  period_ = -1;
}

void Tickets::derive(std::int64_t period) {
  if (!settings_.keys.empty() || period == period_) return;
  period_ = period;
  keys_.clear();
  for (const std::int64_t of : {period, period - 1})
    keys_.push_back({hash(settings_.secret, of, 0).substr(0, name_bytes), hash(settings_.secret, of, 1),
                     hash(settings_.secret, of, 2)});
  sealing_ = 0;
}

int Tickets::seal(std::uint8_t* name, std::uint8_t* iv, EVP_CIPHER_CTX* cipher, HMAC_CTX* hmac,
                  std::int64_t now) {
  derive(now / settings_.rotation_seconds);
  const TicketKey& key = keys_[sealing_];
  std::memcpy(name, key.name.data(), name_bytes);
  RAND_bytes(iv, EVP_CIPHER_iv_length(cipher_of(key)));
  return prepare(key, true, iv, cipher, hmac) ? 1 : -1;
}

int Tickets::open(const std::uint8_t* name, const std::uint8_t* iv, EVP_CIPHER_CTX* cipher, HMAC_CTX* hmac,
                  std::int64_t now) {
  derive(now / settings_.rotation_seconds);
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (CRYPTO_memcmp(name, keys_[i].name.data(), name_bytes) != 0) continue;
    if (!prepare(keys_[i], false, iv, cipher, hmac)) return -1;
    return i == sealing_ ? 1 : 2;  // 2: a new one is sent
  }
  return 0;
}

}  // namespace corelane::tls
