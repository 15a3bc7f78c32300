// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/near_miss.hpp"
#include "config/address.hpp"
#include "config/config.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

constexpr std::string_view frontend_name = "main";
constexpr std::string_view backend_name = "servers";

struct Item {
  std::string_view text;
  Position position;  // in the option's value
};

std::vector<Item> split_at_commas(std::string_view text) {
  std::vector<Item> items;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    items.push_back({text.substr(start, end - start), {1, static_cast<std::uint32_t>(start + 1)}});
    start = end + 1;
  }
  return items;
}

/// The addresses of one option. An address that stands there twice is a fault.
std::vector<Address> read_addresses(std::string_view option_value, AddressUse use, Report& report) {
  std::vector<Address> addresses;
  std::set<std::string_view> seen;
  for (const Item& item : split_at_commas(option_value)) {
    AddressResult result = address_from_text(item.text, use);
    if (!result.address) {
      report.error(item.position, "", fmt::format("bad address \"{}\": {}", item.text, result.fault),
                   {{std::string(address_forms(use))}, ""});
    } else if (!seen.insert(item.text).second) {
      report.error(item.position, "", fmt::format("the address {} stands here twice", item.text));
    } else {
      addresses.push_back(std::move(*result.address));
    }
  }
  return addresses;
}

void check_mode(std::string_view mode, Report& report) {
  const std::span<const std::string_view> words = mode_words();
  if (std::find(words.begin(), words.end(), mode) != words.end()) return;
  report.error({}, "", fmt::format("\"{}\" is not a known mode", mode),
               {{words.begin(), words.end()}, std::string(base::near_miss(mode, words))});
}

/// The text's quotes and control characters were refused with the addresses, so it needs no escaping but
/// this.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// The options as a file. Going through the file's own reader gives every default its one meaning.
std::string file_text(const std::vector<Address>& listen, const std::vector<Address>& to,
                      std::string_view mode) {
  std::vector<std::string> binds;
  for (const Address& address : listen)
    binds.push_back(fmt::format(R"({{"address": {}}})", quoted(address.text)));
  std::vector<std::string> servers;
  for (const Address& address : to) {
    servers.push_back(
        fmt::format(R"({{"name": "s{}", "address": {}}})", servers.size() + 1, quoted(address.text)));
  }
  return fmt::format(R"({{
    "global": {{"log": [{{"to": "stdout"}}]}},
    "defaults": {{"mode": "{}"}},
    "frontends": {{"{}": {{"bind": [{}], "default_backend": "{}"}}}},
    "backends": {{"{}": {{"check": {{"type": "tcp"}}, "servers": [{}]}}}}}})",
                     mode, frontend_name, fmt::join(binds, ", "), backend_name, backend_name,
                     fmt::join(servers, ", "));
}

}  // namespace

LoadResult model_from_listen(std::string_view listen, std::string_view to, std::string_view mode) {
  Report listen_report("--listen");
  Report to_report("--to");
  Report mode_report("--mode");
  const std::vector<Address> listen_addresses = read_addresses(listen, AddressUse::bind, listen_report);
  const std::vector<Address> to_addresses = read_addresses(to, AddressUse::server, to_report);
  check_mode(mode, mode_report);
  LoadResult faults;
  for (Report* report : {&listen_report, &to_report, &mode_report}) {
    for (Diagnostic& diagnostic : report->take()) faults.diagnostics.push_back(std::move(diagnostic));
  }
  if (!faults.diagnostics.empty()) return faults;
  LoadResult result = load(file_text(listen_addresses, to_addresses, mode), "--listen");
  // What is still wrong stands in a text that nobody wrote; its path and message say enough.
  for (Diagnostic& diagnostic : result.diagnostics) diagnostic.position = {};
  return result;
}

}  // namespace corelane::config
