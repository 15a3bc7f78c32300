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
      {R"({"crt": "a"})", "tls.crt: unknown key"},
  };
  for (const auto& row : rows) {
    INFO(row.tls);
    const std::string faults = faults_of(file_with({.bind = bind_with(row.tls)}));
    CHECK(faults.find("frontends.f.bind[0]." + row.fault) != faults.npos);
  }
}
