# SPDX-License-Identifier: Apache-2.0
"""Connections beyond a server's max_connections wait for a place there, in the order in which they came."""

import socket
import struct
import time

import pytest
from support import configs
from support.peers import TcpServer, connect, ends, read_exactly, ready, says_and_echoes
from support.waiting import PATIENCE_S, wait_until


def waiting(proxy):
    return proxy.backend()["queue_current"]


def queued_client(proxy, number):
    """A client of which it is certain that it waits, after the others."""
    client = connect(proxy.address())
    wait_until(lambda: waiting(proxy) == number, f"{number} connections wait")
    return client


@pytest.mark.sanitize
@pytest.mark.lanes
@pytest.mark.parametrize("lanes", [1, 2])
def test_a_place_goes_to_who_has_waited_longest(corelane, lanes):
    with TcpServer(says_and_echoes("!")) as server:
        proxy = corelane(configs.tcp({"address": server.address, "max_connections": 1}, lanes=lanes))
        served = connect(proxy.address())
        assert read_exactly(served, 1) == b"!"
        line = [queued_client(proxy, number) for number in range(1, 7)]
        for place, client in enumerate(line):
            assert server.accepted == place + 1
            served.close()
            assert read_exactly(client, 1) == b"!", f"the {place}th of the line is not served"
            assert waiting(proxy) == len(line) - place - 1
            client.sendall(b"x")
            assert read_exactly(client, 1) == b"x"
            served = client
        served.close()
        records = proxy.wait_log(7)
        assert sorted(record["queue_backend"] for record in records) == [0, 0, 1, 2, 3, 4, 5]
        assert proxy.backend()["queue_total"] == 6
        assert {record["end_reason"] for record in records} == {"completed"}


@pytest.mark.lanes
@pytest.mark.parametrize("lanes", [1, 2])
def test_the_limit_holds_and_nobody_is_forgotten(corelane, lanes):
    """Many short connections over servers with few places: every one is served, and never too many at once."""
    with TcpServer(says_and_echoes("!")) as one, TcpServer(says_and_echoes("!")) as two:
        config = configs.tcp(
            {"address": one.address, "max_connections": 2}, {"address": two.address, "max_connections": 1}, lanes=lanes
        )
        proxy = corelane(config)
        for _ in range(10):
            clients = [connect(proxy.address()) for _ in range(40)]
            for client in clients:
                client.sendall(b"y")
            while clients:
                served = ready(clients, PATIENCE_S)
                assert served, f"{len(clients)} connections are forgotten"
                assert len(served) <= 3, "more connections than places"
                for client in served:
                    assert read_exactly(client, 2) == b"!y"
                    client.close()
                    clients.remove(client)
        wait_until(lambda: proxy.backend()["connections_current"] == 0, "every connection is gone")
        assert waiting(proxy) == 0
        assert proxy.server("s1")["connections_total"] + proxy.server("s2")["connections_total"] == 400


def test_who_waits_in_vain_is_let_go(corelane):
    with TcpServer(says_and_echoes("!")) as server:
        config = configs.tcp({"address": server.address, "max_connections": 1}, timeouts={"queue": "300ms"})
        proxy = corelane(config)
        with connect(proxy.address()) as served:
            assert read_exactly(served, 1) == b"!"
            began = time.monotonic()
            with connect(proxy.address()) as client:
                assert ends(client)
            assert 0.29 < time.monotonic() - began < 5
            record = proxy.wait_log()[0]
            assert (record["end_reason"], record["termination_state"]) == ("queue_timeout", "sQ")
            assert record["server"] is None and 290 <= record["queue_ms"] <= 5000
        assert proxy.backend()["queue_timeouts"] == 1


@pytest.mark.parametrize("manner", ["close", "reset"])
def test_who_leaves_the_line_costs_nothing(corelane, manner):
    with TcpServer(says_and_echoes("!")) as server:
        proxy = corelane(configs.tcp({"address": server.address, "max_connections": 1}))
        served = connect(proxy.address())
        assert read_exactly(served, 1) == b"!"
        impatient = queued_client(proxy, 1)
        patient = queued_client(proxy, 2)
        if manner == "reset":
            impatient.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        impatient.close()
        wait_until(lambda: waiting(proxy) == 1, "it has left the line")
        assert proxy.wait_log()[0]["termination_state"] == "CQ"
        served.close()
        assert read_exactly(patient, 1) == b"!"
        patient.close()
        assert server.accepted == 2


def test_a_client_that_spoke_and_ended_its_half_keeps_its_place(corelane):
    with TcpServer(says_and_echoes("!")) as server:
        proxy = corelane(configs.tcp({"address": server.address, "max_connections": 1}))
        served = connect(proxy.address())
        assert read_exactly(served, 1) == b"!"
        client = queued_client(proxy, 1)
        client.sendall(b"hello")
        client.shutdown(socket.SHUT_WR)
        served.close()
        assert read_exactly(client, 6) == b"!hello"
        assert ends(client)


def test_clients_of_one_server_wait_for_it(corelane):
    """balance source sends this client to one of the servers; it waits there, and does not take the free one."""
    with TcpServer(says_and_echoes("1")) as one, TcpServer(says_and_echoes("2")) as two:
        servers = [{"address": server.address, "max_connections": 1, "max_queue": 1} for server in (one, two)]
        proxy = corelane(configs.tcp(*servers, backend={"balance": "source"}))
        first = connect(proxy.address())
        own = read_exactly(first, 1)
        name = f"s{own.decode()}"
        second = queued_client(proxy, 1)
        assert proxy.server(name)["queue_current"] == 1
        # The queue of its server is full: the next one takes any.
        third = connect(proxy.address())
        assert read_exactly(third, 1) != own
        first.close()
        assert read_exactly(second, 1) == own
        second.close()
        third.close()
        assert sorted(record["queue_server"] for record in proxy.wait_log(3)) == [0, 0, 0]


def test_redispatch_after_waiting_in_vain(corelane):
    with TcpServer(says_and_echoes("1")) as one, TcpServer(says_and_echoes("2")) as two:
        servers = [{"address": server.address, "max_connections": 1} for server in (one, two)]
        config = configs.tcp(*servers, backend={"balance": "source"}, timeouts={"queue": "200ms"})
        proxy = corelane(config)
        with connect(proxy.address()) as first, connect(proxy.address()) as second:
            assert read_exactly(first, 1) != read_exactly(second, 1)
        assert any(record["redispatched"] for record in proxy.wait_log(2))
        assert proxy.backend()["queue_timeouts"] == 1


def test_a_limit_that_follows_the_load(corelane):
    """One place while little goes on; with full_connections in the backend, all of them."""
    with TcpServer(says_and_echoes("!")) as server:
        config = configs.tcp(
            {"address": server.address, "max_connections": 4, "min_connections": 1}, backend={"full_connections": 8}
        )
        proxy = corelane(config)
        clients = [connect(proxy.address()) for _ in range(2)]
        wait_until(lambda: waiting(proxy) == 1, "the second one waits")
        clients += [connect(proxy.address()) for _ in range(6)]
        wait_until(lambda: server.accepted == 4 and waiting(proxy) == 4, "eight connections open all four places")
        for client in clients:
            client.close()


def test_a_server_that_comes_up_serves_who_waits(corelane):
    with TcpServer(says_and_echoes("1")) as one:
        port = configs.free_port()
        config = configs.tcp(
            {"address": one.address, "max_connections": 1},
            {"address": f"127.0.0.1:{port}", "max_connections": 1},
            backend={"check": {"type": "tcp", "interval": "50ms", "rise": 1, "fall": 1}},
        )
        proxy = corelane(config)
        proxy.wait_status("s2", "DOWN")
        with connect(proxy.address()) as first:
            assert read_exactly(first, 1) == b"1"
            client = queued_client(proxy, 1)
            with TcpServer(says_and_echoes("2"), port=port):
                assert read_exactly(client, 1) == b"2"
                client.close()
