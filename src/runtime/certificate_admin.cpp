// SPDX-License-Identifier: Apache-2.0
#include "runtime/certificate_admin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/civil_time.hpp"
#include "base/near_miss.hpp"
#include "tls/certificate_facts.hpp"

namespace corelane::runtime {
namespace {

using Json = nlohmann::ordered_json;

// So many names of files stand in an answer to a request that names none of them.
constexpr std::size_t files_told_max = 20;

constexpr std::string_view read_again = "The files of TLS were read again";
constexpr std::string_view too_many = "too many changes of certificates wait; try again later";

// Names in certificates may hold bytes that are not UTF-8.
std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

/// "2026-11-22T06:30:00Z".
std::string time_text(std::int64_t seconds) {
  const base::CivilTime time = base::civil_time_of_seconds(seconds, 0);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", time.year, time.month, time.day, time.hour,
                     time.minute, time.second);
}

Json certificate_tree(const tls::CertificateSettings& certificate) {
  Json json{{"file", certificate.chain.name}};
  if (!certificate.key.empty()) json["key_file"] = certificate.key.name;
  if (!certificate.ocsp.empty()) json["ocsp_file"] = certificate.ocsp.name;
  if (const std::optional<tls::StapleFacts> staple = tls::staple_of(certificate)) {
    Json& ocsp = json["ocsp"] = {{"status", staple->revoked ? "revoked" : "good"},
                                 {"this_update", time_text(staple->from)},
                                 {"next_update", nullptr}};
    if (staple->ends) ocsp["next_update"] = time_text(staple->until);
    ocsp["expired"] = staple->until < std::time(nullptr);
  }
  const std::optional<tls::CertificateFacts> facts = tls::facts_of(certificate.chain);
  if (!facts) return json;
  json["subject"] = facts->subject;
  json["issuer"] = facts->issuer;
  json["names"] = facts->names;
  json["not_before"] = time_text(facts->not_before);
  json["not_after"] = time_text(facts->not_after);
  json["expired"] = facts->not_after < std::time(nullptr);
  json["key"] = {{"type", facts->key_type}, {"bits", facts->key_bits}};
  json["serial"] = facts->serial;
  json["sha256"] = facts->sha256;
  return json;
}

/// What is listed once, with those that use it.
class Listing {
 public:
  /// `role` is what they are: "binds".
  template <typename Make>
  void add(const std::string& key, std::string_view role, const std::string& user, Make make) {
    const auto [at, is_new] = places_.try_emplace(key, entries_.size());
    if (is_new) entries_.push_back(make());
    Json& users = entries_[at->second][role];
    // A server's checks may have its settings: they are named once.
    if (told_.insert(fmt::format("{}\n{}", key, user)).second) users.push_back(user);
  }
  Json take() { return std::move(entries_); }

 private:
  Json entries_ = Json::array();
  std::map<std::string, std::size_t> places_;
  std::set<std::string> told_;
};

/// Everything that is listed of TLS.
class Inventory {
 public:
  void add(const tls::ServerSettings& bind, const std::string& path) {
    for (const tls::CertificateSettings& certificate : bind.certificates) {
      add_certificate(certificate, "binds", path);
      add_files(certificate.handshake, "client_ca", "binds", path);
    }
    add_files(bind.handshake, "client_ca", "binds", path);
  }
  /// Of servers and of checks.
  void add(const TlsServerSettings& servers) {
    for (std::size_t i = 0; i < servers.distinct.size(); ++i) {
      for (const std::string& path : servers.users[i]) {
        const tls::ClientSettings& one = servers.distinct[i];
        if (!one.certificate.chain.empty()) add_certificate(one.certificate, "servers", path);
        add_files(one.handshake, "ca", "servers", path);
      }
    }
  }
  Json take() { return {{"certificates", certificates_.take()}, {"files", files_.take()}}; }

 private:
  void add_certificate(const tls::CertificateSettings& certificate, std::string_view role,
                       const std::string& user) {
    certificates_.add(certificate.chain.name, role, user, [&] { return certificate_tree(certificate); });
  }
  void add_files(const tls::HandshakeSettings& of, std::string_view authorities, std::string_view role,
                 const std::string& user) {
    const auto add = [&](const tls::NamedBytes& file, std::string_view kind) {
      files_.add(fmt::format("{} {}", kind, file.name), role, user, [&] {
        return Json{{"file", file.name}, {"kind", kind}};
      });
    };
    for (const tls::NamedBytes& file : of.client_ca) add(file, authorities);
    for (const tls::NamedBytes& file : of.crl) add(file, "crl");
  }

  Listing certificates_;
  Listing files_;
};

Json fault_tree(const config::Diagnostic& diagnostic) {
  Json json{{"path", diagnostic.json_path}, {"message", diagnostic.message}};
  if (!diagnostic.near_miss.empty()) json["did_you_mean"] = diagnostic.near_miss;
  return json;
}

std::string fault_text(const config::Diagnostic& diagnostic) {
  return fmt::format("{}: {}{}", diagnostic.json_path, diagnostic.message,
                     diagnostic.near_miss.empty()
                         ? std::string()
                         : fmt::format("; did you mean \"{}\"?", diagnostic.near_miss));
}

}  // namespace

std::optional<control::AdminResponse> CertificateAdmin::answer(const control::AdminCall& call,
                                                               control::CertificateVerb verb) {
  switch (verb) {
    case control::CertificateVerb::list:
      return list();
    case control::CertificateVerb::put:
      return put(call);
    case control::CertificateVerb::reload:
      break;
  }
  return begin([this] { return certificates_.reload(); }, std::string(read_again), call.later);
}

void CertificateAdmin::reload() {
  const auto refused = begin([this] { return certificates_.reload(); }, std::string(read_again),
                             [](const control::AdminResponse&) {});
  if (refused) say_(logfmt::SyslogSeverity::warning, std::string(too_many));
}

std::optional<control::AdminResponse> CertificateAdmin::begin(CertificateJobs::Prepare prepare,
                                                              std::string what, control::AdminReply reply) {
  const bool begun =
      jobs_.add(std::move(prepare),
                [this, what = std::move(what), reply = std::move(reply)](TlsCertificates::Change change) {
                  certificates_.adopt(change);
                  reply(conclude(change.outcome, what));
                });
  if (begun) return std::nullopt;
  return control::admin_error(503, too_many);
}

control::AdminResponse CertificateAdmin::list() const {
  Inventory inventory;
  const TlsSettings& settings = certificates_.settings();
  for (std::size_t f = 0; f < settings.binds.size(); ++f)
    for (std::size_t b = 0; b < settings.binds[f].size(); ++b)
      if (settings.binds[f][b]) inventory.add(*settings.binds[f][b], certificates_.bind_path(f, b));
  inventory.add(settings.servers);
  inventory.add(settings.checks);
  return {.body = json_text(inventory.take())};
}

std::optional<control::AdminResponse> CertificateAdmin::put(const control::AdminCall& call) {
  const std::string_view name = call.names[0];
  std::vector<std::string> files = certificates_.files_named(name);
  if (files.size() > 1)
    return control::admin_error(400, fmt::format("several files are called \"{}\"", name),
                                {.allowed = files, .near_miss = {}});
  if (files.empty()) {
    config::Hint hint{.allowed = certificates_.files(), .near_miss = {}};
    std::vector<std::string_view> candidates;
    for (const std::string& file : hint.allowed)
      candidates.push_back(std::string_view(file).substr(file.rfind('/') + 1));
    hint.near_miss = base::near_miss(name, candidates);
    hint.allowed.resize(std::min(hint.allowed.size(), files_told_max));
    return control::admin_error(404, fmt::format("no bind, server or check uses a file \"{}\" for TLS", name),
                                hint);
  }
  return begin([this, file = files.front(),
                bytes = std::string(call.request.content)] { return certificates_.replace(file, bytes); },
               fmt::format("{} was replaced by the administrator", files.front()), call.later);
}

control::AdminResponse CertificateAdmin::conclude(const TlsCertificates::Outcome& outcome,
                                                  const std::string& what) {
  Json faults = Json::array();
  Json warnings = Json::array();
  std::string first_fault;
  for (const config::Diagnostic& one : outcome.diagnostics) {
    const bool is_fault = one.severity == config::Severity::error;
    (is_fault ? faults : warnings).push_back(fault_tree(one));
    if (is_fault && first_fault.empty()) first_fault = fault_text(one);
    if (!is_fault) say_(logfmt::SyslogSeverity::warning, fault_text(one));
  }
  if (!outcome.done) {
    say_(logfmt::SyslogSeverity::error,
         fmt::format("TLS goes on with the certificates that it has: {}", first_fault));
    return {.status = 400, .body = json_text({{"error", first_fault}, {"faults", faults}})};
  }
  const std::string users =
      outcome.changed.empty() ? "nothing has changed" : fmt::format("{}", fmt::join(outcome.changed, ", "));
  say_(logfmt::SyslogSeverity::notice, fmt::format("{}: {}.", what, users));
  return {.body = json_text({{"changed", outcome.changed}, {"warnings", warnings}})};
}

}  // namespace corelane::runtime
