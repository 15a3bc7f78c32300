// SPDX-License-Identifier: Apache-2.0
// Digests and hashes of bytes.
#include <algorithm>
#include <array>
#include <span>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "balance/hash.hpp"
#include "proto/crc32c.hpp"
#include "sample/digest.hpp"
#include "sample/functions.hpp"

namespace corelane::sample {
namespace {

bool set_bytes(std::span<const char> bytes, Arena& arena, Sample& sample) {
  char* copy = arena.take(bytes.size());
  if (copy == nullptr) return false;
  std::copy(bytes.begin(), bytes.end(), copy);
  sample.set(std::string_view(copy, bytes.size()), Type::binary);
  return true;
}

bool set_digest(Digest digest, Arena& arena, Sample& sample) {
  std::array<char, digest_bytes_max> bytes;
  return set_bytes(std::span(bytes).first(digest_of(digest, sample.text, bytes)), arena, sample);
}

}  // namespace

bool convert_sha1(const Arguments&, Arena& arena, Sample& sample) {
  return set_digest(Digest::sha1, arena, sample);
}

bool convert_sha2(const Arguments& arguments, Arena& arena, Sample& sample) {
  constexpr std::int64_t usual_bits = 256;
  switch (arguments[0].given() ? arguments[0].integer : usual_bits) {
    case 224:
      return set_digest(Digest::sha224, arena, sample);
    case 384:
      return set_digest(Digest::sha384, arena, sample);
    case 512:
      return set_digest(Digest::sha512, arena, sample);
    default:
      return set_digest(Digest::sha256, arena, sample);
  }
}

bool convert_digest(const Arguments& arguments, Arena& arena, Sample& sample) {
  return set_digest(static_cast<Digest>(arguments[0].integer), arena, sample);
}

bool convert_crc32c(const Arguments& arguments, Arena&, Sample& sample) {
  const std::uint32_t crc = proto::crc32c_end(proto::crc32c_add(proto::crc32c_begin, sample.text));
  sample.set(std::int64_t{arguments[0].integer != 0 ? balance::avalanche(crc) : crc});
  return true;
}

bool convert_xxh32(const Arguments& arguments, Arena&, Sample& sample) {
  sample.set(std::int64_t{
      XXH32(sample.text.data(), sample.text.size(), static_cast<std::uint32_t>(arguments[0].integer))});
  return true;
}

bool convert_xxh64(const Arguments& arguments, Arena&, Sample& sample) {
  sample.set(static_cast<std::int64_t>(
      XXH64(sample.text.data(), sample.text.size(), static_cast<std::uint64_t>(arguments[0].integer))));
  return true;
}

bool convert_xxh3(const Arguments& arguments, Arena&, Sample& sample) {
  sample.set(static_cast<std::int64_t>(XXH3_64bits_withSeed(
      sample.text.data(), sample.text.size(), static_cast<std::uint64_t>(arguments[0].integer))));
  return true;
}

}  // namespace corelane::sample
