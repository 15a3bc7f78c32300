# SPDX-License-Identifier: Apache-2.0
"""What the proxy adds to requests, answers itself, and notes in the log."""

import pytest
from support.http_peers import HttpClient, HttpServer, request, response
from support.waiting import wait_until

pytestmark = [pytest.mark.sanitize]

FINE = response(200, b"fine", "Server: odd", "Set-Cookie: SID=abcdef; path=/")


@pytest.mark.parametrize("where", ["frontend", "backend"])
def test_forwarded_fields(web, where):
    with HttpServer(FINE) as server:
        added = {"forward_for": True, "original_to": True, "forwarded_proto": True}
        proxy = web(server.address, **{where: added})
        with HttpClient(proxy.address()) as client:
            for _ in range(2):
                client.ask(request("GET", "/", "X-Forwarded-For: 10.9.8.7", "X-Forwarded-Proto: https"))
        for seen in server.requests:
            assert seen.all("x-forwarded-for") == ["10.9.8.7", "127.0.0.1"]
            assert (seen.one("x-original-to"), seen.one("x-forwarded-proto")) == ("127.0.0.1", "http")


def test_monitor_uri_is_answered_here(web):
    with HttpServer(FINE) as server:
        proxy = web(server.address, frontend={"monitor_uri": "/alive"})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request("GET", "/alive")).status == 200
            assert client.ask(request("GET", "/alive?no")).body == b"fine"
            assert client.ask(request("HEAD", "/alive"), bodiless=True).status == 200
            assert client.ask().body == b"fine"
        assert [seen.start.split()[1] for seen in server.requests] == ["/alive?no", "/"]


def test_the_http_log_line(web):
    with HttpServer(FINE) as server:
        proxy = web(server.address, frontend={
            "log_format": "http", "capture": {"request_headers": [{"name": "User-Agent", "length": 5}],
                                              "response_headers": [{"name": "Server", "length": 9}]}})
        with HttpClient(proxy.address()) as client:
            client.ask(request("GET", "/a?b", "User-Agent: curious"))
            client.ask(b"GET / HTTP/1.1\r\n\r\n")
        first, second = wait_until(lambda: len(proxy.log_lines()) == 2 and proxy.log_lines(), "two log lines")
        assert " f b/s1 0/0/0/" in first and " 200 " in first
        assert first.endswith('- - ---- 1/1/1/1/0 0/0 {curio} {odd} "GET /a?b HTTP/1.1"'), first
        assert second.endswith('"<BADREQ>"') and " 400 " in second and " PR-- " in second, second
