// SPDX-License-Identifier: Apache-2.0
#include "proto/http_persistence.hpp"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "http_persistence_rows.hpp"
#include "proto/http_cookie.hpp"

using namespace corelane::proto;

namespace {

constexpr std::string_view servers = "abc";

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return parts;
}

/// A head, its edits, and what they make of it.
template <class Head>
struct Edited {
  explicit Edited(std::string text) : bytes(std::move(text)) {}

  void begin() { edits.begin(head.bytes, arena); }
  std::string written() const {
    std::string out(edits.new_size(), ' ');
    REQUIRE(edits.write_to(out) == out.size());
    return out;
  }
  /// The values of all fields of a name in what was written, one a line.
  std::string values(std::string_view name) const {
    std::string found;
    const std::string text = written();
    for (std::string_view line : split(text, '\n')) {
      line.remove_suffix(1);
      if (!http_same_name(line.substr(0, line.find(':')), name)) continue;
      if (!found.empty()) found += '\n';
      line.remove_prefix(line.find(':') + 1);
      while (line.starts_with(' ')) line.remove_prefix(1);
      while (line.ends_with(' ')) line.remove_suffix(1);
      found += line;
    }
    return found;
  }

  std::string bytes;
  Head head;
  HttpHeadProgress progress;
  HttpHeadEdits edits;
  std::array<char, 8192> arena;
};

std::unique_ptr<Edited<HttpRequestHead>> request_with(std::string_view cookies) {
  std::string text = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (const std::string_view cookie : split(cookies, '\n'))
    text += "Cookie: " + std::string(cookie) + "\r\n";
  auto request = std::make_unique<Edited<HttpRequestHead>>(text + "Accept: */*\r\n\r\n");
  const HttpRead read = read_request_head(request->bytes, {}, request->head, request->progress);
  REQUIRE(read.state == HttpRead::State::head);
  request->begin();
  return request;
}

std::unique_ptr<Edited<HttpResponseHead>> response_with(std::string_view status, std::string_view fields,
                                                        HttpMethod method = HttpMethod::get) {
  std::string text = "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n";
  for (const std::string_view field : split(fields, '\n')) text += std::string(field) + "\r\n";
  auto response = std::make_unique<Edited<HttpResponseHead>>(text + "\r\n");
  const HttpRead read = read_response_head(response->bytes, {}, method, response->head, response->progress);
  REQUIRE(read.state == HttpRead::State::head);
  response->begin();
  return response;
}

/// The words of HAProxy's line; `attributes` holds what the rules refer to.
PersistenceRules rules_of(std::string_view options, std::string& attributes) {
  PersistenceRules rules{.name = "S"};
  std::string domains;
  std::string flags;
  std::string others;
  const std::vector<std::string_view> words = split(options, ' ');
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "insert") rules.mode = PersistenceMode::insert;
    if (word == "rewrite") rules.mode = PersistenceMode::rewrite;
    if (word == "prefix") rules.mode = PersistenceMode::prefix;
    if (word == "indirect") rules.indirect = true;
    if (word == "nocache") rules.nocache = true;
    if (word == "postonly") rules.postonly = true;
    if (word == "preserve") rules.preserve = true;
    if (word == "httponly") flags += "; HttpOnly";
    if (word == "secure") flags += "; Secure";
    if (word == "domain") domains += "; domain=" + std::string(words[i + 1]);
    if (word == "attr") others += "; " + std::string(words[i + 1]);
    if (word == "maxidle") rules.max_idle_s = 3600;
    if (word == "maxlife") rules.max_life_s = 7200;
  }
  attributes = domains + flags + others;
  rules.attributes = attributes;
  return rules;
}

constexpr PersistenceServers all_up{[](void*, std::string_view value) -> PersistenceServer {
  if (value.size() != 2 || value[0] != 's' || value[1] < '1' || value[1] > '3') return {};
  return {PersistenceServer::State::up, static_cast<std::uint32_t>(value[1] - '1')};
}};
constexpr PersistenceServers without_s1{[](void*, std::string_view value) -> PersistenceServer {
  if (value == "s1") return {PersistenceServer::State::down, 0};
  return all_up.find(nullptr, value);
}};

void check_row(const PersistenceRow& row) {
  CAPTURE(row.options);
  CAPTURE(row.cookies);
  CAPTURE(row.set_cookie);
  std::string attributes;
  const PersistenceRules rules = rules_of(row.options, attributes);
  const auto request = request_with(row.cookies);
  Persistence persistence;
  CHECK(read_persistence(rules, request->head.fields, persistence_rows_now_s,
                         row.s1_down ? without_s1 : all_up, request->edits, persistence));
  const std::size_t served_by = servers.find(row.server);
  if (persistence.server != Persistence::no_server) CHECK(persistence.server == served_by);
  CHECK(request->values("Cookie") == row.got_cookies);

  const std::string server_cookie = "s" + std::to_string(served_by + 1);
  const auto response =
      response_with("200 OK", row.set_cookie.empty() ? "" : "Set-Cookie: " + std::string(row.set_cookie));
  char letter = '?';
  CHECK(write_persistence(rules, persistence, response->head,
                          {.server_cookie = server_cookie,
                           .by_wanted_server = persistence.server == served_by,
                           .method = row.post ? HttpMethod::post : HttpMethod::get,
                           .now_s = persistence_rows_now_s},
                          response->edits, letter));
  CHECK(response->values("Set-Cookie") == row.set_cookies);
  CHECK(std::string{persistence.letter, letter} == row.letters);
}

/// Whether nocache tells caches to keep out.
bool told_private(std::string_view status, std::string_view fields, HttpMethod method = HttpMethod::get) {
  const PersistenceRules rules{.name = "S", .mode = PersistenceMode::insert, .nocache = true};
  const auto response = response_with(status, fields, method);
  char letter = '?';
  CHECK(write_persistence(rules, {}, response->head, {.server_cookie = "s1", .method = method},
                          response->edits, letter));
  CHECK(letter == 'I');
  return response->values("Cache-Control").ends_with("private");
}

}  // namespace

TEST_CASE("requests and responses become what they become in HAProxy 2.6") {
  for (const PersistenceRow& row : persistence_rows) check_row(row);
}

TEST_CASE("nocache adds Cache-Control where HAProxy 2.6 does: to what a cache would keep") {
  for (const int status : {200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501})
    CHECK(told_private(std::to_string(status) + " x", "ETag: x"));
  for (const int status : {201, 202, 205, 302, 303, 304, 307, 308, 400, 403, 406, 413, 418, 500, 502, 503})
    CHECK_FALSE(told_private(std::to_string(status) + " x", "ETag: x"));
  for (const HttpMethod method : {HttpMethod::head, HttpMethod::options})
    CHECK(told_private("200 OK", "ETag: x", method));
  for (const HttpMethod method :
       {HttpMethod::post, HttpMethod::put, HttpMethod::delete_, HttpMethod::patch, HttpMethod::other})
    CHECK_FALSE(told_private("200 OK", "ETag: x", method));
  for (const char* field :
       {"ETag: x", "Last-Modified: x", "Expires: 0", "Cache-Control: max-age=5", "cache-control: S-MaxAge=5",
        "Cache-Control: max-age", "ETag: x\nCache-Control: public",
        "ETag: x\nCache-Control: max-age=0, public", "ETag: x\nCache-Control: max-age=00",
        "ETag: x\nCache-Control: no-cache=\"set-cookie\"", "ETag: x\nPragma: x, no-cache"})
    CHECK(told_private("200 OK", field));
  for (const char* field :
       {"", "Cache-Control: public", "ETag: x\nCache-Control: no-cache", "ETag: x\nCache-Control: No-Store",
        "ETag: x\nCache-Control: max-age=0", "ETag: x\nCache-Control: public, max-age=0",
        "ETag: x\nCache-Control: x , no-cache", "ETag: x\nPragma: no-cache"})
    CHECK_FALSE(told_private("200 OK", field));
  CHECK(told_private("302 x", "ETag: x\nCache-Control: public"));
  CHECK(told_private("200 OK", "ETag: x\nCache-Control: public", HttpMethod::post));
}

TEST_CASE("a server without a cookie, such as a backup, takes the client's away") {
  const PersistenceRules rules{
      .name = "S", .mode = PersistenceMode::insert, .max_idle_s = 60, .attributes = "; Secure"};
  const auto response = response_with("200 OK", "");
  char letter = '?';
  CHECK(write_persistence(rules, {}, response->head, {.now_s = 1}, response->edits, letter));
  CHECK(response->values("Set-Cookie") == "S=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/; Secure");
  CHECK(letter == 'I');
}

TEST_CASE("what has no room is told") {
  const std::string attributes(inserted_cookie_bytes_max, 'x');
  const PersistenceRules rules{.name = "S", .mode = PersistenceMode::insert, .attributes = attributes};
  const auto response = response_with("200 OK", "");
  char letter = '?';
  CHECK_FALSE(write_persistence(rules, {}, response->head, {.server_cookie = "s1"}, response->edits, letter));
}

TEST_CASE("dynamic cookies are HAProxy's") {
  using corelane::base::Endpoint;
  using corelane::base::Family;
  const Endpoint first{.ip = {127, 0, 0, 1}, .port = 39180, .family = Family::ipv4};
  const Endpoint second{.ip = {127, 0, 0, 77}, .port = 39181, .family = Family::ipv4};
  Endpoint third{.port = 39182, .family = Family::ipv6};
  third.ip[15] = 1;
  struct Row {
    std::string_view key, first, second, third;
  };
  for (const Row& row : {
           Row{"secret", "be6cbc4678e15b84", "9a82a0749c4cbcde", "f074f9d275be233e"},
           Row{"k", "5acaa011182dc233", "d63f02b0d19356aa", "74a90e1f0541086c"},
           Row{"a-much-longer-key-that-fills-more-than-thirty-two-bytes", "2f6ee47d57515c1b",
               "d42c575274fbe3b1", "7b1e38706533b22b"},
       }) {
    CHECK(dynamic_cookie(row.key, first) == row.first);
    CHECK(dynamic_cookie(row.key, second) == row.second);
    CHECK(dynamic_cookie(row.key, third) == row.third);
  }
  CHECK(dynamic_cookie("k", {.family = Family::unix_socket}).empty());
}

TEST_CASE("cookies of a field, one after the other") {
  struct Row {
    std::string_view field;
    std::string cookies;  // name>value|
  };
  for (const Row& row : {
           Row{"a=1; b=2", "a>1|b>2|"},
           Row{"a = 1 ;b=\"x;y\\\"=\" ; c", "a>1|b>\"x;y\\\"=\"|c|"},
           Row{";a=1,b=2", "|a>1|b>2|"},
           Row{"a=1;;b", "a>1||b|"},
           Row{"a=\"1;b=2", "a>\"1;b=2|"},
           Row{"=x", ">x|"},
           Row{"", ""},
       }) {
    std::string cookies;
    HttpCookieReader reader(row.field);
    for (HttpCookie cookie; reader.next(cookie);) {
      cookies += cookie.name;
      if (cookie.has_value) (cookies += '>') += cookie.value;
      cookies += '|';
    }
    CHECK(cookies == row.cookies);
  }
}

TEST_CASE("whatever a field of cookies looks like, taking ours out leaves the others, and ends") {
  constexpr std::string_view pieces[] = {"S=s1", "A=1", ";", " ", ",", "$P=x", "=", "\"", "S"};
  const PersistenceRules rules{.name = "S", .mode = PersistenceMode::insert, .indirect = true};
  constexpr std::size_t length = 4;
  for (std::size_t number = 0; number < 9 * 9 * 9 * 9; ++number) {
    std::string field = "B=0;";
    for (std::size_t i = 0, rest = number; i < length; ++i, rest /= 9) field += pieces[rest % 9];
    CAPTURE(field);
    const auto request = request_with(field);
    Persistence persistence;
    REQUIRE(read_persistence(rules, request->head.fields, 0, all_up, request->edits, persistence));
    const std::string left = request->values("Cookie");
    HttpCookieReader reader(left);
    bool first = true;
    for (HttpCookie cookie; reader.next(cookie); first = false) {
      REQUIRE((!first || cookie.name == "B"));
      REQUIRE((!cookie.has_value || cookie.name != "S"));
    }
  }
}
