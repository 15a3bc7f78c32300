// SPDX-License-Identifier: Apache-2.0
#include "runtime/tls_list_file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace corelane::runtime;

TEST_CASE("a list of certificates has files, options and names") {
  std::vector<TlsListLine> lines;
  std::string fault;
  REQUIRE(
      read_tls_list("# sites\n\na.pem\r\n  b.pem [verify none ciphers ECDHE+AESGCM]  b.test !c.b.test\n"
                    "d.pem d.test",
                    lines, fault));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].file == "a.pem");
  CHECK(lines[0].number == 3);
  CHECK(lines[0].names.empty());
  CHECK(lines[1].file == "b.pem");
  REQUIRE(lines[1].options.size() == 2);
  CHECK(lines[1].options[0].name == "verify");
  CHECK(lines[1].options[0].value == "none");
  CHECK(lines[1].options[1].value == "ECDHE+AESGCM");
  CHECK(lines[1].names == std::vector<std::string>{"b.test", "!c.b.test"});
  CHECK(lines[2].names == std::vector<std::string>{"d.test"});
}

TEST_CASE("some options have no value") {
  std::vector<TlsListLine> lines;
  std::string fault;
  REQUIRE(read_tls_list("a.pem [allow-0rtt verify none no-alpn] a.test", lines, fault));
  REQUIRE(lines[0].options.size() == 3);
  CHECK(lines[0].options[0].name == "allow-0rtt");
  CHECK(lines[0].options[0].value.empty());
  CHECK(lines[0].options[1].value == "none");
  CHECK(lines[0].options[2].name == "no-alpn");
  CHECK(lines[0].names == std::vector<std::string>{"a.test"});
}

TEST_CASE("faults of a list have the line's number") {
  const struct {
    std::string text;
    std::string fault;
  } rows[] = {
      {"", "it names no certificate"},
      {"# nothing\n", "it names no certificate"},
      {"a.pem [verify]", "line 1: verify has no value"},
      {"a.pem\nb.pem [verify none", "line 2: the bracket of the options is not closed"},
      {"a.pem a.test [verify none]", "line 1: options stand once, behind the file"},
      {"[verify none] a.pem", "line 1: a line begins with the file of a certificate"},
      {"a.pem [cipher x]",
       "line 1: \"cipher\" is no option here; allowed: allow-0rtt, alpn, ca-file, ciphers, ciphersuites, "
       "crl-file, curves, no-alpn, sigalgs, verify, ssl-min-ver, ssl-max-ver; did you mean \"ciphers\"?"},
      {"a.pem [allow-0rtt ecdhe P-256]", "line 1: there is no ecdhe here: curves is the word for it"},
      {"a.pem [npn http/1.1]", "line 1: there is no npn here: clients choose by alpn"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    std::vector<TlsListLine> lines;
    std::string fault;
    CHECK_FALSE(read_tls_list(row.text, lines, fault));
    CHECK(fault == row.fault);
  }
}
