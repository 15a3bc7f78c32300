// SPDX-License-Identifier: Apache-2.0
#include "config/address.hpp"

#include <doctest/doctest.h>

namespace corelane::config {
namespace {

using Kind = Address::Kind;

TEST_CASE("addresses are read in every form") {
  struct Row {
    std::string text;
    Kind kind;
    std::string meaning;  // the endpoint, HOST:PORT, the path or the descriptor
  };
  const std::string longest_path = "/" + std::string(unix_path_bytes_max - 1, 'p');
  const Row rows[] = {{"127.0.0.1:80", Kind::ip, "127.0.0.1:80"},
                      {"[::1]:80", Kind::ip, "[::1]:80"},
                      {"[::]:65535", Kind::ip, "[::]:65535"},
                      {":1", Kind::ip, "0.0.0.0:1"},
                      {"db1:3306", Kind::host, "db1:3306"},
                      {"a_b.example.org.:3306", Kind::host, "a_b.example.org.:3306"},
                      {"1.2.3.4.example:80", Kind::host, "1.2.3.4.example:80"},
                      {"unix:/run/x.sock", Kind::unix_path, "/run/x.sock"},
                      {"unix:@abstract", Kind::unix_path, "@abstract"},
                      {"unix:" + longest_path, Kind::unix_path, longest_path},
                      {"fd@3", Kind::descriptor, "3"},
                      {"fd@1048576", Kind::descriptor, "1048576"}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const AddressResult result = address_from_text(row.text, AddressUse::bind);
    REQUIRE(result.address);
    const Address& address = *result.address;
    CHECK(address.kind == row.kind);
    CHECK(address.text == row.text);
    switch (address.kind) {
      case Kind::ip:
        CHECK(base::endpoint_text(address.endpoint) == row.meaning);
        break;
      case Kind::host:
        CHECK(address.host + ":" + std::to_string(address.endpoint.port) == row.meaning);
        break;
      case Kind::unix_path:
        CHECK(address.path == row.meaning);
        break;
      case Kind::descriptor:
        CHECK(std::to_string(address.descriptor) == row.meaning);
        break;
      case Kind::destination:  // no bind has it
        CHECK(false);
        break;
    }
  }
}

TEST_CASE("what is wrong with an address is said") {
  struct Row {
    std::string text;
    std::string_view fault;
  };
  const Row rows[] = {{"", "the port is missing"},
                      {"db1", "the port is missing"},
                      {"db1:", "the port is missing"},
                      {"[::1]", "the port is missing"},
                      {"[::1]:", "the port is missing"},
                      {"db1:0", "\"0\" is not a port from 1 to 65535"},
                      {"db1:65536", "\"65536\" is not a port from 1 to 65535"},
                      {"db1:-1", "\"-1\" is not a port from 1 to 65535"},
                      {"db1:http", "\"http\" is not a port from 1 to 65535"},
                      {"db1: 80", "\" 80\" is not a port from 1 to 65535"},
                      {"::1:80", "an IPv6 address is written in brackets, [::1]:80"},
                      {"[::1:80", "']' is missing after the IPv6 address"},
                      {"[::1]x:80", "\"[::1]x\" is not an IPv6 address in brackets"},
                      {"[127.0.0.1]:80", "\"[127.0.0.1]\" is not an IPv6 address in brackets"},
                      {"[]:80", "\"[]\" is not an IPv6 address in brackets"},
                      {"1.2.3.400:80", "\"1.2.3.400\" is neither an IP address nor a host name"},
                      {"1.2.3:80", "\"1.2.3\" is neither an IP address nor a host name"},
                      {"a b:80", "\"a b\" is neither an IP address nor a host name"},
                      {"-a:80", "\"-a\" is neither an IP address nor a host name"},
                      {"a..b:80", "\"a..b\" is neither an IP address nor a host name"},
                      {".:80", "\".\" is neither an IP address nor a host name"},
                      {std::string(64, 'a') + ":80",
                       "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" is neither an "
                       "IP address nor a host name"},
                      {"unix:", "a UNIX socket is an absolute path or @ and a name"},
                      {"unix:run/x.sock", "a UNIX socket is an absolute path or @ and a name"},
                      {"unix:@", "the name of the UNIX socket is missing"},
                      {"unix:/", "the name of the UNIX socket is missing"},
                      {"unix:/a\nb", "a UNIX socket's path holds no control characters"},
                      {"unix:/" + std::string(unix_path_bytes_max, 'p'),
                       "the UNIX socket's path has 108 bytes; at most 107 fit"},
                      {"fd@", "an inherited socket is fd@N with N from 3 to 1048576"},
                      {"fd@2", "an inherited socket is fd@N with N from 3 to 1048576"},
                      {"fd@x", "an inherited socket is fd@N with N from 3 to 1048576"},
                      {"fd@7 ", "an inherited socket is fd@N with N from 3 to 1048576"},
                      {"fd@99999999999", "an inherited socket is fd@N with N from 3 to 1048576"}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const AddressResult result = address_from_text(row.text, AddressUse::bind);
    CHECK_FALSE(result.address);
    CHECK(result.fault == row.fault);
  }
}

TEST_CASE("what an address is for limits its forms") {
  struct Row {
    const char* text;
    bool bind, admin, server, log;
  };
  const Row rows[] = {{"127.0.0.1:80", true, true, true, true}, {"db1:80", true, true, true, true},
                      {":80", true, true, false, false},        {"[::]:80", true, true, true, true},
                      {"unix:/x", true, true, true, false},     {"fd@7", true, false, false, false}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(address_from_text(row.text, AddressUse::bind).address.has_value() == row.bind);
    CHECK(address_from_text(row.text, AddressUse::admin).address.has_value() == row.admin);
    CHECK(address_from_text(row.text, AddressUse::server).address.has_value() == row.server);
    CHECK(address_from_text(row.text, AddressUse::log).address.has_value() == row.log);
  }
}

}  // namespace
}  // namespace corelane::config
