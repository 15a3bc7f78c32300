# SPDX-License-Identifier: Apache-2.0
"""Rules of http_request: who is refused, answered or sent elsewhere, and what servers get to see."""

import json

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.ports import free_port
from support.waiting import wait_until


@pytest.fixture
def server():
    with HttpServer(response(200, b"served")) as one:
        yield one


def start(corelane, server, *rules, **keys):
    config = configs.http(server.address, frontend={"http_request": list(rules), "log_format": "json", **keys})
    return corelane(config)


def records(proxy, count):
    wait_until(lambda: len(proxy.log_lines()) >= count, "every log line")
    return [json.loads(line) for line in proxy.log_lines()]


@pytest.mark.sanitize
def test_refused_and_answered(corelane, server):
    proxy = start(
        corelane, server,
        {"action": "deny", "if": "{ path_beg /admin } !{ src 10.0.0.0/8 }"},
        {"action": "deny", "status": 429, "if": "{ path /much }"},
        {"action": "return", "string": "User-agent: *\nDisallow: /\n", "if": "{ path /robots.txt }"},
        {"action": "return", "status": 418, "content_type": "text/html", "string": "<p>%[src] %[url_param(a)]%%",
         "if": "{ path /tea }"},
        {"action": "return", "if": "{ path /empty }"},
    )
    with HttpClient(proxy.address("f")) as client:
        assert client.ask(request(target="/admin/x")).status == 403
        assert client.ask(request(target="/much")).status == 429
        robots = client.ask(request(target="/robots.txt"))
        assert (robots.status, robots.body) == (200, b"User-agent: *\nDisallow: /\n")
        assert robots.one("content-type") == "text/plain"
        tea = client.ask(request(target="/tea?a=1"))
        assert (tea.start, tea.body) == ("HTTP/1.1 418 I'm a teapot", b"<p>127.0.0.1 1%")
        assert tea.one("content-type") == "text/html"
        head = client.ask(request("HEAD", "/tea?a=1"), bodiless=True)
        assert (head.status, head.one("content-length")) == (418, "15")
        empty = client.ask(request(target="/empty"))
        assert (empty.status, empty.body, empty.one("content-type")) == (200, b"", None)
        assert client.ask(request(target="/else")).body == b"served"
    seen = [(record["http"]["status"], record["end_reason"], record["backend"]) for record in records(proxy, 7)]
    denied, answered = ("request_denied", None), ("answered_locally", None)
    assert seen == [(403, *denied), (429, *denied), (200, *answered), (418, *answered), (418, *answered), (200, *answered),
                    (200, "completed", "b")]
    assert len(server.requests) == 1
    backend = proxy.backend()
    assert (backend["requests_total"], backend["connections_total"], backend["connections_current"]) == (1, 1, 0)
    proxy.stop()


def test_a_refused_body_ends_the_connection(corelane, server):
    proxy = start(corelane, server, {"action": "deny"})
    with HttpClient(proxy.address("f")) as client:
        refused = client.ask(request("POST", "/", "Content-Length: 100000"))
        assert (refused.status, refused.one("connection")) == (403, "close")
        assert client.ended()
    proxy.stop()


@pytest.mark.sanitize
def test_fields(corelane, server):
    proxy = start(
        corelane, server,
        {"action": "add-header", "name": "X-Client", "value": "lost"},
        {"action": "set-header", "name": "X-Client", "value": "%[src]:%[req.hdr(x-who,1)]"},
        {"action": "add-header", "name": "X-Client", "value": "second"},
        {"action": "del-header", "name": "x-secret"},
        {"action": "set-header", "name": "X-Decoded", "value": "%[url_param(v),url_dec]"},
        {"action": "set-header", "name": "Host", "value": "inner.test", "if": "{ hdr(host) outer.test }"},
        {"action": "set-header", "name": "X-Never", "value": "1", "unless": "TRUE"},
        forward_for=True,
    )
    with HttpClient(proxy.address("f")) as client:
        client.ask(request("GET", "/?v=a%20b", "X-Client: forged", "X-Secret: 1", "X-SECRET: 2", "X-Who: me, you",
                           host="outer.test"))
        client.ask(request("GET", "/?v=a%0d%0aX-Evil:%201", "Cookie: a=b"))
    first, second = server.requests
    assert first.all("x-client") == ["127.0.0.1:me", "second"]
    assert first.all("x-secret") == []
    assert first.one("x-decoded") == "a b"
    assert first.one("host") == "inner.test"
    assert first.all("x-never") == []
    assert first.one("x-forwarded-for") == "127.0.0.1"
    # What no field can hold is not added.
    assert second.all("x-decoded") == second.all("x-evil") == []
    assert second.one("host") == "a.test"
    assert second.all("x-client") == ["127.0.0.1:", "second"]
    proxy.stop()


@pytest.mark.sanitize
def test_later_rules_see_what_earlier_ones_changed(corelane, server):
    proxy = start(
        corelane, server,
        {"action": "set-header", "name": "X-Tier", "value": "gold", "if": "{ path_beg /gold }"},
        {"action": "deny", "status": 429, "if": "{ req.hdr(x-tier) gold } { req.hdr(x-full) 1 }"},
        {"action": "del-header", "name": "X-Full"},
        {"action": "return", "string": "%[req.hdr(x-tier)]", "if": "{ path_end /tier } !{ req.hdr(x-full) -m found }"},
        {"action": "set-header", "name": "Host", "value": "inner.test"},
        {"action": "add-header", "name": "X-Host", "value": "%[req.hdr(host)]"},
        {"action": "add-header", "name": "X-Again", "value": "1"},
        {"action": "set-header", "name": "X-Again", "value": "%[req.hdr(x-again)]2"},
        {"action": "allow", "if": "{ req.hdr(x-again) 12 }"},
        {"action": "deny"},
    )
    with HttpClient(proxy.address("f")) as client:
        assert client.ask(request(target="/gold/x")).body == b"served"
        assert client.ask(request("GET", "/gold/x", "X-Full: 1")).status == 429
        assert client.ask(request("GET", "/gold/tier", "X-Full: 2")).body == b"gold"
        posted = client.ask(request("POST", "/b", body=b"body"))
        assert (posted.status, posted.body) == (200, b"served")
    first, second = server.requests
    assert (first.one("host"), first.one("x-host"), first.one("x-again")) == ("inner.test", "inner.test", "12")
    assert (first.one("x-tier"), second.one("x-tier"), second.body) == ("gold", None, b"body")
    proxy.stop()


@pytest.mark.sanitize
def test_variables(corelane, server):
    proxy = start(
        corelane, server,
        {"action": "set-var", "name": "proc.last", "expression": "path", "if": "{ path_beg /keep }"},
        {"action": "set-var", "name": "sess.first", "expression": "path", "unless": "{ var(sess.first) -m found }"},
        {"action": "set-var", "name": "txn.n", "expression": "url_param(n),add(1)"},
        {"action": "set-var-fmt", "name": "txn.text", "value": "%[src]-%[var(txn.n)]"},
        {"action": "unset-var", "name": "txn.text", "if": "{ var(txn.n) -m int gt 5 }"},
        {"action": "set-header", "name": "X-Lower", "value": "%[req.hdr(x-a),lower,set-var(req.a),length]"},
        {"action": "set-header", "name": "X-Seen",
         "value": "%[var(proc.last)] %[var(sess.first)] %[var(txn.n,none)] %[var(txn.text,gone)] %[var(req.a,unset)]"},
    )
    with HttpClient(proxy.address("f")) as client:
        client.ask(request("GET", "/keep?n=1", "X-A: ABC"))
        client.ask(request("GET", "/b?n=8"))
    with HttpClient(proxy.address("f")) as client:
        client.ask(request("GET", "/c"))
    assert [one.one("x-seen") for one in server.requests] == [
        "/keep /keep 2 127.0.0.1-2 abc", "/keep /keep 9 gone unset", "/keep /c none 127.0.0.1- unset"]
    assert server.requests[0].one("x-lower") == "3"
    proxy.stop()


@pytest.mark.sanitize
def test_rules_of_backends(corelane, server):
    config = configs.http(server.address, frontend={
        "log_format": "json",
        "http_request": [{"action": "set-header", "name": "X-Front", "value": "1"}, {"action": "allow"}],
    })
    config["backends"]["b"] |= {
        "acls": {"secret": "path_beg /secret"},
        "http_request": [
            {"action": "deny", "if": "secret"},
            {"action": "set-header", "name": "X-Back", "value": "%[req.hdr(x-front)]2"},
        ],
    }
    proxy = corelane(config)
    with HttpClient(proxy.address("f")) as client:
        assert client.ask(request(target="/secret/x")).status == 403
        assert client.ask(request(target="/")).body == b"served"
    assert server.requests[0].one("x-back") == "12"
    denied, served = records(proxy, 2)
    assert (denied["backend"], denied["end_reason"], denied["http"]["status"]) == ("b", "request_denied", 403)
    assert served["backend"] == "b"
    backend = proxy.backend()
    assert (backend["requests_total"], backend["connections_current"]) == (2, 0)
    proxy.stop()


@pytest.mark.sanitize
def test_time_outs_and_log_levels_of_requests(corelane):
    with HttpServer(lambda _message, connection: connection.recv(1) and None) as server:
        proxy = start(
            corelane, server,
            {"action": "set-timeout", "timeout": "server", "time": "200ms", "if": "{ path_beg /short }"},
            {"action": "set-log-level", "level": "silent", "if": "{ path_end /silent }"},
        )
        with HttpClient(proxy.address("f")) as client:
            assert client.ask(request(target="/short/silent")).status == 504
            assert client.ask(request(target="/short")).status == 504
        (record,) = records(proxy, 1)
        assert (record["http"]["status"], record["end_reason"]) == (504, "response_timeout")
        proxy.stop()


REDIRECTS = [
    ({"location": "/login?from=%[path]"}, "location /login?from=%[path]"),
    ({"location": "https://x.test/", "status": 301}, "location https://x.test/ code 301"),
    ({"location": "/x", "status": 303}, "location /x code 303"),
    ({"prefix": "https://www.test"}, "prefix https://www.test"),
    ({"prefix": "https://%[hdr(host),lower]", "status": 308}, "prefix https://%[hdr(host),lower] code 308"),
    ({"scheme": "https"}, "scheme https"),
    ({"scheme": "https", "status": 307}, "scheme https code 307"),
]


def test_redirects_like_haproxy(corelane, server, tmp_path):
    ours, theirs = ([free_port() for _ in REDIRECTS] for _ in range(2))
    config = configs.http(server.address)
    config["frontends"] = {
        f"f{number}": {
            "bind": [{"address": f"127.0.0.1:{ours[number]}"}],
            "http_request": [{"action": "redirect", "if": "{ path_beg /a }", **keys}],
            "default_backend": "b",
        }
        for number, (keys, _) in enumerate(REDIRECTS)
    }
    proxy = corelane(config)
    lines = ["defaults http", "  mode http", "  timeout connect 5s", "  timeout client 60s", "  timeout server 60s"]
    for number, (_, words) in enumerate(REDIRECTS):
        lines += [f"frontend f{number}", f"  bind 127.0.0.1:{theirs[number]}", "  default_backend b",
                  f"  http-request redirect {words} if {{{{ path_beg /a }}}}"]
    lines += ["backend b", f"  server s1 {server.address}", ""]
    with HaProxy(tmp_path / "haproxy", "\n".join(lines)):
        for our_port, their_port in zip(ours, theirs):
            for target in ("/a/b?c=d&e", "/a", "/other"):
                here, there = (HttpClient(f"127.0.0.1:{port}") for port in (our_port, their_port))
                with here, there:
                    mine, other = (client.ask(request(target=target, host="H.test:81")) for client in (here, there))
                assert mine.status == other.status
                for name in ("location", "content-length", "cache-control"):
                    assert mine.one(name) == other.one(name), (target, other.start)
    proxy.stop()
