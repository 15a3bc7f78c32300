# SPDX-License-Identifier: Apache-2.0
"""TLS ends here: what clients say inside reaches servers, and what these answer."""

import hashlib
import selectors
import socket
import ssl
import threading

import pytest
from support import configs
from support.peers import (
    TcpServer, connect, echo, finish_then_listen, hold, read_all, read_exactly, says, swallow_then_answer,
)
from support.proxy_headers import v2
from support.tls_peers import Handmade, tls_connect
from support.waiting import wait_until

MIB = 1 << 20
DATA = hashlib.shake_128(b"tls").digest(8 * MIB)


def read_all_tls(connection):
    data = bytearray()
    while more := connection.recv(1 << 20):
        data += more
    return bytes(data)


def moves(client, writes, patience_s=30):
    with selectors.DefaultSelector() as selector:
        selector.register(client, selectors.EVENT_READ | (selectors.EVENT_WRITE if writes else 0))
        return selector.select(patience_s)


def exchange(client, data):
    """Sends and reads at the same time, in one thread: Python's connections are not for two."""
    client.setblocking(False)
    heard = bytearray()
    sent = 0
    while len(heard) < len(data):
        if not client.pending():
            assert moves(client, writes=sent < len(data)), "nothing moves"
        try:
            if sent < len(data):
                sent += client.send(data[sent:sent + 65536])
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        try:
            heard += client.recv(1 << 20)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
    return bytes(heard)


@pytest.mark.sanitize
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_bytes_go_both_ways(tls_tcp, authority, version):
    context = authority.client_context()
    context.minimum_version = context.maximum_version = version
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address)
        with tls_connect(proxy.address(), context) as client:
            assert exchange(client, DATA) == DATA
            client.settimeout(30)
            plain = client.unwrap()
            assert plain.recv(1) == b""
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["bytes_to_server"], record["bytes_to_client"]) == (
            "completed", len(DATA), len(DATA))
        assert record["tls"]["version"] == {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]
        assert record["tls"]["cipher"]
        proxy.stop()


@pytest.mark.sanitize
@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_handshakes_and_records_that_come_in_pieces(tls_tcp, trusting, piece):
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address)
        with connect(proxy.address()) as plain:
            client = Handmade(plain, trusting)
            client.handshake(piece)
            client.send(DATA[:3000], piece)
            assert client.receive(3000, piece) == DATA[:3000]
        proxy.wait_log()


@pytest.mark.sanitize
def test_a_client_that_is_slow_with_its_handshake(tls_tcp, trusting):
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, frontend={"timeouts": {"client_hs": "500ms"}})
        with connect(proxy.address()) as silent, connect(proxy.address()) as slow:
            client = Handmade(slow, trusting)
            with pytest.raises(ssl.SSLWantReadError):
                client.tls.do_handshake()
            slow.sendall(client.outgoing.read()[:50])
            assert read_all(silent) == b"" and read_all(slow) == b""
        assert [record["end_reason"] for record in proxy.wait_log(2)] == ["tls_handshake_timeout"] * 2
        assert server.accepted == 0


@pytest.mark.sanitize
def test_a_client_that_leaves_in_its_handshake(tls_tcp, trusting):
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address)
        with connect(proxy.address()) as plain:
            client = Handmade(plain, trusting)
            with pytest.raises(ssl.SSLWantReadError):
                client.tls.do_handshake()
            plain.sendall(client.outgoing.read()[:50])
        assert proxy.wait_log()[0]["end_reason"] == "tls_handshake_incomplete"


@pytest.mark.sanitize
def test_who_speaks_no_tls_is_told_so(tls_tcp):
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address)
        with connect(proxy.address()) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
            read_all(client)
        record = proxy.wait_log()[0]
        assert record["end_reason"] == "tls_handshake_failed" and record["detail"], record


@pytest.mark.sanitize
def test_the_servers_end_is_the_end_of_tls(tls_tcp, trusting):
    with TcpServer(says("goodbye")) as server:
        proxy = tls_tcp(server.address)
        with tls_connect(proxy.address(), trusting) as client:
            assert read_all_tls(client) == b"goodbye"
            client.unwrap()
        assert proxy.wait_log()[0]["end_reason"] == "completed"


@pytest.mark.sanitize
def test_the_end_of_tls_is_the_clients_end(tls_tcp, trusting):
    """close_notify ends one direction: the server's answer to the end still comes."""
    with TcpServer(swallow_then_answer) as server:
        proxy = tls_tcp(server.address)
        with connect(proxy.address()) as plain:
            client = Handmade(plain, trusting)
            client.handshake()
            client.send(DATA[:100_000])
            try:
                client.tls.unwrap()
            except ssl.SSLWantReadError:
                client.flush()
            wait_until(lambda: proxy.frontend("f")["bytes_out"] > 0, "the server answers the end")
        proxy.wait_log()


@pytest.mark.sanitize
def test_a_connection_that_is_cut_is_no_end(tls_tcp, trusting):
    """Anybody on the way can end a TCP connection: the server must not take that for the client's end."""
    ends = []

    def note_end(connection, _server):
        try:
            while connection.recv(65536):
                pass
            ends.append("end")
        except ConnectionResetError:
            ends.append("reset")

    with TcpServer(note_end) as server:
        proxy = tls_tcp(server.address)
        with connect(proxy.address()) as plain:
            client = Handmade(plain, trusting)
            client.handshake()
            client.send(b"transfer 100")
            wait_until(lambda: proxy.frontend("f")["bytes_in"] > 0, "it arrives")
            plain.shutdown(socket.SHUT_WR)
            record = proxy.wait_log()[0]
        assert record["end_reason"] == "client_truncated"
        assert "close_notify" in record["detail"] or "truncated" in record["detail"], record
        wait_until(lambda: ends, "the server's connection ends")
        assert ends == ["reset"]


@pytest.mark.sanitize
def test_a_forged_record(tls_tcp, trusting):
    with TcpServer(hold) as server:
        proxy = tls_tcp(server.address)
        with connect(proxy.address()) as plain:
            client = Handmade(plain, trusting)
            client.handshake()
            plain.sendall(b"\x17\x03\x03\x00\x20" + b"\x00" * 32)
            with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC"):
                client.receive(1)
        record = proxy.wait_log()[0]
        assert record["end_reason"] == "tls_error" and record["detail"], record


@pytest.mark.sanitize
def test_behind_a_proxy_header(corelane, tls_config, trusting):
    with TcpServer(echo) as server:
        config = tls_config(configs.tcp, server.address)
        config["frontends"]["f"]["bind"][0]["accept_proxy"] = True
        proxy = corelane(config)
        for together in (False, True):
            with connect(proxy.address()) as plain:
                client = Handmade(plain, trusting)
                with pytest.raises(ssl.SSLWantReadError):
                    client.tls.do_handshake()
                header, hello = v2("10.1.2.3", 1234, "10.1.2.4", 443), client.outgoing.read()
                if together:
                    plain.sendall(header + hello)
                else:
                    plain.sendall(header)
                    plain.sendall(hello)
                client.handshake()
                client.send(b"hello")
                assert client.receive(5) == b"hello"
        assert {record["client"] for record in proxy.wait_log(2)} == {"10.1.2.3"}


@pytest.mark.sanitize
def test_clients_that_do_not_read_are_waited_for(tls_tcp, trusting):
    """A slow reader costs a bounded number of buffers, and none are lost."""
    answer = DATA[: 4 * MIB]
    with TcpServer(lambda connection, _server: connection.sendall(answer)) as server:
        proxy = tls_tcp(server.address, tune={"buffers_max": 4})
        clients = [tls_connect(proxy.address(), trusting, receive_buffer=8192) for _ in range(12)]
        with tls_connect(proxy.address(), trusting) as quick:
            assert read_exactly(quick, len(answer)) == answer
        for client in clients:
            assert read_exactly(client, len(answer)) == answer
            client.close()
        proxy.wait_log(13)
        proxy.stop()


@pytest.mark.sanitize
def test_who_waits_holds_no_buffer(tls_tcp, trusting):
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address)
        clients = [tls_connect(proxy.address(), trusting) for _ in range(50)]
        for client in clients:
            client.sendall(b"x" * 20_000)
            assert read_exactly(client, 20_000) == b"x" * 20_000
        wait_until(lambda: proxy.stats()["lanes"][0]["buffers_in_use"] == 0, "every buffer is free")
        for client in clients:
            client.close()
        proxy.wait_log(50)


@pytest.mark.sanitize
@pytest.mark.lanes
@pytest.mark.parametrize("lanes", [1, 2])
def test_a_flood_of_handshakes_keeps_to_the_limit(tls_tcp, trusting, lanes):
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, lanes=lanes, frontend={"max_connections": 10})
        most, faults = [0], []

        def flood():
            for _ in range(15):
                try:
                    with tls_connect(proxy.address(), trusting) as client:
                        client.sendall(b"hello")
                        assert read_exactly(client, 5) == b"hello"
                except Exception as fault:
                    faults.append(fault)

        threads = [threading.Thread(target=flood) for _ in range(30)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            most[0] = max(most[0], proxy.frontend("f")["connections_current"])
        assert not faults, faults[:3]
        assert most[0] <= 10
        proxy.wait_log(450)
        proxy.stop()


@pytest.mark.sanitize
def test_a_drain_lets_connections_end(tls_tcp, trusting):
    with TcpServer(finish_then_listen) as server:
        proxy = tls_tcp(server.address)
        with connect(proxy.address()) as half:
            client = tls_connect(proxy.address(), trusting)
            proxy.signal(15)
            client.sendall(b"still here")
            client.close()
            half.close()
        assert proxy.wait() == 0
