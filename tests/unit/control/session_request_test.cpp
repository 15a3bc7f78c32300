// SPDX-License-Identifier: Apache-2.0
#include "control/session_request.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace corelane;
using namespace corelane::control;

namespace {

config::Model model() {
  config::Model model;
  model.frontends.resize(1);
  model.frontends[0].name = "f";
  model.backends.resize(2);
  model.backends[0].name = "db";
  model.backends[1].name = "web";
  model.backends[1].servers.resize(2);
  model.backends[1].servers[0].name = "w1";
  model.backends[1].servers[1].name = "w2";
  return model;
}

std::optional<SessionFault> read(std::string_view query, SessionRequest& request, bool paged = true) {
  const auto target = read_admin_target("/v1/sessions?" + std::string(query));
  REQUIRE(target);
  return read_session_request(*target, model(), paged, request);
}

}  // namespace

TEST_CASE("an id is read as it was written, and nothing else is one") {
  for (const SessionId& id :
       {SessionId{}, SessionId{3, 4'294'967'295, 1}, SessionId{1, 99'999, 1'763'712'345'678'901}}) {
    CHECK(read_session_id(session_id_text(id)) == id);
  }
  for (const char* text : {"", "1", "1-2", "1-2-", "-1-2-3", "1-2-3-4", "1-2-3 ", " 1-2-3", "1-2--3", "x-2-3",
                           "4294967296-0-0", "1-2-fffffffffffffffff"}) {
    CAPTURE(text);
    CHECK_FALSE(read_session_id(text));
  }
}

TEST_CASE("filters, limit and place") {
  SessionRequest request;
  CHECK_FALSE(read("", request));
  CHECK(request.limit == SessionRequest::limit_default);
  CHECK_FALSE(request.filtered());
  CHECK_FALSE(read("server=w2&backend=web&frontend=f&limit=1000&after=1-2-a", request));
  CHECK(request.frontend == 0);
  CHECK(request.backend == 1);
  CHECK(request.server == 1);
  CHECK(request.limit == 1000);
  CHECK(request.after == SessionId{1, 2, 10});
  CHECK(request.filtered());
}

TEST_CASE("what is wrong with a request") {
  struct Row {
    const char* query;
    int status;
    const char* text;
    const char* near_miss;
  };
  for (const Row& row : {
           Row{"limit=0", 400, "limit: \"0\" is not a whole number from 1 to 1000", ""},
           Row{"limit=1001", 400, "limit: \"1001\" is not a whole number from 1 to 1000", ""},
           Row{"limit=9x", 400, "limit: \"9x\" is not a whole number from 1 to 1000", ""},
           Row{"limit", 400, "limit: \"\" is not a whole number from 1 to 1000", ""},
           Row{"after=x", 400, "after: \"x\" is no session's id", ""},
           Row{"backnd=db", 400, "unknown key \"backnd\"", "backend"},
           Row{"server=w1", 400, "server: its backend has to be named as well", ""},
           Row{"backend=wb", 404, "there is no backend \"wb\"", "db"},
           Row{"backend=web&server=w3", 404, "there is no server \"w3\"", "w1"},
           Row{"frontend=g", 404, "there is no frontend \"g\"", ""},
       }) {
    CAPTURE(row.query);
    SessionRequest request;
    const auto fault = read(row.query, request);
    REQUIRE(fault);
    CHECK(fault->status == row.status);
    CHECK(fault->text == row.text);
    CHECK(fault->hint.near_miss == row.near_miss);
  }
  SessionRequest request;
  CHECK(read("limit=5", request, false)->text == "unknown key \"limit\"");
}

TEST_CASE("a session as JSON") {
  proxy::SessionRow row{
      .slot = 5, .accepted_at = 1'000'000, .backend = 1, .bytes_to_server = 3, .bytes_to_client = 4};
  row.client = *base::endpoint_from_ip("10.0.0.1", 99);
  auto json = session_tree(row, 2, model(), 3'500'000);
  CHECK(json["id"] == "2-5-f4240");
  CHECK(json["age_s"] == 2.5);
  CHECK(json["client"] == "10.0.0.1:99");
  CHECK(json["server"] == nullptr);
  CHECK(json["state"] == "forwarding");
  CHECK(json["bytes_in"] == 3);
  CHECK(json["lane"] == 2);
  row.server = 1;
  row.state = proxy::SessionState::closing;
  json = session_tree(row, 2, model(), 3'500'000);
  CHECK(json["server"] == "w2");
  CHECK(json["state"] == "closing");
}
