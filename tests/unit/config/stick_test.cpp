// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "sample.hpp"

/// What the file says about stick tables.
namespace corelane::config {
namespace {

std::string file_with_table(const std::string& table, const std::string& rules = "") {
  return R"({"defaults": {"mode": "http"}, "frontends": {"f": {"bind": [{"address": ":80"}],
"stick_table": )" +
         table + R"(,
"http_request": [)" +
         rules + R"(], "default_backend": "app"}},
"backends": {"app": {"servers": [{"name": "s1", "address": "127.0.0.1:81"}]}}})";
}

TEST_CASE("a stick table") {
  const Model model = sound_model(file_with_table(
      R"j({"type": "string", "length": 20, "size": "64k", "expire": "5m", "store": ["gpc(3)", "http_req_rate(10s)", "conn_rate(500)", "gpc_rate(2,1m)"]})j",
      R"j({"action": "track-sc0", "key": "path"})j"));
  const std::optional<StickTable>& table = model.frontends[0].stick_table;
  REQUIRE(table);
  CHECK(table->shape() == stick::TableShape{stick::KeyType::string,
                                            20,
                                            65536,
                                            300'000,
                                            false,
                                            {{stick::DataType::gpc, 3, 0},
                                             {stick::DataType::http_req_rate, 1, 10'000},
                                             {stick::DataType::conn_rate, 1, 500},
                                             {stick::DataType::gpc_rate, 2, 60'000}}});
}

TEST_CASE("faults of stick tables") {
  struct Row {
    std::string table;
    std::string_view fault;
  };
  const Row rows[] = {
      {R"j({"type": "ips", "size": 9})j", "f:2:25: error: frontends.f.stick_table.type:"},
      {R"j({"type": "ip"})j", "f:2:16: error: frontends.f.stick_table: the key \"size\" is missing"},
      {R"j({"type": "ip", "size": 9, "length": 4})j",
       "f:2:42: error: frontends.f.stick_table.length: has no effect unless the type is string or binary"},
      {R"j({"type": "ip", "size": 9, "store": ["http_req_rat(1s)"]})j",
       "f:2:52: error: frontends.f.stick_table.store[0]: \"http_req_rat\" is nothing that a stick table "
       "keeps"},
      {R"j({"type": "ip", "size": 9, "store": ["http_req_rate"]})j",
       "f:2:52: error: frontends.f.stick_table.store[0]: expected http_req_rate(PERIOD) with a period such "
       "as "
       "10s, at most 24d"},
      {R"j({"type": "ip", "size": 9, "store": ["gpc(101)"]})j",
       "f:2:52: error: frontends.f.stick_table.store[0]: expected gpc(ELEMENTS) with 1 to 100 elements"},
      {R"j({"type": "ip", "size": 9, "store": ["gpc0(1)"]})j",
       "f:2:52: error: frontends.f.stick_table.store[0]: expected gpc0"},
      {R"j({"type": "ip", "size": 9, "store": ["gpc0", "gpc0"]})j",
       "f:2:60: error: frontends.f.stick_table.store[1]: gpc0 is there twice"},
      {R"j({"type": "ip", "size": 9, "store": ["gpc(2)", "gpc1"]})j",
       "f:2:62: error: frontends.f.stick_table.store[1]: gpc1 and gpc are the same counters"},
      {R"j({"type": "ip", "size": 9, "nopurge": true})j",
       "f:2:53: warning: frontends.f.stick_table.nopurge: without expire nothing leaves the table"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.table);
    const std::string rule = R"({"action": "return"})";
    const std::string faults = faults_of(file_with_table(row.table, rule));
    CHECK_MESSAGE(faults.find(row.fault) != std::string::npos, faults);
  }
}

TEST_CASE("faults of rules that need stick tables") {
  struct Row {
    std::string rule;
    std::string_view fault;
  };
  const Row rows[] = {
      {R"j({"action": "track-sc0"})j",
       "f:3:18: error: frontends.f.http_request[0]: the key \"key\" is missing"},
      {R"j({"action": "track-sc0", "key": "src", "table": "app"})j",
       "f:3:66: error: frontends.f.http_request[0].table: no frontend or backend with a stick_table is named "
       "\"app\""},
      {R"j({"action": "track-sc0", "key": "always_true,bool,not"})j",
       "f:3:50: error: frontends.f.http_request[0].key: keys of f are of type ip"},
      {R"j({"action": "deny", "if": "{ src_get_gpc1 gt 0 }"})j",
       "frontends.f.http_request[0].if: src_get_gpc1: the stick table f does not store gpc1"},
      {R"j({"action": "deny", "if": "{ src_get_gpc0(g) gt 0 }"})j",
       "frontends.f.http_request[0].if: no frontend or backend with a stick_table is named \"g\""},
      {R"j({"action": "sc-set-gpt0"})j", "the key \"expression\" is missing for sc-set-gpt0"},
      {R"j({"action": "deny", "counter": 1})j", "has no effect unless the action is"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule);
    const std::string faults =
        faults_of(file_with_table(R"j({"type": "ip", "size": 9, "store": ["gpc0"]})j", row.rule));
    CHECK_MESSAGE(faults.find(row.fault) != std::string::npos, faults);
  }
}

std::string file_that_sticks(const std::string& backend, const std::string& mode = "http") {
  return R"({"defaults": {"mode": ")" + mode +
         R"("}, "frontends": {"f": {"bind": [{"address": ":80"}], "default_backend": "app"}},
"backends": {"app": {)" +
         backend +
         R"(}, "keys": {"stick_table": {"type": "string", "size": 9}, "servers": [{"name": "s", "address": "127.0.0.1:80"}]}}})";
}

constexpr std::string_view three_servers =
    R"("servers": [{"name": "s1", "address": "127.0.0.1:81"}, {"name": "s2", "address": "127.0.0.1:82", "id": 1},
{"name": "s3", "address": "127.0.0.1:83"}])";

TEST_CASE("tables that keep servers store their ids") {
  const Model model = sound_model(file_that_sticks(
      R"j("stick_table": {"type": "ip", "size": 9, "store": ["gpc0"]},
"stick": [{"on": "src"}, {"store_response": "res.cook(S)", "table": "keys", "if": "{ status 200 }"}], )j" +
      std::string(three_servers)));
  const auto stored = [&model](std::size_t backend) { return model.backends[backend].stick_table->store; };
  CHECK(stored(0) ==
        std::vector<stick::StoredData>{{stick::DataType::gpc0, 1, 0}, {stick::DataType::server_id, 1, 0}});
  CHECK(stored(1) == std::vector<stick::StoredData>{{stick::DataType::server_id, 1, 0}});
}

TEST_CASE("servers without an id get the number of their place, or the next one that is left") {
  const Model model = sound_model(file_that_sticks(std::string(three_servers)));
  std::vector<std::uint32_t> ids;
  for (const Server& server : model.backends[0].servers) ids.push_back(server.id);
  CHECK(ids == std::vector<std::uint32_t>{2, 1, 4});
}

TEST_CASE("faults of entries that stick") {
  struct Row {
    std::string stick;
    std::string_view mode;
    std::string_view fault;
  };
  const Row rows[] = {
      {R"j({"table": "keys"})j", "http",
       "f:2:32: error: backends.app.stick[0]: one of on, match, store_request and store_response is missing"},
      {R"j({"on": "src", "match": "src"})j", "http",
       "f:2:46: error: backends.app.stick[0].match: on stands here already: one of them for each entry"},
      {R"j({"on": "src"})j", "http",
       "f:2:40: error: backends.app.stick[0].on: there is no stick_table beside the rule: name one with "
       "table"},
      {R"j({"on": "src", "table": "key"})j", "http",
       "f:2:56: error: backends.app.stick[0].table: no frontend or backend with a stick_table is named "
       "\"key\""},
      {R"j({"store_response": "req.cook(S)", "table": "keys"})j", "http",
       "backends.app.stick[0].store_response:"},
      {R"j({"on": "res.cook(S)", "table": "keys"})j", "http", "backends.app.stick[0].on:"},
      {R"j({"on": "path", "table": "keys"})j", "tcp", "backends.app.stick[0].on:"},
      {R"j({"store_response": "src", "if": "{ req.len gt 0 }", "table": "keys"})j", "tcp",
       "backends.app.stick[0].if:"},
      {R"j({"on": "src", "if": "TRUE", "unless": "TRUE", "table": "keys"})j", "http",
       "backends.app.stick[0].unless: one of if and unless"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.stick);
    const std::string backend = R"("stick": [)" + row.stick + "], " + std::string(three_servers);
    const std::string faults = faults_of(file_that_sticks(backend, std::string(row.mode)));
    CHECK_MESSAGE(faults.find(row.fault) != std::string::npos, faults);
  }
  const std::string twice = faults_of(file_that_sticks(
      R"("servers": [{"name": "a", "address": ":81", "id": 3}, {"name": "b", "address": ":82", "id": 3}])"));
  CHECK_MESSAGE(
      twice.find("backends.app.servers[1].id: the id 3 stands at backends.app.servers[0].id already") !=
          std::string::npos,
      twice);
}

TEST_CASE("a frontend and a backend of the same name cannot both have a stick table") {
  const std::string faults =
      faults_of(R"({"defaults": {"mode": "http"}, "frontends": {"f": {"bind": [{"address": ":80"}],
"stick_table": {"type": "ip", "size": 9}, "default_backend": "f"}},
"backends": {"f": {"stick_table": {"type": "ip", "size": 9}, "servers": [{"name": "s1", "address": "127.0.0.1:81"}]}}})");
  CHECK_MESSAGE(faults.find("f:3:20: error: backends.f.stick_table: the frontend \"f\" has one already") !=
                    std::string::npos,
                faults);
}

}  // namespace
}  // namespace corelane::config
