# SPDX-License-Identifier: Apache-2.0
"""send_proxy: which header a server gets, and when."""

import socket
from contextlib import suppress

import pytest
from support import configs
from support.http_peers import HttpClient, HttpServer, response
from support.peers import SilentListener, TcpServer, connect, ends, read_all, read_exactly, reset
from support.ports import free_port
from support.proxy_headers import (
    ALPN, AUTHORITY, CRC32C, NETNS, NOOP, SSL, SSL_CN, SSL_VERSION, UNIQUE_ID, V2, read_v1, ssl_tlv, tlv, v1, v2,
    v2_local, v2_unix,
)
from support.waiting import wait_until

OF_THE_CLIENT = (
    tlv(ALPN, b"h2") + tlv(AUTHORITY, b"mail.example") + tlv(NOOP, b"xyz") + tlv(UNIQUE_ID, b"id 7")
    + ssl_tlv(3, 7, tlv(SSL_VERSION, b"TLSv1.3"), tlv(SSL_CN, b"someone")) + tlv(NETNS, b"blue") + tlv(0xE0, b"own")
)
ANNOUNCED = v2("192.0.2.7", 40001, "198.51.100.1", 3306, OF_THE_CLIENT)


class HeaderServer(TcpServer):
    """Reads a header with `read` and says "ready", then echoes; `headers` are those it has got."""

    def __init__(self, read, **options):
        super().__init__(self._serve_one, **options)
        self.headers = []
        self._read = read

    def _serve_one(self, connection, _server):
        self.headers.append(self._read(connection))
        connection.sendall(b"ready")
        while data := connection.recv(65536):
            connection.sendall(data)

    def header(self):
        return wait_until(lambda: self.headers, "a header")[0]


@pytest.fixture
def sending(corelane):
    """sending(server, send_proxy, accept_proxy=False, address=None) starts one frontend before one server."""

    def start(server, send_proxy, accept_proxy=False, address=None):
        config = configs.tcp({"address": server.address, "send_proxy": send_proxy})
        bind = config["frontends"]["f"]["bind"][0]
        bind["accept_proxy"] = accept_proxy
        bind["address"] = address or bind["address"]
        return corelane(config)

    return start


@pytest.mark.sanitize
@pytest.mark.parametrize("version, read", [("v1", read_v1), ("v2", V2)])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_clients_address_goes_first(sending, version, read, host):
    """Also to a server that waits for it before it speaks, from a client that says nothing."""
    with HeaderServer(read) as server:
        port = free_port()
        proxy = sending(server, version, address=f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        with connect(proxy.address()) as client:
            assert read_exactly(client, 5) == b"ready"
            client.sendall(b"data")
            assert read_exactly(client, 4) == b"data"
            here = client.getsockname()[:2]
        if version == "v1":
            family = "TCP6" if ":" in host else "TCP4"
            assert server.header() == f"PROXY {family} {host} {host} {here[1]} {port}\r\n"
        else:
            assert (server.header().source, server.header().destination) == (here, (host, port))
            assert server.header().tlvs == {}
        record = proxy.wait_log()[0]
        assert (record["bytes_to_server"], record["bytes_to_client"]) == (4, 9)
        assert record["end_reason"] == "completed"


def test_data_that_came_early_follows_the_header(sending):
    with HeaderServer(read_v1) as server:
        proxy = sending(server, "v1", accept_proxy=True)
        data = bytes(range(256)) * 300
        with connect(proxy.address()) as client:
            client.sendall(v1("192.0.2.7", 40001, "198.51.100.1", 3306) + data)
            client.shutdown(socket.SHUT_WR)
            assert read_all(client) == b"ready" + data
        assert server.header() == "PROXY TCP4 192.0.2.7 198.51.100.1 40001 3306\r\n"


def test_a_client_that_ends_at_once_after_its_data(sending):
    with HeaderServer(V2) as server:
        proxy = sending(server, "v2")
        with connect(proxy.address()) as client:
            client.sendall(b"all")
            client.shutdown(socket.SHUT_WR)
            assert read_all(client) == b"readyall"


@pytest.mark.sanitize
@pytest.mark.parametrize(
    "options, kept",
    [
        ([], {ALPN, NETNS}),
        (["crc32c"], {ALPN, NETNS, CRC32C}),
        (["unique-id"], {ALPN, NETNS, UNIQUE_ID}),
        (["authority"], {ALPN, NETNS, AUTHORITY}),
        (["ssl"], {ALPN, NETNS, SSL}),
        (["cert-cn"], {ALPN, NETNS, SSL}),
        (["crc32c", "unique-id", "authority", "ssl", "cert-cn"], {ALPN, NETNS, CRC32C, UNIQUE_ID, AUTHORITY, SSL}),
    ],
)
def test_what_a_header_said_is_passed_on(sending, options, kept):
    with HeaderServer(V2) as server:
        proxy = sending(server, {"version": "v2", "options": options}, accept_proxy=True)
        with connect(proxy.address()) as client:
            client.sendall(ANNOUNCED)
            assert read_exactly(client, 5) == b"ready"
    header = server.header()
    assert (header.source, header.destination) == (("192.0.2.7", 40001), ("198.51.100.1", 3306))
    assert set(header.tlvs) == kept
    of_name = tlv(SSL_CN, b"someone") if "cert-cn" in options else b""
    expected = {
        ALPN: b"h2", NETNS: b"blue", UNIQUE_ID: b"id 7", AUTHORITY: b"mail.example",
        SSL: ssl_tlv(3, 7, tlv(SSL_VERSION, b"TLSv1.3"), of_name)[3:],
    }
    for kind in kept - {CRC32C}:
        assert header.tlvs[kind] == expected[kind]
    assert CRC32C not in kept or header.checksum_is_right()


def test_the_longest_header_is_passed_on(sending):
    with HeaderServer(V2) as server:
        proxy = sending(server, {"version": "v2", "options": ["crc32c"]}, accept_proxy=True)
        name = b"n" * (4096 - 28 - 3)
        with connect(proxy.address()) as client:
            client.sendall(v2("192.0.2.7", 40001, "198.51.100.1", 3306, tlv(NETNS, name)))
            assert read_exactly(client, 5) == b"ready"
    assert server.header().tlvs[NETNS] == name
    assert server.header().checksum_is_right()


@pytest.mark.parametrize("read, unknown", [(read_v1, "PROXY UNKNOWN\r\n"), (V2, None)], ids=["v1", "v2"])
def test_a_client_without_ip_address(sending, tmp_path, read, unknown):
    """By a UNIX socket, or by a header that says so."""
    for header, address in [(b"", f"unix:{tmp_path}/listener"), (v2_unix("/client", "/server"), None)]:
        with HeaderServer(read) as server:
            proxy = sending(server, "v1" if unknown else "v2", accept_proxy=bool(header), address=address)
            with connect(proxy.address()) as client:
                client.sendall(header)
                assert read_exactly(client, 5) == b"ready"
            assert server.header() == unknown if unknown else server.header().local


def test_local_on_one_side_is_a_client_on_the_other(sending):
    """Who sends LOCAL speaks for himself."""
    with HeaderServer(V2) as server:
        proxy = sending(server, "v2", accept_proxy=True)
        with connect(proxy.address()) as client:
            here = client.getsockname()
            client.sendall(v2_local())
            assert read_exactly(client, 5) == b"ready"
        assert server.header().source == here


@pytest.mark.sanitize
def test_another_server_gets_the_header_too(corelane):
    """A connection that could not be made to one server is made to the other, with all that it had."""
    with HeaderServer(V2) as server:
        dead = f"127.0.0.1:{free_port()}"
        config = configs.tcp(dead, server.address, backend={"default_server": {"send_proxy": {
            "version": "v2", "options": ["authority"]}}})
        config["frontends"]["f"]["bind"][0]["accept_proxy"] = True
        proxy = corelane(config)
        for number in range(1, 5):
            with connect(proxy.address()) as client:
                client.sendall(v2("192.0.2.7", number, "198.51.100.1", 3306, tlv(AUTHORITY, b"mail.example")))
                assert read_exactly(client, 5) == b"ready"
        assert [header.source[1] for header in server.headers] == [1, 2, 3, 4]
        assert {header.tlvs[AUTHORITY] for header in server.headers} == {b"mail.example"}
        assert proxy.backend()["redispatches"] > 0


def test_only_servers_that_want_it_get_it(corelane):
    with HeaderServer(V2) as one, HeaderServer(lambda connection: read_exactly(connection, 4)) as two:
        config = configs.tcp(one.address, {"address": two.address, "send_proxy": "none"},
                             backend={"default_server": {"send_proxy": "v2"}})
        proxy = corelane(config)
        for _ in range(2):
            with connect(proxy.address()) as client:
                client.sendall(b"data")
                assert read_exactly(client, 5) == b"ready"
        assert len(one.headers) == 1
        assert two.header() == b"data"


def test_a_server_that_never_answers(corelane):
    with SilentListener() as server:
        config = configs.tcp({"address": server.address, "send_proxy": "v1"}, timeouts={"connect": "200ms"},
                             backend={"retries": 0})
        proxy = corelane(config)
        with connect(proxy.address()) as client:
            assert ends(client) == "end"
        assert proxy.wait_log()[0]["end_reason"] == "connect_timeout"


def test_a_server_that_resets_at_once(corelane):
    with TcpServer(lambda connection, _server: reset(connection)) as server:
        proxy = corelane(configs.tcp({"address": server.address, "send_proxy": "v2"}, backend={"retries": 1}))
        with suppress(ConnectionResetError), connect(proxy.address()) as client:  # passed on as early as in connect()
            ends(client)
        assert proxy.wait_log()[0]["end_reason"] in ("server_reset", "connect_refused")


def test_many_connections_hold_no_headers(corelane):
    """What a header said is let go when the server has it: idle connections cost what others cost."""
    with HeaderServer(V2) as server:
        config = configs.tcp({"address": server.address, "send_proxy": "v2"})
        config["frontends"]["f"]["bind"][0]["accept_proxy"] = True
        proxy = corelane(config)
        clients = []

        def open_some(count):
            for number in range(count):
                client = connect(proxy.address())
                client.sendall(v2("192.0.2.7", number + 1, "198.51.100.1", 3306))
                assert read_exactly(client, 5) == b"ready"
                clients.append(client)

        open_some(50)
        before = proxy.resident_bytes()
        open_some(200)
        assert proxy.resident_bytes() - before < 200 * 4096
        for client in clients:
            client.close()


@pytest.mark.sanitize
def test_each_connection_for_a_clients_requests_says_where_it_went(web):
    """Not only the first one, which is opened while the client's own header is still there."""
    class Server(HttpServer):
        def _talk(self, connection, server):
            headers.append(read_v1(connection))
            super()._talk(connection, server)

    headers = []
    with Server(response(200, b"fine")) as server:
        bind = [{"address": f"127.0.0.1:{free_port()}", "accept_proxy": True}]
        proxy = web({"address": server.address, "send_proxy": "v1"},
                    frontend={"bind": bind, "http_connection": "server-close"})
        told = v1("192.0.2.7", 40001, "198.51.100.1", 80)
        with HttpClient(proxy.address()) as client:
            client.send(told)
            for _ in range(3):
                assert client.ask().body == b"fine"
        assert headers == [told.decode()] * 3
