# SPDX-License-Identifier: Apache-2.0
"""monitor_uri and monitor_fail answer as HAProxy does, and nothing of it reaches a server."""

import pytest
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.waiting import wait_until

SECTIONS = """
frontend f
  mode http
  timeout client 10s
  bind {{address}}
  monitor-uri /alive
  monitor fail if {{{{ nbsrv(b) lt 1 }}}}
  default_backend b
backend b
  mode http
  server s1 {server} check inter 100 fall 1 rise 1
"""
REQUESTS = [
    request("GET", "/alive"), request("HEAD", "/alive"), request("GET", "/alive?x"), request("GET", "/alive/"),
    request("GET", "/alive2"), request("POST", "/alive", body=b"12345"), request("GET", "/ALIVE"),
    request("GET", "/alive", version="HTTP/1.0"), request("GET", "http://a.test/alive"),
]


@pytest.fixture
def both(tmp_path, web):
    """both(server address) starts both and gives ask(request): the statuses that each of them says."""
    started = []

    def start(address):
        haproxy = HaProxy(tmp_path / "haproxy", SECTIONS.format(server=address))
        haproxy.__enter__()
        started.append(haproxy)
        proxy = web(address, frontend={"monitor_uri": "/alive", "monitor_fail": "{ nbsrv(b) lt 1 }"},
                    backend={"check": {"interval": "100ms", "fall": 1, "rise": 1}})
        return lambda sent: tuple(status(where, sent) for where in (proxy.address(), haproxy.address))

    yield start
    for one in started:
        one.__exit__()


def status(address, sent):
    with HttpClient(address) as client:
        return client.ask(sent, bodiless=sent.startswith(b"HEAD")).status


@pytest.mark.sanitize
def test_with_and_without_a_server(both):
    with HttpServer(response(200, b"a server")) as server:
        ask = both(server.address)
        wait_until(lambda: ask(REQUESTS[0]) == (200, 200), "both are alive")
        alive = [ask(sent) for sent in REQUESTS]
        asked = {message.start.split()[1] for message in server.requests}
        assert "/alive" not in asked
    wait_until(lambda: ask(REQUESTS[0]) == (503, 503), "both fail")
    failing = [ask(sent) for sent in REQUESTS]
    for sent, pair, other in zip(REQUESTS, alive, failing):
        assert pair[0] == pair[1] and other[0] == other[1], (sent, pair, other)
