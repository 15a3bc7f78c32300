# SPDX-License-Identifier: Apache-2.0
"""Responses 103 that rules send before a response."""

import time

import pytest
from support import configs
from support.haproxy import HTTP_DEFAULTS, HaProxy
from support.http_peers import HttpClient, HttpServer, request, response

HINTS = [("Link", "</a.css>; rel=preload"), ("Link", "</b.js>; rel=preload"), ("X-Client", "%[src]")]


@pytest.fixture
def server():
    with HttpServer(response(200, b"served")) as one:
        yield one


def hints(*pairs):
    return [{"action": "early-hint", "name": name, "value": value} for name, value in pairs]


def config_of(server):
    return configs.http(server.address, frontend={"http_request": [
        *hints(*HINTS),
        {"action": "deny", "if": "{ path /deny }"},
        {"action": "return", "string": "own", "if": "{ path /own }"},
        {"action": "pause", "time": "100ms", "if": "{ path /pause }"},
        {"action": "wait-for-body", "time": "5s", "if": "{ path /body }"},
    ]}, backend={"http_request": hints(("X-Backend", "%[be_name]"))})  # fmt: skip


HAPROXY = HTTP_DEFAULTS + """
frontend f
  bind {address}
  http-request early-hint Link "</a.css>; rel=preload"
  http-request early-hint Link "</b.js>; rel=preload"
  http-request early-hint X-Client %[src]
  http-request deny if {{ path /deny }}
  http-request return string own content-type text/plain if {{ path /own }}
  http-request wait-for-body time 5s if {{ path /body }}
  default_backend b
backend b
  http-request early-hint X-Backend %[be_name]
  server s1 {server}
"""


def said(address, *messages):
    """Fields of the hints, the final statuses and how their bodies begin, over one connection."""
    found = []
    with HttpClient(address) as client:
        for message in messages:
            client.send(message)
            fields = []
            while (got := client.answer()).status < 200:
                assert got.status == 103
                fields += [(name.lower(), value) for name, value in got.fields]
            found.append((fields, got.status, got.body[:6]))
    return found


MESSAGES = [
    request("GET", "/"),
    request("GET", "/own"),
    request("POST", "/body", body=b"z" * 5000),
    request("GET", "/x"),
    request("GET", "/deny"),
]


@pytest.mark.sanitize
def test_hints_are_haproxys(corelane, server, tmp_path):
    proxy = corelane(config_of(server))
    with HaProxy(tmp_path / "haproxy", HAPROXY.replace("{server}", server.address)) as haproxy:
        ours, theirs = said(proxy.address("f"), *MESSAGES), said(haproxy.address, *MESSAGES)
    assert ours == theirs
    links = [("link", "</a.css>; rel=preload"), ("link", "</b.js>; rel=preload"), ("x-client", "127.0.0.1")]
    assert ours[0] == ([*links, ("x-backend", "b")], 200, b"served")
    assert ours[1] == (links, 200, b"own") and ours[4][:2] == (links, 403)
    proxy.stop()


def test_several_rules_make_one_response(corelane, server):
    proxy = corelane(config_of(server))
    with HttpClient(proxy.address("f")) as client:
        client.send(request("GET", "/"))
        first, second = client.answer(), client.answer()
    assert first.start == "HTTP/1.1 103 Early Hints" and len(first.fields) == 4
    assert second.status == 200
    proxy.stop()


def test_clients_of_http_1_0_get_none(corelane, server):
    proxy = corelane(config_of(server))
    assert said(proxy.address("f"), request("GET", "/", version="HTTP/1.0")) == [([], 200, b"served")]
    proxy.stop()


def test_hints_go_out_before_the_request_waits(corelane):
    """A server that keeps the client waiting does not hold them back, nor does a rule, nor a body that is to come."""

    def slow(_message, _connection):
        time.sleep(0.3)
        return response(200, b"slow")

    with HttpServer(slow) as server:
        proxy = corelane(config_of(server))
        with HttpClient(proxy.address("f")) as client:
            began = time.monotonic()
            client.send(request("GET", "/pause"))
            assert client.answer().status == 103
            # Those of the backend come once the frontend's rules are through.
            assert client.answer().fields == [("X-Backend", "b")]
            assert client.answer().body == b"slow"
            assert time.monotonic() - began > 0.3
            client.send(b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
            assert [client.answer().status, client.answer().status] == [103, 100]
            client.send(b"body")
            assert [client.answer().status, client.answer().status] == [103, 200]
        assert server.requests[-1].body == b"body"
        proxy.stop()


def test_what_does_not_fit_ends_the_request(corelane, server):
    rules = hints(*[(f"X-{number}", "v" * 600) for number in range(4)])
    proxy = corelane(configs.http(server.address, frontend={"http_request": rules}))
    with HttpClient(proxy.address("f")) as client:
        client.send(request("GET", "/"))
        statuses = [client.answer().status]
        while statuses[-1] < 200:
            statuses.append(client.answer().status)
    assert statuses[-1] == 500 and not server.requests
    proxy.stop()
