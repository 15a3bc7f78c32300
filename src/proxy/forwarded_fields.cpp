// SPDX-License-Identifier: Apache-2.0
#include "proxy/forwarded_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <tuple>

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

/// The value of Forwarded, in parts that are not copied: a request's host may be long.
class ForwardedValue {
 public:
  void add(std::string_view parameter, std::string_view value, bool quoted) {
    if (size_ != 0) part(";");
    part(parameter);
    part(quoted ? "=\"" : "=");
    part(value);
    if (quoted) part("\"");
  }

  bool empty() const { return size_ == 0; }
  std::span<const std::string_view> parts() const { return std::span(parts_).first(size_); }

 private:
  static constexpr std::size_t parameters_max = 4;  // proto, host, by, for

  void part(std::string_view text) { parts_[size_++] = text; }

  std::array<std::string_view, 5 * parameters_max> parts_;
  std::size_t size_ = 0;
};

/// One end of the connection (RFC 7239 6): IPv6 in brackets, and quoted as soon as there is a colon.
class ForwardedNode {
 public:
  ForwardedNode(const base::Endpoint& endpoint_in, bool with_ip, bool with_port) {
    const base::Endpoint endpoint = base::endpoint_unmapped(endpoint_in);
    const bool known = base::is_ip(endpoint.family);
    const bool ipv6 = with_ip && endpoint.family == base::Family::ipv6;
    base::IpText memory;
    if (ipv6) write("[");
    write(with_ip && known ? base::endpoint_ip_text(endpoint, memory) : "unknown");
    if (ipv6) write("]");
    quoted_ = ipv6 || (with_port && known);
    if (!with_port || !known) return;
    write(":");
    const auto end = std::to_chars(text_.data() + size_, text_.data() + text_.size(), endpoint.port);
    size_ = static_cast<std::size_t>(end.ptr - text_.data());
  }

  std::string_view text() const { return {text_.data(), size_}; }
  bool quoted() const { return quoted_; }

 private:
  void write(std::string_view part) {
    std::copy(part.begin(), part.end(), text_.data() + size_);
    size_ += part.size();
  }

  std::array<char, std::tuple_size_v<base::IpText> + 8> text_;  // brackets, a colon and a port
  std::size_t size_ = 0;
  bool quoted_ = false;
};

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}

/// What either wants is told.
config::ForwardedField joined(const std::optional<config::ForwardedField>& frontend,
                              const std::optional<config::ForwardedField>& backend) {
  const config::ForwardedField a = frontend.value_or(config::ForwardedField{});
  const config::ForwardedField b = backend.value_or(config::ForwardedField{});
  return {.proto = a.proto || b.proto,
          .host = a.host || b.host,
          .for_address = a.for_address || b.for_address,
          .for_port = a.for_port || b.for_port,
          .by_address = a.by_address || b.by_address,
          .by_port = a.by_port || b.by_port};
}

bool add_forwarded(const config::ForwardedField& wanted, const ForwardedEnds& ends,
                   const proto::HttpRequestHead& head, proto::HttpHeadEdits& edits) {
  const bool with_by = wanted.by_address || wanted.by_port;
  const ForwardedNode by(with_by ? ends.destination(ends.context) : base::Endpoint{}, wanted.by_address,
                         wanted.by_port);
  const ForwardedNode client(ends.client, wanted.for_address, wanted.for_port);
  ForwardedValue value;
  if (wanted.proto) value.add("proto", ends.secure ? "https" : "http", false);
  if (wanted.host && head.host.find_first_of("\"\\") == head.host.npos)
    value.add("host", head.host, !is_token(head.host));
  if (with_by) value.add("by", by.text(), by.quoted());
  if (wanted.for_address || wanted.for_port) value.add("for", client.text(), client.quoted());
  return value.empty() || edits.add_field("Forwarded", value.parts());
}

bool replace_proto(bool secure, const proto::HttpRequestHead& head, proto::HttpHeadEdits& edits) {
  bool fits = true;
  for (const proto::HttpField& field : head.fields) {
    if (field.known == proto::HttpName::x_forwarded_proto) fits = fits && edits.remove(field);
  }
  return fits && edits.add_field("X-Forwarded-Proto", secure ? "https" : "http");
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
  if (frontend.forwarded_proto || backend.forwarded_proto)
    fits = fits && replace_proto(ends.secure, head, edits);
  if (frontend.forwarded || backend.forwarded)
    fits = fits && add_forwarded(joined(frontend.forwarded, backend.forwarded), ends, head, edits);
  return fits;
}

}  // namespace corelane::proxy
