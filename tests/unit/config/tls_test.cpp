// SPDX-License-Identifier: Apache-2.0
// bind.tls
#include <doctest/doctest.h>

#include <string>

#include "config/config.hpp"
#include "sample.hpp"

using namespace corelane;
using namespace corelane::config;

namespace {

std::string bind_with(const std::string& tls) {
  return R"({"address": ":443", "tls": )" + tls + "}";
}

BindTls tls_of(const std::string& tls) {
  return *sound_model(file_with({.bind = bind_with(tls)})).frontends[0].bind[0].tls;
}

}  // namespace

TEST_CASE("TLS is there where it is asked for, with sound defaults") {
  CHECK_FALSE(sound_model(file_with({})).frontends[0].bind[0].tls);
  const BindTls tls = tls_of(R"({"certificates": ["a.pem"]})");
  CHECK(tls.certificates == std::vector<std::string>{"a.pem"});
  CHECK(tls.min_version == TlsVersion::tls12);
  CHECK(tls.max_version == TlsVersion::tls13);
  CHECK(tls.verify == TlsVerify::none);
  CHECK(tls.tickets);
  CHECK(tls.session_lifetime_ms == 7'200'000);
  CHECK(tls.ca_ignore_errors.empty());
}

TEST_CASE("faults of certificates that are let pass") {
  const std::string verifying = R"({"certificate_list": "l", "verify": "optional", "client_ca": "ca.pem", )";
  CHECK(tls_of(verifying + R"("ca_ignore_errors": "all"})").ca_ignore_errors.all);
  const TlsIgnoredErrors ignored =
      tls_of(verifying + R"("crt_ignore_errors": ["X509_V_ERR_CERT_HAS_EXPIRED", 9]})").crt_ignore_errors;
  CHECK(ignored.codes == std::vector<std::uint16_t>{10, 9});
  const std::string faults = faults_of(
      file_with({.bind = bind_with(verifying + R"("crt_ignore_errors": ["X509_V_ERR_CERT_HAS_EXPIRD"]})")}));
  CHECK(faults.find("\"X509_V_ERR_CERT_HAS_EXPIRD\" is not a known fault of certificates") != faults.npos);
  CHECK(faults.find("did you mean \"X509_V_ERR_CERT_HAS_EXPIRED\"?") != faults.npos);
}

TEST_CASE("settings that would do nothing, or cannot be") {
  const struct {
    std::string tls;
    std::string fault;
  } rows[] = {
      {"{}", "tls: certificates or a certificate_list are missing"},
      {R"({"certificates": ["a"], "client_ca": "c"})",
       "tls.client_ca: has no effect unless verify is optional or required"},
      {R"({"certificates": ["a"], "crl": "c"})",
       "tls.crl: has no effect unless verify is optional or required"},
      {R"({"certificates": ["a"], "verify": "required"})", "tls.verify: client_ca is missing"},
      {R"({"certificates": ["a"], "tickets": false, "ticket_keys": "k"})",
       "tls.ticket_keys: has no effect unless tickets are on"},
      {R"({"certificates": ["a"], "min_version": "TLSv1.3", "max_version": "TLSv1.2"})",
       "tls.max_version: no version is left"},
      {R"({"certificates": ["a"], "max_version": "TLSv1.2", "ciphersuites": "x"})",
       "tls.ciphersuites: has no effect unless max_version is TLSv1.3"},
      {R"({"certificates": ["a"], "max_version": "TLSv1.2", "early_data": true})",
       "tls.early_data: has no effect unless tickets are on and max_version is TLSv1.3"},
      {R"({"certificates": ["a"], "tickets": false, "early_data": true})",
       "tls.early_data: has no effect unless tickets are on"},
      {R"({"certificates": ["a"], "early_data": true})", "tls.early_data: early data can be a recording"},
      {R"({"certificates": ["a"], "tickets": false, "min_version": "TLSv1.3", "session_lifetime": "1h"})",
       "tls.session_lifetime: has no effect unless tickets are on or min_version is TLSv1.2 or lower"},
      {R"({"crt": "a"})", "tls.crt: unknown key"},
  };
  for (const auto& row : rows) {
    INFO(row.tls);
    const std::string faults = faults_of(file_with({.bind = bind_with(row.tls)}));
    CHECK(faults.find("frontends.f.bind[0]." + row.fault) != faults.npos);
  }
}

TEST_CASE("clients of mode http are offered what is spoken with them") {
  const auto faults_in = [](const char* mode) {
    const std::string own = std::string(R"(, "mode": ")") + mode + R"(")";
    return faults_of(file_with({.frontend = own,
                                .bind = bind_with(R"({"certificates": ["a"], "alpn": ["http/1.1", "h2"]})"),
                                .backend = own}));
  };
  CHECK(faults_in("http").find("frontends.f.bind[0].tls.alpn[1]: mode http speaks HTTP/1.1") !=
        std::string::npos);
  CHECK(faults_in("tcp").empty());
}

TEST_CASE("the cache of sessions") {
  const auto with_cache = [](const std::string& size, const std::string& tls) {
    return file_with({.global = R"({"tune": {"tls_session_cache": )" + size + "}}",
                      .bind = R"({"address": ":443")" + tls + "}"});
  };
  const std::string tls = R"(, "tls": {"certificates": ["a"]})";
  CHECK(sound_model(with_cache("7", tls)).global.tune.tls_session_cache == 7);
  CHECK(sound_model(with_cache("0", "")).global.tune.tls_session_cache == 0);
  CHECK(sound_model(file_with({})).global.tune.tls_session_cache == 20'000);
  for (const std::string& unused :
       {std::string(), std::string(R"(, "tls": {"certificates": ["a"], "min_version": "TLSv1.3"})")})
    CHECK(
        faults_of(with_cache("7", unused))
            .find("global.tune.tls_session_cache: has no effect unless a bind has tls with a min_version") !=
        std::string::npos);
  const std::string without =
      R"(, "tls": {"certificates": ["a"], "tickets": false, "session_lifetime": "1h"})";
  sound_model(with_cache("7", without));
  CHECK(faults_of(with_cache("0", without))
            .find("tls.session_lifetime: has no effect: tickets is false and global.tune.tls_session_cache "
                  "is 0") != std::string::npos);
  CHECK(faults_of(with_cache("1000001", tls)).find("global.tune.tls_session_cache") != std::string::npos);
}

namespace {

/// The first server of the backend; `keys` begin with a comma.
Server server_with(const std::string& keys, const std::string& backend = "") {
  return sound_model(file_with({.backend = backend, .server = keys})).backends[0].servers[0];
}

}  // namespace

TEST_CASE("TLS to servers verifies them by default") {
  CHECK_FALSE(server_with("").tls);
  const ServerTls tls = *server_with(R"(, "tls": true)").tls;
  CHECK(tls.verify == TlsServerVerify::required);
  CHECK(tls.min_version == TlsVersion::tls12);
  CHECK(tls.session_reuse);
  CHECK(tls.sni.empty());
}

TEST_CASE("servers take their TLS over from default_server, or have their own") {
  const std::string handed_down =
      R"--(, "default_server": {"tls": {"ca": "ca.pem", "sni": "str(a.test)"}})--";
  CHECK(server_with("", handed_down).tls->ca == "ca.pem");
  CHECK(server_with("", handed_down).tls->constant_sni() == "a.test");
  CHECK_FALSE(server_with(R"(, "tls": false)", handed_down).tls);
  const ServerTls own = *server_with(R"(, "tls": {"sni": "src"})", handed_down).tls;
  CHECK(own.ca.empty());
  CHECK(own.constant_sni().empty());
}

TEST_CASE("checks are over TLS as connections are, unless they go elsewhere or say otherwise") {
  const std::string checked = R"(, "check": {"type": "tcp"})";
  const std::string tls = R"(, "tls": {"ca": "ca.pem", "verify_host": "a.test"})";
  const auto check_tls = [&](const std::string& keys) { return server_with(keys, checked).check_tls(); };
  CHECK_FALSE(check_tls(""));
  const std::optional<CheckTls> same = check_tls(tls);
  REQUIRE(same);
  CHECK(same->ca == "ca.pem");
  CHECK(same->verify_host == "a.test");
  CHECK(same->sni.empty());
  CHECK(check_tls(R"--(, "tls": {"sni": "str(b.test)", "verify_host": "a.test"})--")->sni == "b.test");
  CHECK_FALSE(check_tls(tls + R"(, "check": {"port": 81})"));
  CHECK_FALSE(check_tls(tls + R"(, "check": {"address": "10.0.0.9"})"));
  CHECK(check_tls(tls + R"(, "check": {"port": 81, "tls": true})")->ca.empty());
  const std::string refused = R"(, "check": {"tls": false})";
  CHECK_FALSE(check_tls(tls + refused));
  const Model model = sound_model(file_with({.backend = checked, .server = tls + refused}));
  CHECK(sound_model(dump(model)) == model);
}

TEST_CASE("h2 is offered where nobody here has to speak it") {
  const std::string offer = R"({"alpn": ["h2", "http/1.1"]})";
  const std::string tls = R"(, "tls": )" + offer;
  const std::string http = R"(, "mode": "http")";
  const std::string checked = R"(, "check": {"type": "http"})";
  const struct {
    std::string backend;
    std::string server;
    std::string fault;  // empty: none
  } rows[] = {
      {"", tls, ""},
      {http, tls, "servers[0].tls.alpn: \"h2\" is HTTP/2: servers of mode http"},
      {http + R"(, "default_server": {"tls": )" + offer + "}", "", "servers[0].tls.alpn: \"h2\" is HTTP/2"},
      {http, R"(, "tls": {"alpn": ["http/1.1"]})", ""},
      {R"(, "check": {"type": "tcp"})", tls, ""},
      {checked, tls, "servers[0].tls.alpn: \"h2\" is HTTP/2: the server's check speaks HTTP/1.1"},
      {R"(, "check": {"type": "websocket"})", tls, "the server's check speaks HTTP/1.1"},
      {checked, tls + R"(, "check": false)", ""},
      {checked, tls + R"(, "check": {"tls": {"alpn": ["http/1.1"]}})", ""},
      {checked, R"(, "check": {"tls": )" + offer + "}",
       "servers[0].check.tls.alpn: \"h2\" is HTTP/2: this check"},
      {R"(, "check": {"type": "smtp"})", R"(, "check": {"tls": )" + offer + "}", ""},
  };
  for (const auto& row : rows) {
    INFO(row.backend, row.server);
    const std::string frontend = row.backend.starts_with(http) ? http : std::string();
    const std::string faults =
        faults_of(file_with({.frontend = frontend, .backend = row.backend, .server = row.server}));
    INFO(faults);
    CHECK((row.fault.empty() ? faults.empty() : faults.find(row.fault) != faults.npos));
  }
}

TEST_CASE("what TLS to servers cannot be") {
  const struct {
    std::string tls;
    std::string fault;
  } rows[] = {
      {R"({"verify": "none", "ca": "ca.pem"})", "tls.ca: has no effect unless verify is required"},
      {R"({"verify": "none", "verify_host": "a"})",
       "tls.verify_host: has no effect unless verify is required"},
      {R"({"verify": "optional"})", "tls.verify: "},
      {R"({"min_version": "TLSv1.3", "max_version": "TLSv1.2"})", "tls.max_version: no version is left"},
      {R"--({"sni": "req.hdr(host)"})--", "tls.sni: req.hdr needs the head of an HTTP"},
      {R"({"sni": "ssl_fc_sin"})", "tls.sni: "},
      {R"({"verifyhost": "a"})", "did you mean \"verify_host\"?"},
  };
  for (const auto& row : rows) {
    INFO(row.tls);
    const std::string faults = faults_of(file_with({.server = R"(, "tls": )" + row.tls}));
    INFO(faults);
    CHECK(faults.find(row.fault) != faults.npos);
  }
  const std::string handed_down =
      faults_of(file_with({.backend = R"--(, "default_server": {"tls": {"sni": "hdr(host)"}})--"}));
  CHECK(handed_down.find("backends.b.default_server.tls.sni: ") != handed_down.npos);
}
