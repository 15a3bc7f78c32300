// SPDX-License-Identifier: Apache-2.0
#include "proxy/forwarded_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/append_format.hpp"

namespace corelane::proxy {

namespace {

bool excepted(const std::optional<config::ForwardedAddress>& wanted, const base::Endpoint& address) {
  return wanted && std::any_of(wanted->except.begin(), wanted->except.end(),
                               [&](const base::Network& network) { return network.contains(address); });
}

bool add_address(const std::optional<config::ForwardedAddress>& frontend,
                 const std::optional<config::ForwardedAddress>& backend, const base::Endpoint& address,
                 const proto::HttpRequestHead& head, proto::HttpHeadEdits& edits) {
  if (!base::is_ip(address.family) || excepted(frontend, address) || excepted(backend, address)) return true;
  const std::string& name = backend ? backend->header : frontend->header;
  const bool if_none = (!frontend || frontend->if_none) && (!backend || backend->if_none);
  if (if_none && head.fields.find(name) != nullptr) return true;
  base::IpText memory;
  return edits.add_field(name, base::endpoint_ip_text(base::endpoint_unmapped(address), memory));
}

/// RFC 7239 6: IPv6 in brackets, and quoted as soon as there is a colon.
void append_node(fmt::memory_buffer& out, std::string_view parameter, base::Endpoint endpoint, bool with_ip,
                 bool with_port) {
  if (!with_ip && !with_port) return;
  endpoint = base::endpoint_unmapped(endpoint);
  if (out.size() != 0) out.push_back(';');
  base::append_format(out, "{}=", parameter);
  if (!base::is_ip(endpoint.family)) {
    base::append_format(out, "unknown");
    return;
  }
  base::IpText memory;
  const bool ipv6 = with_ip && endpoint.family == base::Family::ipv6;
  const bool quoted = ipv6 || with_port;
  base::append_format(out, "{}{}{}{}", quoted ? "\"" : "", ipv6 ? "[" : "",
                      with_ip ? base::endpoint_ip_text(endpoint, memory) : "unknown", ipv6 ? "]" : "");
  if (with_port) base::append_format(out, ":{}", endpoint.port);
  if (quoted) out.push_back('"');
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}

bool add_forwarded(const config::ForwardedField& wanted, const ForwardedEnds& ends,
                   const proto::HttpRequestHead& head, proto::HttpHeadEdits& edits) {
  fmt::memory_buffer out;
  const auto append = [&](std::string_view name, std::string_view value) {
    if (out.size() != 0) out.push_back(';');
    const std::string_view quote = is_token(value) ? "" : "\"";
    base::append_format(out, "{}={}{}{}", name, quote, value, quote);
  };
  if (wanted.proto) append("proto", "http");
  if (wanted.host && head.host.find_first_of("\"\\") == head.host.npos) append("host", head.host);
  if (wanted.by_address || wanted.by_port)
    append_node(out, "by", ends.destination(ends.context), wanted.by_address, wanted.by_port);
  append_node(out, "for", ends.client, wanted.for_address, wanted.for_port);
  return out.size() == 0 || edits.add_field("Forwarded", {out.data(), out.size()});
}

bool replace_proto(const proto::HttpRequestHead& head, proto::HttpHeadEdits& edits) {
  bool fits = true;
  for (const proto::HttpField& field : head.fields) {
    if (field.known == proto::HttpName::x_forwarded_proto) fits = fits && edits.remove(field);
  }
  return fits && edits.add_field("X-Forwarded-Proto", "http");
}

}  // namespace

bool add_forwarded_fields(const config::HttpShared& frontend, const config::HttpShared& backend,
                          const ForwardedEnds& ends, const proto::HttpRequestHead& head,
                          proto::HttpHeadEdits& edits) {
  bool fits = true;
  if (frontend.forward_for || backend.forward_for)
    fits = add_address(frontend.forward_for, backend.forward_for, ends.client, head, edits);
  if (frontend.original_to || backend.original_to)
    fits = fits && add_address(frontend.original_to, backend.original_to, ends.destination(ends.context),
                               head, edits);
  if (frontend.forwarded_proto || backend.forwarded_proto) fits = fits && replace_proto(head, edits);
  if (frontend.forwarded || backend.forwarded)
    fits = fits &&
           add_forwarded(backend.forwarded ? *backend.forwarded : *frontend.forwarded, ends, head, edits);
  return fits;
}

}  // namespace corelane::proxy
