// SPDX-License-Identifier: Apache-2.0
#include "proxy/verified_users.hpp"

#include <crypt.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace corelane::proxy {

namespace {

constexpr std::size_t password_bytes_max = 512;  // crypt(3) takes no longer ones

/// In a time that says nothing of where they differ.
bool same_text(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  return difference == 0;
}

}  // namespace

struct VerifiedUsers::Hashing {
  crypt_data data{};
  std::array<char, password_bytes_max + 1> password{};
};

VerifiedUsers::VerifiedUsers(const std::vector<config::UserList>& lists, std::uint64_t seed)
    : lists_(lists), seeds_{seed * 0x9e3779b97f4a7c15U, ~seed} {}

VerifiedUsers::~VerifiedUsers() = default;

// The user's place is his own: nobody else's password has this digest.
VerifiedUsers::Digest VerifiedUsers::digest_of(const config::User& user,
                                               std::string_view password) const noexcept {
  std::array<char, sizeof(std::uint64_t) + password_bytes_max> bytes;
  const std::uint64_t key = seeds_[1] ^ reinterpret_cast<std::uintptr_t>(&user);
  std::memcpy(bytes.data(), &key, sizeof(key));
  std::copy(password.begin(), password.end(), bytes.begin() + sizeof(key));
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), sizeof(key) + password.size(), seeds_[0]);
  Digest digest;
  digest.low = hash.low64 | 1;  // none is that of an empty place
  digest.high = hash.high64;
  return digest;
}

const std::vector<std::string>* VerifiedUsers::find(std::uint32_t list, std::string_view name,
                                                    std::string_view password) noexcept {
  const std::vector<config::User>& users = lists_[list].users;
  const auto user =
      std::find_if(users.begin(), users.end(), [name](const config::User& one) { return one.name == name; });
  if (user == users.end()) return nullptr;
  return is_password(*user, password) ? &user->groups : nullptr;
}

bool VerifiedUsers::is_password(const config::User& user, std::string_view password) noexcept {
  if (!user.insecure_password.empty()) return same_text(user.insecure_password, password);
  if (password.size() > password_bytes_max) return false;
  const Digest digest = digest_of(user, password);
  Digest& known = verified_[digest.high % verified_.size()];
  if (known == digest) return true;
  if (!hashes_to(user.password, password)) return false;
  known = digest;
  return true;
}

bool VerifiedUsers::hashes_to(const std::string& wanted, std::string_view password) noexcept {
  if (password.find('\0') != std::string_view::npos) return false;
  if (hashing_ == nullptr) hashing_ = std::make_unique<Hashing>();
  *std::copy(password.begin(), password.end(), hashing_->password.begin()) = '\0';
  const char* made = crypt_r(hashing_->password.data(), wanted.c_str(), &hashing_->data);
  hashing_->password.fill('\0');
  return made != nullptr && same_text(made, wanted);
}

}  // namespace corelane::proxy
