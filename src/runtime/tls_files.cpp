// SPDX-License-Identifier: Apache-2.0
#include "runtime/tls_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <random>
#include <system_error>
#include <utility>

#include "runtime/tls_list_file.hpp"
#include "runtime/tls_place.hpp"

namespace corelane::runtime {
namespace {

namespace fs = std::filesystem;

// What stands beside a certificate, in files of its name: its own, and some that HAProxy knows.
constexpr std::string_view key_ending = ".key";
constexpr std::string_view ocsp_ending = ".ocsp";
constexpr std::string_view issuer_ending = ".issuer";
constexpr std::string_view companion_endings[] = {key_ending, ocsp_ending, issuer_ending, ".sctl"};
constexpr std::size_t secret_bytes = 32;
// What a line of a list may say otherwise than the bind.
constexpr std::string_view handshake_keys[] = {"min_version", "max_version", "ciphers", "ciphersuites",
                                               "curves",      "sigalgs",     "alpn",    "verify",
                                               "client_ca",   "crl"};

/// Tickets of one lane are good in the others.
std::string random_secret() {
  std::random_device entropy;
  std::string secret;
  while (secret.size() < secret_bytes) secret.push_back(static_cast<char>(entropy()));
  return secret;
}

fs::path folder_of(const std::string& file) {
  return fs::path(file).parent_path();
}

/// One bind's files.
class BindLoader : public TlsPlace {
 public:
  BindLoader(const config::BindTls& tls, config::Mode mode, const std::string& config_file, std::string path,
             std::vector<config::Diagnostic>& diagnostics)
      : TlsPlace(config_file, std::move(path), diagnostics), tls_(tls), mode_(mode) {}

  tls::ServerSettings load(const std::string& secret) {
    const config::BindTls& tls = tls_;
    read_handshake(tls, settings_.handshake);
    load_client_authorities(tls);
    for (std::size_t i = 0; i < tls.certificates.size(); ++i)
      load_certificates(config::path_index(key("certificates"), i), beside_config(tls.certificates[i]));
    if (!tls.certificate_list.empty()) load_list(beside_config(tls.certificate_list));
    settings_.strict_sni = tls.strict_sni;
    settings_.tickets.enabled = tls.tickets;
    settings_.tickets.secret = secret;
    settings_.session_seconds = tls.session_lifetime_ms / 1000;
    settings_.early_data = tls.early_data;
    load_ticket_keys(tls);
    note_codes(tls.ca_ignore_errors, settings_.ca_ignore_errors);
    note_codes(tls.crt_ignore_errors, settings_.crt_ignore_errors);
    return std::move(settings_);
  }

  /// What the library says of it all. What the bind wants of handshakes is its own fault, and told once.
  void note(const std::vector<tls::SettingError>& found, config::Severity severity) {
    for (const tls::SettingError& one : found) {
      const bool of_certificate = one.certificate && *one.certificate < origins_.size();
      const bool of_bind = std::ranges::find(handshake_keys, one.key) != std::end(handshake_keys);
      const bool own = of_certificate && (!of_bind || origins_[*one.certificate].has_options);
      const std::string place = own ? origins_[*one.certificate].place : key(one.key);
      if (!is_told(place, one.text)) add(severity, place, one.text);
    }
  }

 private:
  void load_client_authorities(const config::BindTls& tls) {
    settings_.handshake.verify = static_cast<tls::Verify>(tls.verify);
    if (!tls.client_ca.empty())
      read(key("client_ca"), beside_config(tls.client_ca), settings_.handshake.client_ca.emplace_back());
  }

  void load_ticket_keys(const config::BindTls& tls) {
    tls::NamedBytes file;
    std::string fault;
    if (tls.ticket_keys.empty() || !read(key("ticket_keys"), beside_config(tls.ticket_keys), file)) return;
    if (!tls::read_ticket_keys(file, settings_.tickets.keys, fault)) refuse(key("ticket_keys"), fault);
  }

  static void note_codes(const config::TlsIgnoredErrors& ignored, tls::VerifyCodes& codes) {
    if (ignored.all) codes.set();
    for (const std::uint16_t code : ignored.codes) codes.set(code);
  }

  /// A file, or every one of a folder, in the order of their names.
  void load_certificates(const std::string& place, const std::string& file) {
    std::error_code error;
    if (!fs::is_directory(file, error)) {
      load_certificate(place, file);
      return;
    }
    std::vector<std::string> files;
    for (fs::directory_iterator entry(file, error), end; !error && entry != end; entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      const bool companion = std::ranges::any_of(
          companion_endings, [&name](std::string_view ending) { return name.ends_with(ending); });
      std::error_code ignored;
      if (name.starts_with('.') || companion || !entry->is_regular_file(ignored)) continue;
      if (files.size() < folder_files_max) files.push_back(entry->path().string());
    }
    std::ranges::sort(files);
    if (error) return refuse(place, fmt::format("cannot read {}: {}", file, error.message()));
    if (files.empty()) refuse(place, fmt::format("the folder {} has no certificate in it", file));
    for (const std::string& one : files) load_certificate(place, one);
  }

  /// Companions are optional: FILE.key or, for site.pem, site.key; FILE.ocsp, and with it FILE.issuer.
  tls::CertificateSettings* load_certificate(const std::string& place, const std::string& file) {
    tls::CertificateSettings certificate;
    if (!read(place, file, certificate.chain)) return nullptr;
    std::error_code error;
    fs::path renamed(file);
    renamed.replace_extension(key_ending);
    for (const std::string& path : {file + std::string(key_ending), renamed.string()})
      if (certificate.key.empty() && path != file && fs::exists(path, error))
        read(place, path, certificate.key);
    const std::string ocsp = file + std::string(ocsp_ending);
    const std::string issuer = file + std::string(issuer_ending);
    if (fs::exists(ocsp, error)) {
      read(place, ocsp, certificate.ocsp);
      if (fs::exists(issuer, error)) read(place, issuer, certificate.issuer);
    }
    origins_.push_back({.place = place});
    return &settings_.certificates.emplace_back(std::move(certificate));
  }

  void load_list(const std::string& file) {
    const std::string place = key("certificate_list");
    tls::NamedBytes text;
    if (!read(place, file, text)) return;
    std::vector<TlsListLine> lines;
    std::string fault;
    if (!read_tls_list(text.bytes, lines, fault)) return refuse(place, fmt::format("{}: {}", file, fault));
    for (const TlsListLine& line : lines) {
      tls::CertificateSettings* certificate = load_certificate(place, (folder_of(file) / line.file).string());
      if (certificate == nullptr) continue;
      certificate->names = line.names;
      origins_.back().has_options = !line.options.empty();
      for (const TlsListLine::Option& option : line.options) {
        if (!apply_option(place, file, option, certificate->handshake))
          refuse(place, fmt::format("{}: line {}: \"{}\" is no value of {}", file, line.number, option.value,
                                    option.name));
        if (option.name == "allow-0rtt") certificate->early_data = true;
        if (option.name == "no-alpn") certificate->no_alpn = true;
      }
      check_switches(place, fmt::format("{}: line {}", file, line.number), *certificate);
    }
  }

  /// Those that would do nothing, or harm.
  void check_switches(const std::string& place, const std::string& line,
                      const tls::CertificateSettings& certificate) {
    if (certificate.no_alpn && !certificate.handshake.alpn.empty())
      refuse(place, fmt::format("{}: alpn and no-alpn contradict each other", line));
    if (certificate.no_alpn && tls_.alpn.empty())
      refuse(place, fmt::format("{}: no-alpn has no effect: the bind offers no protocols", line));
    if (mode_ == config::Mode::http &&
        std::ranges::find(certificate.handshake.alpn, "h2") != certificate.handshake.alpn.end())
      refuse(place, fmt::format("{}: mode http speaks HTTP/1.1 with clients: alpn may not offer h2", line));
    if (!certificate.early_data) return;
    const auto version_max =
        certificate.handshake.version_max.value_or(static_cast<tls::Version>(tls_.max_version));
    if (mode_ != config::Mode::http)
      refuse(place,
             fmt::format("{}: early data can be a recording: in mode tcp nobody can tell whether it may be "
                         "repeated; allow-0rtt is for mode http",
                         line));
    else if (!tls_.tickets || version_max != tls::Version::tls13)
      refuse(
          place,
          fmt::format("{}: allow-0rtt has no effect unless tickets are on and ssl-max-ver is TLSv1.3", line));
    else if (tls_.early_data)
      refuse(place, fmt::format("{}: allow-0rtt has no effect: the bind has early_data for all names", line));
  }

  bool apply_option(const std::string& place, const std::string& list, const TlsListLine::Option& option,
                    tls::HandshakeSettings& handshake) {
    if (option.name == "ciphers") handshake.ciphers = option.value;
    if (option.name == "ciphersuites") handshake.ciphersuites = option.value;
    if (option.name == "curves") handshake.curves = option.value;
    if (option.name == "sigalgs") handshake.sigalgs = option.value;
    if (option.name == "ca-file" || option.name == "crl-file") {
      auto& files = option.name == "ca-file" ? handshake.client_ca : handshake.crl;
      read(place, (folder_of(list) / option.value).string(), files.emplace_back());
    }
    if (option.name == "alpn") {
      for (std::string_view rest = option.value; !rest.empty();) {
        const std::string_view word = rest.substr(0, rest.find(','));
        handshake.alpn.emplace_back(word);
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
      }
    }
    if (option.name == "ssl-min-ver")
      return (handshake.version_min = tls::find_version(option.value)).has_value();
    if (option.name == "ssl-max-ver")
      return (handshake.version_max = tls::find_version(option.value)).has_value();
    if (option.name != "verify") return true;
    if (option.value == "none") handshake.verify = tls::Verify::none;
    if (option.value == "optional") handshake.verify = tls::Verify::optional;
    if (option.value == "required") handshake.verify = tls::Verify::required;
    return handshake.verify.has_value();
  }

  const config::BindTls& tls_;
  config::Mode mode_;
  tls::ServerSettings settings_;
  struct Origin {
    std::string place;         // in the configuration
    bool has_options = false;  // its line of a list says something of handshakes
  };
  std::vector<Origin> origins_;  // of each certificate
};

void load_tls_binds(const config::Model& model, TlsSettings& settings,
                    std::vector<config::Diagnostic>& diagnostics) {
  for (const config::Frontend& frontend : model.frontends) {
    auto& loaded = settings.binds.emplace_back();
    for (std::size_t i = 0; i < frontend.bind.size(); ++i) {
      auto& bind = loaded.emplace_back();
      if (!frontend.bind[i].tls) continue;
      const std::size_t faults = diagnostics.size();
      BindLoader loader(*frontend.bind[i].tls, frontend.mode, settings.config_file,
                        bind_tls_path(frontend, i), diagnostics);
      bind = loader.load(settings.ticket_secret);
      if (diagnostics.size() != faults) continue;  // what is missing would be found once more
      const auto built = tls::ServerContext::build(*bind, std::time(nullptr));
      loader.note(built.errors, config::Severity::error);
      loader.note(built.warnings, config::Severity::warning);
    }
  }
}

}  // namespace

std::vector<config::Diagnostic> load_tls(const config::Model& model, const std::string& config_file,
                                         TlsSettings& settings) {
  settings.config_file = config_file;
  settings.ticket_secret = random_secret();
  return reload_tls(model, settings);
}

std::vector<config::Diagnostic> reload_tls(const config::Model& model, TlsSettings& settings) {
  std::vector<config::Diagnostic> diagnostics;
  settings.binds.clear();
  settings.servers = {};
  settings.checks = {};
  load_tls_binds(model, settings, diagnostics);
  load_tls_servers(model, settings.config_file, settings.servers, diagnostics);
  load_tls_checks(model, settings.config_file, settings.checks, diagnostics);
  return diagnostics;
}

std::string bind_tls_path(const config::Frontend& frontend, std::size_t bind) {
  const std::string binds = config::path_key(config::path_key("frontends", frontend.name), "bind");
  return config::path_key(config::path_index(binds, bind), "tls");
}

bool any_error(const std::vector<config::Diagnostic>& diagnostics) {
  return std::ranges::any_of(
      diagnostics, [](const config::Diagnostic& one) { return one.severity == config::Severity::error; });
}

std::vector<proxy::TlsBinds> make_tls_binds(const TlsBindSettings& settings, std::uint32_t lanes,
                                            tls::SessionCache* sessions) {
  const auto has_any = [](const auto& binds) {
    return std::ranges::any_of(binds, [](const auto& bind) { return bind.has_value(); });
  };
  std::vector<proxy::TlsBinds> made;
  if (std::ranges::none_of(settings, has_any)) return made;
  for (std::uint32_t lane = 0; lane < lanes; ++lane) {
    proxy::TlsBinds& binds = made.emplace_back();
    for (const auto& frontend : settings) {
      auto& contexts = binds.emplace_back();
      for (const auto& bind : frontend)
        contexts.push_back(bind ? tls::ServerContext::build(*bind, std::time(nullptr), sessions).context
                                : nullptr);
    }
  }
  return made;
}

}  // namespace corelane::runtime
