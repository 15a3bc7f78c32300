// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "config/reference.hpp"
#include "sample.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::json;

TEST_CASE("the schema says what the tables say") {
  const Json root = Json::parse(schema());
  CHECK(root["$schema"] == "https://json-schema.org/draft/2020-12/schema");
  CHECK(root["additionalProperties"] == false);
  CHECK(root["required"] == Json{"frontends", "backends"});
  const Json& global = root["properties"]["global"]["properties"];
  CHECK(global["pin"]["type"] == "boolean");
  CHECK(global["pin"]["default"] == true);
  CHECK(global["max_connections"]["maximum"] == 10'000'000);
  CHECK(global["reactors"]["anyOf"][0]["const"] == "auto");
  CHECK(global["drain_timeout"]["default"] == "30s");
  CHECK(global["log"]["items"]["anyOf"][1]["properties"]["facility"]["enum"].size() == 24);
  const Json& frontend = root["properties"]["frontends"]["additionalProperties"];
  CHECK(frontend["required"] == Json{"bind", "default_backend"});
  CHECK(frontend["properties"]["log_format"]["type"] == "string");
  const Json& backend = root["properties"]["backends"]["additionalProperties"]["properties"];
  CHECK(backend["balance"]["anyOf"][0]["enum"][0] == "roundrobin");
  CHECK(backend["balance"]["anyOf"][1]["properties"]["draws"]["default"] == 2);
  CHECK_FALSE(backend["check"]["properties"]["type"].contains("default"));  // it has two, said in words
}

void check_every_object_is_closed_and_described(const Json& schema) {
  if (schema.contains("properties")) {
    CHECK(schema["additionalProperties"] == false);
    for (const Json& property : schema["properties"]) {
      CHECK_FALSE(property["description"].get<std::string>().empty());
      check_every_object_is_closed_and_described(property);
    }
  }
  for (const char* below : {"items", "additionalProperties"}) {
    if (schema.contains(below) && schema[below].is_object())
      check_every_object_is_closed_and_described(schema[below]);
  }
  if (schema.contains("anyOf")) {
    for (const Json& choice : schema["anyOf"]) check_every_object_is_closed_and_described(choice);
  }
}

TEST_CASE("every object of the schema refuses unknown keys, every key is described") {
  check_every_object_is_closed_and_described(Json::parse(schema()));
}

}  // namespace
}  // namespace corelane::config
