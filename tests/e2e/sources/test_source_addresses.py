# SPDX-License-Identifier: Apache-2.0
"""Connections to servers come from the addresses and ports that `source` names, and no others."""

import json
import socket
import threading

import pytest
from support import configs
from support.peers import TcpServer, answer, connect, read_exactly, says_and_echoes
from support.ports import free_port
from support.process import command
from support.waiting import wait_until

class PeerNames(TcpServer):
    """Tells each client where it comes from, then waits for its end."""

    def __init__(self):
        super().__init__(self._tell)

    @staticmethod
    def _tell(connection, _server):
        connection.sendall("{}:{}".format(*connection.getpeername()[:2]).encode())
        while connection.recv(1024):
            pass


def test_connections_come_from_each_address_in_turn(balancer):
    with PeerNames() as server:
        proxy = balancer(server.address, backend={"source": {"addresses": ["127.0.1.1:21000-21999", "127.0.1.2:22000-22999"]}})
        peers = [answer(proxy.address(), b"x").decode().split(":") for _ in range(10)]
        assert [host for host, _ in peers] == ["127.0.1.1", "127.0.1.2"] * 5
        for host, first in (("127.0.1.1", 21000), ("127.0.1.2", 22000)):
            ports = [int(port) for at, port in peers if at == host]
            assert all(first <= port <= first + 999 for port in ports)
            assert len(set(ports)) == 5


@pytest.mark.sanitize
def test_exhausted_ports_are_counted_logged_and_come_back(balancer):
    with TcpServer(says_and_echoes("s")) as server:
        source = {"addresses": ["127.0.1.1:22000-22001", "127.0.1.2:22000-22000"]}
        proxy = balancer(server.address, backend={"source": source, "retries": 0})
        held = [connect(proxy.address()) for _ in range(3)]
        assert {read_exactly(connection, 1) for connection in held} == {b"s"}
        sources = proxy.server("s1")["sources"]
        assert [(row["ports_in_use"], row["ports_left"]) for row in sources] == [(2, 0), (1, 0)]
        assert answer(proxy.address()) == b""
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["termination_state"]) == ("source_ports_exhausted", "RC")
        assert proxy.server("s1")["source_ports_exhausted"] == 1
        held.pop().close()
        wait_until(lambda: sum(row["ports_left"] for row in proxy.server("s1")["sources"]) == 1, "a port is free again")
        with connect(proxy.address()) as connection:
            assert read_exactly(connection, 1) == b"s"
        for connection in held:
            connection.close()


def test_a_retry_waits_for_a_port(balancer):
    with TcpServer(says_and_echoes("s")) as server:
        source = {"addresses": ["127.0.1.1:22100-22100"]}
        proxy = balancer(server.address, backend={"source": source, "retries": 100, "redispatch": False})
        first = connect(proxy.address())
        assert read_exactly(first, 1) == b"s"
        second = connect(proxy.address())
        wait_until(lambda: proxy.server("s1")["source_ports_exhausted"] > 0, "the second found no port")
        first.close()
        assert read_exactly(second, 1) == b"s"
        second.close()


def test_a_port_that_somebody_else_has_is_passed_over(balancer):
    with TcpServer(says_and_echoes("s")) as server, socket.socket() as other:
        other.bind(("127.0.1.1", 22201))
        other.listen()
        proxy = balancer(server.address, backend={"source": {"addresses": ["127.0.1.1:22200-22203"]}, "retries": 0})
        held = [connect(proxy.address()) for _ in range(3)]
        assert [read_exactly(connection, 1) for connection in held] == [b"s"] * 3
        assert answer(proxy.address()) == b"", "the fourth port is not to be had"
        sources = proxy.server("s1")["sources"][0]
        assert sources["ports_refused"] > 0
        assert sources["ports_in_use"] == 3
        for connection in held:
            connection.close()


def test_a_port_serves_two_destinations_at_once(balancer):
    with TcpServer(says_and_echoes("1")) as one, TcpServer(says_and_echoes("2")) as two:
        proxy = balancer(one.address, two.address, backend={"source": {"addresses": ["127.0.1.1:22300-22300"]}})
        held = [connect(proxy.address()) for _ in range(2)]
        assert sorted(read_exactly(connection, 1) for connection in held) == [b"1", b"2"]
        for connection in held:
            connection.close()


def test_many_short_connections_from_four_addresses(balancer):
    """More connections than one address has ports, the proxy closing first: not one fails."""
    total, threads_count = 20_000, 8
    failures = []
    with TcpServer(says_and_echoes("s")) as server:
        source = {"addresses": [f"127.0.1.{number}:33000-33999" for number in (1, 2, 3, 4)]}
        proxy = balancer(server.address, backend={"source": source, "retries": 0}, lanes=2)
        used = []

        def run(count):
            for number in range(count):
                if number % 250 == 0:
                    used.append(proxy.cpu_seconds())
                with connect(proxy.address()) as connection:
                    if connection.recv(1) != b"s":
                        failures.append(number)

        threads = [threading.Thread(target=run, args=(total // threads_count,)) for _ in range(threads_count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        stats = proxy.server("s1")
        assert stats["connections_total"] == total
        assert stats["source_ports_exhausted"] == 0
        used = sorted(used)[::threads_count]
        print("CPU seconds for each 2,000 connections:", [round(b - a, 2) for a, b in zip(used, used[1:])])


# Faults


def with_source(server, *addresses, **keys):
    return configs.tcp(server, backend={"source": {"addresses": list(addresses)}}, **keys)


@pytest.mark.parametrize(
    "addresses, lanes, status, words",
    [
        (["192.0.2.77:5000-6000"], 1, 3, "192.0.2.77:5000-6000: Cannot assign requested address"),
        (["127.0.1.1:5000-5001"], 3, 1, "2 ports for 3 lanes"),
    ],
)
def test_what_only_the_start_finds_out(corelane, addresses, lanes, status, words):
    config = with_source(f"127.0.0.1:{free_port()}", *addresses, lanes=lanes)
    proxy = corelane(config, wait_for=None)
    assert proxy.wait() == status
    assert "backends.b.servers.s1.source.addresses[0]: " in proxy.stderr
    assert words in proxy.stderr


@pytest.mark.parametrize(
    "addresses, words",
    [
        (["127.0.1.1:5000-6000", "127.0.1.1:6000-7000"], "has ports in common"),
        (["127.0.1.1:6000-5000"], "ends before it begins"),
        (["::1"], "is IPv4, which the source address ::1 cannot reach"),
    ],
)
def test_what_check_finds_out(tmp_path, addresses, words):
    path = tmp_path / "faulty.json"
    path.write_text(json.dumps(with_source("127.0.0.1:80", *addresses)))
    done = command("check", path)
    assert done.returncode == 1
    assert words in done.stderr
