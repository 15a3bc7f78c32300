// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "sample.hpp"

namespace corelane::config {
namespace {

void check_round_trip(const std::string& text) {
  CAPTURE(text);
  const Model model = sound_model(text);
  const std::string written = dump(model);
  CHECK(sound_model(written) == model);
  CHECK(dump(sound_model(written)) == written);
}

TEST_CASE("the effective configuration loads back to the same model") {
  check_round_trip(std::string(full_sample));
  check_round_trip(file_with({}));
  check_round_trip(file_with(
      {.defaults = R"({"keep_alive": {"enabled": true, "idle": "7s"}, "check": {"interval": "5s"}})",
       .frontend = R"(, "keep_alive": {"enabled": false})",
       .backend = R"(, "check": {"type": "none"}, "timeouts": {"server": "0"})"}));
  check_round_trip(
      file_with({.global = R"({"log": [{"to": "file:/x \"y\" \u00e9"}, {"to": "unix:/dev/log"}]})",
                 .backend = R"(, "balance": {"algorithm": "random"}, "check": {"fast_interval": "20ms"})",
                 .server = R"(, "check": false, "weight": 256)"}));
}

TEST_CASE("every balance algorithm loads back") {
  for (const char* word : {"roundrobin", "leastconn", "source", "random"}) {
    check_round_trip(file_with({.backend = std::string(R"(, "balance": ")") + word + "\""}));
  }
}

TEST_CASE("the effective configuration writes defaults out and leaves out what has no effect") {
  const auto written = nlohmann::json::parse(dump(sound_model(file_with({}))));
  CHECK(written["global"]["reactors"] == "auto");
  CHECK(written["global"]["tune"]["buffer_size"] == "16k");
  CHECK(written["frontends"]["f"]["timeouts"] == nlohmann::json{{"client", "10m"}, {"client_fin", "30s"}});
  CHECK(written["frontends"]["f"]["keep_alive"] == nlohmann::json{{"enabled", false}});
  CHECK(written["frontends"]["f"]["bind"][0] == nlohmann::json{{"address", ":80"},
                                                               {"transparent", false},
                                                               {"freebind", false},
                                                               {"defer_accept", false},
                                                               {"accept_proxy", false}});
  CHECK(written["backends"]["b"]["balance"] == "roundrobin");
  CHECK(written["backends"]["b"]["check"] == nlohmann::json{{"type", "none"}});
  CHECK_FALSE(written.contains("defaults"));
  CHECK_FALSE(written["backends"]["b"].contains("default_server"));
}

}  // namespace
}  // namespace corelane::config
