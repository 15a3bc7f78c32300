// SPDX-License-Identifier: Apache-2.0
#include "runtime/tls_certificates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <set>
#include <utility>

#include "tls/certificate_facts.hpp"
#include "tls/client_context.hpp"
#include "tls/context.hpp"

namespace corelane::runtime {
namespace {

/// Every file that one content stands for; `Settings` is tls::ServerSettings or tls::ClientSettings.
template <typename Settings, typename Visit>
void for_each_file(Settings& of, Visit visit) {
  const auto handshake = [&visit](auto& settings) {
    for (auto& file : settings.client_ca) visit(file);
    for (auto& file : settings.crl) visit(file);
  };
  const auto certificate = [&](auto& one) {
    if (!one.chain.empty()) visit(one.chain);
    if (!one.key.empty()) visit(one.key);
    if (!one.ocsp.empty()) visit(one.ocsp);
    if constexpr (requires { one.issuer; })
      if (!one.issuer.empty()) visit(one.issuer);
    handshake(one.handshake);
  };
  if constexpr (requires { of.certificates; }) {
    for (auto& one : of.certificates) certificate(one);
  } else {
    certificate(of.certificate);
  }
  handshake(of.handshake);
}

template <typename Settings>
void put_bytes(Settings& of, const std::string& file, const std::string& bytes) {
  for_each_file(of, [&](tls::NamedBytes& one) {
    if (one.name == file) one.bytes = bytes;
  });
}

/// Settings of servers that are not what they were; `users` gets who has them.
TlsServerChanges changed(const TlsServerSettings& before, const TlsServerSettings& now,
                         std::vector<std::string>& users) {
  TlsServerChanges changes(now.distinct.size());
  for (std::size_t i = 0; i < now.distinct.size(); ++i) {
    if (now.distinct[i] == before.distinct[i]) continue;
    changes[i] = now.distinct[i];
    users.insert(users.end(), now.users[i].begin(), now.users[i].end());
  }
  return changes;
}

/// The OCSP responses that were for what a certificate's file held before go; they are named.
std::vector<std::string> put(tls::ServerSettings& bind, const std::string& file, const std::string& bytes) {
  const bool with_key = tls::has_private_key(bytes);
  put_bytes(bind, file, bytes);
  std::vector<std::string> dropped;
  for (tls::CertificateSettings& certificate : bind.certificates) {
    if (certificate.chain.name != file) continue;
    if (with_key && !certificate.key.empty()) certificate.key.bytes = bytes;
    if (tls::ocsp_fits(certificate)) continue;
    certificate.ocsp.bytes.clear();
    dropped.push_back(certificate.ocsp.name);
  }
  return dropped;
}

bool ends_as_file(std::string_view path, std::string_view name) {
  return path.ends_with(name) && (path.size() == name.size() || path[path.size() - name.size() - 1] == '/');
}

}  // namespace

TlsCertificates::TlsCertificates(const config::Model& model, TlsSettings settings, std::size_t lanes,
                                 tls::SessionCache* sessions, Publish publish)
    : model_(model),
      settings_(std::move(settings)),
      lanes_(lanes),
      sessions_(sessions),
      publish_(std::move(publish)) {
  // Without a file nobody has looked for settings.
  settings_.binds.resize(model.frontends.size());
  for (std::size_t f = 0; f < model.frontends.size(); ++f)
    settings_.binds[f].resize(model.frontends[f].bind.size());
}

bool TlsCertificates::any() const noexcept {
  if (!settings_.servers.distinct.empty() || !settings_.checks.distinct.empty()) return true;
  return std::ranges::any_of(settings_.binds, [](const auto& binds) {
    return std::ranges::any_of(binds, [](const auto& bind) { return bind.has_value(); });
  });
}

std::string TlsCertificates::bind_path(std::size_t frontend, std::size_t bind) const {
  return bind_tls_path(model_.frontends[frontend], bind);
}

TlsCertificates::Change TlsCertificates::reload() const {
  Outcome outcome;
  TlsSettings read;
  read.config_file = settings_.config_file;
  read.ticket_secret = settings_.ticket_secret;
  outcome.diagnostics = reload_tls(model_, read);
  return ready(std::move(read), std::move(outcome));
}

TlsCertificates::Change TlsCertificates::replace(const std::string& file, const std::string& bytes) const {
  Outcome outcome;
  TlsSettings next = settings_;
  replace_for_binds(next.binds, file, bytes, outcome);
  replace_for_servers(settings_.servers, next.servers, file, bytes, outcome);
  replace_for_servers(settings_.checks, next.checks, file, bytes, outcome);
  return ready(std::move(next), std::move(outcome));
}

void TlsCertificates::replace_for_binds(TlsBindSettings& next, const std::string& file,
                                        const std::string& bytes, Outcome& outcome) const {
  for (std::size_t f = 0; f < next.size(); ++f) {
    for (std::size_t b = 0; b < next[f].size(); ++b) {
      if (!next[f][b]) continue;
      for (const std::string& response : put(*next[f][b], file, bytes))
        add(outcome, config::Severity::warning, bind_path(f, b),
            fmt::format("{}: the OCSP response is not for the new certificate, and is not passed on",
                        response));
      if (next[f][b] != settings_.binds[f][b])
        judge(tls::ServerContext::build(*next[f][b], std::time(nullptr)), bind_path(f, b), outcome);
    }
  }
}

void TlsCertificates::replace_for_servers(const TlsServerSettings& now, TlsServerSettings& next,
                                          const std::string& file, const std::string& bytes,
                                          Outcome& outcome) const {
  for (std::size_t i = 0; i < next.distinct.size(); ++i) {
    put_bytes(next.distinct[i], file, bytes);
    if (next.distinct[i] != now.distinct[i])
      judge(tls::ClientContext::build(next.distinct[i], std::time(nullptr)), next.users[i].front(), outcome);
  }
}

// A server and its checks may have the same settings: what is wrong is told once.
template <class Built>
void TlsCertificates::judge(const Built& built, const std::string& path, Outcome& outcome) const {
  const auto tell = [&](const std::vector<tls::SettingError>& found, config::Severity severity) {
    for (const tls::SettingError& one : found) {
      const bool is_told = std::ranges::any_of(outcome.diagnostics, [&](const config::Diagnostic& told) {
        return told.json_path == path && told.message == one.text;
      });
      if (!is_told) add(outcome, severity, path, one.text);
    }
  };
  tell(built.errors, config::Severity::error);
  tell(built.warnings, config::Severity::warning);
}

void TlsCertificates::add(Outcome& outcome, config::Severity severity, std::string path,
                          std::string text) const {
  config::Diagnostic& diagnostic = outcome.diagnostics.emplace_back();
  diagnostic.severity = severity;
  diagnostic.file = settings_.config_file;
  diagnostic.json_path = std::move(path);
  diagnostic.message = std::move(text);
}

TlsCertificates::Change TlsCertificates::ready(TlsSettings&& next, Outcome&& outcome) const {
  Change change{.outcome = std::move(outcome), .next = std::move(next), .made = {}};
  if (any_error(change.outcome.diagnostics)) return change;
  std::vector<std::string>& users = change.outcome.changed;
  const TlsBindSettings& all = change.next.binds;
  TlsBindSettings binds(all.size());
  for (std::size_t f = 0; f < all.size(); ++f) {
    binds[f].resize(all[f].size());
    for (std::size_t b = 0; b < all[f].size(); ++b) {
      if (all[f][b] == settings_.binds[f][b]) continue;
      binds[f][b] = all[f][b];
      users.push_back(bind_path(f, b));
    }
  }
  const TlsServerChanges servers = changed(settings_.servers, change.next.servers, users);
  const TlsServerChanges checks = changed(settings_.checks, change.next.checks, users);
  // A server's checks may have its settings: they are named once.
  std::set<std::string_view> named;
  std::erase_if(users, [&](const std::string& path) { return !named.insert(path).second; });
  std::vector<proxy::TlsBinds> made = make_tls_binds(binds, static_cast<std::uint32_t>(lanes_), sessions_);
  made.resize(lanes_);
  for (proxy::TlsBinds& of_lane : made)
    change.made.lanes.push_back({.binds = std::move(of_lane), .servers = make_tls_contexts(servers)});
  change.made.checks = make_tls_contexts(checks);
  change.outcome.done = true;
  return change;
}

void TlsCertificates::adopt(Change& change) {
  if (!change.outcome.done) return;
  settings_ = std::move(change.next);
  if (!change.outcome.changed.empty()) publish_(std::move(change.made));
}

std::vector<std::string> TlsCertificates::files() const {
  std::vector<std::string> files;
  const auto note = [&files](const tls::NamedBytes& file) { files.push_back(file.name); };
  for (const auto& binds : settings_.binds)
    for (const auto& bind : binds)
      if (bind) for_each_file(*bind, note);
  for (const TlsServerSettings* servers :
       {&settings_.servers, static_cast<const TlsServerSettings*>(&settings_.checks)})
    for (const tls::ClientSettings& one : servers->distinct) for_each_file(one, note);
  std::ranges::sort(files);
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

std::vector<std::string> TlsCertificates::files_named(std::string_view name) const {
  std::vector<std::string> found = files();
  if (std::ranges::binary_search(found, name)) return {std::string(name)};
  std::erase_if(found, [name](const std::string& file) { return !ends_as_file(file, name); });
  return found;
}

}  // namespace corelane::runtime
