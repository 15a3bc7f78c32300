# SPDX-License-Identifier: Apache-2.0
"""The same expressions make the same texts as in HAProxy."""


from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, request
from support.ports import free_port

TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0IiwibmFtZSI6IkrDtmUiLCJpYXQiOjE1MTZ9.c2ln"
DOCUMENT = r'{"integer":4,"my.key":"my\"va\u00e4lue","no":false,"deep":{"list":[1,"two",{"x":3.25}]},"big":1e3,"null":null}'

EXPRESSIONS = [
    # numbers
    "int(17),add(5)", "int(9223372036854775807),add(1)", "int(-9223372036854775808),add(-1)", "int(5),sub(7)",
    "int(-9223372036854775807),sub(9)", "int(0),sub(-9223372036854775808)", "int(7),mul(-3)",
    "int(9223372036854775807),mul(2)", "int(-9223372036854775807),mul(2)", "int(17),div(5)", "int(-17),div(5)",
    "int(17),div(0)", "int(-9223372036854775808),div(-1)", "int(17),mod(5)", "int(-17),mod(5)",
    "int(17),mod(0)", "int(17),neg", "int(12),and(10)", "int(12),or(3)", "int(12),xor(10)", "int(12),cpl",
    "int(0),bool", "int(3),bool", "int(3),not", "int(3),odd", "int(3),even", "str(12abc),add(1)", "str(-5),add(1)",
    "bool(true),add(1)", "hdr(x-num),add(1)",
    # bytes
    "bin(01020304050607),be2dec(:,2)", "bin(01020304050607),be2dec(-,2,1)", "bin(01020304050607),be2dec(,2,1)",
    "bin(7f000001),be2dec(.,1)", "bin(ffffffffffffffff),be2dec(,8)", "bin(01020304050607),be2hex",
    "bin(01020304050607),be2hex(:,2)", "bin(01020304050607),be2hex(--,2,1)", "bin(0102030405060708),be2hex(,3,1)",
    "bin(00ff10),hex", "str(abc),hex", "str(61626),hex2i", "str(xyz),hex2i", "str(abcd),base64", "str(abc),base64",
    "str(ab),base64", "str(YWJj),b64dec", "str(YWI=),b64dec", "str(a?b>c),ub64enc", "str(YT9iPmM),ub64dec",
    "bin(fffefd),ub64enc", "bin(fffefd),base64", "int(258),htonl,hex", "int(-1),htonl,hex",
    "str(abcdef),bytes(2)", "str(abcdef),bytes(2,2)", "str(abcdef),bytes(9)", "str(abc),length", "str(),length",
    "str(a b/c?d=e&f-g_h.i~j),url_enc", "str(a%20b+c),url_dec", "str(a%20b+c),url_dec(1)", "str(a%zz),url_dec",
    # texts
    "str(HeLLo),lower", "str(HeLLo),upper", "str(f1_f2_f3__f5),field(5,_)", "str(f1_f2_f3__f5),field(2,_,0)",
    "str(f1_f2_f3__f5),field(2,_,2)", "str(f1_f2_f3__f5),field(-2,_,3)", "str(f1_f2_f3__f5),field(-3,_,0)",
    "str(f1_f2_f3__f5),word(4,_)", "str(f1_f2_f3__f5),word(2,_,0)", "str(f1_f2_f3__f5),word(3,_,2)",
    "str(f1_f2_f3__f5),word(-2,_,3)", "str(f1_f2_f3__f5),word(-3,_,0)", "str(f1_f2_f3__f5),word(9,_)",
    "str(xxhixx),ltrim(x)", "str(xxhixx),rtrim(x)", "str(/////a///b/c/),regsub(/+,/,g)", "str(abcABC),regsub(b,x,gi)",
    "str(abcABC),regsub(B,x,i)", "str(foo12),regsub('(foo|bar)([0-9]+)?','\\2\\1')", "str(a),iif(yes,no)",
    "bool(1),iif(yes,no)", "bool(0),iif(yes,no)", "int(5),iif(yes,no)", "str(a),concat(b)", "str(a),concat(b,,c)",
    "str(a),add_item(-,,b)", "str(),add_item(-,,b)", "str(a),concat(<,txn.v,>)", "str(a),concat(<,txn.none,>)",
    "str(a),add_item(-,txn.v)", "str(a),add_item(-,txn.none)", "str(),add_item(-,txn.v)", "str(text),strcmp(txn.v)",
    "str(text),secure_memcmp(txn.v)", "str(nope),secure_memcmp(txn.v)", "int(7),add(txn.n)", "int(7),sub(txn.n)",
    "int(7),mul(txn.none)", "var(txn.n),mod(4)",
    # hashes
    "str(abc),crc32", "str(abc),crc32(1)", "str(abc),crc32c", "str(abc),crc32c(1)", "str(abc),djb2", "str(abc),djb2(1)",
    "str(abc),sdbm", "str(abc),sdbm(1)", "str(abc),wt6", "str(abc),wt6(1)", "str(abc),xxh32", "str(abc),xxh32(7)",
    "str(abc),xxh64", "str(abc),xxh64(7)", "str(abc),xxh3", "str(abc),xxh3(7)", "str(),xxh3", "path,xxh64",
    "str(abc),sha1,hex", "str(abc),sha2,hex", "str(abc),sha2(224),hex", "str(abc),sha2(384),hex", "str(abc),sha2(512),hex",
    "str(abc),digest(md5),hex", "str(abc),digest(SHA256),hex", "str(),digest(sha512),hex",
    "str(abc),hmac(sha256,a2V5),hex", "str(abc),hmac(md5,a2V5),hex", "str(abc),hmac(sha512,txn.key),hex",
    "str(abc),hmac(sha1,QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWkFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFla),hex",
    # facts
    "hdr(host),host_only", "hdr(host),port_only", "str([::1]:80),host_only", "str([::1]),host_only", "str([::1]),port_only",
    "str(WWW.x.org:),host_only", "str(www),port_only", "hdr(x-lang),language(es;fr;en)",
    "req.fhdr(x-lang),language(es;fr;en)", "req.fhdr(x-lang),language(de)", "req.fhdr(x-lang),language(it,none)",
    "req.fhdr(x-lang),language(en-GB;fr)", "int(0),http_date", "int(1700000000),http_date", "int(1700000000),http_date(-60)",
    "int(1700000000123),http_date(0,ms)", "int(1700000000123456),http_date(-7,us)", "int(1700000000),utime(%Y-%m-%dT%H:%M:%SZ)",
    "int(1700000000),utime('%a %A %b %B %d %e %j %U %W %V %G %g %u %w %y %C %I %l %k %p %P %D %F %R %T %r %c %x %X %s %%')",
    "int(1704067199),utime('%G-%V %U %W %j')", "int(1735603200),utime('%G-%V %U %W %j')", "int(951782400),utime('%F %a')",
    "int(1700000000),ltime('%Y %m %d %H %M %S %z')", "int(1690000000),ltime('%Y %m %d %H %M %S %z',3600)",
    "src,ipmask(8)", "src,ipmask(255.255.0.0)", "ipv4(192.0.2.77),ipmask(24)", "ipv6(2001:db8::ff),ipmask(24,32)",
    "ipv6(2001:db8::ff)", "ipv4(192.0.2.1)", "meth(PUT)", "bool(0)", "bool(true)", "int(-3)", "nbproc", "hostname",
    "env(PATH)", "env(CORELANE_NO_SUCH_VARIABLE)", "date,div(100000)", "date(0,ms),div(100000000)", "date_us,div(1000000)",
    "rand(1)", "uuid,length", "uuid,bytes(14,1)", "stopping", "base", "baseq", "base32", "base32+src,hex", "url32",
    "url32+src,hex", "url_ip", "url_port", "req.hdrs,length", "req.hdrs_bin,length", "req.hdrs,hex", "req.hdrs_bin,hex",
    # JSON
    "str('a\"b/c\\\\d'),json", "hdr(x-utf),json", "hdr(x-utf),json(utf8)", "hdr(x-utf),json(utf8s)", "hdr(x-bad),json(utf8)",
    "hdr(x-bad),json(utf8s)", "hdr(x-bad),json(utf8p)", "hdr(x-bad),json(utf8ps)", "hdr(x-json),json",
    "req.fhdr(x-json),json_query('$.integer')", "req.fhdr(x-json),json_query('$.integer',int),add(1)",
    "req.fhdr(x-json),json_query('$.my\\\\.key')", "req.fhdr(x-json),json_query('$.no')",
    "req.fhdr(x-json),json_query('$.deep.list[0]')", "req.fhdr(x-json),json_query('$.deep.list[1]')",
    "req.fhdr(x-json),json_query('$.deep.list[2].x')", "req.fhdr(x-json),json_query('$.deep.list')",
    "req.fhdr(x-json),json_query('$.big')", "req.fhdr(x-json),json_query('$.null')",
    "req.fhdr(x-json),json_query('$.none')", "hdr(x-token),jwt_header_query('$.alg')",
    "hdr(x-token),jwt_payload_query('$.name')", "hdr(x-token),jwt_payload_query('$.iat','int')",
    # the connection and the request
    "fc_src", "fc_dst", "fc_src_is_local", "fc_dst_is_local", "fc_http_major", "fc_rcvd_proxy", "src_is_local", "so_id",
    "fe_name", "http_first_req", "method", "req.ver", "req.hdr_cnt(x-num)", "req.hdr_names", "hdr_val(x-num)",
    "url_param(y)", "url_param(z)", "url_param(y,?)", "urlp(x)", "urlp_val(y)", "url_param", "cook(a)", "req.cook(b)",
    "cook_cnt", "cook_cnt(a)", "cook_val(b)", "req.cook", "hdr(cookie)", "req.fhdr(x-lang,1)", "req.hdr(x-lang,-2)",
    "str(f1_f2_f3__f5),field(-1,_)", "str(f1_f2_f3__f5),word(-1,_)", "str(f1_f2_f3__f5),word(-5,_)",
    "str(f1_f2_f3__f5),field(-9,_)", "str(a.b/c),field(2,./)", "str(a.b/c),word(3,./)", "str(),concat(a)", "str()",
    # maps
    "str(key),map({map})", "str(none),map({map},other)", "str(none),map({map})", "str(keyed),map_beg({map})",
    "str(a-key),map_end({map})", "str(my-key-s),map_sub({map})", "str(/x/key/y),map_dir({map})", "str(x.key.y),map_dom({map})",
    "str(/a/b/c),map_beg({paths})", "str(/a/bc),map_beg({paths})", "str(/ab),map_beg({paths})", "str(x),map_beg({paths},none)",
    "src,map_ip({nets})", "ipv4(10.1.2.3),map_ip({nets})", "ipv4(10.9.9.9),map_ip({nets})", "ipv4(11.9.9.9),map_ip({nets},no)",
    "ipv6(2001:db8::7),map_ip({nets})", "ipv6(::ffff:10.1.2.3),map_ip({nets})", "str(n),map_str_int({numbers}),add(1)",
    "str(none),map_str_int({numbers},5),add(1)", "int(17),map_int({ranges})", "int(15),map_int({ranges})",
    "int(-4),map_int({ranges})", "int(99),map_int({ranges},none)", "str(n),map_str_ip({addresses})",
    "str(/img/a/b.png),map_reg({regs})", "str(/img/a/b.png),map_regm({regs})", "str(/other),map_reg({regs},none)",
]

MAPS = {
    "map": "# comment\n  key  the value \t\nother 2\nkey never\n",
    "paths": "/ root\n/a a\n/a/b ab\n",
    "nets": "10.0.0.0/8 ten\n10.1.2.3 host\n10.1.0.0/16 sixteen\n127.0.0.1 loop\n2001:db8::/32 six\n",
    "numbers": "n 41\nlow -5\n",
    "ranges": "17 seventeen\n10:20 teens\n:0 low\n",
    "addresses": "n 192.0.2.7\n",
    "regs": "^/img/(.*)/(.*)\\.png$ \\2-\\1\n^/img any\n",
}

FIELDS = ["X-Num: 41", "X-Lang: de;q=0.5, fr;q=0.8, en-GB, en;q=0.9", "X-Utf: gr\u00fc\u00df \u20ac".encode().decode("latin-1"),
          "X-Bad: a\xe4b\xc0\xafc", f"X-Json: {DOCUMENT}", f"X-Token: {TOKEN}", "Cookie: a=1; b=2; a=3"]
SET = [("txn.v", "str(text)"), ("txn.n", "int(30)"), ("txn.key", "str(a2V5)")]
TARGET = "/a/b.png?x=1&y=2"


def files(tmp_path):
    paths = {}
    for name, content in MAPS.items():
        paths[name] = str(tmp_path / name)
        (tmp_path / name).write_text(content)
    return paths


def expressions(paths):
    texts = []
    for text in EXPRESSIONS:
        for name, path in paths.items():
            text = text.replace("{" + name + "}", path)
        texts.append(text)
    return texts


def our_config(texts, port):
    rules = [{"action": "set-var", "name": name, "expression": expression} for name, expression in SET]
    rules += [
        {"action": "return", "string": f"<%[{text}]>", "if": f"{{ hdr(x-case) {number} }}"} for number, text in enumerate(texts)
    ]
    config = configs.http("127.0.0.1:1", frontend={"http_request": rules})
    config["frontends"]["f"]["bind"] = [{"address": f"127.0.0.1:{port}"}]
    return config


def haproxy_config(texts, port):
    lines = ["defaults http", "  mode http", "  timeout connect 5s", "  timeout client 60s", "  timeout server 60s",
             "frontend f", f"  bind 127.0.0.1:{port}"]
    lines += [f"  http-request set-var({name}) {expression}" for name, expression in SET]
    for number, text in enumerate(texts):
        quoted = f"<%[{text}]>".replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
        lines.append(f'  http-request return status 200 content-type text/plain lf-string "{quoted}" '
                     f"if {{ hdr(x-case) {number} }}")
    return "\n".join(lines).replace("{", "{{").replace("}", "}}") + "\n"


def value(client, target, number):
    message = request("GET", target, *FIELDS, f"X-Case: {number}", host="WWW.example.com:8080")
    return client.ask(message).body


def test_expressions(corelane, tmp_path):
    texts = expressions(files(tmp_path))
    ours, theirs = free_port(), free_port()
    proxy = corelane(our_config(texts, ours))
    differences = []
    with HaProxy(tmp_path / "haproxy", haproxy_config(texts, theirs)):
        with HttpClient(f"127.0.0.1:{ours}") as here, HttpClient(f"127.0.0.1:{theirs}") as there:
            for number, text in enumerate(texts):
                mine, other = value(here, TARGET, number), value(there, TARGET, number)
                # HAProxy writes - for what is not there.
                if mine != other and (mine, other) != (b"<>", b"<->"):
                    differences.append(f"{text}: {mine} and not {other}")
    assert not differences, "\n".join(differences)
    proxy.stop()
