# SPDX-License-Identifier: Apache-2.0
"""Rules of tcp_request.content and tcp_response.content in mode http: of requests and responses whose head has been read."""

import json

import pytest
from support import configs
from support.haproxy import HTTP_DEFAULTS, HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import connect, ends
from support.process import command
from support.waiting import wait_until


def answers(message, _connection):
    return response(200, b"bad" if "bad" in message.start else b"served", "X-Back: one")


@pytest.fixture
def server():
    with HttpServer(answers) as one:
        yield one


CONTENT = [
    {"action": "reject", "if": "{ path_beg /reject }"},
    {"action": "set-var", "name": "txn.seen", "expression": "path,upper"},
    {"action": "capture", "sample": "req.hdr(x-id)", "length": 5},
    {"action": "track-sc0", "key": "req.hdr(x-id)", "if": "{ req.hdr(x-id) -m found }"},
    {"action": "reject", "if": "{ sc_http_req_cnt(0) gt 2 }"},
    {"action": "accept", "if": "HTTP"},
    {"action": "set-var", "name": "txn.seen", "expression": "str(never)"},
]


def config_of(server):
    return configs.http(server.address, frontend={
        "stick_table": {"type": "string", "length": 16, "size": 100, "store": ["http_req_cnt"]},
        "tcp_request": {"content": CONTENT},
        "http_request": [{"action": "set-header", "name": "X-Seen", "value": "%[var(txn.seen)],%[capture.req.hdr(0)]"}],
    }, backend={
        "tcp_request": {"content": [{"action": "reject", "if": "{ path_end /late } { be_name b }"}]},
        "tcp_response": {"content": [{"action": "reject", "if": "{ res.hdr(content-length) 3 }"}]},
    })


HAPROXY = HTTP_DEFAULTS + """
frontend f
  bind {address}
  stick-table type string len 16 size 100 store http_req_cnt
  tcp-request content reject if {{ path_beg /reject }}
  tcp-request content set-var(txn.seen) path,upper
  tcp-request content capture req.hdr(x-id) len 5
  tcp-request content track-sc0 req.hdr(x-id) if {{ req.hdr(x-id) -m found }}
  tcp-request content reject if {{ sc_http_req_cnt(0) gt 2 }}
  tcp-request content accept if HTTP
  tcp-request content set-var(txn.seen) str(never)
  http-request set-header X-Seen %[var(txn.seen)],%[capture.req.hdr(0)]
  default_backend b
backend b
  tcp-request content reject if {{ path_end /late }}
  tcp-response inspect-delay 5s
  tcp-response content reject if {{ res.hdr(content-length) 3 }}
  server s1 {server}
"""

REQUESTS = [
    request("GET", "/one"),
    request("GET", "/reject/x"),
    request("GET", "/two", "X-Id: 1234567"),
    request("GET", "/and/late"),
    request("POST", "/three", "X-Id: 1234567", body=b"x" * 100),
    request("GET", "/four", "X-Id: 1234567"),
    request("GET", "/more", "X-Id: 1234567"),
    request("GET", "/bad"),
    request("GET", "/five", "X-Id: 7", version="HTTP/1.0"),
]


def seen(address, server):
    """What becomes of each request, on a connection of its own."""
    found = []
    for message in REQUESTS:
        before = len(server.requests)
        with HttpClient(address) as client:
            try:
                got = client.ask(message)
            except ConnectionResetError:
                got = None
        served = [one.one("x-seen") for one in server.requests[before:]]
        found.append((None if got is None else got.status, served))
    return found


@pytest.mark.sanitize
def test_requests_pass_that_haproxy_lets_pass(corelane, server, tmp_path):
    proxy = corelane(config_of(server))
    with HaProxy(tmp_path / "haproxy", HAPROXY.replace("{server}", server.address)) as haproxy:
        ours, theirs = seen(proxy.address("f"), server), seen(haproxy.address, server)
    assert ours == theirs
    assert [status for status, _ in ours] == [200, None, 200, None, 200, 200, None, None, 200]
    assert ours[2][1] == ["/TWO,12345"]
    proxy.wait_log(len(REQUESTS))
    reasons = [(record["end_reason"], record["termination_state"][:2]) for record in proxy.records()]
    assert [reason for reason, _ in reasons] == [
        "completed", "request_denied", "completed", "request_denied", "completed", "completed", "request_denied", "response_denied",
        "completed"]  # fmt: skip
    assert reasons[1][1] == "PR" and reasons[7][1][0] == "P"
    assert proxy.frontend("f")["requests_denied"] == 3
    proxy.stop()


def test_each_request_of_a_connection_is_looked_at(corelane, server):
    proxy = corelane(config_of(server))
    with HttpClient(proxy.address("f")) as client:
        for _ in range(3):
            assert client.ask(request("GET", "/a", "X-Id: me")).status == 200
        client.send(request("GET", "/a", "X-Id: me"))
        assert ends(client.connection)
    proxy.stop()


@pytest.mark.parametrize("action", ["reject", "silent-drop"])
def test_http_request_closes_without_an_answer(corelane, server, action):
    proxy = corelane(configs.http(server.address, frontend={"http_request": [{"action": action, "if": "{ path /no }"}]}))
    with HttpClient(proxy.address("f")) as client:
        assert client.ask(request("GET", "/yes")).status == 200
        client.send(request("GET", "/no"))
        if action == "reject":
            assert ends(client.connection)
        else:
            proxy.wait_log(2)
    proxy.wait_log(2)
    assert [record["end_reason"] for record in proxy.records()] == ["completed", "request_denied"]
    assert len(server.requests) == 1
    proxy.stop()


def test_a_head_in_pieces_is_looked_at_once(corelane, server):
    proxy = corelane(config_of(server))
    message = request("POST", "/pieces", "X-Id: piece", body=b"y" * 50)
    with connect(proxy.address("f")) as client:
        for at in range(0, len(message), 7):
            client.sendall(message[at : at + 7])
        wait_until(lambda: server.requests, "the request")
    assert server.requests[0].one("x-seen") == "/PIECES,piece"
    proxy.stop()


@pytest.mark.parametrize("keys, path, fault", [
    ({"tcp_request": {"inspect_delay": "1s", "content": [{"action": "accept", "if": "HTTP"}]}}, "tcp_request.inspect_delay",
     "has no effect unless the mode is tcp: in mode http rules about content are looked at when a head has been read"),
    ({"tcp_request": {"content": [{"action": "accept", "if": "{ res.len 0 }"}]}}, "content[0].if",
     "res.len needs the first bytes of a server, which is not there when a request's head has been read"),
    ({"http_request": [{"action": "close"}]}, "http_request[0].action", "close has no place in http_request: it belongs in tcp_response.content"),
    ({"http_request": [{"action": "early-hint", "name": "Content-Length", "value": "1"}]}, "http_request[0].name", "rules leave it alone"),
])
def test_faults(keys, path, fault, server, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(configs.http(server.address, frontend=keys)))
    checked = command("check", str(tmp_path / "config.json"))
    assert checked.returncode == 1 and path in checked.stderr and fault in checked.stderr, checked.stderr
