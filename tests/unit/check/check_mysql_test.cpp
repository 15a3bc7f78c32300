// SPDX-License-Identifier: Apache-2.0
#include "check/mysql_packet.hpp"
#include "script.hpp"

using namespace corelane::check;

namespace {

std::string packet(std::uint8_t sequence, std::string_view payload) {
  return mysql_packet_bytes(sequence, payload);
}

std::string greeting(std::string_view version = "10.11-MariaDB") {
  std::string payload = "\x0a" + std::string(version) + '\0';
  payload += std::string("\x01\x00\x00\x00", 4) + "challeng" + '\0';
  payload += std::string("\xfe\xf7\x2d\x02\x00\xff\x81\x15", 8) + std::string(10, '\0');
  payload += "challenge---" + std::string(1, '\0') + "mysql_native_password" + '\0';
  return packet(0, payload);
}

std::string error(std::uint8_t sequence, unsigned code, std::string_view text) {
  std::string payload = "\xff";
  payload += static_cast<char>(code & 0xff);
  payload += static_cast<char>(code >> 8);
  return packet(sequence, payload + std::string(text));
}

std::string text(std::string_view value) {
  return static_cast<char>(value.size()) + std::string(value);
}

std::string ok(std::uint8_t sequence) {
  return packet(sequence, std::string("\0\0\0\x02\0\0\0", 7));
}

const std::string end_payload("\xfe\0\0\x02\0", 5);

/// A result with these columns; each row is one payload of texts.
std::string result(const std::vector<std::string>& names, const std::vector<std::string>& rows) {
  std::uint8_t sequence = 1;
  std::string bytes = packet(sequence++, std::string(1, static_cast<char>(names.size())));
  for (const std::string& name : names)
    bytes += packet(sequence++, text("def") + text("") + text("t") + text("t") + text(name) + text(name) +
                                    std::string("\x0c\x2d\0\x04\0\0\0\x03\x80\0\0\0\0", 13));
  bytes += packet(sequence++, end_payload);
  for (const std::string& row : rows) bytes += packet(sequence++, row);
  return bytes + packet(sequence, end_payload);
}

const std::string quit("\x01\0\0\0\x01", 5);

std::string query(std::string_view sql) {
  return packet(0, "\x03" + std::string(sql));
}

std::string login(std::string_view user) {
  return packet(1, std::string("\x01\x82\x08\0\0\0\0\x01\x21", 9) + std::string(23, '\0') +
                       std::string(user) + std::string("\0\0", 2) + "mysql_native_password" + '\0');
}

struct Row {
  const char* what;
  std::string server;
  std::string sent;
  std::string verdict;
};

void check_rows(const Options& options, const std::vector<Row>& rows) {
  const Plan plan(type_named("mysql"), options);
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Played played = play_every_way(plan, {{row.server}});
    CHECK(played.sent == row.sent);
    CHECK(verdict_text(played.verdict) == row.verdict);
  }
}

Options with_user() {
  Options options;
  options.user = "checker";
  return options;
}

}  // namespace

TEST_CASE("without a user the greeting decides") {
  check_rows(
      {}, {
              {"a greeting", greeting(), "", "L7OK/0/10.11-MariaDB"},
              {"too many connections", error(0, 1040, "Too many connections"), "",
               "L7STS/1040/Too many connections"},
              {"this host is blocked", error(0, 1129, "#HY000Host 'x' is blocked"), "",
               "L7STS/1129/Host 'x' is blocked"},
              {"a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", "",
               "L7RSP/0/not MySQL (expect the MySQL greeting)"},
              {"an older protocol",
               packet(0,
                      "\x09"
                      "3.23" +
                          std::string(30, '\0')),
               "", "L7RSP/0/not MySQL (expect the MySQL greeting)"},
              {"half a greeting",
               packet(0,
                      "\x0a"
                      "5.7"),
               "", "L7RSP/0/not MySQL (expect the MySQL greeting)"},
              {"an empty packet", std::string(4, '\0'), "", "L7RSP/0/not MySQL (expect the MySQL greeting)"},
              {"silence", "", "", "L7TOUT/0/(expect the MySQL greeting)"},
          });
}

TEST_CASE("with a user it logs in and says goodbye") {
  const std::string switch_to_sha2 = std::string("\xfe") + "caching_sha2_password" + '\0' + "salt";
  check_rows(with_user(),
             {
                 {"in order", greeting() + ok(2), login("checker") + quit, "L7OK/0/10.11-MariaDB"},
                 {"refused", greeting() + error(2, 1045, "#28000Access denied"), login("checker"),
                  "L7STS/1045/Access denied"},
                 {"another plugin", greeting() + packet(2, switch_to_sha2) + packet(4, "\x01\x03") + ok(5),
                  login("checker") + packet(3, std::string(1, '\0')) + quit, "L7OK/0/10.11-MariaDB"},
                 {"the plugin of old",
                  greeting() +
                      packet(2,
                             "\xfe"
                             "mysql_native_password" +
                                 std::string(1, '\0')) +
                      ok(4),
                  login("checker") + packet(3, "") + quit, "L7OK/0/10.11-MariaDB"},
                 {"a password is wanted", greeting() + packet(2, switch_to_sha2) + packet(4, "\x01\x04"),
                  login("checker") + packet(3, std::string(1, '\0')), "L7STS/0/the user has a password"},
                 {"a plugin that is not known",
                  greeting() + packet(2,
                                      "\xfe"
                                      "ed25519" +
                                          std::string(1, '\0')),
                  login("checker"), "L7STS/0/the user needs the authentication plugin ed25519"},
                 {"nonsense", greeting() + packet(2, "?"), login("checker"),
                  "L7RSP/0/not MySQL (expect the answer to the login)"},
                 {"silence", greeting(), login("checker"), "L7TOUT/0/(expect the answer to the login)"},
             });
}

TEST_CASE("a query and what it must return") {
  Options options = with_user();
  options.query = "SELECT x";
  options.expect = "7";
  const std::string before = greeting() + ok(2);
  const std::string sent = login("checker") + query("SELECT x");
  check_rows(options,
             {
                 {"the value", before + result({"x"}, {text("7")}), sent + quit, "L7OK/0/10.11-MariaDB"},
                 {"the first row counts",
                  before + result({"x", "y"}, {text("7") + text("8"), text("9") + text("9")}), sent + quit,
                  "L7OK/0/10.11-MariaDB"},
                 {"another value", before + result({"x"}, {text("8")}), sent + quit,
                  "L7STS/0/the query returned '8', expected '7'"},
                 {"NULL", before + result({"x"}, {"\xfb"}), sent + quit,
                  "L7STS/0/the query returned NULL, expected '7'"},
                 {"no row", before + result({"x"}, {}), sent + quit,
                  "L7STS/0/the query returned no row, expected '7'"},
                 {"an error", before + error(1, 1146, "#42S02Table 'x' doesn't exist"), sent + quit,
                  "L7STS/1146/Table 'x' doesn't exist"},
                 {"a broken row",
                  before + result({"x"}, {"\x09"
                                          "7"}),
                  sent, "L7RSP/0/not MySQL (expect the answer to 'SELECT x')"},
                 {"too many columns", before + packet(1, std::string("\xfc\xff\xff", 3)), sent,
                  "L7RSP/0/not MySQL (expect the answer to 'SELECT x')"},
             });
}

TEST_CASE("read_only") {
  for (const bool wanted : {true, false}) {
    CAPTURE(wanted);
    Options options = with_user();
    options.read_only = wanted;
    const std::string before = greeting() + ok(2);
    const std::string sent = login("checker") + query("SELECT @@global.read_only") + quit;
    check_rows(options, {
                            {"it is", before + result({"x"}, {text("1")}), sent,
                             wanted ? "L7OK/0/10.11-MariaDB" : "L7STS/0/the server is read-only"},
                            {"it is not", before + result({"x"}, {text("0")}), sent,
                             wanted ? "L7STS/0/the server is not read-only" : "L7OK/0/10.11-MariaDB"},
                        });
  }
}

TEST_CASE("replication lag") {
  Options options = with_user();
  options.max_replication_lag_ms = 30'000;
  const std::string before = greeting() + ok(2);
  const std::string sent = login("checker") + query("SHOW REPLICA STATUS");
  const auto status = [&](const char* column, std::string row) {
    return before + result({"Io_State", column}, {text("Waiting") + row});
  };
  check_rows(
      options,
      {
          {"in time", status("Seconds_Behind_Master", text("30")), sent + quit, "L7OK/0/10.11-MariaDB"},
          {"as newer servers say it", status("Seconds_Behind_Source", text("5")), sent + quit,
           "L7OK/0/10.11-MariaDB"},
          {"late", status("Seconds_Behind_Master", text("31")), sent + quit,
           "L7STS/0/replication is 31 s behind, the limit is 30 s"},
          {"very late", status("Seconds_Behind_Master", text("100")), sent + quit,
           "L7STS/0/replication is 100 s behind, the limit is 30 s"},
          {"stopped", status("Seconds_Behind_Master", "\xfb"), sent + quit,
           "L7STS/0/replication is not running"},
          {"no replica", before + result({"Seconds_Behind_Master"}, {}), sent + quit,
           "L7STS/0/the server is no replica"},
          {"an older server",
           before + error(1, 1064, "#42000You have an error") +
               result({"Seconds_Behind_Master"}, {text("0")}),
           sent + query("SHOW SLAVE STATUS") + quit, "L7OK/0/10.11-MariaDB"},
          {"not allowed", before + error(1, 1227, "#42000Access denied; you need REPLICATION CLIENT"),
           sent + quit, "L7STS/1227/Access denied; you need REPLICATION CLIENT"},
      });
}

TEST_CASE("questions are asked one after the other") {
  Options options = with_user();
  options.query = "SELECT 1";
  options.read_only = false;
  check_rows(options,
             {{"both", greeting() + ok(2) + result({"1"}, {text("1")}) + result({"x"}, {text("OFF")}),
               login("checker") + query("SELECT 1") + query("SELECT @@global.read_only") + quit,
               "L7OK/0/10.11-MariaDB"}});
}
