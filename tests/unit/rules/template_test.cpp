// SPDX-License-Identifier: Apache-2.0
#include "rules/template.hpp"

#include <doctest/doctest.h>

#include <array>

#include "rules/action.hpp"
#include "scene.hpp"

namespace corelane::rules {
namespace {

struct Row {
  std::string_view text;
  std::string_view filled;
};

TEST_CASE("templates") {
  sample::Scene scene(sample::request_of("GET /a/b?c=d", "X-List: one, two\r\n"));
  const sample::Names names = sample::scene_names();
  constexpr Row rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"100%%", "100%"},
      {"%[path]", "/a/b"},
      {"https://%[hdr(host),lower]%[pathq]", "https://www.example.com:8080/a/b?c=d"},
      {"%[hdr(x-list)]%[hdr(x-list,1)]", "twoone"},
      {"<%[hdr(x-none)]>", "<>"},
      {"%[src]:%[src_port]", "10.1.2.3:40000"},
      {"%[str('a]b')]%[str(])]", "a]b]"},
      {"%[nbsrv(app)] %[always_true]", "2 1"},
      {"%ci:%cp > %fi:%fp", "10.1.2.3:40000 > 192.0.2.80:8080"},
      {"%{+X}o%ci:%cp_%Ts_%rt:%pid", "0A010203:9C40_6553F0FF_0102:1267"},
      {"%{+X}ci %cp%{+X}o %[src_port]", "0A010203 40000 40000"},
      {"%HM %HU %HP %HQ %HPO %HV", "GET /a/b?c=d /a/b ?c=d /a/b HTTP/1.1"},
      {"%{+Q}r", "\"GET /a/b?c=d HTTP/1.1\""},
      {"%{+Q}[hdr(x-list,1)]%{+Q}[hdr(x-none)]", "\"one\"\"\""},
      {"%{+E}[str('a\"b]')]%{+Q,+E}[str(']')]", "a\\\"b\\]\"\\]\""},
      {"%T %ms %ID", "14/Nov/2023:22:13:19 +0000 012 id-7"},
      {"%f %ac", "web 1000"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const TemplateRead read = read_template(row.text, names, sample::phase_request);
    REQUIRE(read.made.has_value());
    std::array<char, 80> out;
    std::size_t used = 0;
    REQUIRE(read.made->append_to({scene.context(), scene.arena()}, out, used));
    CHECK(std::string_view(out.data(), used) == row.filled);
    std::size_t without_room = out.size() - row.filled.size() + 1;
    if (!row.filled.empty())
      CHECK_FALSE(read.made->append_to({scene.context(), scene.arena()}, out, without_room));
  }
}

struct FaultRow {
  std::string_view text;
  std::size_t position;
  std::string_view message;
};

TEST_CASE("faults of templates") {
  const sample::Names names = sample::scene_names();
  constexpr FaultRow rows[] = {
      {"50%", 2, "expected %NAME, %[EXPRESSION], or %% for a percent sign"},
      {"%{path}", 2, "unknown flag"},
      {"a%[path", 1, "%[ is not closed"},
      {"a %ib", 3, "\"%ib\" is not known"},
      {"a %Ta", 3, "\"%Ta\" is known when a log line is written, not when a request's head has been read"},
      {"a %ST", 3,
       "%ST needs the head of an HTTP response, which is not there when a request's head has been read"},
      {"ab%[pathh]", 4, "\"pathh\" is not a known sample fetch"},
      {"%[path,lowr]", 7, "\"lowr\" is not a known converter"},
  };
  for (const FaultRow& row : rows) {
    CAPTURE(row.text);
    const TemplateRead read = read_template(row.text, names, sample::phase_request);
    CHECK_FALSE(read.made.has_value());
    CHECK(read.fault.message == row.message);
    CHECK(read.fault.position == row.position);
  }
  CHECK_FALSE(read_template("%[path]", names, sample::phase_session).made.has_value());
}

TEST_CASE("fields that rules may change") {
  for (const char* name : {"Host", "X-Any", "Cookie", "X-Forwarded-For", "Content-Type"})
    CHECK(may_edit_field(name));
  for (const char* name :
       {"Content-Length", "transfer-encoding", "Connection", "Keep-Alive", "TE", "Upgrade"})
    CHECK_FALSE(may_edit_field(name));
}

}  // namespace
}  // namespace corelane::rules
