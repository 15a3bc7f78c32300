# SPDX-License-Identifier: Apache-2.0
"""Servers are taken out when they fail their check and come back when they pass it."""

import socket

import pytest
from support.peers import SilentListener, TcpServer, answer, connect, ends, read_exactly, says, says_and_echoes
from support.waiting import wait_until

FAST = {"type": "tcp", "interval": "100ms", "fall": 2, "rise": 2}


@pytest.mark.sanitize
@pytest.mark.lanes
def test_down_and_up_again(balancer):
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two:
        proxy = balancer(one.address, two.address, backend={"check": FAST}, lanes=2)
        assert {answer(proxy.address()) for _ in range(8)} == {b"1", b"2"}
        two.stop()
        proxy.wait_status("s2", "DOWN")
        assert {answer(proxy.address()) for _ in range(8)} == {b"1"}
        assert proxy.server("s2")["check"]["status"] == "L4CON"
        with TcpServer(says("2"), port=two.port):
            proxy.wait_status("s2", "UP")
            assert {answer(proxy.address()) for _ in range(8)} == {b"1", b"2"}
            assert proxy.server("s2")["check"]["status"] == "L4OK"
        proxy.stop()


def test_a_server_that_never_accepts_is_down(balancer):
    with SilentListener() as silent, TcpServer(says("2")) as two:
        proxy = balancer(silent.address, two.address, backend={"check": FAST}, timeouts={"check": "200ms"})
        proxy.wait_status("s1", "DOWN")
        assert proxy.server("s1")["check"]["status"] == "L4TOUT"


def test_no_server_is_left(balancer):
    with TcpServer(says("1")) as one:
        proxy = balancer(one.address, backend={"check": FAST})
        assert proxy.get("/ready")[0] == 200
    proxy.wait_status("s1", "DOWN")
    wait_until(lambda: proxy.get("/ready")[0] == 503, "/ready says that no server is left")
    assert proxy.get("/live")[0] == 200
    assert answer(proxy.address()) == b""
    assert proxy.wait_log()[0]["end_reason"] == "no_server_available"


def test_a_server_that_opts_out_stays_up(balancer):
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two:
        proxy = balancer(one.address, {"address": two.address, "check": False}, backend={"check": FAST})
        one.stop()
        two.stop()
        proxy.wait_status("s1", "DOWN")
        assert proxy.server("s2")["status"] == "no check"


@pytest.mark.sanitize
@pytest.mark.lanes
@pytest.mark.parametrize("on_marked_down, survives", [("shutdown-sessions", False), ("none", True)])
def test_on_marked_down(balancer, on_marked_down, survives):
    """Only the listener goes away: connections stand, unless they are told to end with their server."""
    with TcpServer(says_and_echoes("!")) as server:
        proxy = balancer(
            {"address": server.address, "on_marked_down": on_marked_down}, backend={"check": FAST}, lanes=2
        )
        clients = [connect(proxy.address()) for _ in range(10)]
        for client in clients:
            assert read_exactly(client, 1) == b"!"
        stop_listening(server)
        proxy.wait_status("s1", "DOWN")
        if survives:
            for client in clients:
                client.sendall(b"still there")
                assert read_exactly(client, 11) == b"still there"
        else:
            for client in clients:
                ends(client)
            reasons = [record["end_reason"] for record in proxy.wait_log(10)]
            assert reasons == ["server_marked_down"] * 10
            assert proxy.server("s1")["shutdown_sessions"] == 10
        for client in clients:
            client.close()


def stop_listening(server):
    server.listener.shutdown(socket.SHUT_RDWR)
    server.listener.close()
