// SPDX-License-Identifier: Apache-2.0
#include "tls/offered.hpp"

#include <openssl/bytestring.h>
#include <openssl/mem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace corelane::tls {
namespace {

std::string_view view(const CBS& bytes) {
  return {reinterpret_cast<const char*>(CBS_data(&bytes)), CBS_len(&bytes)};
}

/// The one list that an extension is, behind its size. Empty: there is no such extension, or it is broken.
std::string_view list_of(const SSL_CLIENT_HELLO& hello, std::uint16_t type,
                         int (*take)(CBS* from, CBS* list)) {
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (SSL_early_callback_ctx_extension_get(&hello, type, &bytes, &size) != 1) return {};
  CBS extension;
  CBS list;
  CBS_init(&extension, bytes, size);
  return take(&extension, &list) == 1 ? view(list) : std::string_view{};
}

/// Appends to the memory behind an Offered.
class Keeper {
 public:
  explicit Keeper(char* memory) : memory_(memory) {}

  std::string_view keep(std::string_view bytes) {
    bytes = bytes.substr(0, offered_bytes_max - size_);
    std::copy(bytes.begin(), bytes.end(), memory_ + size_);
    size_ += bytes.size();
    return {memory_ + size_ - bytes.size(), bytes.size()};
  }
  /// Of values of two bytes no half is kept.
  std::string_view keep_pairs(std::string_view bytes) {
    return keep(bytes.substr(0, std::min(bytes.size(), offered_bytes_max - size_) / 2 * 2));
  }
  std::string_view keep_types(const SSL_CLIENT_HELLO& hello) {
    CBS rest;
    CBS extension;
    std::uint16_t type = 0;
    CBS_init(&rest, hello.extensions, hello.extensions_len);
    const std::size_t begin = size_;
    while (CBS_get_u16(&rest, &type) == 1 && CBS_get_u16_length_prefixed(&rest, &extension) == 1) {
      const char pair[] = {static_cast<char>(type >> 8), static_cast<char>(type & 0xff)};
      keep_pairs({pair, sizeof(pair)});
    }
    return {memory_ + begin, size_ - begin};
  }

 private:
  char* memory_;
  std::size_t size_ = 0;
};

/// So much memory its lists take at most.
std::size_t bytes_of(const SSL_CLIENT_HELLO& hello) {
  return std::min(offered_bytes_max, hello.cipher_suites_len + hello.extensions_len);
}

}  // namespace

Offered* offered_copy(const ssl_early_callback_ctx& hello) noexcept {
  void* const memory = OPENSSL_malloc(sizeof(Offered) + bytes_of(hello));
  if (memory == nullptr) return nullptr;
  auto* const made = new (memory) Offered;
  Keeper keeper(static_cast<char*>(memory) + sizeof(Offered));
  made->version = hello.version;
  made->ciphers =
      keeper.keep_pairs({reinterpret_cast<const char*>(hello.cipher_suites), hello.cipher_suites_len});
  made->extensions = keeper.keep_types(hello);
  made->groups = keeper.keep_pairs(list_of(hello, TLSEXT_TYPE_supported_groups, CBS_get_u16_length_prefixed));
  made->point_formats = keeper.keep(list_of(hello, TLSEXT_TYPE_ec_point_formats, CBS_get_u8_length_prefixed));
  return made;
}

void offered_free(Offered* offered) noexcept {
  OPENSSL_free(offered);
}

}  // namespace corelane::tls
