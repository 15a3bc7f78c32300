// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/config.hpp"
#include "config/node.hpp"
#include "config/sections.hpp"

namespace corelane::config {

/// Of a time-out that nothing can wait for: it is not written.
inline constexpr std::int64_t unused_time_out_ms = -1;

/// What one value alone does not show: the same name or address twice, and settings that are sound but hardly
/// meant. `root` is what `document` was read from; entries stand at the same positions in both. Finds the
/// servers that others track.
void check_document(Document& document, const Node& root, Report& report);

/// Its part that is about PROXY headers; for documents without an error. Takes the time-out for them from
/// frontends where none can come.
void check_proxy_headers(Document& document, const Node& root, Report& report);

/// Its part that is about TLS towards clients; for documents without an error.
void check_tls(const Document& document, const Node& root, Report& report);

/// Its part that is about servers that track others; for documents without an error.
void resolve_tracks(Document& document, const Node& root, Report& report);

/// Its part that is about how servers are checked; for documents without an error.
void check_health(const Document& document, const Node& root, Report& report);

/// Its part that is about servers reached from the client's address or at the client's destination; for
/// documents without an error.
void check_transparency(const Document& document, const Node& root, Report& report);

/// Servers in the same place whose source addresses have ports in common.
void check_sources(const Document& document, const Node& root, Report& report);

/// Its part that is about mode http; for documents without an error.
void check_http(const Document& document, const Node& root, Report& report);

/// Its part that is about the forms of log lines; for documents without an error.
void check_logs(const Document& document, const Node& root, Report& report);

/// Reads the files that rules answer with; for documents without an error. Without a reader they count as
/// empty.
void read_rule_contents(Document& document, const Node& root, const FileReader& read_file, Report& report);

/// Its part that is about what rules capture; for documents without an error.
void check_capture_slots(const Document& document, const Node& root, Report& report);
/// Rules that wait for the end of handshakes have some that may go on.
void check_handshake_waits(const Document& document, const Node& root, Report& report);

/// The names of the ACLs that no rule uses, by frontend and by backend.
struct UnusedAcls {
  std::vector<std::vector<std::string>> frontends;
  std::vector<std::vector<std::string>> backends;
};
/// Its part that is about rules; for documents without an error. Tables that keep servers store their ids
/// from now on.
UnusedAcls check_rules(Document& document, const Node& root, Report& report);
void warn_of_unused_acls(const Document& document, const UnusedAcls& unused, const Node& root,
                         Report& report);

/// A warning, as the one above for documents without an error.
void warn_of_unused_errors(const Document& document, const Node& root, Report& report);

}  // namespace corelane::config
