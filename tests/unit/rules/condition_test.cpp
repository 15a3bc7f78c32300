// SPDX-License-Identifier: Apache-2.0
#include "rules/condition.hpp"

#include <doctest/doctest.h>

#include "../proto/tls_hellos.hpp"
#include "scene.hpp"

namespace corelane::rules {
namespace {

using sample::Scene;

std::string verdict(std::string_view condition, Scene& scene) {
  const sample::Names names = sample::scene_names();
  Acls acls(names);
  CHECK_FALSE(acls.add("static", "path_beg /static /img").has_value());
  CHECK_FALSE(acls.add("static", "path_end -i .PNG").has_value());
  CHECK_FALSE(acls.add("inside", "src 10.0.0.0/8 ::1").has_value());
  const ConditionRead read = acls.read(condition, sample::phase_request);
  if (!read.condition) return "fault: " + read.fault.message;
  return read.condition->holds({scene.context(), scene.arena()}) ? "yes" : "no";
}

struct Row {
  std::string_view condition;
  bool holds;
};

TEST_CASE("conditions") {
  Scene scene(sample::request_of("GET /img/a/logo.png?v=12&q=Foo",
                                 "X-List: one, two\r\nX-Num: 17\r\nCookie: user=bob\r\n"));
  constexpr Row rows[] = {
      {"static", true},
      {"!static", false},
      {"! static", false},
      {"!! static", true},
      {"static inside", true},
      {"static !inside", false},
      {"!static or inside", true},
      {"!static || !inside || static inside", true},
      {"static !inside or !static inside", false},
      {"{ path_beg /img }", true},
      {"!{ path_beg /img }", false},
      {"{ path /img/a/logo.png }", true},
      {"{ path /img /img/a/logo.png }", true},
      {"{ path /img }", false},
      {"{ path_end .jpg .png }", true},
      {"{ path_end .PNG }", false},
      {"{ path_end -i .PNG }", true},
      {"{ path_sub /a/ }", true},
      {"{ path_sub -i LOGO }", true},
      {"{ path_dir a }", true},
      {"{ path_dir /a/ }", true},
      {"{ path_dir og }", false},
      {"{ path_dir img/a }", true},
      {"{ hdr_dom(host) example.com }", true},
      {"{ hdr_dom(host) ample.com }", false},
      {"{ hdr_dom(host) -i WWW }", true},
      {"{ hdr_beg(host) www. }", true},
      {"{ hdr(host) -m end :8080 }", true},
      {"{ path_reg ^/img/.*\\.png$ }", true},
      {"{ path_reg ^/IMG }", false},
      {"{ path_reg -i ^/IMG }", true},
      {"{ path_reg ^/x ^/img }", true},
      {"{ path_len 15 }", true},
      {"{ path_len lt 15 }", false},
      {"{ url_len gt 15 }", true},
      {"{ urlp(q) Foo }", true},
      {"{ urlp(q),lower foo }", true},
      {"{ urlp_val(v) ge 12 }", true},
      {"{ urlp_val(v) gt 12 }", false},
      {"{ urlp_val(v) 1:5 12:20 }", true},
      {"{ urlp_val(v) :11 }", false},
      {"{ urlp_val(v) 11: }", true},
      {"{ hdr(x-list) two }", true},
      {"{ hdr(x-list,1) two }", false},
      {"{ hdr(x-list) -m found }", true},
      {"{ hdr(x-none) -m found }", false},
      {"{ req.hdr_cnt(x-list) eq 2 }", true},
      {"{ hdr_val(x-num) 17 }", true},
      {"{ cook(user) bob }", true},
      {"{ cook(user) -m beg bo }", true},
      {"{ method POST }", false},
      {"METH_GET HTTP_1.1 TRUE !FALSE", true},
      {"LOCALHOST", false},
      {"{ src 10.1.2.3 }", true},
      {"{ src 10.1.2.4 192.168.0.0/16 }", false},
      {"{ src -m str 10.1.2.3 }", true},
      {"{ src_port 40000 }", true},
      {"{ nbsrv(app) ge 1 }", true},
      {"{ nbsrv(down) lt 1 }", true},
      {"{ srv_is_up(app/s1) }", true},
      {"{ hdr(x-list) -- two }", true},
      {"{ str(-i) -- -i }", true},
      {"{ str('a b') 'a b' }", true},
      {"{ str('a b') a\\ b }", true},
      {"{ str(\"}\") \"}\" }", true},
      {"{ urlp(q) -m bin 466f6f }", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.condition);
    CHECK(verdict(row.condition, scene) == (row.holds ? "yes" : "no"));
  }
}

/// Of the first bytes of a connection: yes, no, or ? where more of them may change it.
std::string inspected(std::string_view condition, std::string_view bytes, bool final) {
  Scene scene("");
  scene.set_content(bytes, final);
  const sample::Names names = sample::scene_names();
  Acls acls(names);
  CHECK_FALSE(acls.add("long", "req.len ge 5").has_value());
  CHECK_FALSE(acls.add("long", "req.payload(0,1) -m bin 7a").has_value());
  const ConditionRead read = acls.read(condition, sample::phase_content);
  if (!read.condition) return "fault: " + read.fault.message;
  const Outcome outcome = read.condition->judge({scene.context(), scene.arena()});
  return outcome == Outcome::holds ? "yes" : outcome == Outcome::fails ? "no" : "?";
}

TEST_CASE("conditions that may have to wait for bytes") {
  struct InspectedRow {
    std::string_view condition;
    std::string_view so_far;
    std::string_view final;
  };
  constexpr InspectedRow rows[] = {
      {"{ req.len 3 }", "yes", "yes"},
      {"{ req.len 4 }", "?", "no"},
      {"!{ req.len 3 }", "no", "no"},
      {"!{ req.len 4 }", "?", "yes"},
      {"WAIT_END", "?", "yes"},
      {"REQ_CONTENT", "yes", "yes"},
      {"!WAIT_END", "?", "no"},
      {"{ req.payload(0,2) -m bin 6162 }", "yes", "yes"},
      {"{ req.payload(0,2) -m bin 6163 }", "no", "no"},
      {"{ req.payload(0,4) -m found }", "?", "no"},
      {"long", "?", "no"},
      {"long or { req.len 3 }", "yes", "yes"},
      {"long or FALSE", "?", "no"},
      {"FALSE long", "no", "no"},
      {"long FALSE", "?", "no"},
      {"TRUE WAIT_END", "?", "yes"},
      {"FALSE WAIT_END or WAIT_END", "?", "yes"},
      {"{ src 10.0.0.0/8 } WAIT_END or FALSE", "?", "yes"},
  };
  for (const InspectedRow& row : rows) {
    CAPTURE(row.condition);
    CHECK(inspected(row.condition, "abc", false) == row.so_far);
    CHECK(inspected(row.condition, "abc", true) == row.final);
  }
  CHECK(inspected("long", "zbc", false) == "yes");
}

TEST_CASE("versions of TLS are written as HAProxy writes them") {
  const std::string hello = test::record(test::client_hello(test::versions({0x0304, 0x0303})));
  for (const std::string_view held : {"3.4", "3.1:3.4", "3.3 3.4", "gt 3.3", "ge 3.4", "196612", "3.4:"})
    CHECK(inspected("{ req.ssl_ver " + std::string(held) + " }", hello, false) == "yes");
  for (const std::string_view other : {"3.3", "3.0:3.3", "lt 3.4", "4.0:"})
    CHECK(inspected("{ req.ssl_ver " + std::string(other) + " }", hello, false) == "no");
  CHECK(inspected("{ req.ssl_ver 3.x }", hello, false).starts_with("fault"));
  CHECK(inspected("{ req.len 3.1 }", hello, false).starts_with("fault"));
}

TEST_CASE("many patterns find what few find") {
  Scene scene(sample::request_of("GET /p77/x"), "10.0.77.5");
  std::string paths;
  std::string networks;
  for (int i = 0; i < 200; ++i) {
    paths += " /p" + std::to_string(i) + "/";
    networks += " 10.0." + std::to_string(i) + ".0/24";
  }
  CHECK(verdict("{ path_beg" + paths + " }", scene) == "yes");
  CHECK(verdict("{ path_end" + paths + " }", scene) == "no");
  CHECK(verdict("{ path_beg -i /P1" + paths + " }", scene) == "yes");
  CHECK(verdict("{ path_reg" + paths + " }", scene) == "yes");
  CHECK(verdict("{ src" + networks + " }", scene) == "yes");
  CHECK(verdict("{ dst" + networks + " }", scene) == "no");
}

struct FaultRow {
  std::string_view condition;
  std::size_t position;
  std::string_view message;
  std::string_view near_miss;
};

TEST_CASE("faults of conditions") {
  constexpr FaultRow rows[] = {
      {"", 0, "expected a term: the name of an ACL, or a test in braces", ""},
      {"statc", 0, "no ACL is named \"statc\"", "static"},
      {"!statc", 1, "no ACL is named \"statc\"", "static"},
      {"path_beg /x", 0, "no ACL is named \"path_beg\"", ""},
      {"src", 0, "no ACL is named \"src\"; a test that has no name stands in braces: { path_beg /static }",
       ""},
      {"static and static", 7, "and has no place here: terms side by side must all hold", ""},
      {"or static", 0, "expected a term before or", ""},
      {"static or", 9, "expected a term: the name of an ACL, or a test in braces", ""},
      {"static !", 8, "expected a term after !", ""},
      {"{path /}", 0, "braces stand between blanks: { path_beg /static }", ""},
      {"{ path / ", 9, "expected } after a blank, which closes the test", ""},
      {"{ pathh / }", 2, "\"pathh\" is not a known sample fetch", "path"},
      {"{ path_beg }", 12, "expected a pattern: without one this test never holds", ""},
      {"{ path -m begg / }", 10, "\"begg\" is no method of matching", "beg"},
      {"{ path -x / }", 7, "\"-x\" is not a known flag", ""},
      {"{ path_reg a ( }", 13, "bad regular expression \"(\": missing ): (", ""},
      {"{ src 10.0.0.0/33 }", 6, "bad network \"10.0.0.0/33\": the prefix is a number from 0 to 32", ""},
      {"{ src_port abc }", 11,
       "\"abc\" is no integer, no range such as 1024:65535 and none of eq ge gt le lt", ""},
      {"{ src_port gt }", 11, "expected an integer after gt", ""},
      {"{ always_true 1 }", 14,
       "a boolean test takes no patterns: what it makes is true or false, or there or not", ""},
      {"{ path -m bin 0g }", 14, "\"0g\" is not hexadecimal: two digits for each byte", ""},
      {"{ src -m int 1 }", 2, "int is compared with an integer, but this expression makes an address", ""},
      {"{ path 'a }", 7, "the quote is not closed", ""},
      {"{ nbsrv(ap) 1 }", 8, "no backend is named \"ap\"", "app"},
  };
  const sample::Names names = sample::scene_names();
  for (const FaultRow& row : rows) {
    CAPTURE(row.condition);
    Acls acls(names);
    (void)acls.add("static", "path_beg /static");
    const ConditionRead read = acls.read(row.condition, sample::phase_request);
    CHECK_FALSE(read.condition.has_value());
    CHECK(read.fault.message == row.message);
    CHECK(read.fault.position == row.position);
    CHECK(read.fault.near_miss == row.near_miss);
  }
}

TEST_CASE("what a phase does not know is refused") {
  const sample::Names names = sample::scene_names();
  Acls acls(names);
  CHECK_FALSE(acls.add("static", "path_beg /static").has_value());
  CHECK_FALSE(acls.add("inside", "src 10.0.0.0/8").has_value());
  CHECK(acls.read("inside", sample::phase_session).condition.has_value());
  const ConditionRead named = acls.read("inside static", sample::phase_session);
  CHECK(named.fault.position == 7);
  CHECK(named.fault.message ==
        "static, by path needs the head of an HTTP request, which is not there when the backend of a TCP "
        "connection is chosen");
  const ConditionRead braces = acls.read("{ path_beg / }", sample::phase_session);
  CHECK(braces.fault.position == 2);
  CHECK(acls.unused().empty());
}

TEST_CASE("ACLs that no condition uses are known") {
  const sample::Names names = sample::scene_names();
  Acls acls(names);
  (void)acls.add("a", "path /a");
  (void)acls.add("b", "path /b");
  (void)acls.read("b TRUE { path /c }", sample::phase_request);
  CHECK(acls.unused() == std::vector<std::string_view>{"a"});
}

}  // namespace
}  // namespace corelane::rules
