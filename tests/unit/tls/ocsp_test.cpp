// SPDX-License-Identifier: Apache-2.0
#include "tls/ocsp.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include "ocsp_responses.hpp"
#include "ocsp_signers.hpp"
#include "pair.hpp"
#include "tls/certificate_facts.hpp"

using namespace corelane;
using namespace corelane::tls;
using namespace corelane::test;

namespace {

// 2026-11-22 07:05:41, when the responses were made.
constexpr std::int64_t made_at = 1'795'331'141;
constexpr std::int64_t minute = 60;

// What is said of a response where nobody knows who has issued the certificate: it stands alone in its file.
constexpr std::string_view unchecked =
    "the signature of the OCSP response is not checked: the certificate of the issuer";

/// But for that.
std::vector<std::string> warnings_of(const ServerContext::Built& built) {
  std::vector<std::string> warnings;
  for (const SettingError& warning : built.warnings)
    if (warning.text.find(unchecked) == std::string::npos) warnings.push_back(warning.text);
  return warnings;
}

ServerSettings with_response(std::string_view hexadecimal) {
  ServerSettings settings = server_settings();
  settings.certificates.front().ocsp = {"site.pem.ocsp", decoded(hexadecimal)};
  return settings;
}

/// What a client that asks for a response gets; it trusts everybody.
std::string stapled(const ServerContext& server, std::int64_t now) {
  ClientSettings trusting = client_settings();
  trusting.verify = false;
  const auto client = build(trusting);
  Pair pair;
  set_time(now);
  REQUIRE(pair.server.connection.open(server, 0));
  REQUIRE(pair.client.connection.open(*client, {"a.example", nullptr}, 0));
  SSL_enable_ocsp_stapling(pair.client.connection.native());
  REQUIRE(pair.shake());
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  SSL_get0_ocsp_response(pair.client.connection.native(), &bytes, &size);
  set_time(test_time);
  return {reinterpret_cast<const char*>(bytes), size};
}

std::string fault_of(std::string_view bytes, const char* certificate = ecdsa_pem,
                     const char* key = ecdsa_key) {
  ServerSettings settings = server_settings();
  settings.certificates.front().chain = {"site.pem", std::string(certificate) + key};
  settings.certificates.front().ocsp = {"site.pem.ocsp", std::string(bytes)};
  const ServerContext::Built built = ServerContext::build(settings, made_at);
  CHECK(warnings_of(built).empty());
  CHECK((built.context == nullptr) == !built.errors.empty());
  return built.errors.empty() ? "" : built.errors.front().text;
}

std::string warning_of(std::string_view hexadecimal, std::int64_t now) {
  const ServerContext::Built built = ServerContext::build(with_response(hexadecimal), now);
  REQUIRE(built.context != nullptr);
  const std::vector<std::string> warnings = warnings_of(built);
  return warnings.empty() ? "" : warnings.front();
}

/// Of the certificate c.example.
ServerSettings signed_by(std::string_view hexadecimal, const char* issuer = response_ca_pem) {
  ServerSettings settings;
  settings.tickets.secret = std::string(32, 's');
  CertificateSettings& certificate = settings.certificates.emplace_back();
  certificate.chain = {"c.pem", std::string(c_pem) + c_key + issuer};
  certificate.ocsp = {"c.pem.ocsp", decoded(hexadecimal)};
  return settings;
}

std::string signature_fault_of(const ServerSettings& settings) {
  const ServerContext::Built built = ServerContext::build(settings, test_time);
  return built.errors.empty() ? "" : built.errors.front().text;
}

}  // namespace

TEST_CASE("a response is passed on while it is good, and not behind its end") {
  const ServerContext::Built built = ServerContext::build(with_response(ocsp_short), made_at);
  REQUIRE(built.context != nullptr);
  CHECK(warnings_of(built).empty());
  const std::string response = decoded(ocsp_short);
  CHECK(stapled(*built.context, made_at) == response);
  CHECK(stapled(*built.context, made_at + 10 * minute) == response);
  CHECK(stapled(*built.context, made_at + 10 * minute + 1) == "");
  CHECK(stapled(*built.context, made_at - 1) == "");
}

TEST_CASE("a response without an end is good until another one comes") {
  const auto server = build(with_response(ocsp_endless));
  CHECK(stapled(*server, test_time) == decoded(ocsp_endless));
  const auto without = build(server_settings());
  CHECK(stapled(*without, test_time) == "");
}

TEST_CASE("an empty file is none") {
  CHECK(fault_of("") == "");
}

TEST_CASE("what is no response, or one for something else") {
  const std::string good = decoded(ocsp_good);
  CHECK(fault_of(good) == "");
  CHECK(fault_of("junk").find("site.pem.ocsp: this is no OCSP response in DER") == 0);
  CHECK(
      fault_of(std::string("\x30\x03\x0a\x01\x03", 5)).find("has not answered the OCSP request: try later") !=
      std::string::npos);
  CHECK(fault_of(good, b_pem, b_key).find("is not for the certificate of CN=b.example") != std::string::npos);
  CHECK(fault_of(decoded(ocsp_unknown)).find("does not know the certificate") != std::string::npos);
  // Whatever is cut off or changed: a fault or none, and nothing worse.
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_MESSAGE((size == 0 || fault_of(good.substr(0, size)) != ""), size);
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 0x21);
    ServerSettings settings = with_response(ocsp_good);
    settings.certificates.front().ocsp.bytes = changed;
    CHECK_MESSAGE(ServerContext::build(settings, made_at).errors.size() <= 1, i);
  }
}

TEST_CASE("times and revocation are warnings") {
  CHECK(warning_of(ocsp_good, made_at) == "");
  CHECK(warning_of(ocsp_short, made_at + 11 * minute).find("has expired, and is not passed on") !=
        std::string::npos);
  CHECK(warning_of(ocsp_short, made_at - 1).find("is not valid yet") != std::string::npos);
  CHECK(warning_of(ocsp_revoked, made_at).find("says that the certificate is revoked") != std::string::npos);
}

TEST_CASE("the issuer's key counts where the file has its certificate") {
  ServerSettings settings = with_response(ocsp_good);
  settings.certificates.front().chain.bytes = std::string(ecdsa_pem) + ecdsa_key + other_ca_pem;
  const ServerContext::Built built = ServerContext::build(settings, made_at);
  REQUIRE(built.errors.size() == 1);
  CHECK(built.errors.front().text.find("is not for the certificate") != std::string::npos);
}

TEST_CASE("who has issued the certificate signs, or whom it has named for that") {
  for (const std::string_view response : {ocsp_by_issuer, ocsp_by_responder}) {
    ServerSettings settings = signed_by(response);
    ServerContext::Built built = ServerContext::build(settings, test_time);
    CHECK(built.errors.empty());
    CHECK(built.warnings.empty());
    // The issuer's certificate may stand in a file of its own.
    settings = signed_by(response, "");
    settings.certificates.front().issuer = {"c.pem.issuer", response_ca_pem};
    built = ServerContext::build(settings, test_time);
    CHECK(built.errors.empty());
    CHECK(built.warnings.empty());
    settings.certificates.front().issuer.bytes = "junk";
    CHECK_FALSE(ServerContext::build(settings, test_time).errors.empty());
  }
}

TEST_CASE("others may not sign") {
  CHECK(signature_fault_of(signed_by(ocsp_by_bystander))
            .find("c.pem.ocsp: the OCSP response is signed by CN=bystander, whom CN=Response CA") == 0);
  CHECK(signature_fault_of(signed_by(ocsp_by_impostor)).find("is signed by CN=impostor, whom") !=
        std::string::npos);
  CHECK(signature_fault_of(signed_by(ocsp_without_certificate))
            .find("is not that of CN=Response CA, which has issued the certificate") != std::string::npos);
  // Nobody knows who is right: clients look at it.
  const ServerContext::Built built = ServerContext::build(signed_by(ocsp_by_bystander, ""), test_time);
  REQUIRE(built.warnings.size() == 1);
  CHECK(built.warnings.front().text.find(unchecked) != std::string::npos);
  CHECK(built.warnings.front().text.find("alone into c.pem.issuer") != std::string::npos);
}

TEST_CASE("whatever is changed in a response, its signature does not fit any more") {
  for (const std::string_view response : {ocsp_by_issuer, ocsp_by_responder}) {
    const std::string good = decoded(response);
    ServerSettings settings = signed_by(response);
    std::string& bytes = settings.certificates.front().ocsp.bytes;
    for (std::size_t i = 0; i < good.size(); ++i) {
      bytes = good;
      bytes[i] = static_cast<char>(bytes[i] ^ 0x21);
      const ServerContext::Built built = ServerContext::build(settings, test_time);
      CHECK_MESSAGE((!built.errors.empty() || !built.warnings.empty()), i);
    }
  }
}

TEST_CASE("a responder whose certificate is not valid now is a warning") {
  const ServerContext::Built built = ServerContext::build(signed_by(ocsp_by_late), test_time);
  REQUIRE(built.context != nullptr);
  REQUIRE(built.warnings.size() == 1);
  CHECK(built.warnings.front().text.find("is not valid now: clients will not accept the response") !=
        std::string::npos);
}

TEST_CASE("what people are told of a response") {
  const std::optional<StapleFacts> facts = staple_of(with_response(ocsp_short).certificates.front());
  REQUIRE(facts);
  CHECK_FALSE(facts->revoked);
  CHECK(facts->from == made_at);
  CHECK(facts->until == made_at + 10 * minute);
  CHECK(facts->ends);
  CHECK(staple_of(with_response(ocsp_revoked).certificates.front())->revoked);
  CHECK_FALSE(staple_of(with_response(ocsp_endless).certificates.front())->ends);
  CHECK_FALSE(staple_of(server_settings().certificates.front()));
  CHECK(ocsp_fits(server_settings().certificates.front()));
}
