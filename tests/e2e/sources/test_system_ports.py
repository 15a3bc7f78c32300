# SPDX-License-Identifier: Apache-2.0
"""Source addresses without a range: the lanes share the system's ports out, and no connect searches for one."""

import json
import os
import socket
from contextlib import ExitStack

import pytest
from support import configs
from support.networks import networks
from support.peers import TcpServer, answer, connect, hold, read_exactly, says_and_echoes
from support.process import command
from support.waiting import wait_until

FIRST, LAST = 20000, 20299
SERVER_PORT = 10000  # a port that somebody listens on is nobody's to connect from
RESERVED = range(20100, 20140)
PORTS = LAST - FIRST + 1 - len(RESERVED)


def newer_kernel():
    major, minor = os.uname().release.split(".")[:2]
    return (int(major), int(minor.split("-")[0])) >= (6, 3)


pytestmark = pytest.mark.skipif(not newer_kernel(), reason="Linux before 6.3 cannot be asked for a port")


@pytest.fixture
def net():
    """A network of its own with few ports, of which some are reserved."""
    with networks() as made:
        namespace = made.namespace("ports")
        namespace.sysctl("net.ipv4.ip_local_port_range", f"{FIRST} {LAST}")
        namespace.sysctl("net.ipv4.ip_local_reserved_ports", f"{RESERVED[0]}-{RESERVED[-1]}")
        yield namespace


@pytest.fixture
def through(corelane, net, tmp_path):
    """through(server, ...) starts the program there, with the source address 127.0.1.1 and no range."""

    def start(server, lanes=1, addresses=("127.0.1.1",)):
        config = configs.tcp(
            server.address,
            frontend={"bind": [{"address": f"unix:{tmp_path}/clients"}]},  # who take no ports there
            backend={"source": {"addresses": list(addresses)}, "retries": 0},
            lanes=lanes,
            admin={"bind": [f"unix:{tmp_path}/admin"]},
        )
        return corelane(config, wrapper=net.wrapper)

    return start


class RemembersPeers(TcpServer):
    def __init__(self):
        self.peers = []
        super().__init__(self._note, port=SERVER_PORT)

    def _note(self, connection, _server):
        self.peers.append(connection.getpeername()[:2])
        connection.sendall(b"s")
        while connection.recv(1024):
            pass


def held(stack, proxy, count):
    connections = [stack.enter_context(connect(proxy.address())) for _ in range(count)]
    assert all(read_exactly(connection, 1) == b"s" for connection in connections)
    return connections


def test_every_port_of_the_system_but_the_reserved_is_used_once(net, through):
    with ExitStack() as stack:
        stack.enter_context(net)
        server = stack.enter_context(RemembersPeers())
        proxy = through(server)
        assert proxy.server("s1")["sources"][0]["ports_left"] == PORTS
        connections = held(stack, proxy, PORTS)
        assert {host for host, _ in server.peers} == {"127.0.1.1"}
        assert sorted(port for _, port in server.peers) == [
            port for port in range(FIRST, LAST + 1) if port not in RESERVED
        ]
        source = proxy.server("s1")["sources"][0]
        assert (source["ports_in_use"], source["ports_left"], source["ports_refused"]) == (PORTS, 0, 0)
        assert answer(proxy.address()) == b""
        assert proxy.wait_log()[-1]["end_reason"] == "source_ports_exhausted"
        assert proxy.server("s1")["source_ports_exhausted"] == 1
        connections.pop().close()
        wait_until(lambda: proxy.server("s1")["sources"][0]["ports_left"] == 1, "a port is free again")


def test_addresses_with_and_without_a_range_take_turns(net, through):
    with net, RemembersPeers() as server:
        proxy = through(server, addresses=["127.0.1.1:21000-21999", "127.0.1.2"])
        for _ in range(10):
            assert answer(proxy.address(), b"x") == b"s"
        assert [host for host, _ in server.peers] == ["127.0.1.1", "127.0.1.2"] * 5
        assert all((21000 <= port <= 21999) == (host == "127.0.1.1") for host, port in server.peers)


def test_nobody_else_is_kept_from_these_ports_towards_other_destinations(net, through):
    with ExitStack() as stack:
        stack.enter_context(net)
        server, elsewhere = stack.enter_context(RemembersPeers()), stack.enter_context(TcpServer(hold, port=SERVER_PORT + 1))
        held(stack, through(server), PORTS)
        host, port = elsewhere.address.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as other:
            assert other.getsockname()[1] in {port for _, port in server.peers}


def test_a_port_of_another_program_towards_the_server_is_passed_over(net, through):
    with ExitStack() as stack:
        stack.enter_context(net)
        server = stack.enter_context(TcpServer(says_and_echoes("s")))
        host, port = server.address.split(":")
        for source_port in range(FIRST, LAST + 1, 3):
            if source_port in RESERVED:
                continue
            other = stack.enter_context(socket.socket())
            other.bind(("127.0.1.1", source_port))
            other.connect((host, int(port)))
        proxy = through(server)
        held(stack, proxy, 100)
        source = proxy.server("s1")["sources"][0]
        assert source["ports_refused"] > 20
        assert source["ports_in_use"] == 100


def test_lanes_whose_share_would_be_small_leave_the_choice_to_the_kernel(net, through):
    with ExitStack() as stack:
        stack.enter_context(net)
        server = stack.enter_context(RemembersPeers())
        proxy = through(server, lanes=2)
        held(stack, proxy, 20)
        source = proxy.server("s1")["sources"][0]
        assert (source["ports_in_use"], source["ports_left"]) == (20, 0)
        assert {host for host, _ in server.peers} == {"127.0.1.1"}


def test_the_doctor_says_who_looks_for_a_port(tmp_path):
    path = tmp_path / "one.json"
    path.write_text(json.dumps(configs.tcp("127.0.0.1:80", backend={"source": {"addresses": ["127.0.1.1"]}})))
    assert "source addresses without a range share the system's ports" in command("doctor", path).stdout
