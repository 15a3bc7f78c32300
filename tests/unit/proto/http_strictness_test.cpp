// SPDX-License-Identifier: Apache-2.0
// The page docs/http-strictness.md is made from the rows of the reasons to refuse.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "proto/http_error.hpp"
#include "proto/http_laxity.hpp"

using namespace corelane::proto;

namespace {

constexpr std::string_view introduction =
    R"(# What mode http refuses

Made from the program's own tables; a test keeps it current.

Corelane reads HTTP/1.0 and HTTP/1.1 to the letter of RFC 9110 and RFC 9112. Two programs that read one message in two ways
are how requests are smuggled past rules, so what could be read in two ways is not passed on: nothing of such a request
reaches a server, nothing of such a response's head reaches a client, and the connection is closed. A client gets the
status below; for a faulty response it gets 502. A fault in a body that is under way ends both connections without
ending the message, so that nobody takes it for whole.

The same message has the same answer whichever way its bytes arrive, and a fault is found with the first byte of it, or at
the end of its line at the latest. Log lines end such a request with `request_invalid` and name the reason by its word.

## Reasons

| reason | status | what was sent | what to do |
| --- | --- | --- | --- |
)";

constexpr std::string_view laxities = R"(
## What may be let through

`accept_invalid` names faults of old peers that are let through: of requests in a frontend, of responses in a backend. None
of them moves the end of a message. Responses have no target, requests no status line.

| word | what passes |
| --- | --- |
)";

constexpr std::string_view others = R"(
Bytes above 0x7f in the values of fields are always passed on. So are the characters ``[ ] { } | \ ^ ` `` in targets, and percent
signs of any kind behind a `?`, because browsers send them.

## Where others differ

Seen with HAProxy 2.6 and nginx 1.22:

| message | Corelane | HAProxy | nginx |
| --- | --- | --- | --- |
| `HTTP/1.2` | 505 | as HTTP/1.1 | as HTTP/1.1 |
| lines that end with LF alone | 400 | accepts | accepts |
| HTTP/1.1 without Host, or with an empty or faulty one | 400 | accepts | 400 |
| Host twice, of the same value | 400 | accepts | 400 |
| Host that differs from `http://host/` | 400 | 400 | accepts |
| Content-Length twice or `1, 1`, of the same value | 400 | accepts | 400 |
| Content-Length `01` | 400 | accepts | accepts |
| Content-Length with Transfer-Encoding | 400 | accepts, drops the length | 400 |
| Transfer-Encoding `gzip, chunked` | 501 | 422 | 501 |
| Transfer-Encoding in HTTP/1.0 | 400 | accepts | 400 |
| a folded field | 400 | accepts, unfolds | 400 |
| control characters in values | 400 | accepts | accepts |
| brackets and the like in names | 400 | 400 | accepts, drops the field |
| bytes above 0x7f in the target | 400 | 400 | accepts |
| quotes and angle brackets in the target | 400 | accepts | accepts |
| a fragment | 400 | 400 | accepts |
| `%zz` in the path | 400 | accepts | 400 |
| a user name in the target | 400 | accepts | 400 |

## What is changed in what is passed on

Connection, Keep-Alive, Proxy-Connection and the fields that Connection names are for one connection and are not passed on.
A field stays although Connection names it when it frames or routes the message or says who the client is: Host,
Content-Length, Transfer-Encoding, TE, Trailer, Upgrade, Expect, Cookie, Set-Cookie, Forwarded, X-Forwarded-For,
X-Forwarded-Proto, X-Original-To, Via and Authorization. TE is reduced to `trailers`. Upgrade passes in HTTP/1.1 with
`Connection: upgrade`, but not to HTTP/2 (`h2c`): in such a tunnel further requests would pass unseen. A target with scheme and
host goes on as its path. All else that no key changes goes on as it came, in its order and spelling.
)";

std::string page() {
  std::string text(introduction);
  for (const HttpErrorRow& row : http_error_rows)
    if (row.error != HttpError::none)
      text += fmt::format("| `{}` | {} | {} | {} |\n", row.name, row.status, row.help, row.cure);
  text += laxities;
  for (const HttpLaxityRow& row : http_laxity_rows)
    text += fmt::format("| `{}` | {} |\n", row.word, row.help);
  text += others;
  return text;
}

}  // namespace

TEST_CASE("docs/http-strictness.md is current") {
  const std::string path = CORELANE_SOURCE_DIR "/docs/http-strictness.md";
  if (std::getenv("CORELANE_UPDATE_GENERATED") != nullptr) std::ofstream(path, std::ios::binary) << page();
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  CHECK_MESSAGE(text == page(), "run this test with CORELANE_UPDATE_GENERATED=1");
}

TEST_CASE("each reason has a word of its own, a status, a help and a cure") {
  std::set<std::string_view> names;
  for (const HttpErrorRow& row : http_error_rows) {
    CAPTURE(row.name);
    CHECK(names.insert(row.name).second);
    CHECK(&http_error_row(row.error) == &row);
    if (row.error == HttpError::none) continue;
    CHECK(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_10") == std::string_view::npos);
    CHECK(row.status >= 400);
    CHECK(row.status <= 505);
    CHECK(!row.help.empty());
    CHECK(!row.cure.empty());
    CHECK(row.help.find('|') == std::string_view::npos);
  }
  CHECK(http_error_row(HttpError::none).name.empty());
}

TEST_CASE("each laxity has one bit, in their order") {
  unsigned bit = 1;
  for (const HttpLaxityRow& row : http_laxity_rows) {
    CHECK(static_cast<unsigned>(row.laxity) == bit);
    CHECK(http_accepts(static_cast<std::uint8_t>(bit), row.laxity));
    CHECK(!http_accepts(static_cast<std::uint8_t>(~bit), row.laxity));
    bit <<= 1;
  }
}
