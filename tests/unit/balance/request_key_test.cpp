// SPDX-License-Identifier: Apache-2.0
#include "balance/request_key.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "farm.hpp"

using namespace corelane::balance;

namespace {

constexpr HashType map_based = HashType::map_based;
constexpr HashType on_ring = HashType::consistent;
constexpr HashFunction sdbm = HashFunction::sdbm;
constexpr HashFunction djb2 = HashFunction::djb2;
constexpr HashFunction wt6 = HashFunction::wt6;
constexpr HashFunction crc32 = HashFunction::crc32;

/// The servers that HAProxy was asked with, in the order of the file: a to e.
const std::vector<std::uint32_t> weights{3, 2, 4, 1, 5};

/// The servers of these requests, one after the other.
std::string servers_of(std::string_view algorithm, const Hash& hash, const KeyOptions& options,
                       const std::vector<Request>& requests) {
  Farm farm(algorithm, weights, 0, 1, hash);
  std::string servers;
  for (const Request& request : requests) {
    const auto key = farm.algorithm.key_hash(hash, options, request);
    servers += static_cast<char>('a' + farm.pick({.key_hash = key}));
  }
  return servers;
}

Request of_uri(std::string_view uri) {
  const std::size_t scheme = uri.find("://");
  const std::size_t path = scheme == std::string_view::npos ? 0 : uri.find('/', scheme + 3);
  return {.target = uri, .path_and_query = uri.substr(path)};
}

/// The value outlives the request.
Request of_header(const std::string_view& value) {
  return {.header = [](const void* head,
                       std::string_view) { return *static_cast<const std::string_view*>(head); },
          .head = &value};
}

}  // namespace

TEST_CASE("URIs go to the servers that HAProxy 2.6 sends them to") {
  std::vector<Request> requests;
  for (const std::string_view uri : {
           "/",
           "/a",
           "/a/",
           "/a/b",
           "/a/b/c",
           "/a/b/c?x=1",
           "/a/b?x=/1/2",
           "/a?x=1",
           "/?a/b",
           "//a//b",
           "/a/b/c/d/e/f/g/h",
           "/index.html",
           "/index.html?lang=en",
           "/img/logo.png",
           "/img/logo.png?v=2",
           "/very/long/path/that/goes/on/and/on",
           "http://127.0.0.1/a/b",
           "http://127.0.0.1/a/b?x=1",
           "http://127.0.0.1:8080/a/b",
           "/%7Euser/;p=1",
           "/a;b?c#d",
       })
    requests.push_back(of_uri(uri));
  struct Row {
    HashType type;
    HashFunction function;
    KeyOptions options;
    std::string_view servers;
  };
  for (const Row& row : {
           Row{map_based, sdbm, {}, "eaaeeeeaeeccccceccdce"},
           Row{map_based, sdbm, {.whole = true}, "eaaeebcebeccaceecadce"},
           Row{map_based, sdbm, {.len = 8}, "eaaeeeeaeeceeeeecccae"},
           Row{map_based, sdbm, {.depth = 1}, "eaaaaaaaeeaccaaccccae"},
           Row{map_based, sdbm, {.len = 20, .depth = 2}, "eaaeeeeaeaecccccbbece"},
           Row{map_based, sdbm, {.path_only = true}, "eaaeeeeaeeccccceeeece"},
           Row{map_based, sdbm, {.whole = true, .path_only = true}, "eaaeebcebeccaceeeeece"},
           Row{map_based, sdbm, {.depth = 3, .whole = true}, "eaaeebbebcecaceaeeece"},
           Row{map_based, djb2, {}, "ebebeebbeccbbcceaaebb"},
           Row{map_based, djb2, {.whole = true}, "ebebeeccaccbdcceaaeba"},
           Row{map_based, wt6, {}, "daabccbadbbcccceeeccb"},
           Row{map_based, wt6, {.whole = true}, "daabceebebbccceeeecce"},
           Row{map_based, crc32, {}, "acdabbacaeeaaeeeccaee"},
           Row{map_based, crc32, {.whole = true}, "acdabaacceeabebeccaee"},
           Row{on_ring, sdbm, {}, "ecedccdceeceeaaeaaaad"},
           Row{on_ring, sdbm, {.whole = true}, "ecedcbebdeceaaaeacaae"},
           Row{on_ring, sdbm, {.len = 8}, "ecedccdceecccccdeeedd"},
           Row{on_ring, sdbm, {.depth = 1}, "eccccccceeceeeedaaadd"},
           Row{on_ring, sdbm, {.len = 20, .depth = 2}, "eceddddceedeeaaceeaad"},
           Row{on_ring, sdbm, {.path_only = true}, "ecedccdceeceeaaedddad"},
           Row{on_ring, sdbm, {.whole = true, .path_only = true}, "ecedcbebdeceaaaededae"},
           Row{on_ring, sdbm, {.depth = 3, .whole = true}, "ecedcbabdeceaaacaacae"},
           Row{on_ring, crc32, {}, "eaaeeeeaecacceeaaaeca"},
           Row{on_ring, crc32, {.whole = true}, "eaaeeeadbcacaeaaaaecd"},
       }) {
    CHECK(servers_of("uri", {row.type, row.function}, row.options, requests) == row.servers);
  }
}

TEST_CASE("parameters of the query go where HAProxy 2.6 sends them, and requests without take turns") {
  std::vector<Request> requests;
  for (const std::string_view uri : {
           "/?userid=1",          "/?userid=2",
           "/?userid=abc",        "/?a=1&userid=abc",
           "/?userid=abc&b=2",    "/?xuserid=1&userid=2",
           "/?useridx=1",         "/?userid",
           "/?userid=",           "/?userid=&b",
           "/p?a&b&userid=42",    "/?a;userid=2",
           "/?userid=1;b=2",      "/?USERID=1",
           "/?userid=1?2",        "/?b=userid=1",
           "/?userid=1&userid=2", "/p",
           "/?&userid=9",         "/?userid=%41",
       })
    requests.push_back(of_uri(uri));
  const KeyOptions options{.name = "userid"};
  CHECK(servers_of("url_param", {map_based, sdbm}, options, requests) == "aeeeeeabaacedceaaece");
  CHECK(servers_of("url_param", {on_ring, sdbm}, options, requests) == "eeaaaeeceeccbcdcecee");
}

TEST_CASE("a body is searched like a query, unless it is no form") {
  std::vector<Request> requests;
  for (const std::string_view body : {
           std::string_view("userid=1"),
           std::string_view("userid=abc&x=1"),
           std::string_view("x=1&userid=abc"),
           std::string_view("userid="),
           std::string_view("userid=&a=b"),
           std::string_view("userid=(1)"),
           std::string_view("userid= 1"),
           std::string_view("userid=a b"),
           std::string_view("userid=a\x01"
                            "b"),
           std::string_view("{\"userid\":1}"),
           std::string_view("x=\0&userid=7", 12),
           std::string_view("userid=@a"),
           std::string_view("userid=%20"),
       })
    requests.push_back({.target = "/", .path_and_query = "/", .body = body});
  const KeyOptions options{.name = "userid"};
  CHECK(servers_of("url_param", {map_based, sdbm}, options, requests) == "aeeaaaabcbcee");
  CHECK(servers_of("url_param", {on_ring, sdbm}, options, requests) == "eaaeeeeaacece");
  CHECK(url_param_text(options, {.target = "/?userid=1", .body = "userid=2"}) == "1");
}

TEST_CASE("fields of the head go where HAProxy 2.6 sends them") {
  struct Row {
    std::vector<std::string_view> values;
    bool domain_only;
    std::string_view in_map;
    std::string_view on_ring;
  };
  const std::vector<std::string_view> hosts{"www.example.com",
                                            "example.com",
                                            "a.b.example.org:8080",
                                            "localhost",
                                            "com.",
                                            "www.example.com.",
                                            "..",
                                            "a..b",
                                            "127.0.0.1:80",
                                            "[::1]:80",
                                            ".x",
                                            "x.y.z"};
  const std::vector<std::string_view> agents{"Mozilla/5.0 (X11; Linux, x86) like Gecko",
                                             "curl/7, x",
                                             "\"a,b\",c",
                                             ",x",
                                             "a",
                                             "b",
                                             "\"a\\\",b\",c",
                                             "v"};
  for (const Row& row : {
           Row{hosts, false, "cceaeeedaaae", "ecaccecccecc"},
           Row{hosts, true, "cccaddbecaab", "eeecbbeceece"},
           Row{agents, false, "acaabeed", "ecdeeeee"},
       }) {
    std::vector<Request> requests;
    for (const std::string_view& value : row.values) requests.push_back(of_header(value));
    const KeyOptions options{.name = "Host", .domain_only = row.domain_only};
    CHECK(servers_of("hdr", {map_based, sdbm}, options, requests) == row.in_map);
    CHECK(servers_of("hdr", {on_ring, sdbm}, options, requests) == row.on_ring);
  }
}

TEST_CASE("what is hashed") {
  CHECK(uri_text({}, of_uri("/a?b")) == "/a");
  CHECK(uri_text({.path_only = true}, {.target = "*"}) == "");
  CHECK(uri_text({.depth = 2}, of_uri("/a/b")) == "/a/b");
  CHECK(uri_text({.depth = 2}, of_uri("/a/b/")) == "/a/b");
  CHECK(uri_text({.len = 3, .depth = 2}, of_uri("/a/b/")) == "/a/");
  CHECK_FALSE(url_param_text({.name = "a"}, of_uri("/a=1")));
  CHECK(header_text({.domain_only = true}, of_header("haproxy.1wt.eu")) == "1wt");
  CHECK(header_text({.domain_only = true}, of_header("a..b")) == "a.");
  CHECK(header_text({.domain_only = true}, of_header(".eu")) == ".eu");
  CHECK_FALSE(header_text({}, of_header("")));
  CHECK_FALSE(header_text({}, {}));
}
