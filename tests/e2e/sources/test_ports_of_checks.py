# SPDX-License-Identifier: Apache-2.0
"""Health checks come from the source addresses of clients' connections, and keep no port from those."""

from contextlib import ExitStack

import pytest
from support import configs
from support.networks import networks
from support.peers import TcpServer, connect, read_exactly, says_and_echoes
from support.waiting import wait_until

FIRST, LAST = 20000, 20039
SERVER_PORT = 10000  # a port that somebody listens on is nobody's to connect from


@pytest.fixture
def net():
    """A network of its own where few ports are left for those who ask for none."""
    with networks() as made:
        namespace = made.namespace("ports")
        namespace.sysctl("net.ipv4.ip_local_port_range", f"{FIRST} {LAST}")
        yield namespace


def test_ports_that_checks_left_behind_are_free_for_clients(corelane, net, tmp_path):
    """A check that ends its connection first leaves the port in TIME_WAIT."""
    with ExitStack() as stack:
        stack.enter_context(net)
        server = stack.enter_context(TcpServer(says_and_echoes("s"), port=SERVER_PORT))
        checked = stack.enter_context(TcpServer(says_and_echoes("s"), port=SERVER_PORT + 1))
        steps = [{"connect": {"port": SERVER_PORT + 1, "linger": True}}, {"expect": "s"}]
        config = configs.tcp(
            server.address,
            frontend={"bind": [{"address": f"unix:{tmp_path}/clients"}]},
            backend={
                "source": {"addresses": [f"127.0.1.1:{FIRST}-{LAST}"]},
                "retries": 0,
                "check": {"type": "tcp", "interval": "20ms", "steps": steps},
            },
            admin={"bind": [f"unix:{tmp_path}/admin"]},
        )
        proxy = corelane(config, wrapper=net.wrapper)
        checked.wait_accepted(LAST - FIRST + 1)
        wait_until(lambda: proxy.server("s1")["status"] == "UP", "the checks succeed")
        for _ in range(LAST - FIRST - 1):
            connection = stack.enter_context(connect(proxy.address()))
            assert read_exactly(connection, 1) == b"s"
        assert proxy.server("s1")["sources"][0]["ports_refused"] == 0
