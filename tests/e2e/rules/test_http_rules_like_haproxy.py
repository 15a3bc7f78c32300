# SPDX-License-Identifier: Apache-2.0
"""The same rules make of a request and of a response what HAProxy makes of them."""

from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request
from support.ports import free_port


def req(action, *conditions, **keys):
    return ("http_request", {"action": action, **keys}, conditions)


def res(action, **keys):
    return ("http_response", {"action": action, **keys}, ())


def after(action, **keys):
    return ("http_after_response", {"action": action, **keys}, ())


# Each case is a frontend with these rules; beside them what HAProxy is told.
CASES = [
    ([req("replace-header", name="X-A", match="^a(.)c", value="[\\1|\\0]")],
     ["http-request replace-header X-A ^a(.)c '[\\1|\\0]'"]),
    ([req("replace-header", name="X-List", match="b.*", value="%[src]:\\0")],
     ["http-request replace-header X-List b.* '%[src]:\\0'"]),
    ([req("replace-value", name="X-List", match="^b$", value="B\\0")],
     ["http-request replace-value X-List ^b$ 'B\\0'"]),
    ([req("replace-value", name="X-List", match="(.)", value="<\\1>")],
     ["http-request replace-value X-List (.) '<\\1>'"]),
    ([req("del-header", name="x-", method="beg")], ["http-request del-header x- -m beg"]),
    ([req("del-header", name="-a", method="end")], ["http-request del-header -a -m end"]),
    ([req("del-header", name="lis", method="sub")], ["http-request del-header lis -m sub"]),
    ([req("del-header", name="^x-(a|b)$", method="reg")], ["http-request del-header ^x-(a|b)$ -m reg"]),
    ([req("set-method", value="PUT")], ["http-request set-method PUT"]),
    ([req("set-uri", value="/other?%[query]")], ["http-request set-uri /other?%[query]"]),
    ([req("set-path", value="/new%[path]")], ["http-request set-path /new%[path]"]),
    ([req("set-pathq", value="/only")], ["http-request set-pathq /only"]),
    ([req("set-query", value="%[query]&z=9")], ["http-request set-query %[query]&z=9"]),
    ([req("replace-path", match="^/a/(.*)", value="/b/\\1/\\1")], ["http-request replace-path ^/a/(.*) /b/\\1/\\1"]),
    ([req("replace-pathq", match="([^?]*)(\\?.*)?", value="\\1/x\\2")],
     ["http-request replace-pathq ([^?]*)([?].*)? \\1/x\\2"]),
    ([req("replace-uri", match="x=(.)", value="/u\\1")], ["http-request replace-uri x=(.) /u\\1"]),
    ([req("set-header", name="X-N", value="1"), req("add-header", name="X-N", value="%[req.hdr(x-n)]2"),
      req("set-path", value="/n"), req("add-header", name="X-Path", value="%[path]"),
      req("set-header", name="Host", value="inner"), req("add-header", name="X-Host", value="%[req.hdr(host)]")],
     ["http-request set-header X-N 1", "http-request add-header X-N %[req.hdr(x-n)]2", "http-request set-path /n",
      "http-request add-header X-Path %[path]", "http-request set-header Host inner",
      "http-request add-header X-Host %[req.hdr(host)]"]),
    ([req("set-var", name="txn.a", expression="req.hdr(x-a),upper"), res("set-header", name="X-Var", value="%[var(txn.a)]")],
     ["http-request set-var(txn.a) req.hdr(x-a),upper", "http-response set-header X-Var %[var(txn.a)]"]),
    ([req("set-var", name="req.a", expression="path"), res("set-header", name="X-Var", value="<%[var(req.a)]>")],
     ["http-request set-var(req.a) path", "http-response set-header X-Var <%[var(req.a)]>"]),
    ([res("set-status", status=418)], ["http-response set-status 418"]),
    ([res("set-status", status=503, reason="Slow down")], ["http-response set-status 503 reason 'Slow down'"]),
    ([res("del-header", name="server"), res("add-header", name="X-Status", value="%[status]"),
      res("set-header", name="X-Back", value="%[res.hdr(x-back)],%[res.hdr_cnt(x-back)],%[res.fhdr(x-two,1)]")],
     ["http-response del-header server", "http-response add-header X-Status %[status]",
      "http-response set-header X-Back %[res.hdr(x-back)],%[res.hdr_cnt(x-back)],%[res.fhdr(x-two,1)]"]),
    ([res("replace-header", name="Set-Cookie", match="(.*)", value="\\1; Secure"),
      res("set-header", name="X-Cook", value="%[res.cook(sid)]")],
     ["http-response replace-header Set-Cookie (.*) '\\1; Secure'", "http-response set-header X-Cook %[res.cook(sid)]"]),
    ([res("replace-value", name="X-Two", match="one", value="1")], ["http-response replace-value X-Two one 1"]),
    ([res("allow", **{"if": "{ status 200 }"}), res("set-status", status=500)],
     ["http-response allow if { status 200 }", "http-response set-status 500"]),
    ([res("redirect", location="/elsewhere?%[status]", **{"if": "{ res.hdr(x-back) a }"})],
     ["http-response redirect location /elsewhere?%[status] if { res.hdr(x-back) a }"]),
    ([after("set-header", name="X-After", value="%[res.hdr(x-back)]"), after("del-header", name="x-back")],
     ["http-after-response set-header X-After %[res.hdr(x-back)]", "http-after-response del-header x-back"]),
    ([req("redirect", location="/r"), after("set-header", name="X-After", value="%[status]")],
     ["http-request redirect location /r", "http-after-response set-header X-After %[status]"]),
    ([req("return", status=200, content_type="text/x", string="hello %[path]"),
      after("add-header", name="X-After", value="1")],
     ["http-request return status 200 content-type text/x lf-string 'hello %[path]'",
      "http-after-response add-header X-After 1"]),
    ([req("deny", **{"if": "{ path /a/b }"}), after("set-status", status=404)],
     ["http-request deny if { path /a/b }", "http-after-response set-status 404"]),
    ([res("deny", **{"if": "{ res.hdr(x-back) a }"})], ["http-response deny if { res.hdr(x-back) a }"]),
]

NORMALIZERS = [{"normalizer": name} for name in (
    "path-merge-slashes", "path-strip-dot", "path-strip-dotdot", "percent-to-uppercase", "percent-decode-unreserved",
    "query-sort-by-name", "fragment-strip")]
NORMALIZERS += [{"normalizer": "path-strip-dotdot", "full": True}, {"normalizer": "percent-to-uppercase", "strict": True},
                {"normalizer": "percent-decode-unreserved", "strict": True}]
CASES += [
    ([req("normalize-uri", **keys)],
     [f"http-request normalize-uri {' '.join([keys['normalizer'], *[key for key in keys if key != 'normalizer']])}"])
    for keys in NORMALIZERS
]

REQUESTS = [
    *(request("GET", target, host="h.test") for target in (
        "/a//b/./c/../d?b=2&a=%7e%2f&a=1&c&ab=3", "/../x/%7Ea//", "/a/../../b/../..", "/a/b/..", "/a/.", "//a/../..//b?a",
        "/x/?q", "/foo//../", "/./a/./", "/a?", "/?b&a=/../x//y")),
    request("GET", "/a/b?x=1&y", "X-A: abc", "X-A: acd", "X-List: a, b,c", "X-List: b", host="h.test"),
    request("POST", "/a/b", "X-A: none", "x-b: 1", host="h.test:81", body=b"body"),
    request("GET", "/", host="h.test"),
]


def rules_of(case):
    lists = {}
    for name, rule, conditions in case:
        lists.setdefault(name, []).append({**rule, **({"if": conditions[0]} if conditions else {})})
    return lists


def our_config(address, ports):
    config = configs.http(address)
    config["frontends"] = {
        f"f{number}": {"bind": [{"address": f"127.0.0.1:{port}"}], "default_backend": "b", **rules_of(ours)}
        for number, ((ours, _), port) in enumerate(zip(CASES, ports))
    }
    return config


def haproxy_config(address, ports):
    lines = ["global", "  expose-experimental-directives", "defaults http", "  mode http", "  timeout connect 5s", "  timeout client 60s", "  timeout server 60s"]
    for number, ((_, theirs), port) in enumerate(zip(CASES, ports)):
        lines += [f"frontend f{number}", f"  bind 127.0.0.1:{port}", "  default_backend b"]
        lines += ["  " + line.replace("{", "{{").replace("}", "}}") for line in theirs]
    return "\n".join([*lines, "backend b", f"  server s1 {address}", ""])


def fields_of(message):
    left_out = ("connection", "keep-alive")
    return sorted((name.lower(), value) for name, value in message.fields if name.lower() not in left_out)


def answer(_message, _connection):
    body = b"served"
    head = ("HTTP/1.1 200 OK\r\nServer: test\r\nX-Back: a\r\nX-Back: b\r\nX-Two: one, two\r\n"
            "Set-Cookie: sid=7; Path=/\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


def exchange(port, message, server):
    """What the client got, and what the server, if it got anything."""
    before = len(server.requests)
    with HttpClient(f"127.0.0.1:{port}") as client:
        got = client.ask(message)
    pages = got.status in (403, 502) or got.start.endswith("404 Not Found")
    client_side = (got.start if not pages else got.status, fields_of(got) if not pages else "", b"" if pages else got.body)
    served = server.requests[before:]
    return client_side, [(one.start, fields_of(one), one.body) for one in served]


def test_rules(corelane, tmp_path):
    differences = []
    with HttpServer(answer) as server:
        ours = [free_port() for _ in CASES]
        theirs = [free_port() for _ in CASES]
        proxy = corelane(our_config(server.address, ours))
        with HaProxy(tmp_path / "haproxy", haproxy_config(server.address, theirs)):
            for (_, words), our_port, their_port in zip(CASES, ours, theirs):
                for message in REQUESTS:
                    here, there = (exchange(port, message, server) for port in (our_port, their_port))
                    if here != there:
                        differences.append(f"{words} {message[:20]}:\n  {here}\n  {there}")
        proxy.stop()
    assert not differences, "\n".join(differences)
