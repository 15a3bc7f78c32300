// SPDX-License-Identifier: Apache-2.0
#include "runtime/tls_certificates.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../tls/certificates.hpp"

using namespace corelane;
using namespace corelane::runtime;

namespace {

const std::string site = std::string(test::ecdsa_pem) + test::ecdsa_key;
const std::string other = std::string(test::b_pem) + test::b_key;

/// Frontends f, with a bind without TLS and one with it, and g; both use /etc/site.pem.
config::Model model() {
  config::Model model;
  for (const char* name : {"f", "g"}) model.frontends.emplace_back().name = name;
  model.frontends[0].bind.resize(2);
  model.frontends[1].bind.resize(1);
  return model;
}

tls::ServerSettings bind_with(std::vector<std::pair<std::string, std::string>> files) {
  tls::ServerSettings settings;
  for (const auto& [name, bytes] : files) settings.certificates.emplace_back().chain = {name, bytes};
  settings.tickets.secret = std::string(32, 's');
  return settings;
}

struct Bench {
  Bench() {
    TlsSettings settings;
    settings.binds.resize(2);
    settings.binds[0].push_back(std::nullopt);
    settings.binds[0].push_back(bind_with({{"/etc/site.pem", site}, {"/a/one.pem", other}}));
    settings.binds[1].push_back(bind_with({{"/etc/site.pem", site}, {"/b/one.pem", other}}));
    settings.binds[1][0]->certificates[0].key = {"/etc/site.key", test::ecdsa_key};
    certificates.emplace(of, std::move(settings),
                         [this](const TlsBindSettings& changed) { published.push_back(changed); });
  }

  config::Model of = model();
  std::vector<TlsBindSettings> published;
  std::optional<TlsCertificates> certificates;
};

}  // namespace

TEST_CASE("a file is replaced wherever it is used") {
  Bench bench;
  TlsCertificates& certificates = *bench.certificates;
  CHECK(certificates.any());
  const TlsCertificates::Outcome done = certificates.replace("/etc/site.pem", other);
  CHECK(done.done);
  CHECK(done.diagnostics.empty());
  CHECK(done.changed == std::vector<std::string>{"frontends.f.bind[1].tls", "frontends.g.bind[0].tls"});
  REQUIRE(bench.published.size() == 1);
  CHECK_FALSE(bench.published[0][0][0]);
  CHECK(bench.published[0][0][1]->certificates[0].chain.bytes == other);
  // The key that came with it stands in for that of its own file.
  CHECK(bench.published[0][1][0]->certificates[0].key.bytes == other);
  CHECK(certificates.binds()[1][0]->certificates[1].chain.bytes == other);
  CHECK(certificates.replace("/etc/site.pem", other).changed.empty());
  CHECK(bench.published.size() == 1);
  CHECK(certificates.replace("/b/one.pem", site).changed ==
        std::vector<std::string>{"frontends.g.bind[0].tls"});
}

TEST_CASE("a fault in one bind changes none") {
  Bench bench;
  // Its key stands in the file for f, and apart for g.
  const TlsCertificates::Outcome faulty = bench.certificates->replace("/etc/site.pem", test::ecdsa_pem);
  CHECK_FALSE(faulty.done);
  REQUIRE(faulty.diagnostics.size() == 1);
  CHECK(faulty.diagnostics[0].json_path == "frontends.f.bind[1].tls");
  CHECK(faulty.diagnostics[0].message.find("has no private key") != std::string::npos);
  CHECK(bench.published.empty());
  CHECK(bench.certificates->binds()[1][0]->certificates[0].chain.bytes == site);
}

TEST_CASE("files are named by themselves or by their last part") {
  const Bench bench;
  using Names = std::vector<std::string>;
  CHECK(bench.certificates->files() == Names{"/a/one.pem", "/b/one.pem", "/etc/site.key", "/etc/site.pem"});
  CHECK(bench.certificates->files_named("/etc/site.pem") == Names{"/etc/site.pem"});
  CHECK(bench.certificates->files_named("site.pem") == Names{"/etc/site.pem"});
  CHECK(bench.certificates->files_named("one.pem") == Names{"/a/one.pem", "/b/one.pem"});
  CHECK(bench.certificates->files_named("b/one.pem") == Names{"/b/one.pem"});
  CHECK(bench.certificates->files_named("e.pem").empty());
  CHECK(bench.certificates->files_named("").empty());
}

TEST_CASE("without TLS, or without a file of a configuration, there is nothing to read") {
  const config::Model plain = model();
  TlsCertificates certificates(plain, {}, [](const TlsBindSettings&) { FAIL("nothing has changed"); });
  CHECK_FALSE(certificates.any());
  const TlsCertificates::Outcome outcome = certificates.reload();
  CHECK(outcome.done);
  CHECK(outcome.changed.empty());
  CHECK(certificates.files().empty());
}
