# SPDX-License-Identifier: Apache-2.0
"""accept_proxy: what a client's PROXY header does, and what becomes of connections without a good one."""

import socket

import pytest
from support import configs
from support.http_peers import HttpClient, HttpServer, response
from support.peers import TcpServer, connect, echo, ends, read_exactly, reset, says_and_echoes
from support.ports import free_port
from support.proxy_headers import (
    AUTHORITY, NETNS, NOOP, UNIQUE_ID, SIGNATURE, SSL_CN, ssl_tlv, tlv, v1, v2, v2_block, v2_local, v2_unix,
    v2_with_checksum,
)
from support.waiting import Stopwatch, wait_until

V1 = v1("192.0.2.7", 40001, "198.51.100.1", 3306)
V2 = v2("192.0.2.7", 40001, "198.51.100.1", 3306)
EVERY_TLV = (
    tlv(AUTHORITY, b"mail.example") + tlv(NOOP, b"xyz") + tlv(UNIQUE_ID, b"u" * 128) + tlv(NETNS, b"blue")
    + ssl_tlv(1, 0, tlv(SSL_CN, b"someone")) + tlv(0xE0, b"unknown to everybody")
)


@pytest.fixture
def accepting(balancer):
    """accepting(server, accept_proxy=..., **options): a frontend whose bind has accept_proxy."""

    def start(*servers, accept_proxy=True, timeouts=None, lanes=1, **bind):
        config = configs.tcp(*servers, timeouts=timeouts, lanes=lanes)
        config["frontends"]["f"]["bind"][0].update({"accept_proxy": accept_proxy, **bind})
        return config

    return start


@pytest.fixture
def echoing(corelane, accepting):
    """A running proxy with accept_proxy before an echo server."""
    with TcpServer(echo) as server:
        yield corelane(accepting(server.address))


def exchange(address, *parts):
    """Sends the parts one segment each and then the end; what comes back until the end."""
    with connect(address) as client:
        if client.family != socket.AF_UNIX:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            client.sendall(part)
        client.shutdown(socket.SHUT_WR)
        received = b""
        while data := client.recv(65536):
            received += data
        return received


def client_of(record):
    return record["client"], record["client_port"]


@pytest.mark.sanitize
@pytest.mark.parametrize(
    "header, client",
    [
        (V1, ("192.0.2.7", 40001)),
        (v1("2001:db8::7", 1, "::1", 65535), ("2001:db8::7", 1)),
        (V2, ("192.0.2.7", 40001)),
        (v2("2001:db8::7", 40001, "2001:db8::1", 25), ("2001:db8::7", 40001)),
        (v2("192.0.2.7", 40001, "198.51.100.1", 53, transport=2), ("192.0.2.7", 40001)),
        (v2("192.0.2.7", 40001, "198.51.100.1", 3306, EVERY_TLV), ("192.0.2.7", 40001)),
        (v2("192.0.2.7", 40001, "198.51.100.1", 3306, tlv(NOOP, bytes(4096 - 28 - 3))), ("192.0.2.7", 40001)),
        (v2_with_checksum("192.0.2.7", 40001, "198.51.100.1", 3306), ("192.0.2.7", 40001)),
        (v2_unix("/run/client", "/run/server"), ("unix", None)),
    ],
    ids=["v1", "v1 ipv6", "v2", "v2 ipv6", "v2 udp", "v2 tlvs", "v2 longest", "v2 crc32c", "v2 unix"],
)
def test_the_header_names_the_client(echoing, header, client):
    assert exchange(echoing.address(), header + b"hello") == b"hello"
    record = echoing.wait_log()[0]
    assert client_of(record) == client
    assert record["end_reason"] == "completed"
    assert record["bytes_to_server"] == record["bytes_to_client"] == 5
    counters = echoing.frontend("f")
    assert counters["bytes_in"] == counters["bytes_out"] == echoing.server("s1")["bytes_in"] == 5
    assert counters["proxy_header_errors"] == 0


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN some more\r\n", v2_local(),
                                    v2_block(0x20, 0x11, b"x" * 60), v2_block(0x21, 0, b"y" * 60)])
def test_a_header_without_addresses_keeps_the_real_one(echoing, header):
    assert exchange(echoing.address(), header + b"hello") == b"hello"
    assert echoing.wait_log()[0]["client"] == "127.0.0.1"


@pytest.mark.sanitize
@pytest.mark.parametrize("header", [V1, V2 + b"", v2("192.0.2.7", 40001, "198.51.100.1", 3306, EVERY_TLV)],
                         ids=["v1", "v2", "v2 tlvs"])
def test_a_header_in_any_two_parts(echoing, header):
    sample = range(1, len(header) + 1) if len(header) < 100 else range(1, len(header) + 1, 7)
    for split in sample:
        assert exchange(echoing.address(), header[:split], header[split:] + b"data") == b"data", split
    records = echoing.wait_log(len(sample))
    assert {client_of(record) for record in records} == {("192.0.2.7", 40001)}


def test_a_header_byte_by_byte(echoing):
    header = v2("192.0.2.7", 40001, "198.51.100.1", 3306, EVERY_TLV)
    assert exchange(echoing.address(), *[header[i : i + 1] for i in range(len(header))], b"data") == b"data"
    assert client_of(echoing.wait_log()[0]) == ("192.0.2.7", 40001)


def test_more_than_a_buffer_behind_the_header(echoing):
    data = bytes(range(256)) * 4096
    with connect(echoing.address()) as client:
        client.sendall(V1 + data[:100_000])
        client.setblocking(False)
        received, sent = b"", 100_000
        client.settimeout(30)
        while len(received) < len(data):
            if sent < len(data):
                client.sendall(data[sent : sent + 50_000])
                sent += 50_000
            received += client.recv(200_000)
        assert received == data


def test_a_server_that_speaks_first(corelane, accepting):
    with TcpServer(says_and_echoes("welcome")) as server:
        proxy = corelane(accepting(server.address))
        with connect(proxy.address()) as client:
            client.sendall(V1)
            assert read_exactly(client, 7) == b"welcome"


def crc_is_wrong():
    sound = v2_with_checksum("192.0.2.7", 40001, "198.51.100.1", 3306)
    return sound[:-1] + bytes([sound[-1] ^ 1])


@pytest.mark.sanitize
@pytest.mark.parametrize(
    "start, word",
    [
        (b"GET / HTTP/1.1\r\n\r\n", "no_header"),
        (b"\x16\x03\x01\x02\x00\x01", "no_header"),
        (b"PROXY UNKNOWN " + b"x" * 92 + b"\r\n", "too_long"),
        (b"PROXY TCP4 1.2.3.4 1.2.3.4 1 99999\r\n", "bad_line"),
        (b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", "bad_line"),
        (SIGNATURE + b"\x31", "bad_version"),
        (SIGNATURE + b"\x2f", "bad_command"),
        (SIGNATURE + b"\x21\x71", "bad_family"),
        (SIGNATURE + b"\x21\x11\xff\xff", "too_long"),
        (v2_block(0x21, 0x11, b"x" * 11), "bad_length"),
        (v2("1.2.3.4", 1, "1.2.3.4", 2, b"\x02\x00\x09short"), "bad_tlv"),
        (v2("1.2.3.4", 1, "1.2.3.4", 2, tlv(UNIQUE_ID, b"u" * 129)), "bad_tlv"),
        (crc_is_wrong(), "bad_checksum"),
    ],
)
def test_a_connection_without_a_good_header_is_closed(corelane, accepting, start, word):
    with TcpServer(echo) as server:
        proxy = corelane(accepting(server.address))
        with connect(proxy.address()) as client:
            client.sendall(start)
            assert ends(client) == "end"
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["detail"]) == ("proxy_header_invalid", word)
        assert record["termination_state"] == "PR"
        assert (record["client"], record["server"]) == ("127.0.0.1", None)
        assert proxy.frontend("f")["proxy_header_errors"] == 1
        assert server.accepted == 0
        # The next one is served.
        assert exchange(proxy.address(), V1 + b"hello") == b"hello"


def test_a_line_of_108_bytes(echoing):
    line = b"PROXY UNKNOWN " + b"x" * 92 + b"\r\n"
    assert len(line) == 108
    assert exchange(echoing.address(), line) == b""
    assert exchange(echoing.address(), line[:50] + line[51:] + b"hello") == b"hello"


@pytest.mark.parametrize("how, reason, letters", [("end", "proxy_header_incomplete", "CR"), ("reset", "client_reset", "CR")])
@pytest.mark.parametrize("start", [b"", V2[:20]], ids=["nothing", "a part"])
def test_a_client_that_leaves(echoing, start, how, reason, letters):
    with connect(echoing.address()) as client:
        client.sendall(start)
        if how == "reset":
            reset(client)
    record = echoing.wait_log()[0]
    assert (record["end_reason"], record["termination_state"]) == (reason, letters)


@pytest.mark.parametrize("start", [b"", V1[:-1], V2[:-1]], ids=["nothing", "v1", "v2"])
def test_a_slow_header(corelane, accepting, start):
    with TcpServer(echo) as server:
        proxy = corelane(accepting(server.address, timeouts={"client_hs": "300ms"}))
        with Stopwatch() as watch, connect(proxy.address()) as client:
            client.sendall(start)
            assert ends(client) == "end"
        assert watch.seconds > 0.29
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["termination_state"]) == ("proxy_header_timeout", "cR")
        assert proxy.frontend("f")["proxy_header_timeouts"] == 1
        assert server.accepted == 0


def test_only_some_networks_have_headers(corelane, accepting):
    config = accepting("placeholder:1", accept_proxy=["127.0.0.2/31", "::1"])
    with TcpServer(echo) as server:
        config["backends"]["b"]["servers"][0]["address"] = server.address
        port = free_port()
        config["frontends"]["f"]["bind"][0]["address"] = f"[::]:{port}"
        proxy = corelane(config)
        for source, target, trusted in [("127.0.0.1", "127.0.0.1", False), ("127.0.0.2", "127.0.0.1", True),
                                        ("127.0.0.3", "127.0.0.1", True), ("127.0.0.4", "127.0.0.1", False),
                                        ("::1", "::1", True)]:
            with socket.create_connection((target, port), 30, source_address=(source, 0)) as client:
                client.sendall(V1 + b"hello")
                client.shutdown(socket.SHUT_WR)
                received = b""
                while data := client.recv(65536):
                    received += data
            assert received == (b"hello" if trusted else V1 + b"hello"), source
        clients = [record["client"] for record in proxy.wait_log(5)]
        assert clients == ["::ffff:127.0.0.1", "192.0.2.7", "192.0.2.7", "::ffff:127.0.0.4", "192.0.2.7"]


def test_balance_source_follows_the_header(corelane, accepting):
    """Clients behind one proxy are spread over the servers, and each keeps its own."""

    def name(number):
        return says_and_echoes(str(number))

    with TcpServer(name(1)) as one, TcpServer(name(2)) as two, TcpServer(name(3)) as three:
        config = accepting(one.address, two.address, three.address)
        config["backends"]["b"]["balance"] = "source"
        proxy = corelane(config)

        def server_for(ip):
            with connect(proxy.address()) as client:
                client.sendall(v1(ip, 40001, "198.51.100.1", 3306))
                return read_exactly(client, 1)

        chosen = {ip: server_for(ip) for ip in (f"192.0.2.{n}" for n in range(1, 20))}
        assert len(set(chosen.values())) == 3
        assert all(server_for(ip) == server for ip, server in chosen.items())


def test_a_unix_listener(corelane, accepting, tmp_path):
    with TcpServer(echo) as server:
        path = f"unix:{tmp_path}/listener"
        proxy = corelane(accepting(server.address, address=path))
        assert exchange(path, V2 + b"hello") == b"hello"
        assert client_of(proxy.wait_log()[0]) == ("192.0.2.7", 40001)


@pytest.mark.sanitize
def test_the_log_of_a_request_tells_how_long_the_header_took(web):
    with HttpServer(response(200, b"fine")) as server:
        proxy = web(server.address, frontend={"bind": [{"address": f"127.0.0.1:{free_port()}", "accept_proxy": True}]})
        with HttpClient(proxy.address()) as client:
            wait_until(lambda: proxy.frontend("f")["connections_current"] == 1, "it is accepted")
            Stopwatch.sleep(0.15)
            client.send(V1)
            Stopwatch.sleep(0.15)
            assert client.ask().body == b"fine"
            assert client.ask().body == b"fine"
        first, second = (record["http"] for record in proxy.wait_log(2))
        assert first["handshake_ms"] >= 150
        assert first["idle_ms"] >= 0 and first["handshake_ms"] + first["idle_ms"] >= 300
        assert proxy.records()[0]["total_ms"] >= first["handshake_ms"] + first["idle_ms"]
        assert second["handshake_ms"] == 0
