// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.hpp"
#include "sample/context.hpp"

namespace corelane::proxy {

/// The configuration's users as one lane knows them. To hash a password takes milliseconds, which other
/// connections of the lane wait for: those that were right are remembered, by a keyed digest. Wrong ones are
/// hashed each time.
class VerifiedUsers final : public sample::UserDirectory {
 public:
  VerifiedUsers(const std::vector<config::UserList>& lists, std::uint64_t seed);
  ~VerifiedUsers();

  const std::vector<std::string>* find(std::uint32_t list, std::string_view user,
                                       std::string_view password) noexcept override;

 private:
  struct Digest {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const Digest&, const Digest&) = default;
  };
  struct Hashing;

  Digest digest_of(const config::User& user, std::string_view password) const noexcept;
  bool is_password(const config::User& user, std::string_view password) noexcept;
  bool hashes_to(const std::string& wanted, std::string_view password) noexcept;

  const std::vector<config::UserList>& lists_;
  std::uint64_t seeds_[2];
  std::array<Digest, 256> verified_{};
  std::unique_ptr<Hashing> hashing_;
};

}  // namespace corelane::proxy
