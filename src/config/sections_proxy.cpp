// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

constexpr std::array<std::string_view, 3> versions{"none", "v1", "v2"};
constexpr std::array<std::string_view, 8> options{"crc32c",  "unique-id",  "authority", "ssl",
                                                  "cert-cn", "ssl-cipher", "cert-sig",  "cert-key"};

bool is_version_2(const void* send_proxy) {
  return static_cast<const SendProxy*>(send_proxy)->version == ProxyVersion::v2;
}

constexpr Condition version_2_only{"version", is_version_2, "the version is v2"};

constexpr Field fields[] = {
    row::value<&SendProxy::version>(
        "version", as_word<ProxyVersion>(), "none",
        "v1 is a line of text, v2 is binary; none switches off what default_server says.", {},
        proxy_version_words)
        .as_required(),
    row::values<&SendProxy::options>(
        "options", as_word<ProxyOption>(),
        "What the header has beside addresses. crc32c adds a checksum. unique-id is what `unique_id_format` "
        "of the frontend makes. authority is the host name that the client asked for, ssl what is known of "
        "its "
        "TLS: the version, and whether its certificate is good. cert-cn adds the name in the client's "
        "certificate, ssl-cipher the cipher, cert-sig and cert-key the algorithms of our own certificate's "
        "signature and key; each of them comes with ssl. Where a bind has no tls they tell what a header "
        "accepted by accept_proxy says, and unique-id does where there is no format.",
        {0, options.size()}, proxy_option_words)
        .only_if(version_2_only),
};

/// An object says everything: nothing of default_server's stays.
void begin_anew(void* object, const void*) {
  *static_cast<SendProxy*>(object) = {};
}

}  // namespace

const Section send_proxy_section{.help = "The PROXY header that connections to a server begin with.",
                                 .fields = fields,
                                 .prepare = begin_anew,
                                 .shorthand = "version"};

std::span<const std::string_view> proxy_version_words() {
  return versions;
}
std::span<const std::string_view> proxy_option_words() {
  return options;
}

}  // namespace corelane::config
