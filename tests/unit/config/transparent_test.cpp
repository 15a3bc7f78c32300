// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "config/config.hpp"
#include "sample.hpp"

using namespace corelane;
using namespace corelane::config;

namespace {

std::string faults_with(const std::string& bind, const std::string& server, const std::string& backend = "") {
  return faults_of(R"({"frontends": {"f": {"bind": [)" + bind + R"(], "default_backend": "b"}},
"backends": {"b": {"servers": [{"name": "s", )" +
                   server + "}]" + backend + "}}}");
}

constexpr const char* plain_bind = R"({"address": ":80"})";
constexpr const char* from_client = R"(, "source": {"transparent": "client"})";

bool says(const std::string& faults, const std::string& text) {
  return faults.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("what a bind and a source ask of sockets") {
  const Model model = sound_model(file_with(
      {.bind = R"({"address": ":80", "transparent": true, "mark": 4294967295, "tos": "ef"})",
       .backend = R"(, "source": {"transparent": "clientip", "interface": "eth1", "mark": 1, "tos": 0})"}));
  const Bind& bind = model.frontends[0].bind[0];
  CHECK(bind.transparent);
  CHECK_FALSE(bind.freebind);
  CHECK(bind.marks == SocketMarks{.mark = 4294967295, .tos = 184});
  const Source& source = model.backends[0].servers[0].source;
  CHECK(source.transparent == TransparentSource::clientip);
  CHECK(source.interface == "eth1");
  CHECK(source.marks == SocketMarks{.mark = 1, .tos = 0});
  CHECK(sound_model(dump(model)) == model);
}

TEST_CASE("a server's own source replaces all of its backend's") {
  const Model model = sound_model(file_with({.backend = R"(, "source": {"mark": 3, "tos": "cs7"})",
                                             .server = R"(, "source": {"interface": "eth1"})"}));
  CHECK(model.backends[0].servers[0].source.marks == SocketMarks{});
  CHECK(sound_model(file_with({.backend = from_client, .server = R"(, "source": {})"}))
            .backends[0]
            .servers[0]
            .source == Source{});
}

TEST_CASE("a client's address that a request says") {
  const auto file = [](const char* expression, const char* mode) {
    return file_with({.defaults = std::string(R"({"mode": ")") + mode + "\"}",
                      .backend = std::string(R"(, "source": {"transparent": ")") + expression + "\"}"});
  };
  const Model model = sound_model(file("hdr_ip(x-forwarded-for,-1)", "http"));
  const Source& source = model.backends[0].servers[0].source;
  CHECK(source.transparent == TransparentSource::expression);
  CHECK(source.client_expression == "hdr_ip(x-forwarded-for,-1)");
  CHECK(sound_model(dump(model)) == model);
  struct Row {
    const char* expression;
    const char* mode;
    const char* fault;
  };
  for (const Row& row : {
           Row{"clientid", "http", "did you mean \"clientip\""},
           Row{"hdr_pi(x-real-ip)", "http", "did you mean \"hdr_ip\""},
           Row{"hdr_cnt(x-real-ip)", "http", "expected an address, but this makes an integer"},
           Row{"hdr_ip(x-real-ip,a)", "http", "backends.b.source.transparent"},
           Row{"hdr_ip(x-real-ip)", "tcp", "connecting from an address in requests needs mode http"},
       }) {
    CAPTURE(row.expression);
    CHECK(says(faults_of(file(row.expression, row.mode)), row.fault));
  }
}

TEST_CASE("types of service") {
  struct Row {
    const char* tos;
    const char* fault;
  };
  for (const Row& row : {
           Row{"0", ""},
           Row{"252", ""},
           Row{"\"af41\"", ""},
           Row{"256", "256 is out of range"},
           Row{"-4", "-4 is out of range"},
           Row{"185", "the two lowest bits of 185 are those of ECN"},
           Row{"\"af14\"", "\"af14\" is no DSCP's name"},
           Row{"true", "expected a number from 0 to 252 or a DSCP's name"},
       }) {
    CAPTURE(row.tos);
    const std::string faults =
        faults_of(file_with({.backend = std::string(R"(, "source": {"tos": )") + row.tos + "}"}));
    CHECK((*row.fault == '\0' ? faults.empty() : says(faults, row.fault)));
  }
  CHECK(says(faults_of(file_with({.backend = R"(, "source": {"mark": 0})"})), "0 is out of range"));
}

TEST_CASE("the client's destination as a server") {
  struct Row {
    const char* address;
    std::uint16_t port;
  };
  for (const Row& row : {Row{"*:0", 0}, Row{"*:3306", 3306}, Row{"0.0.0.0:25", 25}, Row{"[::]:0", 0}}) {
    CAPTURE(row.address);
    const std::string server = std::string(R"("address": ")") + row.address + "\"";
    CHECK(faults_with(R"({"address": ":80", "transparent": true})", server) == "");
    const LoadResult result = load(R"({"frontends": {"f": {"bind": [{"address": ":80", "transparent": true}],
      "default_backend": "b"}}, "backends": {"b": {"servers": [{"name": "s", )" +
                                       server + "}]}}}",
                                   "f");
    REQUIRE(result.model);
    const Address& address = result.model->backends[0].servers[0].address;
    CHECK(address.kind == Address::Kind::destination);
    CHECK(address.endpoint.port == row.port);
  }
  CHECK(says(faults_with(R"({"address": "*:80"})", R"("address": "10.0.0.1:80")"),
             "every IPv4 address is written \":80\""));
  CHECK(says(faults_with(plain_bind, R"("address": "10.0.0.1:0")"), "not a port from 1 to 65535"));
}

TEST_CASE("combinations that cannot work say where and why") {
  struct Row {
    const char* name;
    const char* bind;
    const char* server;
    const char* backend;
    const char* fault;
  };
  const char* destination = R"("address": "*:0")";
  const char* ipv4 = R"("address": "10.0.0.1:80")";
  const char* ipv6 = R"("address": "[fd00::1]:80")";
  const char* unix_bind = R"({"address": "unix:/run/x"})";
  for (const Row& row : {
           Row{"addresses too", plain_bind, ipv4,
               R"(, "source": {"addresses": ["10.0.0.2"], "transparent": "client"})",
               "f:2:85: error: backends.b.source.addresses: has no effect unless transparent is none"},
           Row{"empty", plain_bind, ipv4, R"(, "source": {})",
               "f:2:84: error: backends.b.source: says nothing"},
           Row{"freebind too", R"({"address": ":80", "transparent": true, "freebind": true})", ipv4, "",
               "f:1:71: error: frontends.f.bind[0].freebind: has no effect unless"},
           Row{"transparent UNIX socket", R"({"address": "unix:/run/x", "transparent": true})", ipv4, "",
               "frontends.f.bind[0].transparent: has no effect unless the address is an IP address"},
           Row{"mark of an inherited socket", R"({"address": "fd@7", "mark": 1})", ipv4, "",
               "frontends.f.bind[0].mark: has no effect unless"},
           Row{"source of a UNIX server", plain_bind, R"("address": "unix:/run/y")",
               R"(, "source": {"mark": 1})",
               "f:2:57: error: backends.b.servers[0].address: unix:/run/y is a UNIX socket, for which a "
               "source means nothing"},
           Row{"clients of a UNIX socket", unix_bind, ipv4, from_client,
               "f:2:57: error: backends.b.servers[0].address: clients of unix:/run/x have no address to "
               "connect "
               "from (frontends.f.bind[0])"},
           Row{"IPv4 clients of an IPv6 server", plain_bind, ipv6, from_client,
               "f:2:57: error: backends.b.servers[0].address: cannot be reached from the address of a client "
               "of "
               ":80, which is IPv4"},
           Row{"IPv6 clients of an IPv4 server", R"({"address": "[::]:80", "ipv6_only": true})", ipv4,
               from_client, "which is IPv6"},
           Row{"IPv6 address, IPv4 server", R"({"address": "[fd00::9]:80"})", ipv4, from_client,
               "which is IPv6"},
           Row{"either family", R"({"address": "[::]:80"})", ipv4, from_client, ""},
           Row{"mapped", R"({"address": "[::ffff:10.0.0.9]:80"})", ipv4, from_client, ""},
           Row{"header on a UNIX socket", R"({"address": "unix:/run/x", "accept_proxy": true})", ipv4,
               from_client, ""},
           Row{"destination of redirected clients", plain_bind, destination, "", ""},
           Row{"destination of a header", R"({"address": ":80", "accept_proxy": true})", destination, "", ""},
           Row{"destination of a UNIX socket", unix_bind, destination, "", "want to go nowhere else"},
           Row{"destination with source addresses", R"({"address": ":80", "transparent": true})", destination,
               R"(, "source": {"addresses": ["10.0.0.2"]})",
               "source addresses are for servers with an address of their own"},
           Row{"destination with a check", R"({"address": ":80", "transparent": true})", destination,
               R"(, "check": {"type": "tcp"})", "is nothing that a check can connect to"},
           Row{"destination checked elsewhere", R"({"address": ":80", "transparent": true})",
               R"("address": "*:0", "check": {"address": "10.0.0.1", "port": 80})",
               R"(, "check": {"type": "tcp"})", ""},
           Row{"destination with an agent", R"({"address": ":80", "transparent": true})",
               R"("address": "*:0", "agent_check": {"port": 99})", "", "give agent_check an address"},
           Row{"destination not checked", R"({"address": ":80", "transparent": true})",
               R"("address": "*:0", "check": false)", R"(, "check": {"type": "tcp"})", ""},
       }) {
    CAPTURE(row.name);
    const std::string faults = faults_with(row.bind, row.server, row.backend);
    CAPTURE(faults);
    CHECK((*row.fault == '\0' ? faults.empty() : says(faults, row.fault)));
  }
}
