// SPDX-License-Identifier: Apache-2.0
#include "sim/http_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace corelane::sim {

namespace {

std::string small(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// What the program says of the connection and of the client, or may take out.
bool is_the_programs(std::string_view line) {
  const std::string name = small(line);
  for (const char* own : {"connection:", "cookie:", "set-cookie: srv=", "x-forwarded-for:"}) {
    if (name.starts_with(own)) return true;
  }
  return false;
}

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find("\r\n"), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 2, rest.size()));
  return line;
}

}  // namespace

std::string HttpText::head() const {
  std::string out = (start_line_sent.empty() ? start_line : start_line_sent) + "\r\n";
  for (const std::string& field : hop_fields) out += field + "\r\n";
  for (const std::string& field : fields) out += field + "\r\n";
  return out + "\r\n";
}

std::string head_fault(std::string_view head, const HttpText& wanted) {
  if (const std::string_view line = next_line(head); line != wanted.start_line)
    return fmt::format("'{}' became '{}'", wanted.start_line, line);
  std::size_t at = 0;
  for (std::string_view line = next_line(head); !line.empty(); line = next_line(head)) {
    if (is_the_programs(line)) continue;
    while (at < wanted.fields.size() && is_the_programs(wanted.fields[at])) ++at;
    if (at == wanted.fields.size()) return fmt::format("'{}' was added", line);
    if (line != wanted.fields[at]) return fmt::format("'{}' where '{}' was", line, wanted.fields[at]);
    ++at;
  }
  while (at < wanted.fields.size() && is_the_programs(wanted.fields[at])) ++at;
  return at == wanted.fields.size() ? "" : fmt::format("'{}' was lost", wanted.fields[at]);
}

std::string_view field_of(std::string_view head, std::string_view name) {
  next_line(head);
  for (std::string_view line = next_line(head); !line.empty(); line = next_line(head)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || small(line.substr(0, colon)) != name) continue;
    line.remove_prefix(colon + 1);
    while (line.starts_with(' ')) line.remove_prefix(1);
    return line;
  }
  return {};
}

std::string body_bytes(std::uint64_t key, std::size_t size) {
  std::string bytes(size, '\0');
  Random random(key);
  for (std::size_t i = 0; i < size;) {
    std::uint64_t word = random.next();
    for (unsigned b = 0; b < 8 && i < size; ++b, word >>= 8) bytes[i++] = static_cast<char>(word & 0xff);
  }
  return bytes;
}

std::string chunked_body(Random& random, std::uint64_t key, std::size_t size) {
  const std::string plain = body_bytes(key, size);
  const std::size_t chunk_max = random.pick<std::size_t>({1, 20, 500, 5000, 300'000});
  std::string out;
  for (std::size_t at = 0; at < size;) {
    const std::size_t most = std::min(std::max(chunk_max, size / 32), size - at);
    const std::size_t chunk = random.size(1, most);
    out += fmt::format("{:x}{}\r\n", chunk, random.chance(50) ? ";name=\"va lue\"" : "");
    out += std::string_view(plain).substr(at, chunk);
    out += "\r\n";
    at += chunk;
  }
  return out + (random.chance(100) ? "0\r\nX-Trailer: yes\r\n\r\n" : "0\r\n\r\n");
}

}  // namespace corelane::sim
