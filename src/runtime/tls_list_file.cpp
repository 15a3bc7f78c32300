// SPDX-License-Identifier: Apache-2.0
#include "runtime/tls_list_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/near_miss.hpp"

namespace corelane::runtime {
namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::array<std::string_view, 12> options{"allow-0rtt",   "alpn",     "ca-file",     "ciphers",
                                                   "ciphersuites", "crl-file", "curves",      "no-alpn",
                                                   "sigalgs",      "verify",   "ssl-min-ver", "ssl-max-ver"};
constexpr std::array<std::string_view, 2> switches{"allow-0rtt", "no-alpn"};  // without a value

/// What HAProxy knows in its lists and there is not here, and what to do instead.
struct Refusal {
  std::string_view option;
  std::string_view instead;
};
constexpr Refusal refusals[] = {
    {"ca-verify-file", "clients are told the names of all authorities of ca-file; put them into that file"},
    {"client-sigalgs", "clients' certificates may be signed in every way that the library knows"},
    {"ecdhe", "curves is the word for it"},
    {"no-ca-names",
     "clients are told the names of the authorities of ca-file, so that they know what to show"},
    {"npn", "clients choose by alpn"},
    {"ocsp-update",
     "the response is read from a file beside the certificate, FILE.ocsp: docs/tls.md says how a timer "
     "fetches it"},
};

/// The next word of the line; brackets stand for themselves.
std::string_view next_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  if (rest.empty()) return {};
  std::size_t size = 1;
  if (rest.front() != '[' && rest.front() != ']') size = std::min(rest.find_first_of(" \t\r[]"), rest.size());
  const std::string_view word = rest.substr(0, size);
  rest.remove_prefix(size);
  return word;
}

std::string read_options(std::string_view& rest, TlsListLine& line) {
  while (true) {
    const std::string_view name = next_word(rest);
    if (name == "]") return {};
    if (name.empty()) return "the bracket of the options is not closed";
    const auto* const refusal = std::ranges::find(refusals, name, &Refusal::option);
    if (refusal != std::end(refusals)) return fmt::format("there is no {} here: {}", name, refusal->instead);
    if (std::ranges::find(options, name) == options.end()) {
      const std::string_view meant = base::near_miss(name, options);
      return fmt::format("\"{}\" is no option here; allowed: {}{}", name, fmt::join(options, ", "),
                         meant.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", meant));
    }
    if (std::ranges::find(switches, name) != switches.end()) {
      line.options.push_back({std::string(name), {}});
      continue;
    }
    const std::string_view value = next_word(rest);
    if (value.empty() || value == "]") return fmt::format("{} has no value", name);
    line.options.push_back({std::string(name), std::string(value)});
  }
}

std::string read_line(std::string_view text, TlsListLine& line) {
  const std::string_view file = next_word(text);
  if (file == "[" || file == "]") return "a line begins with the file of a certificate";
  line.file = file;
  std::string_view word = next_word(text);
  if (word == "[") {
    if (std::string fault = read_options(text, line); !fault.empty()) return fault;
    word = next_word(text);
  }
  for (; !word.empty(); word = next_word(text)) {
    if (word == "[" || word == "]") return "options stand once, behind the file";
    line.names.emplace_back(word);
  }
  return {};
}

}  // namespace

bool read_tls_list(std::string_view text, std::vector<TlsListLine>& lines, std::string& fault) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
    const std::size_t begin = whole.find_first_not_of(blanks);
    if (begin == std::string_view::npos || whole[begin] == '#') continue;
    TlsListLine& line = lines.emplace_back();
    line.number = number;
    fault = read_line(whole.substr(begin), line);
    if (fault.empty()) continue;
    fault = fmt::format("line {}: {}", number, fault);
    return false;
  }
  if (lines.empty()) fault = "it names no certificate";
  return !lines.empty();
}

}  // namespace corelane::runtime
