// SPDX-License-Identifier: Apache-2.0
#include "runtime/certificate_admin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>

#include "base/civil_time.hpp"
#include "base/near_miss.hpp"
#include "tls/certificate_facts.hpp"

namespace corelane::runtime {
namespace {

using Json = nlohmann::ordered_json;

// So many names of files stand in an answer to a request that names none of them.
constexpr std::size_t files_told_max = 20;

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

/// What is listed once, with the binds that use it.
class Listing {
 public:
  template <typename Make>
  void add(const std::string& key, const std::string& bind, Make make) {
    const auto [at, is_new] = places_.try_emplace(key, entries_.size());
    if (is_new) entries_.push_back(make());
    Json& binds = entries_[at->second]["binds"];
    if (binds.empty() || binds.back() != bind) binds.push_back(bind);
  }
  Json take() { return std::move(entries_); }

 private:
  Json entries_ = Json::array();
  std::map<std::string, std::size_t> places_;
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

control::AdminResponse CertificateAdmin::answer(const control::AdminCall& call,
                                                control::CertificateVerb verb) {
  switch (verb) {
    case control::CertificateVerb::list:
      return list();
    case control::CertificateVerb::put:
      return put(call);
    case control::CertificateVerb::reload:
      break;
  }
  return conclude(certificates_.reload(), "The files of TLS were read again");
}

void CertificateAdmin::reload() {
  conclude(certificates_.reload(), "The files of TLS were read again");
}

control::AdminResponse CertificateAdmin::list() const {
  Listing certificates;
  Listing files;
  const TlsBindSettings& all = certificates_.binds();
  for (std::size_t f = 0; f < all.size(); ++f) {
    for (std::size_t b = 0; b < all[f].size(); ++b) {
      if (!all[f][b]) continue;
      const std::string bind = certificates_.bind_path(f, b);
      const auto add_files = [&](const std::vector<tls::NamedBytes>& of, std::string_view kind) {
        for (const tls::NamedBytes& file : of)
          files.add(file.name, bind, [&] { return Json{{"file", file.name}, {"kind", kind}}; });
      };
      for (const tls::CertificateSettings& certificate : all[f][b]->certificates) {
        certificates.add(certificate.chain.name, bind, [&] { return certificate_tree(certificate); });
        add_files(certificate.handshake.client_ca, "client_ca");
        add_files(certificate.handshake.crl, "crl");
      }
      add_files(all[f][b]->handshake.client_ca, "client_ca");
      add_files(all[f][b]->handshake.crl, "crl");
    }
  }
  return {.body = json_text({{"certificates", certificates.take()}, {"files", files.take()}})};
}

control::AdminResponse CertificateAdmin::put(const control::AdminCall& call) {
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
    return control::admin_error(404, fmt::format("no bind uses a file \"{}\"", name), hint);
  }
  return conclude(certificates_.replace(files.front(), call.request.content),
                  fmt::format("{} was replaced by the administrator", files.front()));
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
  const std::string binds =
      outcome.changed.empty() ? "nothing has changed" : fmt::format("{}", fmt::join(outcome.changed, ", "));
  say_(logfmt::SyslogSeverity::notice, fmt::format("{}: {}.", what, binds));
  return {.body = json_text({{"changed", outcome.changed}, {"warnings", warnings}})};
}

}  // namespace corelane::runtime
