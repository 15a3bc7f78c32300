# SPDX-License-Identifier: Apache-2.0
"""Each time-out ends a connection when it says, and the log says which it was."""

import socket

import pytest
from support.peers import SilentListener, TcpServer, connect, echo, ends, finish_then_listen, hold, read_all, read_exactly
from support.waiting import Stopwatch, wait_until

SECOND = 0.6
# Above: a noisy machine. Below: a timer tick.
EARLY, LATE = 0.05, 1.5


def assert_in_time(seconds, expected=SECOND):
    assert expected - EARLY <= seconds <= expected + LATE, f"{seconds:.3f} s instead of {expected} s"


@pytest.mark.sanitize
@pytest.mark.exclusive
@pytest.mark.parametrize(
    "timeout, end_reason, termination",
    [("client", "client_timeout", "cD"), ("server", "server_timeout", "sD")],
)
def test_idle_timeouts(balancer, timeout, end_reason, termination):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, timeouts={timeout: "600ms"})
        with connect(proxy.address()) as client:
            client.sendall(b"hello")
            assert read_exactly(client, 5) == b"hello"
            with Stopwatch() as watch:
                ends(client)
        assert_in_time(watch.seconds)
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["termination_state"]) == (end_reason, termination)


@pytest.mark.exclusive
def test_traffic_keeps_an_idle_timeout_away(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, timeouts={"client": "1s", "server": "1s"})
        with connect(proxy.address()) as client, Stopwatch() as watch:
            while watch.so_far() < 2.5:
                client.sendall(b"x")
                assert read_exactly(client, 1) == b"x"
                watch.sleep(0.2)
            client.shutdown(socket.SHUT_WR)
            assert read_all(client) == b""
        assert proxy.wait_log()[0]["end_reason"] == "completed"


@pytest.mark.sanitize
@pytest.mark.exclusive
def test_a_server_that_never_accepts(balancer):
    with SilentListener() as server:
        proxy = balancer(server.address, timeouts={"connect": "600ms"}, backend={"retries": 0})
        with connect(proxy.address()) as client, Stopwatch() as watch:
            ends(client)
        assert_in_time(watch.seconds)
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["termination_state"]) == ("connect_timeout", "sC")
        assert proxy.server("s1")["connect_timeouts"] == 1


@pytest.mark.exclusive
def test_client_fin(balancer):
    """The server's end came through; the client says nothing more and does not end."""
    with TcpServer(finish_then_listen) as server:
        proxy = balancer(server.address, timeouts={"client_fin": "600ms"})
        with connect(proxy.address()) as client, Stopwatch() as watch:
            assert read_all(client) == b"done"
            record = proxy.wait_log()[0]
        assert_in_time(watch.seconds)
        assert (record["end_reason"], record["termination_state"]) == ("client_fin_timeout", "cD")


@pytest.mark.exclusive
def test_server_fin(balancer):
    """The client's end came through; the server has nothing to say and does not end."""
    with TcpServer(hold) as server:
        proxy = balancer(server.address, timeouts={"server_fin": "600ms"})
        with connect(proxy.address()) as client:
            client.sendall(b"bye")
            client.shutdown(socket.SHUT_WR)
            with Stopwatch() as watch:
                ends(client)
            assert_in_time(watch.seconds)
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["termination_state"]) == ("server_fin_timeout", "sD")


@pytest.mark.lanes
@pytest.mark.exclusive
def test_many_timers_at_once(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, timeouts={"client": "800ms"}, lanes=2)
        clients = [connect(proxy.address()) for _ in range(200)]
        wait_until(lambda: proxy.frontend("f")["client_timeouts"] == 200, "every connection timed out")
        for client in clients:
            client.close()
        proxy.stop()
