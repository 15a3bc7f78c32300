// SPDX-License-Identifier: Apache-2.0
#include "config/values.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "sample.hpp"

namespace corelane::config {
namespace {

/// The first fault of a file whose process section is this, from its message on.
std::string fault_of_global(const std::string& global) {
  const LoadResult result = load(file_with({.global = global}), "f");
  if (result.diagnostics.empty()) return "";
  Diagnostic fault = result.diagnostics.front();
  fault.file.clear();
  fault.position = {};
  fault.json_path.clear();
  return diagnostic_text(fault).substr(std::string_view(": error: ").size());
}

TEST_CASE("values at and beyond their bounds") {
  struct Row {
    const char* global;
    std::string fault;
  };
  const Row rows[] = {
      {R"({"reactors": 1})", ""},
      {R"({"reactors": 1024})", ""},
      {R"({"reactors": "auto"})", ""},
      {R"({"reactors": 0})", "0 is out of range; allowed: 1 to 1024"},
      {R"({"reactors": 1025})", "1025 is out of range; allowed: 1 to 1024"},
      {R"({"reactors": "all"})", "expected \"auto\" or a whole number, found a string"},
      {R"({"max_connections": -1})", "-1 is out of range; allowed: 0 to 10000000"},
      {R"({"max_connections": 99999999999999999999})",
       "99999999999999999999 is out of range; allowed: 0 to 10000000"},
      {R"({"max_connections": 1.0})", "expected a whole number, found a number with a fraction"},
      {R"({"max_connections": "1"})", "expected a whole number, found a string"},
      {R"({"pin": "yes"})", "expected true or false, found a string"},
      {R"({"drain_timeout": "0"})", ""},
      {R"({"drain_timeout": "365d"})", ""},
      {R"({"drain_timeout": "366d"})", "366d is out of range; allowed: 0 to 365d"},
      {R"({"drain_timeout": 30})", "expected a duration such as \"250ms\", \"5s\" or \"1h\", found a number"},
      {R"({"drain_timeout": "30"})",
       "\"30\" is not a duration such as \"250ms\", \"5s\" or \"1h\"; allowed: a whole number followed by "
       "us, ms, s, m, h "
       "or d"},
      {R"({"tune": {"buffer_size": "1k"}})", ""},
      {R"({"tune": {"buffer_size": 1024}})", ""},
      {R"({"tune": {"buffer_size": 1023}})", "1023 is out of range; allowed: 1k to 1m"},
      {R"({"tune": {"buffer_size": "2m"}})", "2m is out of range; allowed: 1k to 1m"},
      {R"({"tune": {"buffer_size": "16kb"}})",
       "\"16kb\" is not a size such as \"16k\", \"1m\" or 4096; allowed: a whole number, with k, m or g "
       "behind it or "
       "without"},
      {R"({"tune": {"buffer_size": true}})",
       "expected a size such as \"16k\", \"1m\" or 4096, found a boolean"},
      {R"({"log": {}})", "expected a list such as [{\"to\": \"stdout\"}], found an object"},
      {R"({"tune": []})", "expected an object, found a list"},
      {R"({"admin": {"bind": ["fd@7"]}})",
       "bad address \"fd@7\": only a frontend's bind takes an inherited socket; allowed: IP:PORT, "
       "[IPV6]:PORT, :PORT, "
       "HOST:PORT, unix:/PATH, unix:@NAME"},
      {R"({"admin": {"bind": [8404]}})", "expected an address in double quotes, found a number"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.global);
    CHECK(fault_of_global(row.global) == row.fault);
  }
}

TEST_CASE("log destinations") {
  struct Row {
    const char* to;
    LogTarget::Kind kind;
    const char* place;
  };
  const Row rows[] = {{"stdout", LogTarget::Kind::standard_output, ""},
                      {"file:/var/log/corelane.log", LogTarget::Kind::file, "/var/log/corelane.log"},
                      {"unix:/dev/log", LogTarget::Kind::unix_datagram, "/dev/log"},
                      {"udp://[::1]:514", LogTarget::Kind::udp, "[::1]:514"}};
  for (const Row& row : rows) {
    const std::string global = std::string(R"({"log": [{"to": ")") + row.to + "\"}]}";
    const Model model = sound_model(file_with({.global = global}));
    const LogTarget& target = model.global.log.at(0);
    CHECK(target.kind == row.kind);
    CHECK((target.kind == LogTarget::Kind::udp ? target.address.text : target.path) == row.place);
    CHECK(target.text == row.to);
    CHECK(target.facility == corelane::logfmt::SyslogFacility{16});
  }
  for (const char* to : {"", "stderr", "file:", "file:x.log", "udp://", "udp://:514", "udp://h",
                         "udp://unix:/x", "unix:", "/var/log/x", "udp:1.2.3.4:514"}) {
    CAPTURE(to);
    CHECK(fault_of_global(std::string(R"({"log": [{"to": ")") + to + "\"}]}")
              .starts_with(std::string("bad log destination \"") + to + "\": "));
  }
}

TEST_CASE("syslog's facilities have syslog's numbers") {
  CHECK(syslog_facilities().size() == 24);
  CHECK(syslog_facilities()[0] == "kern");
  CHECK(syslog_facilities()[3] == "daemon");
  CHECK(syslog_facilities()[10] == "authpriv");
  CHECK(syslog_facilities()[23] == "local7");
}

TEST_CASE("permissions, interfaces and seconds of a bind") {
  struct Row {
    const char* bind;
    bool sound;
  };
  const Row rows[] = {{R"({"address": "unix:/x", "mode": "0777"})", true},
                      {R"({"address": "unix:/x", "mode": "660"})", true},
                      {R"({"address": "unix:/x", "mode": "0"})", false},
                      {R"({"address": "unix:/x", "mode": "0000"})", false},
                      {R"({"address": "unix:/x", "mode": "1777"})", false},
                      {R"({"address": "unix:/x", "mode": "0680"})", false},
                      {R"({"address": "unix:/x", "mode": 660})", false},
                      {R"({"address": ":80", "interface": "eth0.100"})", true},
                      {R"({"address": ":80", "interface": "123456789012345"})", true},
                      {R"({"address": ":80", "interface": "1234567890123456"})", false},
                      {R"({"address": ":80", "interface": ""})", false},
                      {R"({"address": ":80", "interface": "a/b"})", false},
                      {R"({"address": ":80", "interface": "a b"})", false},
                      {R"({"address": ":80", "interface": ".."})", false}};
  for (const Row& row : rows) {
    CAPTURE(row.bind);
    CHECK(load(file_with({.bind = row.bind}), "f").model.has_value() == row.sound);
  }
  CHECK(faults_of(file_with({.defaults = R"({"keep_alive": {"enabled": true, "idle": "1500ms"}})"})) ==
        "f:1:69: error: defaults.keep_alive.idle: 1500ms is not a number of whole seconds\n");
}

TEST_CASE("balance is a word or an object") {
  const auto balance = [](const char* text) {
    return sound_model(file_with({.backend = std::string(", \"balance\": ") + text})).backends[0].balance;
  };
  CHECK(balance("\"leastconn\"") == balance(R"({"algorithm": "leastconn"})"));
  CHECK(balance(R"({"algorithm": "random", "draws": 5})").draws == 5);
  CHECK(faults_of(file_with({.backend = R"(, "balance": "rondrobin")"})) ==
        "f:3:86: error: backends.b.balance: \"rondrobin\" is not a known algorithm; allowed: roundrobin, "
        "static-rr, leastconn, source, hash, uri, url_param, hdr, first, random; did you mean "
        "\"roundrobin\"?\n");
  CHECK(faults_of(file_with({.backend = R"(, "balance": 1)"})) ==
        "f:3:86: error: backends.b.balance: expected a word or an object, found a number\n");
}

TEST_CASE("what looks at requests needs mode http") {
  for (const std::string_view name : {"uri", "url_param", "hdr"}) {
    const std::string fault =
        fmt::format("backends.b.balance: balance {} looks at requests: it needs mode http\n", name);
    CHECK(faults_of(file_with({.backend = fmt::format(", \"balance\": \"{}\"", name)})).ends_with(fault));
    const std::string defaults = fmt::format(R"({{"balance": {{"algorithm": "{}"}}}})", name);
    CHECK(faults_of(file_with({.defaults = defaults})).ends_with("f:3:14: error: " + fault));
  }
}

TEST_CASE("what looks for something in requests is told its name") {
  struct Row {
    std::string_view balance;
    std::string_view faults;
  };
  for (const Row& row : {
           Row{R"("uri")", ""},
           Row{R"({"algorithm": "uri", "len": 16, "depth": 2, "whole": true, "path_only": true})", ""},
           Row{R"({"algorithm": "url_param", "param": "user[id]", "check_post": true})", ""},
           Row{R"({"algorithm": "hdr", "name": "Host", "use_domain_only": true})", ""},
           Row{R"("hdr")", "f:3:86: error: backends.b.balance.name: balance hdr needs it\n"},
           Row{R"("url_param")", "f:3:86: error: backends.b.balance.param: balance url_param needs it\n"},
           Row{R"({"algorithm": "url_param", "param": "a=b"})",
               "f:3:122: error: backends.b.balance.param: \"a=b\" cannot be found in a request\n"},
           Row{R"({"algorithm": "uri", "param": "x"})",
               "f:3:107: error: backends.b.balance.param: has no effect unless the algorithm is url_param\n"},
       }) {
    CHECK(faults_of(file_with({.defaults = R"({"mode": "http"})",
                               .backend = fmt::format(", \"balance\": {}", row.balance)})) == row.faults);
  }
}

TEST_CASE("a hash is that of the backend, or the one of defaults as a whole") {
  using balance::HashFunction;
  using balance::HashModifier;
  using balance::HashType;
  struct Row {
    std::string defaults;  // keys with a trailing comma
    std::string backend;   // keys with a leading comma
    balance::Hash hash;
  };
  const std::string hash_all =
      R"("hash": {"type": "consistent", "function": "crc32", "modifier": "avalanche"},)";
  const balance::Hash all{HashType::consistent, HashFunction::crc32, HashModifier::avalanche};
  balance::Hash all_of_source = all;
  all_of_source.function = HashFunction::xor_words;
  const balance::Hash plain;
  const balance::Hash plain_source{HashType::map_based, HashFunction::xor_words, HashModifier::none};
  for (const Row& row : {
           Row{"", R"(, "balance": "hash")", plain},
           Row{"", R"(, "balance": "source")", plain_source},
           Row{"", R"(, "balance": "roundrobin")", plain},
           Row{"",
               R"(, "balance": "hash", "hash": "consistent")",
               {HashType::consistent, HashFunction::sdbm, HashModifier::avalanche}},
           Row{"",
               R"(, "balance": "hash", "hash": {"type": "consistent", "function": "sdbm"})",
               {HashType::consistent, HashFunction::sdbm, HashModifier::none}},
           Row{"",
               R"(, "balance": "source", "hash": {"type": "consistent", "modifier": "none"})",
               {HashType::consistent, HashFunction::xor_words, HashModifier::none}},
           Row{hash_all, R"(, "balance": "hash")", all},
           Row{hash_all, R"(, "balance": "source")", all_of_source},
           Row{hash_all, R"(, "balance": "leastconn")", plain},
           Row{hash_all,
               R"(, "balance": "hash", "hash": {"function": "wt6"})",
               {HashType::map_based, HashFunction::wt6, HashModifier::none}},
       }) {
    CAPTURE(row.backend);
    const std::string defaults = "{" + row.defaults + R"("balance": "first"})";
    const std::string text = file_with({.defaults = defaults, .backend = row.backend});
    const LoadResult result = load(text, "f");
    REQUIRE(result.model);
    CHECK(result.model->backends[0].hash == row.hash);
    CHECK(load(dump(*result.model), "f").model == result.model);
  }
}

TEST_CASE("a hash that means nothing is refused, and so is a bound that is below the mean") {
  struct Row {
    std::string backend;
    std::string fault;
  };
  for (const Row& row : {
           Row{R"(, "hash": "consistent")",
               "f:3:75: error: backends.b.hash: has no effect unless the algorithm is one of source, hash, "
               "uri, url_param "
               "and hdr\n"},
           Row{R"(, "hash": {"function": "djb2"}, "balance": "source")",
               "f:3:84: error: backends.b.hash.function: has no effect: balance source hashes in its own "
               "way\n"},
           Row{R"(, "hash_balance_factor": 150, "balance": "hash")",
               "f:3:75: error: backends.b.hash_balance_factor: has no effect unless the algorithm hashes "
               "and its hash is consistent\n"},
           Row{R"(, "hash_balance_factor": 150, "balance": "random")",
               "f:3:75: error: backends.b.hash_balance_factor: has no effect unless the algorithm hashes "
               "and its hash is consistent\n"},
           Row{R"(, "hash_balance_factor": 100, "balance": "hash", "hash": "consistent")",
               "f:3:98: error: backends.b.hash_balance_factor: 100 is out of range; allowed: 0 or 101 to "
               "100000\n"},
           Row{R"(, "hash_balance_factor": 0, "balance": "hash", "hash": "consistent")", ""},
           Row{R"(, "balance": {"algorithm": "source", "expression": "src"})",
               "f:3:110: error: backends.b.balance.expression: has no effect unless the algorithm is hash\n"},
       }) {
    CHECK(faults_of(file_with({.backend = row.backend})) == row.fault);
  }
}

}  // namespace
}  // namespace corelane::config
