// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <set>

#include "script.hpp"

using namespace corelane::check;

namespace {

struct Row {
  const char* what;
  std::vector<ServerSide> server;
  std::string sent;
  std::string verdict;
};

void check_rows(std::string_view type, const Options& options, const std::vector<Row>& rows) {
  const Plan plan(type_named(type), options);
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Played played = play_every_way(plan, row.server);
    CHECK(played.sent == row.sent);
    CHECK(verdict_text(played.verdict) == row.verdict);
  }
}

}  // namespace

TEST_CASE("every type has its row") {
  std::set<std::string_view> names;
  for (const CheckType& type : registry()) {
    CAPTURE(type.name);
    CHECK(names.insert(type.name).second);
    CHECK_FALSE(type.help.empty());
    CHECK_FALSE(check_status_row(type.timed_out).passed);
    CHECK_FALSE(check_status_row(type.broken).passed);
  }
}

TEST_CASE("no type is impressed by noise, and all say the same however it is cut") {
  for (const CheckType& type : registry()) {
    CAPTURE(type.name);
    const Options options;
    const Plan plan(type, options);
    for (std::uint32_t seed = 1; seed <= 50; ++seed) {
      CAPTURE(seed);
      std::mt19937 random(seed);
      std::string noise(random() % 100, '\0');
      for (char& c : noise) c = static_cast<char>(random());
      const Played played = play_every_way(plan, {{noise, true}});
      CHECK(played.verdict.status != CheckStatus::initializing);
      for (const char c : played.verdict.text) CHECK((c >= ' ' && c <= '~'));
    }
  }
}

TEST_CASE("smtp and esmtp") {
  Options options;
  options.domain = "lb.example";
  const std::string helo = "HELO lb.example\r\n";
  check_rows(
      "smtp", options,
      {
          {"in order", {{"220 mail ready\r\n250 hello\r\n221 bye\r\n"}}, helo + "QUIT\r\n", "L7OK/250/hello"},
          {"several lines",
           {{"220-mail\r\n220 ready\r\n250-mail\r\n250-SIZE\r\n250 DSN\r\n"}},
           helo + "QUIT\r\n",
           "L7OK/250/DSN"},
          {"no text", {{"220\r\n250\r\n"}}, helo + "QUIT\r\n", "L7OK/250/"},
          {"not now", {{"421 too busy\r\n"}}, "QUIT\r\n", "L7STS/421/too busy"},
          {"not you", {{"220 mail\r\n550 go away\r\n"}}, helo + "QUIT\r\n", "L7STS/550/go away"},
          {"no mail server", {{"SSH-2.0-x\r\n"}}, "", "L7RSP/0/SSH-2.0-x"},
          {"nonsense at once after the greeting", {{"220 mail\r\nnonsense\r\n"}}, helo, "L7RSP/0/nonsense"},
          {"neither blank nor dash", {{"220x\r\n"}}, "", "L7RSP/0/220x"},
          {"the end",
           {{"220 mail\r\n", true}},
           helo,
           "L7RSP/0/connection closed by the server (expect the answer to 'HELO lb.example')"},
          {"silence", {{"220-mail\r\n"}}, "", "L7TOUT/0/(expect the SMTP greeting)"},
      });
  check_rows(
      "esmtp", options,
      {{"in order", {{"220 mail\r\n250 hello\r\n"}}, "EHLO lb.example\r\nQUIT\r\n", "L7OK/250/hello"}});
}

TEST_CASE("pgsql") {
  Options options;
  options.user = "u";
  const std::string startup("\0\0\0\x10\0\x03\0\0user\0u\0\0", 16);
  const std::string error("E\0\0\0\x25SFATAL\0C53300\0Mtoo many clients\0\0", 38);
  check_rows("pgsql", options,
             {
                 {"no password",
                  {{std::string("R\0\0\0\x08\0\0\0\0", 9)}},
                  startup + std::string("X\0\0\0\x04", 5),
                  "L7OK/0/PostgreSQL server is ok"},
                 {"a password",
                  {{std::string("R\0\0\0\x0c\0\0\0\x05salt", 13)}},
                  startup,
                  "L7OK/0/PostgreSQL server is ok"},
                 {"after a notice",
                  {{std::string("N\0\0\0\x05\0R\0\0\0\x08\0\0\0\x03", 15)}},
                  startup,
                  "L7OK/0/PostgreSQL server is ok"},
                 {"refused", {{error, true}}, startup, "L7STS/0/53300 too many clients"},
                 {"something else", {{"HTTP/1.1 400\r\n"}}, startup, "L7RSP/0/not PostgreSQL"},
                 {"too long", {{std::string("E\x7f\0\0\0", 5)}}, startup, "L7RSP/0/not PostgreSQL"},
                 {"too short", {{std::string("R\0\0\0\x03", 5)}}, startup, "L7RSP/0/not PostgreSQL"},
                 {"silence", {{""}}, startup, "L7TOUT/0/(expect the answer to the startup packet)"},
             });
}

TEST_CASE("ldap") {
  const std::string bind("\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00", 14);
  const std::string unbind("\x30\x05\x02\x01\x02\x42\x00", 7);
  const auto answer = [](char code, const std::string& text) {
    const std::string response = std::string("\x0a\x01") + code + std::string("\x04\x00\x04", 3) +
                                 static_cast<char>(text.size()) + text;
    const std::string message =
        std::string("\x02\x01\x01\x61") + static_cast<char>(response.size()) + response;
    return std::string("\x30\x81") + static_cast<char>(message.size()) + message;  // the long form
  };
  check_rows(
      "ldap", {},
      {
          {"bound", {{answer(0, "")}}, bind + unbind, "L7OK/0/LDAP server is ok"},
          {"refused",
           {{answer(48, "anonymous bind disallowed")}},
           bind + unbind,
           "L7STS/48/anonymous bind disallowed"},
          {"something else", {{"HTTP/1.1 400\r\n"}}, bind, "L7RSP/0/not LDAPv3"},
          {"another message", {{std::string("\x30\x03\x02\x01\x02", 5)}}, bind, "L7RSP/0/not LDAPv3"},
          {"an endless length", {{std::string("\x30\x80", 2)}}, bind, "L7RSP/0/not LDAPv3"},
          {"a huge length", {{std::string("\x30\x84\x7f\xff\xff\xff", 6)}}, bind, "L7RSP/0/not LDAPv3"},
          {"silence", {{""}}, bind, "L7TOUT/0/(expect the answer to the bind)"},
      });
}

TEST_CASE("tls-hello") {
  const Options options;
  const std::string hello = play(Plan(type_named("tls-hello"), options), {{""}}, 1).sent;
  CHECK(hello.starts_with("\x16\x03\x01"));
  CHECK(hello.size() ==
        5 + 256u * static_cast<unsigned char>(hello[3]) + static_cast<unsigned char>(hello[4]));
  check_rows(
      "tls-hello", {},
      {
          {"a hello", {{std::string("\x16\x03\x03\x00\x7a\x02", 6)}}, hello, "L6OK/0/"},
          {"an alert",
           {{std::string("\x15\x03\x01\x00\x02\x02\x28", 7)}},
           hello,
           "L6OK/40/answered with an alert"},
          {"another handshake", {{std::string("\x16\x03\x03\x00\x7a\x01", 6)}}, hello, "L6RSP/0/not TLS"},
          {"SSL 2", {{std::string("\x16\x02", 2)}}, hello, "L6RSP/0/not TLS"},
          {"something else", {{"HTTP/1.1 400\r\n"}}, hello, "L6RSP/0/not TLS"},
          {"the end",
           {{"", true}},
           hello,
           "L6RSP/0/connection closed by the server (expect the server's hello)"},
          {"silence", {{"\x16"}}, hello, "L6TOUT/0/(expect the server's hello)"},
      });
}

TEST_CASE("redis") {
  const std::string ping = "*1\r\n$4\r\nPING\r\n";
  check_rows(
      "redis", {},
      {
          {"an answer", {{"+PONG\r\n"}}, ping + "*1\r\n$4\r\nQUIT\r\n", "L7OK/0/Redis server is ok"},
          {"it wants a password",
           {{"-NOAUTH Authentication required.\r\n"}},
           ping,
           "L7STS/0/-NOAUTH Authentication required."},
          {"something else", {{"220 mail\r\n"}}, ping, "L7RSP/0/220 mail"},
          {"half an answer", {{"+PON"}}, ping, "L7TOUT/0/(expect '+PONG')"},
          {"the end", {{"+PON", true}}, ping, "L7RSP/0/connection closed by the server (expect '+PONG')"},
      });
}
