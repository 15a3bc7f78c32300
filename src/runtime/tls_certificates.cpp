// SPDX-License-Identifier: Apache-2.0
#include "runtime/tls_certificates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "tls/certificate_facts.hpp"
#include "tls/context.hpp"

namespace corelane::runtime {
namespace {

/// Every file of a bind that one content stands for.
template <typename Settings, typename Visit>
void for_each_file(Settings& bind, Visit visit) {
  const auto handshake = [&visit](auto& settings) {
    for (auto& file : settings.client_ca) visit(file);
    for (auto& file : settings.crl) visit(file);
  };
  for (auto& certificate : bind.certificates) {
    visit(certificate.chain);
    if (!certificate.key.empty()) visit(certificate.key);
    if (!certificate.ocsp.empty()) visit(certificate.ocsp);
    if (!certificate.issuer.empty()) visit(certificate.issuer);
    handshake(certificate.handshake);
  }
  handshake(bind.handshake);
}

/// The OCSP responses that were for what a certificate's file held before go; they are named.
std::vector<std::string> put(tls::ServerSettings& bind, const std::string& file, const std::string& bytes) {
  const bool with_key = tls::has_private_key(bytes);
  for_each_file(bind, [&](tls::NamedBytes& one) {
    if (one.name == file) one.bytes = bytes;
  });
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

TlsCertificates::TlsCertificates(const config::Model& model, TlsSettings settings, Publish publish)
    : model_(model), settings_(std::move(settings)), publish_(std::move(publish)) {
  // Without a file nobody has looked for settings.
  settings_.binds.resize(model.frontends.size());
  for (std::size_t f = 0; f < model.frontends.size(); ++f)
    settings_.binds[f].resize(model.frontends[f].bind.size());
}

bool TlsCertificates::any() const noexcept {
  return std::ranges::any_of(settings_.binds, [](const auto& binds) {
    return std::ranges::any_of(binds, [](const auto& bind) { return bind.has_value(); });
  });
}

std::string TlsCertificates::bind_path(std::size_t frontend, std::size_t bind) const {
  return bind_tls_path(model_.frontends[frontend], bind);
}

TlsCertificates::Outcome TlsCertificates::reload() {
  Outcome outcome;
  TlsSettings read;
  read.config_file = settings_.config_file;
  read.ticket_secret = settings_.ticket_secret;
  outcome.diagnostics = load_tls_binds(model_, read);
  if (!any_error(outcome.diagnostics)) adopt(std::move(read.binds), outcome);
  return outcome;
}

TlsCertificates::Outcome TlsCertificates::replace(const std::string& file, const std::string& bytes) {
  Outcome outcome;
  TlsBindSettings next = settings_.binds;
  for (std::size_t f = 0; f < next.size(); ++f) {
    for (std::size_t b = 0; b < next[f].size(); ++b) {
      if (!next[f][b]) continue;
      for (const std::string& response : put(*next[f][b], file, bytes))
        add(outcome, config::Severity::warning, bind_path(f, b),
            fmt::format("{}: the OCSP response is not for the new certificate, and is not passed on",
                        response));
      if (next[f][b] == settings_.binds[f][b]) continue;
      const auto built = tls::ServerContext::build(*next[f][b], std::time(nullptr));
      for (const tls::SettingError& one : built.errors)
        add(outcome, config::Severity::error, bind_path(f, b), one.text);
      for (const tls::SettingError& one : built.warnings)
        add(outcome, config::Severity::warning, bind_path(f, b), one.text);
    }
  }
  if (!any_error(outcome.diagnostics)) adopt(std::move(next), outcome);
  return outcome;
}

void TlsCertificates::add(Outcome& outcome, config::Severity severity, std::string path,
                          std::string text) const {
  config::Diagnostic& diagnostic = outcome.diagnostics.emplace_back();
  diagnostic.severity = severity;
  diagnostic.file = settings_.config_file;
  diagnostic.json_path = std::move(path);
  diagnostic.message = std::move(text);
}

void TlsCertificates::adopt(TlsBindSettings&& next, Outcome& outcome) {
  TlsBindSettings changed(next.size());
  for (std::size_t f = 0; f < next.size(); ++f) {
    changed[f].resize(next[f].size());
    for (std::size_t b = 0; b < next[f].size(); ++b) {
      if (next[f][b] == settings_.binds[f][b]) continue;
      changed[f][b] = next[f][b];
      outcome.changed.push_back(bind_path(f, b));
    }
  }
  settings_.binds = std::move(next);
  outcome.done = true;
  if (!outcome.changed.empty()) publish_(changed);
}

std::vector<std::string> TlsCertificates::files() const {
  std::vector<std::string> files;
  for (const auto& binds : settings_.binds)
    for (const auto& bind : binds)
      if (bind) for_each_file(*bind, [&files](const tls::NamedBytes& file) { files.push_back(file.name); });
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
