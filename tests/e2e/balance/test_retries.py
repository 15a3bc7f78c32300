# SPDX-License-Identifier: Apache-2.0
"""A server that cannot be reached is tried again, then another one."""

import threading

import pytest
from support.peers import TcpServer, answer, says
from support.ports import free_port
from support.waiting import wait_until


@pytest.fixture
def nobody():
    """An address where nobody listens."""
    return f"127.0.0.1:{free_port()}"


@pytest.mark.sanitize
def test_redispatch(balancer, nobody):
    with TcpServer(says("2")) as server:
        proxy = balancer(nobody, server.address, backend={"retries": 3, "redispatch": True})
        assert [answer(proxy.address()) for _ in range(6)] == [b"2"] * 6
        backend = proxy.backend()
        assert backend["redispatches"] > 0
        assert backend["servers"]["s1"]["connect_errors"] >= backend["redispatches"]
        assert {record["server"] for record in proxy.wait_log(6)} == {"s2"}


def test_without_redispatch_the_client_is_let_down(balancer, nobody):
    with TcpServer(says("2")) as server:
        proxy = balancer(nobody, server.address, backend={"retries": 1, "redispatch": False})
        assert sorted({answer(proxy.address()) for _ in range(4)}) == [b"", b"2"]
        refused = [record for record in proxy.wait_log(4) if record["server"] == "s1"]
        assert [(r["end_reason"], r["termination_state"], r["retries"]) for r in refused] == [("connect_refused", "SC", 1)] * 2


@pytest.mark.sanitize
def test_nobody_at_all(balancer, nobody):
    proxy = balancer(nobody, backend={"retries": 0})
    assert answer(proxy.address()) == b""
    record = proxy.wait_log()[0]
    assert (record["end_reason"], record["termination_state"]) == ("connect_refused", "SC")


def test_a_server_that_starts_in_time_is_reached(balancer):
    """Retries against the same server bridge a restart."""
    port = free_port()
    proxy = balancer(f"127.0.0.1:{port}", backend={"retries": 100, "redispatch": False})
    said = []
    client = threading.Thread(target=lambda: said.append(answer(proxy.address())))
    client.start()
    wait_until(lambda: proxy.server("s1")["connect_errors"] > 0 or said, "a first attempt failed")
    with TcpServer(says("up"), port=port):
        client.join(60)
    assert said == [b"up"]
