// SPDX-License-Identifier: Apache-2.0
// What converters make. An end-to-end test compares them with HAProxy.
#include <doctest/doctest.h>

#include "sample/variables.hpp"
#include "scene.hpp"

namespace corelane::sample {
namespace {

struct Row {
  std::string_view expression;
  std::string_view value;
};

std::string evaluated(std::string_view expression, Scene& scene) {
  VariableNames variables;
  Names names = scene_names();
  names.variables = &variables;
  const ExpressionRead read = read_expression(expression, names);
  return read.expression ? scene.value(*read.expression) : "fault: " + read.fault.message;
}

TEST_CASE("bytes written in other ways") {
  Scene scene(request_of("GET /"));
  constexpr Row rows[] = {
      {"bin(01020304050607),be2dec(:,2)", "258:772:1286:7"},
      {"bin(01020304050607),be2dec(-,2,1)", "258-772-1286"},
      {"bin(ffffffffffffffff),be2dec(,8)", "18446744073709551615"},
      {"bin(01020304050607),be2hex", "01020304050607"},
      {"bin(01020304050607),be2hex(--,2,1)", "0102--0304--0506"},
      {"bin(0102030405060708),be2hex(,3,1)", "010203040506"},
      {"str(a?b>c),ub64enc", "YT9iPmM"},
      {"str(YT9iPmM),ub64dec,hex", "613F623E63"},
      {"str(YT9iP),ub64dec", "(none)"},
      {"str(a b/c~),url_enc", "a%20b%2Fc~"},
      {"int(-1),htonl,hex", "FFFFFFFF"},
      {"hdr(host),iif(yes,no)", "no"},
      {"int(3),iif(yes,no)", "yes"},
      {"str(a),concat(b,,c)", "abc"},
      {"str(a),add_item(-,,b)", "a-b"},
      {"str(),add_item(-,,b)", "b"},
      {"str(abcABC),regsub(b,x,gi)", "axcAxC"},
      {"str(abcABC),regsub(B,x,i)", "axcABC"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(evaluated(row.expression, scene) == row.value);
  }
}

TEST_CASE("digests and hashes") {
  Scene scene(request_of("GET /"));
  constexpr Row rows[] = {
      {"str(abc),sha1,hex", "A9993E364706816ABA3E25717850C26C9CD0D89D"},
      {"str(abc),sha2,hex", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"},
      {"str(abc),sha2(224),hex", "23097D223405D8228642A477BDA255B32AADBCE4BDA0B3F7E36C9DA7"},
      {"str(abc),digest(MD5),hex", "900150983CD24FB0D6963F7D28E17F72"},
      {"str(abc),hmac(md5,a2V5),hex", "D2FE98063F876B03193AFB49B4979591"},
      {"bin(0388dace60b6a392f328c2b971b2fe78),aes_gcm_dec(128,AAAAAAAAAAAAAAAA,AAAAAAAAAAAAAAAAAAAAAA==,"
       "q25H1CzsE731OmeyEle93w==),hex",
       "00000000000000000000000000000000"},
      {"bin(0388dace60b6a392f328c2b971b2fe79),aes_gcm_dec(128,AAAAAAAAAAAAAAAA,AAAAAAAAAAAAAAAAAAAAAA==,"
       "q25H1CzsE731OmeyEle93w==),hex",
       "(none)"},
      {"bin(0388dace60b6a392f328c2b971b2fe78),aes_gcm_dec(256,AAAAAAAAAAAAAAAA,AAAAAAAAAAAAAAAAAAAAAA==,"
       "q25H1CzsE731OmeyEle93w==),hex",
       "(none)"},
      {"str(eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.smZZ8MPaDgotxo1D98cFfXd3XE37CXy7QGMhGo6egaE),jwt_verify("
       "HS256,secret)",
       "1"},
      {"str(eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ."
       "MBwVlSLqAoIskxb2P95sQ6aITdIK1kDtjtpVLMLTghBPGdqlMOkZkvdxkQx3ofMhNQYKHj0hs6Q0q1i5xpsE5w),jwt_verify("
       "HS512,secret)",
       "1"},
      {"str(eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.smZZ8MPaDgotxo1D98cFfXd3XE37CXy7QGMhGo6egaE),jwt_verify("
       "HS256,other)",
       "0"},
      {"str(eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.smZZ8MPaDgotxo1D98cFfXd3XE37CXy7QGMhGo6egaE),jwt_verify("
       "HS384,secret)",
       "0"},
      {"str(eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ),jwt_verify(HS256,secret)", "-3"},
      {"str(abc),crc32c", "910901175"},
      {"str(abc),xxh32", "852579327"},
      {"str(abc),xxh64", "4952883123889572249"},
      {"str(abc),xxh3", "8696274497037089104"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(evaluated(row.expression, scene) == row.value);
  }
}

TEST_CASE("hosts, languages and dates") {
  Scene scene(request_of("GET /", "X-Lang: de;q=0.5, fr;q=0.8, en-GB, en;q=0.9\r\n"));
  constexpr Row rows[] = {
      {"hdr(host),host_only", "www.example.com"},
      {"hdr(host),port_only", "8080"},
      {"str([::1]),host_only", "[::1]"},
      {"str([::1]:80),port_only", "80"},
      {"req.fhdr(x-lang),language(es;fr;en)", "en"},
      {"req.fhdr(x-lang),language(de;fr)", "fr"},
      {"req.fhdr(x-lang),language(it)", "(none)"},
      {"req.fhdr(x-lang),language(it,none)", "none"},
      {"int(1700000000),http_date", "Tue, 14 Nov 2023 22:13:20 GMT"},
      {"int(1700000000123),http_date(-1000,ms)", "Tue, 14 Nov 2023 22:13:19.123 GMT"},
      {"int(1704067199),utime('%F %T %G-%V %j')", "2023-12-31 23:59:59 2023-52 365"},
      {"int(1735603200),utime('%G-%V %U %W %a')", "2025-01 52 53 Tue"},
      {"int(951782400),utime('%d/%b/%Y:%H:%M:%S %z')", "29/Feb/2000:00:00:00 +0000"},
      {"int(-1),utime(%Y-%m-%d)", "1969-12-31"},
      {"int(1704067199012),ms_utime('%T.%3N %N')", "23:59:59.012 012000000"},
      {"int(1704067199000120),us_utime('%T.%6N',5)", "23:59:59.000125"},
      {"int(1704067199012),ms_ltime('%s.%1N')", "1704067199.0"},
      {"int(-1),us_ltime('%T.%6N')", "23:59:59.999999"},
      {"int(0),utime(%3N)", "%3N"},
      {"date(0,ms)", "1700000000000"},
      {"uuid,length", "36"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(evaluated(row.expression, scene) == row.value);
  }
}

TEST_CASE("JSON") {
  Scene scene(request_of("GET /", R"(X-Json: {"a":1,"b.c":"x\"\u00e4","no":false,"l":[1,{"x":2.5}],"s":"1"})"
                                  "\r\nX-Bad: a\xe4"
                                  "b\r\n"));
  constexpr Row rows[] = {
      {"str('a\"b/c'),json", "a\\\"b\\/c"},
      {"hdr(x-bad),json", "a\\u00e4b"},
      {"hdr(x-bad),json(utf8)", "(none)"},
      {"hdr(x-bad),json(utf8s)", "ab"},
      {"req.fhdr(x-json),json_query('$.a')", "1"},
      {"req.fhdr(x-json),json_query('$.a',int),add(1)", "2"},
      {"req.fhdr(x-json),json_query('$.b\\.c')", "x\"\xc3\xa4"},
      {"req.fhdr(x-json),json_query('$.no')", "0"},
      {"req.fhdr(x-json),json_query('$.l[1].x')", "2.5"},
      {"req.fhdr(x-json),json_query('$.l[9]')", "(none)"},
      {"req.fhdr(x-json),json_query('$.none')", "(none)"},
      {"str('[[[['),json_query('$[0][0]')", "(none)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(evaluated(row.expression, scene) == row.value);
  }
}

TEST_CASE("the field Forwarded") {
  Scene scene(request_of("GET /"));
  constexpr Row rows[] = {
      {"str(for=192.0.2.43),rfc7239_is_valid", "1"},
      {"str('for=192.0.2.43, for=\"[2001:db8::1]:80\";proto=https'),rfc7239_is_valid", "1"},
      {"str('for=_x; by=unknown;host=a.example:8080;ext=\"a b\"'),rfc7239_is_valid", "1"},
      {"str('for=\"_a.b:_c\"'),rfc7239_is_valid", "1"},
      {"str(for=2001:db8::1),rfc7239_is_valid", "0"},
      {"str(for=192.0.2.300),rfc7239_is_valid", "0"},
      {"str(for=_x;for=_y),rfc7239_is_valid", "0"},
      {"str(for),rfc7239_is_valid", "0"},
      {"str(),rfc7239_is_valid", "0"},
      {"str('for=192.0.2.43:1234567'),rfc7239_is_valid", "0"},
      {"str('for=a\"'),rfc7239_is_valid", "0"},
      {"str('proto=http;for=\"[::1]:_p\",for=_x'),rfc7239_field(for)", "[::1]:_p"},
      {"str('proto=http;for=_x'),rfc7239_field(proto)", "http"},
      {"str('Host=a.example'),rfc7239_field(host)", "a.example"},
      {"str('proto=http'),rfc7239_field(by)", "(none)"},
      {"str('[::1]:_p'),rfc7239_n2nn", "::1"},
      {"str('[::1]:_p'),rfc7239_n2np", "_p"},
      {"str(192.0.2.43:80),rfc7239_n2nn", "192.0.2.43"},
      {"str(192.0.2.43:80),rfc7239_n2np", "80"},
      {"str(unknown),rfc7239_n2nn", "unknown"},
      {"str(unknown),rfc7239_n2np", "(none)"},
      {"str(nobody),rfc7239_n2nn", "(none)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(evaluated(row.expression, scene) == row.value);
  }
}

TEST_CASE("arguments that are none") {
  Scene scene(request_of("GET /"));
  constexpr Row rows[] = {
      {"str(a),digest(sha257)", "fault: \"sha257\" is no digest"},
      {"str(a),hmac(sha1,!!!)", "fault: \"!!!\" is neither base64 nor a variable such as txn.key"},
      {"str(a),json_query(a)", "fault: \"a\" is no path: expected one such as $.user.names[0]"},
      {"str(a),json(latin1)", "fault: \"latin1\" is no way to read characters"},
      {"str(a),jwt_verify(RS256,a)", "fault: jwt_verify: there are no files here"},
      {"bin(00),aes_gcm_dec(64,,,)", "fault: \"64\" is no length of an AES key"},
      {"str(a),rfc7239_field(via)", "fault: \"via\" is no part of the field Forwarded"},
      {"str(a),sha2(100)", "fault: \"100\" is no length of SHA-2"},
      {"str(a),be2dec(:,9)", "fault: \"9\" is not 1 to 8 bytes"},
      {"bin(0g)", "fault: \"0g\" is not hexadecimal: two digits for each byte"},
      {"bool(maybe)", "fault: \"maybe\" is no boolean"},
      {"ipv4(::1)", "fault: \"::1\" is not an IPv4 address"},
      {"ipv6(127.0.0.1)", "fault: \"127.0.0.1\" is not an IPv6 address"},
      {"date(0,h)", "fault: \"h\" is no unit of dates"},
      {"int(1),add(x)", "fault: \"x\" is not an integer"},
      {"int(1),add(tx.x)",
       "fault: \"tx.x\" is no variable: expected a scope, a dot and a name of letters, digits, _ and . such "
       "as "
       "txn.host; scopes are proc, sess, txn, req and res"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(evaluated(row.expression, scene) == row.value);
  }
}

}  // namespace
}  // namespace corelane::sample
