// SPDX-License-Identifier: Apache-2.0
#include "stick/key_hash.hpp"

#include <bit>
#include <cstddef>

namespace corelane::stick {
namespace {

constexpr int rounds_end = 3;
constexpr std::array<std::uint64_t, 4> constants{0x736f'6d65'7073'6575, 0x646f'7261'6e64'6f6d,
                                                 0x6c79'6765'6e65'7261, 0x7465'6462'7974'6573};

struct State {
  std::array<std::uint64_t, 4> v;

  void round() noexcept {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = std::rotl(v[1], 13) ^ v[0];
    v[3] = std::rotl(v[3], 16) ^ v[2];
    v[0] = std::rotl(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = std::rotl(v[1], 17) ^ v[2];
    v[3] = std::rotl(v[3], 21) ^ v[0];
    v[2] = std::rotl(v[2], 32);
  }
  void mix(std::uint64_t word) noexcept {
    v[3] ^= word;
    round();
    v[0] ^= word;
  }
};

}  // namespace

std::uint64_t key_hash(const HashSeed& seed, std::span<const std::uint32_t> words) noexcept {
  State state{
      {seed[0] ^ constants[0], seed[1] ^ constants[1], seed[0] ^ constants[2], seed[1] ^ constants[3]}};
  std::uint64_t last = std::uint64_t{words.size_bytes()} << 56;
  std::size_t at = 0;
  for (; at + 2 <= words.size(); at += 2) state.mix(words[at] | std::uint64_t{words[at + 1]} << 32);
  if (at < words.size()) last |= words[at];
  state.mix(last);
  state.v[2] ^= 0xff;
  for (int i = 0; i < rounds_end; ++i) state.round();
  return state.v[0] ^ state.v[1] ^ state.v[2] ^ state.v[3];
}

}  // namespace corelane::stick
