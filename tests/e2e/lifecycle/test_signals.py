# SPDX-License-Identifier: Apache-2.0
"""TERM, INT, HUP and USR1."""

import hashlib
import signal
import socket

import pytest
from support.peers import Sender, TcpServer, answer, connect, echo, ends, read_all, read_exactly
from support.waiting import Stopwatch, wait_until


@pytest.mark.sanitize
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_process_stops_at_once(balancer, number):
    proxy = balancer("127.0.0.1:9")
    with Stopwatch() as watch:
        proxy.signal(number)
        assert proxy.wait() == 0
    assert watch.seconds < 5


def talking(proxy, count=1):
    """So many clients, each of which has said something and heard it back."""
    clients = [connect(proxy.address()) for _ in range(count)]
    for client in clients:
        says_and_hears(client, b"before")
    return clients


def says_and_hears(client, text):
    client.sendall(text)
    assert read_exactly(client, len(text)) == text


def drain(proxy):
    """TERM, and it is seen to drain: a second TERM that came before would be one with the first."""
    proxy.signal(signal.SIGTERM)
    wait_until(lambda: proxy.get("/ready")[0] == 503, "/ready says that it drains")
    assert proxy.process.poll() is None, "it ended with connections open"


def refuses(address):
    """A try that comes too early is a connection of its own, without a byte."""
    try:
        connect(address, timeout_s=5).close()
    except ConnectionError as error:
        return isinstance(error, ConnectionRefusedError)
    return False


def end_reasons(proxy):
    """Of the connections that carried something."""
    return [record["end_reason"] for record in proxy.records() if record["bytes_to_server"]]


@pytest.mark.sanitize
@pytest.mark.lanes
def test_drain_waits_for_connections(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=2)
        clients = talking(proxy, 6)
        drain(proxy)
        wait_until(lambda: refuses(proxy.address()), "no lane listens any more")
        for client in clients:
            says_and_hears(client, b"after")
            assert proxy.process.poll() is None, "it ended with a connection open"
            client.shutdown(socket.SHUT_WR)
            assert read_all(client) == b""
            client.close()
        assert proxy.wait() == 0
        assert end_reasons(proxy) == ["completed"] * 6


@pytest.mark.sanitize
def test_a_transfer_is_not_cut_by_a_drain(balancer):
    """Not a byte is lost: TERM comes in the middle of a transfer to a slow reader."""
    size = 8 << 20
    with TcpServer(echo) as server:
        proxy = balancer(server.address)
        with connect(proxy.address()) as client:
            sender = Sender(client, size, "drain")
            first = read_exactly(client, 1 << 20)
            drain(proxy)
            digest = hashlib.sha256(first + read_all(client)).hexdigest()
            sender.join()
            assert digest == sender.digest
        assert proxy.wait() == 0


@pytest.mark.sanitize
def test_drain_timeout_cuts(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, drain_timeout="500ms")
        [client] = talking(proxy)
        with Stopwatch() as watch:
            proxy.signal(signal.SIGTERM)
            ends(client)
            assert proxy.wait() == 4
        assert 0.4 < watch.seconds < 5
        assert end_reasons(proxy) == ["process_stopping"]


@pytest.mark.sanitize
@pytest.mark.lanes
def test_a_second_term_stops_at_once(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=2)
        clients = talking(proxy, 20)
        drain(proxy)
        proxy.signal(signal.SIGTERM)
        assert proxy.wait() == 5
        for client in clients:
            ends(client)
        assert end_reasons(proxy) == ["process_stopping"] * 20


def test_hup_does_not_kill(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address)
        [client] = talking(proxy)
        proxy.signal(signal.SIGHUP)
        wait_until(lambda: "cannot reload" in proxy.stderr, "it says that it cannot reload")
        says_and_hears(client, b"after")
        assert answer(proxy.address(), b"z") == b"z"
        client.close()
        proxy.stop()


def test_ready_while_draining(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address)
        [client] = talking(proxy)
        drain(proxy)
        assert proxy.get("/live")[0] == 200
        client.shutdown(socket.SHUT_WR)
        read_all(client)
        assert proxy.wait() == 0
