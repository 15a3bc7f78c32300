// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "config/cross_checks.hpp"

namespace corelane::config {
namespace {

// Defaults may stand where they have no effect: configurations that were written out have them everywhere.
constexpr std::int64_t default_lifetime_ms = 2 * 3'600'000;
constexpr std::uint32_t default_cache = 20'000;

/// Whether clients may come back to sessions that are kept here: those of TLS 1.3 do so by tickets alone.
bool keeps_sessions(const BindTls& tls) {
  return tls.min_version < TlsVersion::tls13;
}

/// Who is offered a protocol and takes it speaks it.
void check_alpn(const BindTls& tls, const Node& node, const std::string& path, Report& report) {
  for (std::size_t i = 0; i < tls.alpn.size(); ++i) {
    if (tls.alpn[i] == "http/1.1" || tls.alpn[i] == "http/1.0") continue;
    report.error(node.find("alpn")->children[i].position, path_index(path_key(path, "alpn"), i),
                 "mode http speaks HTTP/1.1 with clients, and offers them nothing else",
                 {{"http/1.1", "http/1.0"}, {}});
  }
}

void check_bind(const BindTls& tls, Mode mode, bool has_cache, const Node& node, const std::string& path,
                Report& report) {
  if (tls.early_data && mode != Mode::http) {
    report.error(
        node.find("early_data")->position, path_key(path, "early_data"),
        "early data can be a recording: in mode tcp nobody can tell whether it may be repeated; it is "
        "for mode http");
  }
  if (mode == Mode::http) check_alpn(tls, node, path, report);
  const Node* lifetime = node.find("session_lifetime");
  if (lifetime == nullptr || tls.tickets || has_cache || tls.session_lifetime_ms == default_lifetime_ms)
    return;
  report.error(
      lifetime->key_position, path_key(path, "session_lifetime"),
      "has no effect: tickets is false and global.tune.tls_session_cache is 0, so that no client comes "
      "back to a session");
}

void check_cache(const Document& document, const Node& root, Report& report) {
  const Node* global = root.find("global");
  const Node* tune = global == nullptr ? nullptr : global->find("tune");
  const Node* own = tune == nullptr ? nullptr : tune->find("tls_session_cache");
  const std::uint32_t size = document.global.tune.tls_session_cache;
  if (own == nullptr || size == 0 || size == default_cache) return;
  const auto is_used = [](const Bind& bind) { return bind.tls && keeps_sessions(*bind.tls); };
  const auto has_one = [&is_used](const Frontend& frontend) {
    return std::ranges::any_of(frontend.bind, is_used);
  };
  if (std::ranges::any_of(document.frontends, has_one)) return;
  report.error(own->key_position, "global.tune.tls_session_cache",
               "has no effect unless a bind has tls with a min_version of TLSv1.2 or lower");
}

}  // namespace

void check_tls(const Document& document, const Node& root, Report& report) {
  check_cache(document, root, report);
  const Node& frontends = *root.find("frontends");
  for (std::size_t f = 0; f < document.frontends.size(); ++f) {
    const Frontend& frontend = document.frontends[f];
    const Node& binds = *frontends.children[f].find("bind");
    const std::string path = path_key(path_key("frontends", frontend.name), "bind");
    for (std::size_t i = 0; i < frontend.bind.size(); ++i) {
      if (!frontend.bind[i].tls) continue;
      check_bind(*frontend.bind[i].tls, frontend.mode, document.global.tune.tls_session_cache > 0,
                 *binds.children[i].find("tls"), path_key(path_index(path, i), "tls"), report);
    }
  }
}

}  // namespace corelane::config
