# SPDX-License-Identifier: Apache-2.0
"""HTTP checks against nginx, Python's http.server, servers that behave badly, and beside HAProxy."""

import http.client
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support.configs import tcp
from support.haproxy import HaProxy
from support.nginx import Nginx
from support.peers import TcpServer
from support.waiting import wait_until

FAST = {"type": "http", "interval": "100ms", "fall": 1, "rise": 1}

SITES = """
    location = /moved { return 301 /; }
    location = /broken { return 500; }
    location = /slow.txt { limit_rate 16; }
    location = /included { ssi on; default_type text/html; }
    location = /headers { add_header X-Health "green, up" always; return 204; }
  }
  server {
    listen 127.0.0.1:{port};
    server_name www.example;
    location / { return 200 "the site"; }
  }
  server {
    listen 127.0.0.1:{port};
    server_name down.example;
    return 503;
"""


@pytest.fixture
def nginx(tmp_path):
    www = {
        "index.html": b"welcome",
        "ok.txt": b"all is oK\n",
        "slow.txt": b"x" * 4000 + b"at last",
        "included": b'before <!--#echo var="uri" --> after',
    }
    with Nginx(tmp_path / "nginx", www, directives=SITES) as server:
        server.www = tmp_path / "nginx" / "www"
        yield server


@pytest.fixture
def balancer_of(corelane):
    """balancer_of(backends, check time-out) with a frontend for the first of them."""
    def start(backends, timeout="1s"):
        config = tcp("127.0.0.1:1", timeouts={"check": timeout})
        config["backends"] = backends
        config["frontends"]["f"]["default_backend"] = next(iter(backends))
        return corelane(config, wait_for="/live")

    return start


def backend(address, **check):
    return {"check": {**FAST, **check}, "servers": [{"name": "s1", "address": address}]}


def check_of(proxy, name="b", server="s1"):
    return proxy.server(server, name)["check"]


def judged(proxy, name="b"):
    """(status, code, info) of the first verdict."""
    wait_until(lambda: check_of(proxy, name)["status"] != "INI", f"the check of {name} has a verdict")
    check = check_of(proxy, name)
    return check["status"], check.get("code"), check.get("info")


def said(proxy):
    """What the log says of servers."""
    lines = [json.loads(line) for line in proxy.stderr.splitlines() if line.startswith("{")]
    return [line["message"] for line in lines if line.get("event") == "server"]


@pytest.mark.sanitize
def test_nginx(balancer_of, nginx):
    checks = {
        "plain": ({}, ("L7OK", 200, None)),
        "moved": ({"uri": "/moved"}, ("L7OK", 301, None)),
        "broken": ({"uri": "/broken"}, ("L7STS", 500, "Internal Server Error")),
        "absent": ({"uri": "/absent"}, ("L7STS", 404, "Not Found")),
        "http10": ({"version": "HTTP/1.0", "uri": "/ok.txt", "expect": "string oK"}, ("L7OK", 200, None)),
        "head": ({"method": "HEAD", "uri": "/ok.txt"}, ("L7OK", 200, None)),
        "options": ({"method": "OPTIONS"}, ("L7STS", 405, "Not Allowed")),
        "status": ({"uri": "/moved", "expect": "status 200-299,304"}, ("L7STS", 301, "Moved Permanently")),
        "not_status": ({"uri": "/moved", "expect": "! status 500"}, ("L7OK", 301, None)),
        "string": ({"uri": "/ok.txt", "expect": "string all is oK"}, ("L7OK", 200, None)),
        "rstring": ({"uri": "/ok.txt", "expect": "rstring [oO][kK]"}, ("L7OK", 200, None)),
        "no_string": ({"uri": "/ok.txt", "expect": "string nonsense"},
                      ("L7RSP", None, "HTTP content check did not match")),
        "not_string": ({"uri": "/ok.txt", "expect": "! string error"}, ("L7OK", 200, None)),
        "chunked": ({"uri": "/included", "expect": "string before /included after"}, ("L7OK", 200, None)),
        "slow": ({"uri": "/slow.txt", "expect": "string at last"}, ("L7TOUT", None, "(expect string at last)")),
        "header": ({"uri": "/headers", "expect": "hdr name x-health value green"}, ("L7OK", 204, None)),
        "site": ({"host": "www.example", "expect": "string the site"}, ("L7OK", 200, None)),
        "down_site": ({"host": "down.example"}, ("L7STS", 503, "Service Temporarily Unavailable")),
    }
    proxy = balancer_of({name: backend(nginx.address, **check) for name, (check, _) in checks.items()})
    assert {name: judged(proxy, name) for name in checks} == {name: wanted for name, (_, wanted) in checks.items()}
    proxy.stop()


def test_several_requests_share_connections(balancer_of, nginx):
    """nginx keeps a connection; what is asked on another port is not there."""
    steps = [
        {"request": {"uri": "/ok.txt"}}, {"expect": "string oK"}, {"expect": "status 200"},
        {"request": {"uri": "/included"}}, {"expect": "rstring before .* after$"},
        {"request": {"uri": "/", "host": "www.example"}}, {"expect": "string the site"},
    ]
    broken = [*steps, {"request": {"uri": "/broken"}, "comment": "the last"}]
    proxy = balancer_of({"good": backend(nginx.address, steps=steps), "bad": backend(nginx.address, steps=broken)})
    assert judged(proxy, "good") == ("L7OK", 200, None)
    assert judged(proxy, "bad") == ("L7STS", 500, "Internal Server Error at step 8 comment: the last")


def test_404_asks_for_no_new_connections(balancer_of, nginx):
    """Connections that exist go on, new ones go elsewhere, and another server that tracks it follows."""
    (nginx.www / "alive").write_bytes(b"yes")
    name = {"b": backend(nginx.address, uri="/alive", disable_on_404=True),
            "follower": {"servers": [{"name": "t1", "address": nginx.address, "track": "b/s1"}]}}
    name["b"]["servers"].append({"name": "bk", "address": nginx.address, "backup": True, "check": False})
    proxy = balancer_of(name)
    assert judged(proxy) == ("L7OK", 200, None)
    client = http.client.HTTPConnection(proxy.address(), timeout=10)

    def ask():
        client.request("GET", "/")
        assert client.getresponse().read() == b"welcome"

    ask()
    (nginx.www / "alive").unlink()
    proxy.wait_status("s1", "NOLB")
    assert (check_of(proxy)["status"], check_of(proxy)["code"]) == ("L7OKC", 404)
    proxy.wait_status("t1", "NOLB", "follower")
    ask()
    before = proxy.server("bk")["connections_total"]
    other = http.client.HTTPConnection(proxy.address(), timeout=10)
    other.request("GET", "/")
    assert other.getresponse().read() == b"welcome"
    assert proxy.server("bk")["connections_total"] == before + 1
    ask()
    (nginx.www / "alive").write_bytes(b"yes")
    proxy.wait_status("s1", "UP")
    wait_until(lambda: len(said(proxy)) >= 4, "four lines about servers")
    lines = [re.sub(r"duration: \d+ms", "duration: 0ms", line) for line in said(proxy)]
    assert lines == [
        "Server b/s1 is stopping, reason: Layer7 check conditionally passed, code: 404, check duration: 0ms. 0 active "
        "and 1 backup servers online. Running on backup. 0 sessions requeued, 0 total in queue.",
        "Server follower/t1 is stopping via b/s1. 0 active and 0 backup servers online. 0 sessions requeued, 0 total "
        "in queue.",
        "Server b/s1 is UP, reason: Layer7 check passed, code: 200, check duration: 0ms. 1 active and 1 backup servers "
        "online. 0 sessions requeued, 0 total in queue.",
        "Server follower/t1 is UP via b/s1. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in "
        "queue.",
    ]


def test_404_before_maintenance_is_forgotten(balancer_of, nginx):
    """After maintenance a server is up until its check says otherwise."""
    proxy = balancer_of({"b": backend(nginx.address, uri="/alive", disable_on_404=True)})
    proxy.wait_status("s1", "NOLB")
    proxy.patch("s1", state="maint")
    proxy.patch("s1", state="ready")
    wait_until(lambda: len([line for line in said(proxy) if "is stopping" in line]) == 2, "404 counts again")
    proxy.wait_status("s1", "NOLB")
    proxy.patch("s1", state="maint")
    (nginx.www / "alive").write_bytes(b"yes")
    proxy.patch("s1", state="ready")
    wait_until(lambda: check_of(proxy)["status"] == "L7OK", "the check has passed")
    assert proxy.server("s1")["status"] == "UP"


def test_a_server_that_was_down_stays_down_with_404(balancer_of, nginx):
    """Only one that is up can ask for no new connections."""
    (nginx.www / "alive").mkdir()  # 301 is fine, 403 with the slash
    proxy = balancer_of({"b": backend(nginx.address, uri="/alive/", disable_on_404=True)})
    proxy.wait_status("s1", "DOWN")
    assert judged(proxy) == ("L7STS", 403, "Forbidden")
    (nginx.www / "alive").rmdir()
    wait_until(lambda: check_of(proxy)["code"] == 404, "404")
    assert judged(proxy) == ("L7STS", 404, "Not Found")
    assert proxy.server("s1")["status"] == "DOWN"


def answers(text):
    """A server that waits for a request, answers this and keeps the connection."""

    def handle(connection, server):
        request = b""
        while b"\r\n\r\n" not in request:
            data = connection.recv(4096)
            if not data:
                return
            request += data
        server.asked = getattr(server, "asked", []) + [request]
        connection.sendall(text.encode() if isinstance(text, str) else text)
        while connection.recv(4096):
            pass

    return TcpServer(handle)


def ok(body, status="200 OK"):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}"


@pytest.mark.sanitize
def test_servers_that_behave_badly(balancer_of):
    wanted = {
        "garbage": ("\x00\x01garbage\r\n\r\n", {}, ("L7RSP", None)),
        "another_protocol": ("SSH-2.0-OpenSSH\r\n", {}, ("L7RSP", None)),
        "two_lengths": ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", {}, ("L7RSP", None)),
        "silent": ("", {}, ("L7TOUT", None)),
        "half_a_head": ("HTTP/1.1 200 OK\r\nA:", {}, ("L7TOUT", None)),
        "does_not_close": (ok("fine"), {}, ("L7OK", 200)),
        "ends_with_close": ("HTTP/1.0 200 OK\r\n\r\nfine", {"expect": "string fine"}, ("L7OK", 200)),
        "body_stays_away": ("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", {}, ("L7OK", 200)),
        "no_reason": ("HTTP/1.1 503\r\n\r\n", {}, ("L7STS", 503)),
        "interim": ("HTTP/1.1 100 Continue\r\n\r\n" + ok("fine"), {}, ("L7OK", 200)),
        "endless_head": ("HTTP/1.1 200 OK\r\nA: " + "a" * 40_000, {}, ("L7RSP", None)),
    }
    servers = {name: answers(answer) for name, (answer, _, _) in wanted.items()}
    try:
        for server in servers.values():
            server.__enter__()
        proxy = balancer_of({name: backend(servers[name].address, **check) for name, (_, check, _) in wanted.items()})
        assert {name: judged(proxy, name)[:2] for name in wanted} == {name: row[2] for name, row in wanted.items()}
        assert judged(proxy, "two_lengths")[2] == "repeated_content_length"
        proxy.stop()
    finally:
        for server in servers.values():
            server.stop()


def test_what_is_sent(balancer_of):
    with answers(ok("")) as plain, answers(ok("")) as own:
        proxy = balancer_of({
            "plain": backend(plain.address),
            "own": backend(own.address, method="PUT", uri="/a?b=c", host="www.example", body="data",
                           headers={"Accept": "text/plain", "User-Agent": "probe"}),
        })
        assert judged(proxy, "plain") == judged(proxy, "own") == ("L7OK", 200, None)
        assert plain.asked[0] == (
            f"GET / HTTP/1.1\r\nHost: {plain.address}\r\nUser-Agent: corelane\r\nConnection: close\r\n\r\n"
        ).encode()
        assert own.asked[0] == (
            b"PUT /a?b=c HTTP/1.1\r\nHost: www.example\r\nAccept: text/plain\r\nUser-Agent: probe\r\n"
            b"Content-Length: 4\r\nConnection: close\r\n\r\ndata"
        )


# Answers, and what HAProxy and Corelane are told to expect of them.
BESIDE_HAPROXY = {
    "fine": (ok("fine"), "", {}),
    "absent": (ok("", "404 Not Found"), "", {}),
    "broken": (ok("oops", "500 Internal Server Error"), "", {}),
    "no_reason": ("HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", "", {}),
    "upgraded": ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "", {}),
    "status": (ok("", "301 Moved"), "http-check expect status 200-299,304", {"expect": "status 200-299,304"}),
    "not_status": (ok("", "500 Oops"), "http-check expect ! status 500", {"expect": "! status 500"}),
    "rstatus": (ok(""), "http-check expect rstatus 4..", {"expect": "rstatus 4.."}),
    "string": (ok("fine"), "http-check expect string error", {"expect": "string error"}),
    "no_body": (ok(""), "http-check expect string error", {"expect": "string error"}),
    "rstring": (ok("fine"), "http-check expect rstring [oO][kK]", {"expect": "rstring [oO][kK]"}),
    "unwanted": (ok("oK"), "http-check expect ! rstring [oO][kK]", {"expect": "! rstring [oO][kK]"}),
    "unwanted_no_body": (ok(""), "http-check expect ! string x", {"expect": "! string x"}),
    "stopping": (ok("", "404 Not Found"), "http-check disable-on-404", {"disable_on_404": True}),
    "stopping_whatever_is_expected": (
        ok("gone", "404 Not Found"), "http-check disable-on-404\n  http-check expect string here",
        {"disable_on_404": True, "expect": "string here"}),
}


def test_log_lines_are_those_of_haproxy(balancer_of, tmp_path):
    servers = {name: answers(answer) for name, (answer, _, _) in BESIDE_HAPROXY.items()}
    sections = "listen nothing\n  bind {address}\n"
    for name, (_, words, _) in BESIDE_HAPROXY.items():
        sections += f"backend {name}\n  timeout check 5s\n  option httpchk GET / HTTP/1.1\n  {words}\n"
        sections += f"  server s1 {servers[name].address} check inter 100ms fall 1 rise 1\n"

    def lines_in(text):
        lines = re.findall(r"Server \w+/s1 is .*? in queue\.", text)
        return sorted(re.sub(r"duration: \d+ms", "duration: 0ms", line) for line in lines)

    try:
        for server in servers.values():
            server.__enter__()
        proxy = balancer_of({name: backend(servers[name].address, **check)
                             for name, (_, _, check) in BESIDE_HAPROXY.items()})
        with HaProxy(tmp_path / "haproxy", sections) as haproxy:
            wait_until(lambda: len(lines_in(haproxy.output())) >= len(BESIDE_HAPROXY) - 1, "HAProxy has judged all")
            wait_until(lambda: len(said(proxy)) >= len(BESIDE_HAPROXY) - 1, "Corelane has judged all")
            assert lines_in("\n".join(said(proxy))) == lines_in(haproxy.output())
            assert judged(proxy, "fine") == ("L7OK", 200, None)
    finally:
        for server in servers.values():
            server.stop()


def test_python_http_server_is_not_broken_off(balancer_of):
    """A check that has its verdict still takes what the server says: no broken pipe in the server's log."""
    faults = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            for _ in range(64):
                self.wfile.write(b"x" * 16384)
            self.server.served += 1

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        served = 0

        def handle_error(self, request, client_address):
            faults.append(client_address)

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        proxy = balancer_of({"b": backend(f"127.0.0.1:{server.server_port}")})
        assert judged(proxy) == ("L7OK", 200, None)
        wait_until(lambda: server.served >= 3, "three answers were written")
        proxy.stop()
        server.shutdown()
        thread.join(10)
    assert faults == []


def test_check_after_a_proxy_header(balancer_of, tmp_path):
    with Nginx(tmp_path / "nginx", {"index.html": b"welcome"}, proxy_protocol=True) as nginx:
        b = backend(nginx.address, expect="string welcome")
        b["servers"][0]["send_proxy"] = "v2"
        proxy = balancer_of({"b": b})
        assert judged(proxy) == ("L7OK", 200, None)


def test_requests_on_other_ports(balancer_of):
    """The address decides; a port of its own decides with it."""
    with answers(ok("one")) as first, answers(ok("two")) as second:
        steps = [
            {"connect": {}}, {"request": {}}, {"expect": "string one"},
            {"connect": {"port": second.port, "linger": False}}, {"request": {}}, {"expect": "string two"},
        ]
        proxy = balancer_of({"b": backend(first.address, steps=steps)})
        assert judged(proxy) == ("L7OK", 200, None)
        second.stop()
        proxy.wait_status("s1", "DOWN")
        assert judged(proxy) == (
            "L4CON", None, f"Connection refused at step 4 of http-check (connect port {second.port})"
        )
