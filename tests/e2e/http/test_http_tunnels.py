# SPDX-License-Identifier: Apache-2.0
"""What is HTTP at first and something else afterwards."""

import pytest
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import read_exactly

pytestmark = [pytest.mark.sanitize]

UPGRADE = request("GET", "/chat", "Connection: Upgrade", "Upgrade: echo")


class EchoAfterUpgrade(HttpServer):
    def __init__(self, status=b"101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo", extra=b""):
        super().__init__(None)
        self.status, self.extra, self.heads = status, extra, []

    def _talk(self, connection, _server):
        from support.http_peers import Wire

        wire = Wire(connection)
        self.heads.append(wire.head())
        connection.sendall(b"HTTP/1.1 " + self.status + b"\r\n\r\n" + self.extra + wire.rest)
        while data := connection.recv(65536):
            connection.sendall(data)


def test_an_upgrade_becomes_a_tunnel(web):
    with EchoAfterUpgrade(extra=b"welcome") as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as client:
            got = client.ask(UPGRADE + b"early", bodiless=True)
            assert (got.status, got.one("upgrade"), got.one("connection").lower()) == (101, "echo", "upgrade")
            assert (server.heads[0].one("upgrade"), server.heads[0].one("connection").lower()) == ("echo", "upgrade")
            assert (client.wire.rest + read_exactly(client.connection, 12 - len(client.wire.rest))) == b"welcomeearly"
            for block in (b"x", b"GET / HTTP/1.1\r\n\r\n", b"y" * 3_000_000):
                client.send(block)
                assert read_exactly(client.connection, len(block)) == block
        proxy.wait_log(1)
        (record,) = proxy.records()
        assert (record["end_reason"], record["http"]["status"]) == ("completed", 101)
        assert record["bytes_to_client"] > 3_000_000


def test_an_upgrade_that_the_server_declines(web):
    with HttpServer(response(200, b"no")) as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as client:
            assert client.ask(UPGRADE).body == b"no"
            assert client.ask().body == b"no"


@pytest.mark.parametrize("where", ["frontend", "backend"])
def test_a_declined_upgrade_ends_as_http_connection_says(web, where):
    with HttpServer(response(200, b"no")) as server:
        proxy = web(server.address, **{where: {"http_connection": "server-close"}})
        with HttpClient(proxy.address()) as client:
            for _ in range(3):
                assert client.ask(UPGRADE).body == b"no"
        assert server.accepted == 3


def test_connect(web):
    with EchoAfterUpgrade(status=b"200 Connection established") as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as client:
            assert client.ask(request("CONNECT", "a.test:443", host="a.test:443"), bodiless=True).status == 200
            client.send(b"anything")
            assert read_exactly(client.connection, 8) == b"anything"


def test_the_tunnel_time_out(web):
    with EchoAfterUpgrade() as server:
        proxy = web(server.address, timeouts={"tunnel": "300ms", "client": "20s", "server": "20s"})
        with HttpClient(proxy.address()) as client:
            client.ask(UPGRADE, bodiless=True)
            client.send(b"x")
            assert client.connection.recv(1) == b"x"
            assert client.ended()
        proxy.wait_log(1)
        assert proxy.records()[0]["end_reason"] == "tunnel_timeout"


def test_an_upgrade_to_http_2_is_not_passed_on(web):
    with HttpServer(response(200, b"plain")) as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as client:
            client.ask(request("GET", "/", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAM"))
        assert server.requests[0].one("upgrade") is None
