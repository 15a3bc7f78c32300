// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "scene.hpp"

namespace corelane::sample {
namespace {

std::string evaluated(std::string_view expression, Scene& scene, bool all = false) {
  const Names names = scene_names();
  const ExpressionRead read = read_expression(expression, names);
  if (!read.expression) return "fault: " + read.fault.message;
  return scene.value(*read.expression, all);
}

struct Row {
  std::string_view expression;
  std::string_view value;
};

TEST_CASE("what fetches take from a request") {
  Scene scene(request_of("GET /a/b.png?x=1&name=va%20l&x=2;y=3",
                         "X-List: one, \"two, three\" ,four\r\nX-List: five\r\nX-Empty:\r\nX-Num: 42abc\r\n"
                         "X-Forwarded-For: junk, 192.0.2.7:99\r\nCookie: a=1; b=x\r\nCookie: a=3; c\r\n"));
  constexpr Row rows[] = {
      {"method", "GET"},
      {"url", "/a/b.png?x=1&name=va%20l&x=2;y=3"},
      {"path", "/a/b.png"},
      {"pathq", "/a/b.png?x=1&name=va%20l&x=2;y=3"},
      {"query", "x=1&name=va%20l&x=2;y=3"},
      {"base", "www.example.com:8080/a/b.png"},
      {"req.ver", "1.1"},
      {"http_first_req", "1"},
      {"url_param(name)", "va%20l"},
      {"urlp(x)", "1"},
      {"urlp(nam)", "(none)"},
      {"urlp(y)", "3"},
      {"urlp_val(x)", "1"},
      {"hdr(host)", "www.example.com:8080"},
      {"hdr(x-list)", "five"},
      {"hdr(X-LIST,1)", "one"},
      {"hdr(x-list,2)", "\"two, three\""},
      {"hdr(x-list,-2)", "four"},
      {"hdr(x-list,5)", "(none)"},
      {"hdr(x-list,-5)", "(none)"},
      {"req.fhdr(x-list,1)", "one, \"two, three\" ,four"},
      {"hdr_cnt(x-list)", "4"},
      {"fhdr_cnt(x-list)", "2"},
      {"hdr_cnt(x-empty)", "1"},
      {"fhdr_cnt(x-empty)", "1"},
      {"hdr_cnt(x-none)", "0"},
      {"hdr(x-none)", "(none)"},
      {"hdr_val(x-num)", "42"},
      {"hdr_ip(x-forwarded-for)", "192.0.2.7"},
      {"hdr_ip(x-forwarded-for,1)", "(none)"},
      {"req.hdr_names", "host,x-list,x-list,x-empty,x-num,x-forwarded-for,cookie,cookie"},
      {"cook(a)", "3"},
      {"cook(b)", "x"},
      {"cook(c)", "(none)"},
      {"cook_cnt(a)", "2"},
      {"cook_val(a)", "3"},
      {"cookie(a)", "3"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(evaluated(row.expression, scene) == row.value);
  }
  CHECK(evaluated("hdr(x-list)", scene, true) == "one | \"two, three\" | four | five");
  CHECK(evaluated("hdr_ip(x-forwarded-for)", scene, true) == "192.0.2.7");
  CHECK(evaluated("urlp(x)", scene, true) == "1 | 2");
  CHECK(evaluated("cook(a)", scene, true) == "1 | 3");
}

TEST_CASE("what fetches take from a connection and the process") {
  Scene scene(request_of("GET /"));
  constexpr Row rows[] = {
      {"src", "10.1.2.3"},
      {"src_port", "40000"},
      {"src_is_local", "0"},
      {"dst", "192.0.2.80"},
      {"dst_is_local", "1"},
      {"dst_conn", "12"},
      {"fc_err", "26"},
      {"fc_err_str", "Timeout during SSL handshake"},
      {"bc_err", "(none)"},
      {"bc_err_str", "(none)"},
      {"ssl_fc_cipherlist_hex", "(none)"},
      {"ssl_fc_protocol_hello_id", "(none)"},
      {"fc_http_major", "1"},
      {"fc_rcvd_proxy", "1"},
      {"fc_pp_authority", "a.example"},
      {"fc_pp_unique_id", "(none)"},
      {"fc_src", "192.0.2.7"},
      {"fc_src_port", "41000"},
      {"fc_src_is_local", "0"},
      {"fc_dst", "192.0.2.81"},
      {"fc_dst_port", "8081"},
      {"fc_dst_is_local", "0"},
      {"bc_http_major", "1"},
      {"act_conn", "1000"},
      {"pid", "4711"},
      {"accept_date", "1699999999"},
      {"accept_date(ms)", "1699999999012"},
      {"txn.id32", "258"},
      {"unique-id", "id-7"},
      {"fc_rtt", "12"},
      {"fc_rtt(ms)", "12"},
      {"fc_rtt(us)", "12345"},
      {"fc_rttvar(us)", "678"},
      {"fc_rttvar", "0"},
      {"fc_unacked", "1"},
      {"fc_sacked", "2"},
      {"fc_lost", "3"},
      {"fc_retrans", "4"},
      {"fc_fackets", "5"},
      {"fc_reordering", "6"},
      {"so_id", "3"},
      {"so_name", "public"},
      {"fe_id", "1"},
      {"fe_defbe", "down"},
      {"fe_client_timeout", "60000"},
      {"cur_client_timeout", "60000"},
      {"cur_server_timeout", "(none)"},
      {"prio_class", "-5"},
      {"prio_offset", "250"},
      {"last_rule_file", "corelane.json"},
      {"last_rule_line", "17"},
      {"fe_sess_rate", "20"},
      {"fe_sess_rate(other)", "21"},
      {"fe_req_rate(other)", "31"},
      {"be_sess_rate(down)", "41"},
      {"be_conn_free(app)", "9"},
      {"be_conn_free(down)", "-1"},
      {"be_conn", "(none)"},
      {"be_id", "(none)"},
      {"be_name", "(none)"},
      {"srv_id", "(none)"},
      {"srv_name", "(none)"},
      {"srv_conn_free(app/s1)", "5"},
      {"srv_conn_free(app/s2)", "-1"},
      {"srv_sess_rate(app/s2)", "61"},
      {"srv_weight(app/s2)", "9"},
      {"srv_uweight(app/s2)", "16"},
      {"srv_iweight(app/s2)", "100"},
      {"fc_rtt(s)", "fault: \"s\" is no unit: expected ms or us"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(evaluated(row.expression, scene) == row.value);
  }
  scene.choose(1, 0);
  constexpr Row chosen[] = {
      {"be_id", "4"},
      {"be_name", "down"},
      {"be_server_timeout", "50000"},
      {"srv_id", "1"},
      {"be_tunnel_timeout", "3600000"},
      {"cur_server_timeout", "50000"},
      {"cur_tunnel_timeout", "3600000"},
      {"be_conn", "51"},
      {"srv_name", "s1"},
      {"be_conn_free", "-1"},
      {"nbsrv", "0"},
      {"be_sess_rate", "41"},
      {"queue", "7"},
      {"avg_queue", "14"},
  };
  for (const Row& row : chosen) {
    CAPTURE(row.expression);
    CHECK(evaluated(row.expression, scene) == row.value);
  }
}

TEST_CASE("targets of other forms") {
  Scene absolute("GET http://h.test?q=1 HTTP/1.1\r\nHost: h.test\r\n\r\n");
  CHECK(evaluated("url", absolute) == "http://h.test?q=1");
  CHECK(evaluated("query", absolute) == "q=1");
  Scene asterisk("OPTIONS * HTTP/1.1\r\nHost: h.test\r\n\r\n");
  CHECK(evaluated("path", asterisk) == "(none)");
  CHECK(evaluated("query", asterisk) == "(none)");
  CHECK(evaluated("method", asterisk) == "OPTIONS");
}

TEST_CASE("what fetches know of the connection and the process") {
  Scene scene(request_of("GET /"), "::ffff:10.1.2.3");
  constexpr Row rows[] = {
      {"src", "10.1.2.3"},        {"src_port", "40000"},       {"dst", "192.0.2.80"},
      {"dst_port", "8080"},       {"fe_name", "web"},          {"fe_conn", "100"},
      {"fe_conn(other)", "101"},  {"be_conn(down)", "51"},     {"nbsrv(app)", "2"},
      {"nbsrv(down)", "0"},       {"connslots(app)", "30"},    {"connslots(down)", "-1"},
      {"queue(app)", "7"},        {"avg_queue(app)", "4"},     {"avg_queue(down)", "14"},
      {"srv_is_up(app/s2)", "1"}, {"srv_is_up(down/s1)", "0"}, {"srv_conn(app/s2)", "11"},
      {"srv_queue(app/s2)", "1"}, {"date", "1700000000"},      {"date(-100)", "1699999900"},
      {"always_true", "1"},       {"always_false", "0"},       {"bool(true)", "1"},
      {"int(-5)", "-5"},          {"str('a,b)')", "a,b)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(evaluated(row.expression, scene) == row.value);
  }
  for (int i = 0; i < 100; ++i) {
    const std::string drawn = evaluated("rand(3)", scene);
    CHECK((drawn == "0" || drawn == "1" || drawn == "2"));
  }
}

TEST_CASE("converters") {
  Scene scene(request_of("GET /"));
  constexpr Row rows[] = {
      {"str(AbC),lower", "abc"},
      {"str(AbC),upper", "ABC"},
      {"str(abc),length", "3"},
      {"str(abcdef),bytes(2)", "cdef"},
      {"str(abcdef),bytes(2,3)", "cde"},
      {"str(abc),bytes(9)", ""},
      {"str(f1_f2_f3__f5),field(2,_)", "f2"},
      {"str(f1_f2_f3__f5),field(-1,_)", "f5"},
      {"str(f1_f2_f3__f5),field(4,_)", ""},
      {"str(f1_f2_f3__f5),field(2,_,2)", "f2_f3"},
      {"str(f1_f2_f3__f5),field(2,_,0)", "f2_f3__f5"},
      {"str(f1_f2_f3__f5),field(6,_)", "(none)"},
      {"str(f1_f2_f3__f5),word(4,_)", "f5"},
      {"str(f1_f2_f3__f5),word(3,_,0)", "f3__f5"},
      {"str(f1_f2_f3__f5),word(-2,_)", "f3"},
      {"str(--a-),ltrim(-)", "a-"},
      {"str(--a-),rtrim(-)", "--a"},
      {"str(a1b22),regsub('[0-9]+',-)", "a-b22"},
      {"str(a1b22),regsub('[0-9]+',-,g)", "a-b-"},
      {"str(key=value),regsub('(\\w+)=(\\w+)','\\2=\\1')", "value=key"},
      {"str(abc),regsub('x*',-,g)", "-a-b-c-"},
      {"int(7),add(3)", "10"},
      {"int(9223372036854775807),add(1)", "9223372036854775807"},
      {"int(7),sub(9)", "-2"},
      {"int(7),mul(-3)", "-21"},
      {"int(9223372036854775807),mul(-2)", "-9223372036854775808"},
      {"int(7),div(2)", "3"},
      {"int(7),div(0)", "9223372036854775807"},
      {"int(7),mod(4)", "3"},
      {"int(7),mod(0)", "0"},
      {"int(7),neg", "-7"},
      {"int(12),and(10)", "8"},
      {"int(12),or(3)", "15"},
      {"int(12),xor(10)", "6"},
      {"int(0),cpl", "-1"},
      {"int(12),bool", "1"},
      {"int(12),not", "0"},
      {"int(3),odd", "1"},
      {"int(3),even", "0"},
      {"str(12ab),add(1)", "13"},
      {"src,ipmask(8)", "10.0.0.0"},
      {"src,ipmask(255.255.0.0)", "10.1.0.0"},
      {"src,ipmask(24,64)", "10.1.2.0"},
      {"str(2001:db8:1:2:3::1),ipmask(24,64)", "2001:db8:1:2::"},
      {"str(2001:db8::1),ipmask(24)", "2001:db8::1"},
      {"str(AZ),hex", "415A"},
      {"str(fFz),hex2i", "(none)"},
      {"str(hello),base64", "aGVsbG8="},
      {"str('aGVsbG8='),b64dec,lower", "hello"},
      {"str('a%20b+c?d+e'),url_dec", "a b+c?d e"},
      {"str('a+b'),url_dec(1)", "a b"},
      {"str('a%2'),url_dec", "(none)"},
      {"str(abc),crc32", "891568578"},
      {"str(abc),sdbm", "807794786"},
      {"str(abc),djb2", "193485963"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(evaluated(row.expression, scene) == row.value);
  }
}

TEST_CASE("a sample that does not fit into the arena is not there") {
  Scene scene(request_of("GET /", "X-Big: " + std::string(3000, 'A') + "\r\n"));
  CHECK(evaluated("hdr(x-big),lower", scene) == std::string(3000, 'a'));
  CHECK(evaluated("hdr(x-big),lower,upper", scene) == "(none)");
}

struct FaultRow {
  std::string_view expression;
  std::size_t position;
  std::string_view message;
  std::string_view near_miss;
};

TEST_CASE("faults say where and what") {
  constexpr FaultRow rows[] = {
      {"", 0, "expected the name of a sample fetch, such as path or src", ""},
      {"pathe", 0, "\"pathe\" is not a known sample fetch", "path"},
      {"path,lowre", 5, "\"lowre\" is not a known converter", "lower"},
      {"path;lower", 4, "expected ',' and a converter, or nothing more", ""},
      {"path,", 5, "expected the name of a converter, such as lower", ""},
      {"path(1)", 5, "path takes fewer arguments", ""},
      {"srv_conn", 8, "srv_conn(backend/server) takes more arguments", ""},
      {"nbsrv(ap)", 6, "no backend is named \"ap\"", "app"},
      {"srv_is_up(app)", 10, "\"app\" is not a server: expected BACKEND/SERVER", ""},
      {"srv_is_up(app/s3)", 10, "no server of app is named \"s3\"", "s1"},
      {"int(x)", 4, "\"x\" is not an integer", ""},
      {"src,ipmask(33)", 11, "\"33\" is not a mask: expected 0 to 32, or such as 255.255.255.0", ""},
      {"hdr(a", 4, "the list of arguments is not closed", ""},
      {"hdr('a)", 4, "the quote is not closed", ""},
      {"src,hex2i,ipmask(8)", 10, "ipmask takes an address, but what comes before it is an integer", ""},
      {"path,regsub('(',x)", 12, "bad regular expression \"(\": missing ): (", ""},
  };
  const Names names = scene_names();
  for (const FaultRow& row : rows) {
    CAPTURE(row.expression);
    const ExpressionRead read = read_expression(row.expression, names);
    CHECK_FALSE(read.expression.has_value());
    CHECK(read.fault.message == row.message);
    CHECK(read.fault.position == row.position);
    CHECK(read.fault.near_miss == row.near_miss);
  }
}

TEST_CASE("a suffix counts only where no fetch has the whole name") {
  constexpr std::string_view suffixes[] = {"beg", "cnt"};
  const Names names = scene_names();
  CHECK(read_expression("path_beg", names, suffixes).suffix == "beg");
  CHECK(read_expression("path_beg", names, suffixes).expression->fetch_name() == "path");
  CHECK(read_expression("hdr_cnt(a)", names, suffixes).suffix.empty());
  CHECK(read_expression("hdr_cnt(a)", names, suffixes).expression->fetch_name() == "hdr_cnt");
}

TEST_CASE("every fetch that takes no argument has its type") {
  Scene request(request_of("GET /?a=b"));
  Scene response(request_of("GET /"));
  response.answer_with("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=1; b=2\r\n\r\n");
  const Names names = scene_names();
  for (const FetchRow& row : fetches()) {
    Scene& scene = (row.needs & need_response) != 0 ? response : request;
    CAPTURE(row.name);
    CHECK_FALSE(row.help.empty());
    constexpr unsigned any_content = need_content | need_server_content | need_either_content;
    if (row.arguments_min != 0 || (row.needs & any_content) != 0) continue;
    if (!row.kept_in.empty()) continue;  // there are no variables here
    const ExpressionRead read = read_expression(row.name, names);
    REQUIRE(read.expression.has_value());
    Sample sample;
    Cursor cursor;
    if (read.expression->evaluate({scene.context(), scene.arena()}, cursor, sample))
      CHECK(sample.type == row.output);
  }
}

TEST_CASE("samples of a response") {
  Scene scene(request_of("GET /"));
  scene.answer_with(
      "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\nX-A: 1, 2\r\nX-A: 3\r\nSet-Cookie: a=1; b=2\r\n"
      "Set-Cookie: b=3\r\n\r\n");
  constexpr std::pair<std::string_view, std::string_view> rows[] = {
      {"status", "404"},
      {"res.ver", "1.0"},
      {"res.hdr(x-a)", "3"},
      {"res.hdr(x-a,1)", "1"},
      {"res.hdr_cnt(x-a)", "3"},
      {"res.fhdr(x-a,1)", "1, 2"},
      {"res.cook(a)", "1"},
      {"res.cook(b)", "3"},
      {"scook_cnt(b)", "1"},
      {"hdr_val(x-a)", "3"},
      {"shdr_val(x-a,1)", "1"},
      {"res.cook(c)", "(none)"},
      {"res.hdr_names", "content-length,x-a,x-a,set-cookie,set-cookie"}};
  const Names names = scene_names();
  for (const auto& [fetch, value] : rows) {
    const auto& text = fetch;  // a binding cannot be captured
    CAPTURE(text);
    const ExpressionRead read = read_expression(text, names);
    REQUIRE(read.expression.has_value());
    std::vector<char> memory(1024);
    Arena arena(memory);
    Cursor cursor{.all = false};
    Sample sample;
    const bool there = read.expression->evaluate({scene.context(), arena}, cursor, sample) &&
                       cast(sample, Type::string, arena);
    CHECK((there ? std::string(sample.text) : "(none)") == value);
  }
}

}  // namespace
}  // namespace corelane::sample
