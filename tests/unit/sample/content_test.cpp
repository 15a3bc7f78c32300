// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "../proto/tls_hellos.hpp"
#include "scene.hpp"

namespace corelane::sample {
namespace {

/// The sample's text, or "none"; with "..." behind it where more bytes may change it.
std::string fetched(std::string_view expression, std::string_view bytes, bool final) {
  Scene scene("");
  scene.set_content(bytes, final);
  const Names names = scene_names();
  const ExpressionRead read = read_expression(expression, names);
  REQUIRE(read.expression.has_value());
  Cursor cursor{.all = false};
  Sample sample;
  scene.arena().reset();
  const bool there = read.expression->evaluate({scene.context(), scene.arena()}, cursor, sample) &&
                     cast(sample, Type::string, scene.arena());
  return (there ? std::string(sample.text) : "none") + (cursor.may_change ? "..." : "");
}

struct Row {
  std::string_view expression;
  std::string_view bytes;
  std::string_view so_far;
  std::string_view final;
};

TEST_CASE("what the first bytes say, so far and at last") {
  using namespace std::string_view_literals;
  const Row rows[] = {
      {"wait_end", "", "none...", "1"},
      {"req.len", "", "0...", "0"},
      {"req.len", "abc", "3...", "3"},
      {"req.payload(0,2)", "abc", "ab", "ab"},
      {"req.payload(1,0)", "abc", "bc...", "bc"},
      {"req.payload(2,2)", "abc", "none...", "none"},
      {"req.payload(0,20000)", "abc", "none", "none"},
      {"req.payload_lv(0,1)", "\2abc", "ab", "ab"},
      {"req.payload_lv(0,2)", "\0\2abc"sv, "ab", "ab"},
      {"req.payload_lv(0,1,+1)", "\2abc", "bc", "bc"},
      {"req.payload_lv(1,1,0)", "a\2c", "a\2", "a\2"},
      {"req.payload_lv(0,1)", "\5abc", "none...", "none"},
      {"req.payload_lv(0,1)", "\0abc"sv, "none", "none"},
      {"req.proto_http", "GET / HT", "none...", "none"},
      {"req.proto_http", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "1", "1"},
      {"req.proto_http", "SSH-2.0-x\r\n", "none", "none"},
      {"rdp_cookie", "\3\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=ann"sv, "none...", "none"},
      {"rdp_cookie", "\3\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=ann\r\n"sv, "ann", "ann"},
      {"rdp_cookie(MSTSHASH)", "\3\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=ann\r\nx"sv, "ann", "ann"},
      {"req.rdp_cookie(other)", "\3\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=ann\r\nx"sv, "none", "none"},
      {"rdp_cookie_cnt(other)", "\3\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=ann\r\nx"sv, "0", "0"},
      {"req.rdp_cookie_cnt", "\3\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=ann\r\nx"sv, "1", "1"},
      {"rdp_cookie", "GET / HTTP/1.1\r\nHost: a\r\n", "none", "none"},
      {"res.len", "abc", "3...", "3"},
      {"res.payload(1,2)", "abc", "bc", "bc"},
      {"res.payload_lv(0,1)", "\2abc", "ab", "ab"},
      {"payload_lv(0,1)", "\2abc", "ab", "ab"},
      {"res.ssl_hello_type", "\x16\3\3\0\4\2\0\0\0"sv, "2", "2"},
      {"rep_ssl_hello_type", "HTTP/", "none", "none"},
      {"req.ssl_hello_type", "\x16", "none...", "none"},
      {"req.ssl_hello_type", "GET /", "none", "none"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CAPTURE(row.bytes);
    CHECK(fetched(row.expression, row.bytes, false) == row.so_far);
    CHECK(fetched(row.expression, row.bytes, true) == row.final);
  }
}

TEST_CASE("what a TLS client says") {
  const std::string hello =
      test::record(test::client_hello(test::server_name("a.example") + test::alpn({"h2", "http/1.1"}) +
                                      test::versions({0x0303, 0x0304}) + test::extension(35, "t")));
  const std::string plain = test::record(test::message(1, test::hello_start(0x0301)));
  const std::string server = test::record(test::message(2, "x"));
  CHECK(fetched("req.ssl_sni", hello, false) == "a.example");
  CHECK(fetched("req.ssl_sni", hello.substr(0, 40), false) == "none...");
  CHECK(fetched("req.ssl_sni", plain, false) == "none");
  CHECK(fetched("req.ssl_sni", server, false) == "none");
  CHECK(fetched("req.ssl_alpn", hello, false) == "h2");
  CHECK(fetched("req.ssl_alpn", plain, false) == "none");
  CHECK(fetched("req.ssl_ver", hello, false) == std::to_string(3 * 65536 + 4));
  CHECK(fetched("req.ssl_ver", plain, false) == std::to_string(3 * 65536 + 1));
  CHECK(fetched("req.ssl_st_ext", hello, false) == "2");
  CHECK(fetched("req.ssl_st_ext", plain, false) == "0");
  CHECK(fetched("req.ssl_ec_ext", plain, false) == "0");
  CHECK(fetched("req.ssl_hello_type", hello, false) == "1");
  CHECK(fetched("req.ssl_hello_type", server, false) == "2");
  CHECK(fetched("req_ssl_hello_type", test::record(test::message(1, "x")), false) == "1");

  Scene scene("");
  scene.set_content(hello, false);
  const Names names = scene_names();
  CHECK(scene.value(*read_expression("req.ssl_alpn", names).expression, true) == "h2 | http/1.1");
}

}  // namespace
}  // namespace corelane::sample
