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

tls::ClientSettings trusting(const std::string& file) {
  tls::ClientSettings settings;
  settings.handshake.client_ca = {{file, test::ca_pem}};
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
    settings.servers.distinct.push_back(trusting("/etc/ca.pem"));
    settings.servers.distinct.push_back(trusting("/etc/other.pem"));
    settings.servers.users = {{"backends.b.servers[0].tls", "backends.b.servers[2].tls"},
                              {"backends.b.servers[1].tls"}};
    settings.servers.distinct[1].certificate.chain = {"/etc/own.pem", site};
    settings.checks.distinct.push_back(trusting("/etc/ca.pem"));
    settings.checks.users = {{"backends.b.servers[0].tls", "backends.b.servers[3].check.tls"}};
    certificates.emplace(of, std::move(settings), 2, nullptr,
                         [this](TlsMade made) { published.push_back(std::move(made)); });
  }

  TlsCertificates::Outcome replace(const std::string& file, const std::string& bytes) {
    TlsCertificates::Change change = certificates->replace(file, bytes);
    certificates->adopt(change);
    return change.outcome;
  }

  config::Model of = model();
  std::vector<TlsMade> published;
  std::optional<TlsCertificates> certificates;
};

}  // namespace

TEST_CASE("a file is replaced wherever it is used") {
  Bench bench;
  TlsCertificates& certificates = *bench.certificates;
  CHECK(certificates.any());
  const TlsCertificates::Outcome done = bench.replace("/etc/site.pem", other);
  CHECK(done.done);
  CHECK(done.diagnostics.empty());
  CHECK(done.changed == std::vector<std::string>{"frontends.f.bind[1].tls", "frontends.g.bind[0].tls"});
  REQUIRE(bench.published.size() == 1);
  // Each lane's contexts are its own.
  REQUIRE(bench.published[0].lanes.size() == 2);
  for (const proxy::TlsContexts& lane : bench.published[0].lanes) {
    CHECK(lane.binds[0][0] == nullptr);
    CHECK(lane.binds[0][1] != nullptr);
    CHECK(lane.servers[0] == nullptr);
  }
  CHECK(certificates.settings().binds[0][1]->certificates[0].chain.bytes == other);
  // The key that came with it stands in for that of its own file.
  CHECK(certificates.settings().binds[1][0]->certificates[0].key.bytes == other);
  CHECK(certificates.settings().binds[1][0]->certificates[1].chain.bytes == other);
  CHECK(bench.replace("/etc/site.pem", other).changed.empty());
  CHECK(bench.published.size() == 1);
  CHECK(bench.replace("/b/one.pem", site).changed == std::vector<std::string>{"frontends.g.bind[0].tls"});
}

TEST_CASE("a fault in one bind changes none") {
  Bench bench;
  // Its key stands in the file for f, and apart for g.
  const TlsCertificates::Outcome faulty = bench.replace("/etc/site.pem", test::ecdsa_pem);
  CHECK_FALSE(faulty.done);
  REQUIRE(faulty.diagnostics.size() == 1);
  CHECK(faulty.diagnostics[0].json_path == "frontends.f.bind[1].tls");
  CHECK(faulty.diagnostics[0].message.find("has no private key") != std::string::npos);
  CHECK(bench.published.empty());
  CHECK(bench.certificates->settings().binds[1][0]->certificates[0].chain.bytes == site);
}

TEST_CASE("what servers and checks go by is replaced as well") {
  Bench bench;
  TlsCertificates& certificates = *bench.certificates;
  const TlsCertificates::Outcome done = bench.replace("/etc/ca.pem", test::other_ca_pem);
  CHECK(done.done);
  CHECK(done.diagnostics.empty());
  CHECK(done.changed == std::vector<std::string>{"backends.b.servers[0].tls", "backends.b.servers[2].tls",
                                                 "backends.b.servers[3].check.tls"});
  REQUIRE(bench.published.size() == 1);
  const TlsMade& made = bench.published[0];
  for (const proxy::TlsContexts& lane : made.lanes) {
    CHECK(lane.servers[0] != nullptr);
    CHECK(lane.servers[1] == nullptr);
    CHECK((lane.binds.empty() || lane.binds[0][1] == nullptr));
  }
  CHECK(made.checks[0] != nullptr);
  CHECK(certificates.settings().servers.distinct[0].handshake.client_ca[0].bytes == test::other_ca_pem);
  CHECK(certificates.settings().checks.distinct[0].handshake.client_ca[0].bytes == test::other_ca_pem);
  CHECK(bench.replace("/etc/own.pem", other).changed ==
        std::vector<std::string>{"backends.b.servers[1].tls"});
}

TEST_CASE("a fault of a server's file is told once, and changes nothing") {
  Bench bench;
  const TlsCertificates::Outcome faulty = bench.replace("/etc/ca.pem", "no certificate");
  CHECK_FALSE(faulty.done);
  REQUIRE(faulty.diagnostics.size() == 1);
  CHECK(faulty.diagnostics[0].json_path == "backends.b.servers[0].tls");
  CHECK(faulty.diagnostics[0].message.find("/etc/ca.pem") != std::string::npos);
  CHECK_FALSE(bench.replace("/etc/own.pem", std::string(test::ecdsa_pem) + test::b_key).done);
  CHECK(bench.published.empty());
  CHECK(bench.certificates->settings().servers.distinct[0].handshake.client_ca[0].bytes == test::ca_pem);
}

TEST_CASE("files are named by themselves or by their last part") {
  const Bench bench;
  using Names = std::vector<std::string>;
  CHECK(bench.certificates->files() == Names{"/a/one.pem", "/b/one.pem", "/etc/ca.pem", "/etc/other.pem",
                                             "/etc/own.pem", "/etc/site.key", "/etc/site.pem"});
  CHECK(bench.certificates->files_named("/etc/site.pem") == Names{"/etc/site.pem"});
  CHECK(bench.certificates->files_named("site.pem") == Names{"/etc/site.pem"});
  CHECK(bench.certificates->files_named("one.pem") == Names{"/a/one.pem", "/b/one.pem"});
  CHECK(bench.certificates->files_named("b/one.pem") == Names{"/b/one.pem"});
  CHECK(bench.certificates->files_named("e.pem").empty());
  CHECK(bench.certificates->files_named("").empty());
}

TEST_CASE("without TLS, or without a file of a configuration, there is nothing to read") {
  const config::Model plain = model();
  TlsCertificates certificates(plain, {}, 1, nullptr, [](const TlsMade&) { FAIL("nothing has changed"); });
  CHECK_FALSE(certificates.any());
  TlsCertificates::Change change = certificates.reload();
  CHECK(change.outcome.done);
  CHECK(change.outcome.changed.empty());
  certificates.adopt(change);
  CHECK(certificates.files().empty());
}
