// SPDX-License-Identifier: Apache-2.0
// The line of text: "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n".
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "proto/proxy_read.hpp"
#include "proto/proxy_wire.hpp"

namespace corelane::proto {
namespace {

constexpr std::string_view unknown_line = "PROXY UNKNOWN\r\n";

struct LineEnd {
  std::size_t bytes = 0;  // with CRLF; 0: not there yet
  ProxyError error = ProxyError::none;
};

/// A CR or LF that is alone ends the hope for a line.
LineEnd find_line_end(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, proxy_v1_bytes_max);
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool after_cr = i > 0 && line[i - 1] == '\r';
    if (line[i] == '\n' && after_cr) return {.bytes = i + 1};
    if (line[i] == '\n' || after_cr) return {.error = ProxyError::bad_line};
  }
  if (line.size() == proxy_v1_bytes_max) return {.error = ProxyError::too_long};
  return {};
}

/// The next field; exactly one space stands between two.
std::string_view take_field(std::string_view& rest) {
  const std::size_t size = std::min(rest.find(' '), rest.size());
  const std::string_view field = rest.substr(0, size);
  rest.remove_prefix(std::min(size + 1, rest.size()));
  return field;
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool leading_zero = text.size() > 1 && text.front() == '0';
  if (error != std::errc{} || end != text.data() + text.size() || leading_zero) return std::nullopt;
  return port;
}

bool read_addresses(std::string_view rest, base::Family family, ProxyHeader& header) {
  if (std::count(rest.begin(), rest.end(), ' ') != 3) return false;
  const std::string_view source = take_field(rest);
  const std::string_view destination = take_field(rest);
  const auto source_port = read_port(take_field(rest));
  const auto destination_port = read_port(take_field(rest));
  if (!source_port || !destination_port) return false;
  const auto from = base::endpoint_from_ip(source, *source_port);
  const auto to = base::endpoint_from_ip(destination, *destination_port);
  if (!from || !to || from->family != family || to->family != family) return false;
  header.local = false;
  header.source = *from;
  header.destination = *to;
  return true;
}

}  // namespace

ProxyHeaderResult read_proxy_v1(std::string_view bytes) {
  const LineEnd end = find_line_end(bytes);
  if (end.error != ProxyError::none) return proxy_header_error(end.error);
  if (end.bytes == 0) return {};
  ProxyHeaderResult result;
  std::string_view rest = bytes.substr(0, end.bytes - 2);
  rest.remove_prefix(wire::v1_prefix.size());
  const std::string_view protocol = take_field(rest);
  // What follows UNKNOWN is to be ignored.
  const bool sound = protocol == "TCP4"   ? read_addresses(rest, base::Family::ipv4, result.header)
                     : protocol == "TCP6" ? read_addresses(rest, base::Family::ipv6, result.header)
                                          : protocol == "UNKNOWN";
  if (!sound) return proxy_header_error(ProxyError::bad_line);
  result.state = ProxyHeaderResult::State::header;
  result.consumed = end.bytes;
  return result;
}

std::size_t write_proxy_v1(const ProxyHeader& header, std::span<char> out) {
  if (header.local || !base::is_ip(header.source.family) || !base::is_ip(header.destination.family)) {
    if (out.size() < unknown_line.size()) return 0;
    std::copy(unknown_line.begin(), unknown_line.end(), out.begin());
    return unknown_line.size();
  }
  base::Endpoint source = header.source;
  base::Endpoint destination = header.destination;
  if (source.family != destination.family) {
    source = base::endpoint_as_ipv6(source);
    destination = base::endpoint_as_ipv6(destination);
  }
  base::IpText source_text;
  base::IpText destination_text;
  const auto written = fmt::format_to_n(
      out.data(), out.size(), "PROXY {} {} {} {} {}\r\n",
      source.family == base::Family::ipv4 ? "TCP4" : "TCP6", base::endpoint_ip_text(source, source_text),
      base::endpoint_ip_text(destination, destination_text), source.port, destination.port);
  return written.size <= out.size() ? written.size : 0;
}

}  // namespace corelane::proto
