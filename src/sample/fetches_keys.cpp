// SPDX-License-Identifier: Apache-2.0
// Samples of a request as a whole: keys made of it, and its fields as they are sent on.
#include <algorithm>
#include <optional>

#include "balance/hash.hpp"
#include "sample/functions.hpp"
#include "sample/numbers.hpp"
#include "sample/text_writer.hpp"

namespace corelane::sample {
namespace {

std::string_view without_query(std::string_view target) {
  return target.substr(0, target.find('?'));
}

/// HAProxy's hash of the host and what follows it.
std::uint32_t hash_of(std::string_view host, std::string_view path) {
  std::uint32_t hash = 0;
  for (const std::string_view part : {host, path}) {
    for (const char c : part)
      hash = static_cast<std::uint32_t>(static_cast<signed char>(c)) + (hash << 6) + (hash << 16) - hash;
  }
  return balance::avalanche(hash);
}

std::uint32_t base_hash(const Input& input) {
  const proto::HttpRequestHead& head = *input.context.request;
  return hash_of(head.host, without_query(head.path_and_query));
}
std::uint32_t url_hash(const Input& input) {
  const proto::HttpRequestHead& head = *input.context.request;
  return hash_of(head.host, head.path_and_query);
}

/// The hash's four bytes and those of the client's address.
bool set_with_client(std::uint32_t hash, const Input& input, Sample& sample) {
  const base::Endpoint address = base::endpoint_unmapped(*input.context.client);
  if (!base::is_ip(address.family)) return false;
  TextWriter writer(input.arena);
  for (int shift = 24; shift >= 0; shift -= 8) writer.append(static_cast<char>(hash >> shift & 0xff));
  const std::size_t size = address.family == base::Family::ipv4 ? 4 : 16;
  for (std::size_t i = 0; i < size; ++i) writer.append(static_cast<char>(address.ip[i]));
  return writer.finish(sample, Type::binary);
}

struct Authority {
  std::string_view host;
  std::string_view port;
  bool is_secure = false;
};

/// Of a target with a scheme.
std::optional<Authority> authority_of(const proto::HttpRequestHead& head) {
  if (head.form != proto::HttpTargetForm::absolute) return std::nullopt;
  const std::string_view text = head.authority;
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  Authority authority{text.substr(0, colon), {}, head.target.starts_with("https:")};
  if (colon != std::string_view::npos) authority.port = text.substr(colon + 1);
  if (authority.host.starts_with('[') && authority.host.ends_with(']')) {
    authority.host.remove_prefix(1);
    authority.host.remove_suffix(1);
  }
  return authority;
}

/// As HAProxy and its peers of SPOP write numbers: one byte below 240.
void append_number(std::size_t number, TextWriter& writer) {
  constexpr std::size_t one_byte_max = 240;
  if (number < one_byte_max) {
    writer.append(static_cast<char>(number));
    return;
  }
  writer.append(static_cast<char>(number | one_byte_max));
  number = (number - one_byte_max) >> 4;
  while (number >= 128) {
    writer.append(static_cast<char>(number | 128));
    number = (number - 128) >> 7;
  }
  writer.append(static_cast<char>(number));
}

void append_lower(std::string_view text, TextWriter& writer) {
  for (const char c : text) writer.append(lower_case(c));
}

}  // namespace

bool fetch_baseq(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const proto::HttpRequestHead& head = *input.context.request;
  TextWriter writer(input.arena);
  writer.append(head.host);
  if (head.form != proto::HttpTargetForm::asterisk) writer.append(head.path_and_query);
  return writer.finish(sample) && !sample.text.empty();
}

bool fetch_base32(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(std::int64_t{base_hash(input)});
  return true;
}

bool fetch_base32_src(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_with_client(base_hash(input), input, sample);
}

bool fetch_url32(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(std::int64_t{url_hash(input)});
  return true;
}

bool fetch_url32_src(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_with_client(url_hash(input), input, sample);
}

bool fetch_url_ip(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const auto authority = authority_of(*input.context.request);
  if (!authority) return false;
  const auto address = base::endpoint_from_ip(authority->host, 0);
  if (!address) return false;
  sample.set(*address);
  return true;
}

bool fetch_url_port(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const auto authority = authority_of(*input.context.request);
  if (!authority || !base::endpoint_from_ip(authority->host, 0)) return false;
  constexpr std::int64_t http_port = 80;
  constexpr std::int64_t https_port = 443;
  const std::int64_t usual = authority->is_secure ? https_port : http_port;
  sample.set(authority->port.empty() ? usual : leading_integer(authority->port));
  return true;
}

bool fetch_fields(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  TextWriter writer(input.arena);
  for (const proto::HttpField& field : head_fields(input)) {
    append_lower(field.name, writer);
    writer.append(": ");
    writer.append(field.value);
    writer.append("\r\n");
  }
  writer.append("\r\n");
  return writer.finish(sample, Type::binary);
}

bool fetch_fields_binary(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  TextWriter writer(input.arena);
  for (const proto::HttpField& field : head_fields(input)) {
    append_number(field.name.size(), writer);
    append_lower(field.name, writer);
    append_number(field.value.size(), writer);
    writer.append(field.value);
  }
  append_number(0, writer);
  append_number(0, writer);
  return writer.finish(sample, Type::binary);
}

}  // namespace corelane::sample
