// SPDX-License-Identifier: Apache-2.0
#include "proxy/server_choice.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace corelane;
using proxy::ServerStatus;

namespace {

struct ServerLine {
  std::uint32_t weight = 1;
  bool backup = false;
  std::uint32_t max_connections = 0;
  std::uint32_t min_connections = 0;
};

config::Model model_of(std::string_view algorithm, const std::vector<ServerLine>& lines,
                       bool all_backups = false) {
  config::Model model;
  config::Backend& backend = model.backends.emplace_back();
  backend.balance.algorithm = balance::find(algorithm);
  backend.all_backups = all_backups;
  for (const ServerLine& line : lines) {
    config::Server& server = backend.servers.emplace_back();
    server.weight = line.weight;
    server.backup = line.backup;
    server.max_connections = line.max_connections;
    server.min_connections = line.min_connections;
  }
  return model;
}

std::vector<std::vector<io::SocketAddress>> addresses_of(const config::Model& model) {
  return {std::vector<io::SocketAddress>(model.backends[0].servers.size())};
}

base::Endpoint client_at(std::uint8_t last) {
  return {.ip = {127, 0, 0, last}, .port = 1, .family = base::Family::ipv4};
}

std::uint32_t choose_for(proxy::ServerChoice& choice, std::uint8_t client) {
  const base::Endpoint endpoint = client_at(client);
  return choice.choose(choice.key_of({.client = &endpoint}), balance::no_server);
}

struct Fixture {
  explicit Fixture(const config::Model& model)
      : topology(model, addresses_of(model)), choice(topology.backends()[0], 0, 1, 7) {}

  std::map<std::uint32_t, int> shares(int picks) {
    std::map<std::uint32_t, int> counts;
    for (int i = 0; i < picks; ++i) ++counts[choose_for(choice, 1)];
    return counts;
  }

  proxy::Topology topology;
  proxy::ServerChoice choice;
};

}  // namespace

TEST_CASE("a server that goes down gets nothing from the next choice on, and its share when it is back") {
  Fixture fixture(model_of("roundrobin", {{}, {}}));
  CHECK(fixture.shares(10) == std::map<std::uint32_t, int>{{0, 5}, {1, 5}});
  fixture.topology.publish(0, 0, {.status = ServerStatus::down});
  CHECK(fixture.shares(10) == std::map<std::uint32_t, int>{{1, 10}});
  CHECK(fixture.choice.usable_count() == 1);
  fixture.topology.publish(0, 0, {.status = ServerStatus::up});
  CHECK(fixture.shares(10) == std::map<std::uint32_t, int>{{0, 5}, {1, 5}});
}

TEST_CASE("backups stand in only when no active server is left: the first one, or all of them") {
  for (const bool all_backups : {false, true}) {
    CAPTURE(all_backups);
    Fixture fixture(model_of("roundrobin", {{}, {.backup = true}, {.backup = true}}, all_backups));
    CHECK(fixture.shares(4) == std::map<std::uint32_t, int>{{0, 4}});
    fixture.topology.publish(0, 0, {.status = ServerStatus::down});
    const auto shares = fixture.shares(4);
    CHECK(shares == (all_backups ? std::map<std::uint32_t, int>{{1, 2}, {2, 2}}
                                 : std::map<std::uint32_t, int>{{1, 4}}));
    fixture.topology.publish(0, 1, {.status = ServerStatus::down});
    CHECK(fixture.shares(4) == std::map<std::uint32_t, int>{{2, 4}});
    fixture.topology.publish(0, 2, {.status = ServerStatus::down});
    CHECK(choose_for(fixture.choice, 1) == balance::no_server);
    CHECK_FALSE(fixture.choice.all_full());
  }
}

TEST_CASE("a limit on a server is exact over lanes, and full is told apart from down") {
  const config::Model model = model_of("first", {{.max_connections = 2}, {.max_connections = 1}});
  Fixture fixture(model);
  proxy::ServerChoice other_lane(fixture.topology.backends()[0], 1, 2, 9);
  CHECK(choose_for(fixture.choice, 1) == 0);
  CHECK(choose_for(other_lane, 1) == 0);
  CHECK(choose_for(fixture.choice, 1) == 1);
  CHECK(choose_for(other_lane, 1) == balance::no_server);
  CHECK(other_lane.all_full());
  fixture.choice.give_back(0);
  CHECK(choose_for(other_lane, 1) == 0);
}

TEST_CASE("least connections counts what every lane has") {
  Fixture fixture(model_of("leastconn", {{}, {}}));
  proxy::ServerChoice other_lane(fixture.topology.backends()[0], 1, 2, 9);
  const std::uint32_t first = choose_for(fixture.choice, 1);
  CHECK(choose_for(other_lane, 1) != first);
}

TEST_CASE("a client goes where its address says, by the weights of the servers that are up") {
  Fixture fixture(model_of("source", {{.weight = 2}, {.weight = 4}, {.weight = 3}}));
  fixture.topology.publish(0, 2, {.status = ServerStatus::down});
  const std::string map = "abbabb";
  for (std::uint8_t last = 0; last < 60; ++last) {
    const std::uint32_t hash = 0x7f000000U + last;
    const auto expected = static_cast<std::uint32_t>(map[hash % 6] - 'a');
    CHECK(choose_for(fixture.choice, last) == expected);
  }
}

TEST_CASE("bounded loads count what every lane has") {
  config::Model model = model_of("hash", {{}, {}});
  model.backends[0].hash.type = balance::HashType::consistent;
  model.backends[0].hash_balance_factor = 101;
  Fixture fixture(model);
  proxy::ServerChoice other_lane(fixture.topology.backends()[0], 1, 2, 9);
  std::map<std::uint32_t, int> counts;
  for (int i = 0; i < 2; ++i) {
    ++counts[choose_for(fixture.choice, 1)];
    ++counts[choose_for(other_lane, 1)];
  }
  CHECK(counts.size() == 2);  // a lane that knew only its own two would have put all at one server
}

TEST_CASE("a client that belongs to a full server is told to wait for it, others for any") {
  for (const bool insists : {false, true}) {
    CAPTURE(insists);
    const config::Model model =
        model_of(insists ? "source" : "first", {{.max_connections = 1}, {.max_connections = 1}});
    Fixture fixture(model);
    const std::uint32_t own = choose_for(fixture.choice, 1);
    REQUIRE(own != balance::no_server);
    const std::uint32_t next = choose_for(fixture.choice, 1);
    CHECK((next == balance::no_server) == insists);
    CHECK(fixture.choice.wanted() == (insists ? own : balance::no_server));
    if (insists) CHECK(fixture.choice.choose_elsewhere(own) == 1 - own);
    CHECK(choose_for(fixture.choice, 1) == balance::no_server);
    CHECK(fixture.choice.all_full());
    CHECK_FALSE(fixture.choice.has_room(own));
    fixture.choice.give_back(own);
    CHECK(fixture.choice.has_room(own));
  }
}

TEST_CASE("nobody is picked past those who wait") {
  Fixture fixture(model_of("roundrobin", {{.max_connections = 5}}));
  proxy::Backend& backend = fixture.topology.backends()[0];
  backend.queue_board = std::make_unique<proxy::QueueBoard>(1, 1);
  REQUIRE(backend.queue_board->join(backend.queue_board->any_server(), 0));
  CHECK(choose_for(fixture.choice, 1) == balance::no_server);
  CHECK(fixture.choice.all_full());
  backend.queue_board->leave(backend.queue_board->any_server());
  CHECK(choose_for(fixture.choice, 1) == 0);
}

TEST_CASE("a limit grows from min_connections to max_connections as the backend fills") {
  config::Model model = model_of("first", {{.max_connections = 8, .min_connections = 2}, {}});
  model.backends[0].full_connections = 10;
  Fixture fixture(model);
  int placed = 0;
  while (choose_for(fixture.choice, 1) == 0) ++placed;
  CHECK(placed == 2);
  // Ten connections in the backend open all places.
  for (int i = 0; i < 7; ++i) CHECK(fixture.choice.take_place(1));
  while (fixture.choice.take_place(0)) ++placed;
  CHECK(placed == 8);
}

TEST_CASE("a server that starts slowly gets its share of a whole weight, in every dynamic algorithm") {
  struct Row {
    const char* algorithm;
    std::uint32_t weight;
    std::uint32_t ramp;
    int slow;  // of the picks, those of the server that starts slowly
    int picks;
  };
  for (const Row& row : {
           Row{"roundrobin", 1, 4, 4, 20},
           Row{"roundrobin", 2, 8, 16, 32},
           Row{"roundrobin", 0, 4, 0, 20},
           Row{"roundrobin", 256, 16, 256, 257},
           Row{"leastconn", 1, 4, 4, 20},  // connections that last
           Row{"static-rr", 1, 4, 10, 20},
       }) {
    CAPTURE(row.algorithm);
    Fixture fixture(model_of(row.algorithm, {{}, {}}));
    fixture.shares(2);
    fixture.choice.give_back(0);
    fixture.choice.give_back(1);
    fixture.topology.publish(0, 0, {.weight = row.weight, .ramp = row.ramp});
    CHECK(fixture.shares(row.picks)[0] == row.slow);
  }
}

TEST_CASE("a server that starts slowly has a sixteenth of its places on the ring for each step") {
  config::Model model = model_of("source", {{}, {}});
  model.backends[0].hash = {.type = balance::HashType::consistent,
                            .modifier = balance::HashModifier::avalanche};
  Fixture fixture(model);
  const auto clients_of_first = [&fixture] {
    std::vector<std::uint8_t> clients;
    for (std::uint8_t last = 0; last < 250; ++last) {
      if (choose_for(fixture.choice, last) == 0) clients.push_back(last);
    }
    return clients;
  };
  const std::vector<std::uint8_t> all = clients_of_first();
  std::size_t before = 0;
  for (std::uint32_t ramp : {1U, 4U, 8U}) {
    CAPTURE(ramp);
    fixture.topology.publish(0, 0, {.ramp = ramp});
    const std::vector<std::uint8_t> some = clients_of_first();
    CHECK(some.size() > before);
    CHECK(some.size() < all.size());
    before = some.size();
  }
  fixture.topology.publish(0, 0, {});
  CHECK(clients_of_first() == all);
}

TEST_CASE("a limit grows with a slow start, and may be changed") {
  struct Row {
    std::uint32_t limit;
    std::uint32_t ramp;
    int placed;
  };
  for (const Row& row : {Row{8, 16, 8}, Row{8, 8, 4}, Row{8, 1, 1}, Row{3, 16, 3}, Row{0, 1, 20}}) {
    CAPTURE(row.limit);
    CAPTURE(row.ramp);
    Fixture fixture(model_of("first", {{.max_connections = 8}, {}}));
    fixture.topology.publish(0, 0, {.ramp = row.ramp, .connections_max = row.limit});
    CHECK(fixture.shares(20)[0] == row.placed);
  }
}

TEST_CASE("weight 0 takes a server out of the choice, and back") {
  Fixture fixture(model_of("leastconn", {{}, {}}));
  fixture.topology.publish(0, 1, {.weight = 0});
  CHECK(fixture.shares(10) == std::map<std::uint32_t, int>{{0, 10}});
  CHECK_FALSE(fixture.choice.usable(1));
  fixture.topology.publish(0, 1, {.weight = 3});
  CHECK(fixture.shares(10)[1] == 10);
}

TEST_CASE("what the backend says of its key reaches the algorithm") {
  config::Model model = model_of("uri", {{.weight = 1}, {.weight = 1}, {.weight = 1}});
  const auto servers = [&model](std::initializer_list<std::string_view> uris) {
    Fixture fixture(model);
    std::string text;
    for (const std::string_view uri : uris) {
      const std::uint32_t server =
          fixture.choice.choose(fixture.choice.key_of({.target = uri}), balance::no_server);
      text += static_cast<char>('a' + server);
    }
    return text;
  };
  const std::string whole_uris = servers({"/x/1", "/x/2", "/x/3", "/x/4"});
  CHECK(whole_uris != std::string(4, whole_uris[0]));
  model.backends[0].balance.depth = 1;
  const std::string one_directory = servers({"/x/1", "/x/2", "/x/3", "/x/4"});
  CHECK(one_directory == std::string(4, one_directory[0]));
  model.backends[0].balance.algorithm = balance::find("url_param");
  model.backends[0].balance.param = "u";
  CHECK(servers({"/?u=1", "/a?u=1"})[0] == servers({"/b?u=1"})[0]);
  CHECK(servers({"/", "/", "/"}) == "abc");
}
