// SPDX-License-Identifier: Apache-2.0
// accept_proxy, send_proxy and what they ask of each other.
#include <doctest/doctest.h>

#include "config/cross_checks.hpp"
#include "sample.hpp"

namespace corelane::config {
namespace {

std::string bind_with(const std::string& accept_proxy, const std::string& address = ":80") {
  return R"({"address": ")" + address + R"(", "accept_proxy": )" + accept_proxy + "}";
}

AcceptProxy accepted(const std::string& accept_proxy) {
  return sound_model(file_with({.bind = bind_with(accept_proxy)})).frontends[0].bind[0].accept_proxy;
}

TEST_CASE("who begins with a header") {
  CHECK_FALSE(sound_model(file_with({})).frontends[0].bind[0].accept_proxy.enabled);
  CHECK(accepted("false") == AcceptProxy{});
  CHECK(accepted("true") == AcceptProxy{.enabled = true, .from = {}});
  const AcceptProxy some = accepted(R"(["10.0.0.0/8", "::1"])");
  CHECK(some.enabled);
  REQUIRE(some.from.size() == 2);
  CHECK(some.from[0] == base::network_from_text("10.0.0.0/8").network);
}

TEST_CASE("what is no list of networks") {
  struct Row {
    std::string accept_proxy;
    std::string fault;
  };
  const std::string place = "f:2:65: error: frontends.f.bind[0].accept_proxy: ";
  const Row rows[] = {
      {"1", place + "expected true, false or a list of networks, found a number"},
      {R"("10.0.0.0/8")", place + "expected true, false or a list of networks, found a string"},
      {"[]", place + "a list of networks has 1 to 1024 entries"},
      {"[1]",
       "f:2:66: error: frontends.f.bind[0].accept_proxy[0]: expected a network such as \"10.0.0.0/8\" or "
       "\"::1\", found a number"},
      {R"(["::1", "db1"])",
       "f:2:73: error: frontends.f.bind[0].accept_proxy[1]: bad network \"db1\": this is no IP address"},
      {R"(["10.1.0.0/8"])",
       "f:2:66: error: frontends.f.bind[0].accept_proxy[0]: bad network \"10.1.0.0/8\": the address has bits "
       "beyond its prefix; the network is 10.0.0.0/8"},
  };
  for (const Row& row : rows)
    CHECK(faults_of(file_with({.bind = bind_with(row.accept_proxy)})) == row.fault + "\n");
}

TEST_CASE("nobody comes to a UNIX socket from a network") {
  CHECK(faults_of(file_with({.bind = bind_with("true", "unix:@s")})).empty());
  CHECK(faults_of(file_with({.bind = bind_with(R"(["::1"])", "unix:@s")})) ==
        "f:2:69: error: frontends.f.bind[0].accept_proxy: who connects to a UNIX socket comes from no "
        "network; true "
        "is for everybody\n");
}

TEST_CASE("the time-out for headers") {
  const std::string own = R"(, "timeouts": {"client_hs": "3s"})";
  const std::string inherited = R"({"timeouts": {"client_hs": "4s"}})";
  const auto time_out_ms = [](const Parts& parts) {
    return sound_model(file_with(parts)).frontends[0].timeouts.client_hs_ms;
  };
  CHECK(time_out_ms({.frontend = own, .bind = bind_with("true")}) == 3000);
  CHECK(time_out_ms({.defaults = inherited, .bind = bind_with(R"(["10.0.0.0/8"])")}) == 4000);
  CHECK(time_out_ms({.bind = bind_with("true")}) == 10'000);
  CHECK(time_out_ms({.defaults = inherited}) == unused_time_out_ms);
  CHECK(
      faults_of(file_with({.frontend = own})) ==
      "f:2:88: error: frontends.f.timeouts.client_hs: has no effect unless a bind has accept_proxy or tls\n");
  CHECK(faults_of(file_with({.frontend = own, .bind = bind_with("false")})).find("has no effect") !=
        std::string::npos);
  CHECK(dump(sound_model(file_with({.defaults = inherited}))).find("client_hs") == std::string::npos);
}

SendProxy sent(const std::string& server, const std::string& backend = "") {
  return sound_model(file_with({.bind = bind_with("true"), .backend = backend, .server = server}))
      .backends[0]
      .servers[0]
      .send_proxy;
}

TEST_CASE("the header that servers get") {
  using enum ProxyOption;
  CHECK(sent("") == SendProxy{});
  CHECK(sent(R"(, "send_proxy": "v1")") == SendProxy{.version = ProxyVersion::v1, .options = {}});
  const std::string all =
      R"(["crc32c", "unique-id", "authority", "ssl", "cert-cn", "ssl-cipher", "cert-sig", "cert-key"])";
  CHECK(sent(R"(, "send_proxy": {"version": "v2", "options": )" + all + "}") ==
        SendProxy{.version = ProxyVersion::v2,
                  .options = {crc32c, unique_id, authority, ssl, cert_cn, ssl_cipher, cert_sig, cert_key}});
  const std::string defaults =
      R"(, "default_server": {"send_proxy": {"version": "v2", "options": ["crc32c"]}})";
  CHECK(sent("", defaults) == SendProxy{.version = ProxyVersion::v2, .options = {crc32c}});
  CHECK(sent(R"(, "send_proxy": "none")", defaults) == SendProxy{});
  CHECK(sent(R"(, "send_proxy": {"version": "v2", "options": ["ssl"]})", defaults) ==
        SendProxy{.version = ProxyVersion::v2, .options = {ssl}});
  CHECK(sent(R"(, "send_proxy": "v2")", defaults) == SendProxy{.version = ProxyVersion::v2, .options = {}});
}

TEST_CASE("options without effect") {
  struct Row {
    std::string send_proxy;
    std::string fault;
  };
  const Row rows[] = {
      {R"({"version": "v1", "options": ["crc32c"]})",
       "f:3:105: error: backends.b.servers[0].send_proxy.options: has no effect unless the version is v2\n"},
      {R"({"options": ["crc32c"]})",
       "f:3:87: error: backends.b.servers[0].send_proxy: the key \"version\" is missing\n"},
      {R"({"version": "v2", "options": ["crc32c", "ssl"]})",
       "f:3:127: error: backends.b.servers[0].send_proxy.options[1]: ssl has nothing to send: no bind "
       "of this backend's frontends has tls, and none takes it from a header with accept_proxy\n"},
      {R"({"version": "v2", "options": ["unique-id"]})",
       "f:3:117: error: backends.b.servers[0].send_proxy.options[0]: unique-id has nothing to send: no "
       "frontend "
       "of this backend has a unique_id_format, and none takes it from a header with accept_proxy\n"},
      {R"({"version": "v2", "options": ["cert_key"]})",
       "f:3:117: error: backends.b.servers[0].send_proxy.options[0]: \"cert_key\" is not a known options; "
       "allowed: "
       "crc32c, unique-id, authority, ssl, cert-cn, ssl-cipher, cert-sig, cert-key; did you mean "
       "\"cert-key\"?\n"},
      {R"("v3")",
       "f:3:87: error: backends.b.servers[0].send_proxy: \"v3\" is not a known version; allowed: "
       "none, v1, v2; did you mean \"v1\"?\n"},
  };
  for (const Row& row : rows)
    CHECK(faults_of(file_with({.server = R"(, "send_proxy": )" + row.send_proxy})) == row.fault);
  const std::string defaults =
      R"(, "default_server": {"send_proxy": {"version": "v2", "options": ["authority"]}})";
  CHECK(faults_of(file_with({.backend = defaults}))
            .find("backends.b.default_server.send_proxy.options[0]: authority has nothing") !=
        std::string::npos);
}

}  // namespace
}  // namespace corelane::config
