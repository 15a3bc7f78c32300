// SPDX-License-Identifier: Apache-2.0
// Samples of what the client's hello offers: clients can be told apart by it.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "sample/functions.hpp"
#include "sample/text_writer.hpp"
#include "tls/offered.hpp"

namespace corelane::sample {
namespace {

constexpr std::string_view digits = "0123456789ABCDEF";

const tls::Offered* offered_of(const Input& input) {
  const tls::Connection* connection = input.context.client_tls;
  return connection != nullptr ? connection->offered() : nullptr;
}

unsigned char byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

/// Values of two bytes, in the arena without those that are only there to be ignored. False: no room.
bool filter(const Arguments& arguments, const Input& input, std::string_view& pairs) {
  if (!arguments[0].given() || arguments[0].integer == 0) return true;
  char* const memory = input.arena.take(pairs.size());
  if (memory == nullptr) return false;
  char* end = memory;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2)
    if (!tls::is_grease(byte_at(pairs, i), byte_at(pairs, i + 1)))
      end = std::copy_n(pairs.begin() + static_cast<std::ptrdiff_t>(i), 2, end);
  pairs = {memory, static_cast<std::size_t>(end - memory)};
  return true;
}

bool set_pairs(std::string_view tls::Offered::*list, const Arguments& arguments, const Input& input,
               Sample& sample) {
  const tls::Offered* const offered = offered_of(input);
  if (offered == nullptr) return false;
  std::string_view pairs = offered->*list;
  if (!filter(arguments, input, pairs)) return false;
  sample.set(pairs, Type::binary);
  return true;
}

}  // namespace

bool fetch_ssl_fc_cipherlist_bin(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_pairs(&tls::Offered::ciphers, arguments, input, sample);
}

bool fetch_ssl_fc_cipherlist_hex(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  if (!set_pairs(&tls::Offered::ciphers, arguments, input, sample)) return false;
  const std::string_view pairs = sample.text;
  TextWriter text(input.arena);
  for (const char c : pairs) {
    const auto byte = static_cast<unsigned char>(c);
    text.append(digits[byte >> 4]);
    text.append(digits[byte & 0x0f]);
  }
  return text.finish(sample);
}

bool fetch_ssl_fc_cipherlist_str(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  if (!set_pairs(&tls::Offered::ciphers, arguments, input, sample)) return false;
  constexpr std::string_view small_digits = "0123456789abcdef";
  const std::string_view pairs = sample.text;
  TextWriter text(input.arena);
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    const unsigned suite = static_cast<unsigned>(byte_at(pairs, i)) << 8 | byte_at(pairs, i + 1);
    const std::string_view name = tls::cipher_name(static_cast<std::uint16_t>(suite));
    if (i != 0) text.append(',');
    text.append(name.empty() ? std::string_view("UNKNOWN(") : name);
    if (!name.empty()) continue;
    for (unsigned shift = 16; shift != 0; shift -= 4) text.append(small_digits[suite >> (shift - 4) & 0x0f]);
    text.append(')');
  }
  return text.finish(sample);
}

bool fetch_ssl_fc_cipherlist_xxh(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const tls::Offered* const offered = offered_of(input);
  if (offered == nullptr) return false;
  sample.set(static_cast<std::int64_t>(XXH64(offered->ciphers.data(), offered->ciphers.size(), 0)));
  return true;
}

bool fetch_ssl_fc_extlist_bin(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_pairs(&tls::Offered::extensions, arguments, input, sample);
}
bool fetch_ssl_fc_eclist_bin(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return set_pairs(&tls::Offered::groups, arguments, input, sample);
}

bool fetch_ssl_fc_ecformats_bin(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const tls::Offered* const offered = offered_of(input);
  if (offered != nullptr) sample.set(offered->point_formats, Type::binary);
  return offered != nullptr;
}

bool fetch_ssl_fc_protocol_hello_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const tls::Offered* const offered = offered_of(input);
  if (offered != nullptr) sample.set(std::int64_t{offered->version});
  return offered != nullptr;
}

}  // namespace corelane::sample
