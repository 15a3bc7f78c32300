# SPDX-License-Identifier: Apache-2.0
"""What the server is told when the client has closed, and that nothing is lost by it."""

import hashlib
import socket
import time

import pytest
from support.peers import TcpServer, answer, connect, ends, read_exactly, swallow_then_answer
from support.waiting import wait_until


class Observer(TcpServer):
    """Takes what comes, slowly, and remembers how the connection ended; closes by itself after "bye"."""

    def __init__(self, pause_s=0.0, receive_buffer=None):
        super().__init__(self._take)
        self.pause_s, self.receive_buffer = pause_s, receive_buffer
        self.received, self.ending, self.end_after_s, self.digest = 0, None, None, hashlib.sha256()

    def _take(self, connection, _server):
        if self.receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        began = time.monotonic()
        try:
            while data := connection.recv(16 * 1024):
                self.received += len(data)
                self.digest.update(data)
                if data.endswith(b"bye"):
                    self.ending = "by itself"
                    return
                time.sleep(self.pause_s)
            self.ending = "end"
        except ConnectionResetError:
            self.ending = "reset"
        self.end_after_s = time.monotonic() - began


def send_and_close(address, data):
    with connect(address) as connection:
        connection.sendall(data)


def test_fin_says_so_at_once(balancer):
    with Observer() as server:
        proxy = balancer(server.address)
        send_and_close(proxy.address(), b"hello")
        wait_until(lambda: server.ending, "the server saw the end")
        assert (server.ending, server.received) == ("end", 5)


@pytest.mark.sanitize
def test_server_first_lets_the_server_close(balancer):
    with Observer() as server:
        proxy = balancer(server.address, backend={"close": {"policy": "server-first", "wait": "30s"}})
        send_and_close(proxy.address(), b"bye")
        record = proxy.wait_log()[0]
        assert record["end_reason"] == "completed"
        assert server.ending == "by itself"
        assert record["total_ms"] < 20_000


@pytest.mark.sanitize
def test_server_first_does_not_wait_for_ever(balancer):
    with Observer() as server:
        proxy = balancer(server.address, backend={"close": {"policy": "server-first", "wait": "300ms"}})
        send_and_close(proxy.address(), b"hello")
        wait_until(lambda: server.ending, "the server saw the end")
        assert server.ending == "end"
        assert server.end_after_s > 0.25
        assert proxy.wait_log()[0]["end_reason"] == "completed"


def test_server_first_keeps_half_close(balancer):
    with TcpServer(swallow_then_answer) as server:
        proxy = balancer(server.address, backend={"close": {"policy": "server-first", "wait": "100ms"}})
        assert answer(proxy.address(), b"question") == b"after the end: question"


@pytest.mark.sanitize
def test_reset_after_everything_was_taken(balancer):
    """A server that reads slowly through a small window gets every byte before the reset."""
    data = hashlib.shake_128(b"reset").digest(200_000)
    with Observer(pause_s=0.005, receive_buffer=8192) as server:
        proxy = balancer(server.address, backend={"close": "reset"})
        send_and_close(proxy.address(), data)
        wait_until(lambda: server.ending, "the server saw the end", 60)
        assert server.received == len(data)
        assert server.digest.digest() == hashlib.sha256(data).digest()
        assert server.ending == "reset"
        assert proxy.wait_log()[0]["end_reason"] == "completed"


def test_reset_leaves_a_server_that_closes_first_alone(balancer):
    with Observer() as server:
        proxy = balancer(server.address, backend={"close": "reset"})
        with connect(proxy.address()) as connection:
            connection.sendall(b"bye")
            assert ends(connection) == "end"
        wait_until(lambda: server.ending, "the server closed")
        assert server.ending == "by itself"


# An address that no other test connects to, nor from: its TIME_WAIT connections are this test's.
OWN_ADDRESS = "127.0.0.91"


def time_waits(port):
    """Connections of this machine to OWN_ADDRESS:port that are in TIME_WAIT."""
    remote = f"{int.from_bytes(socket.inet_aton(OWN_ADDRESS), 'little'):08X}:{port:04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    return sum(1 for row in rows if row[2] == remote and row[3] == "06")


@pytest.mark.parametrize("close, left", [("fin", True), ("server-first", False), ("reset", False)])
def test_who_keeps_time_wait(balancer, close, left):
    def polite(connection, _server):
        read_exactly(connection, 3)
        if close != "server-first":
            connection.recv(1)

    with TcpServer(polite, host=OWN_ADDRESS) as server:
        proxy = balancer(server.address, backend={"close": close})
        for _ in range(20):
            send_and_close(proxy.address(), b"bye")
        proxy.wait_log(20)
        assert (time_waits(server.port) > 0) == left
