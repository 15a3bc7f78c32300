# SPDX-License-Identifier: Apache-2.0
"""Which server answers."""

import socket
from collections import Counter
from contextlib import ExitStack

import pytest
from support.peers import TcpServer, answer, connect, read_exactly, says, says_and_echoes
from support.waiting import wait_until


@pytest.fixture
def three():
    """Three servers that say their number and close."""
    with ExitStack() as stack:
        yield [stack.enter_context(TcpServer(says(str(number)))) for number in (1, 2, 3)]


@pytest.fixture
def three_that_stay():
    with ExitStack() as stack:
        yield [stack.enter_context(TcpServer(says_and_echoes(str(number)))) for number in (1, 2, 3)]


def answers(proxy, count):
    return "".join(answer(proxy.address()).decode() for _ in range(count))


def weighted(servers, *weights):
    return [{"address": server.address, "weight": weight} for server, weight in zip(servers, weights)]


@pytest.mark.sanitize
def test_roundrobin(balancer, three):
    proxy = balancer(*weighted(three, 1, 1, 1), backend={"balance": "roundrobin"})
    said = answers(proxy, 9)
    assert said == said[:3] * 3 and set(said) == set("123")


def test_roundrobin_with_weights_is_smooth(balancer, three):
    proxy = balancer(*weighted(three, 4, 2, 1), backend={"balance": {"algorithm": "roundrobin"}})
    said = answers(proxy, 14)
    assert Counter(said) == {"1": 8, "2": 4, "3": 2}
    assert "111" not in said[:7], f"bunched: {said}"


def test_weight_0_gets_nothing(balancer, three):
    proxy = balancer(*weighted(three, 1, 0, 1))
    assert Counter(answers(proxy, 10)) == {"1": 5, "3": 5}


def test_leastconn(balancer, three_that_stay):
    proxy = balancer(*[server.address for server in three_that_stay], backend={"balance": "leastconn"})
    held = [connect(proxy.address()) for _ in range(6)]
    names = [read_exactly(client, 1) for client in held]
    assert Counter(names) == {b"1": 2, b"2": 2, b"3": 2}
    for client, name in zip(held, names):
        if name == b"2":
            client.close()
    wait_until(lambda: proxy.server("s2")["connections_current"] == 0, "s2 is free")
    again = [connect(proxy.address()) for _ in range(2)]
    assert [read_exactly(client, 1) for client in again] == [b"2", b"2"]


def test_first(balancer, three_that_stay):
    proxy = balancer(
        *[{"address": server.address, "max_connections": 2} for server in three_that_stay],
        backend={"balance": "first"},
    )
    held = [connect(proxy.address()) for _ in range(5)]
    assert [read_exactly(client, 1) for client in held] == [b"1", b"1", b"2", b"2", b"3"]


def test_source_keeps_a_client_at_its_server(balancer, three):
    proxy = balancer(*[server.address for server in three], backend={"balance": "source"}, lanes=2)
    host, port = proxy.address().split(":")
    chosen = set()
    for last in range(1, 30):
        said = set()
        for _ in range(3):
            with socket.create_connection((host, int(port)), 30, source_address=(f"127.0.0.{last}", 0)) as client:
                said.add(read_exactly(client, 1))
        assert len(said) == 1, f"127.0.0.{last} was sent to {said}"
        chosen |= said
    assert len(chosen) > 1, "every address has the same server"


def test_random_uses_every_server(balancer, three):
    proxy = balancer(*weighted(three, 1, 1, 0), backend={"balance": {"algorithm": "random", "draws": 1}})
    counts = Counter(answers(proxy, 60))
    assert set(counts) == {"1", "2"} and min(counts.values()) >= 10


def test_lanes_start_at_different_servers(balancer, three):
    proxy = balancer(*[server.address for server in three[:2]], lanes=2)
    counts = Counter(answers(proxy, 60))
    assert min(counts["1"], counts["2"]) >= 20
