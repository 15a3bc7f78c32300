# SPDX-License-Identifier: Apache-2.0
"""Thousands of connections that do nothing."""

import resource
import time

import pytest
from support.peers import ManyConnections, connect, read_exactly
from support.waiting import wait_until

CONNECTIONS = 5000
# Each is two descriptors here (client and server) and two in the program.
DESCRIPTORS = 2 * CONNECTIONS + 500


@pytest.mark.exclusive
@pytest.mark.skipif(
    resource.getrlimit(resource.RLIMIT_NOFILE)[1] < DESCRIPTORS, reason=f"needs {DESCRIPTORS} descriptors"
)
def test_5000_idle_connections(balancer):
    with ManyConnections() as server:
        proxy = balancer(server.address, max_connections=CONNECTIONS + 100)
        empty = proxy.resident_bytes()
        clients = [connect(proxy.address()) for _ in range(CONNECTIONS)]
        wait_until(lambda: server.open == CONNECTIONS, "every connection reached the server")
        assert proxy.frontend("f")["connections_current"] == CONNECTIONS

        per_connection = (proxy.resident_bytes() - empty) / CONNECTIONS
        assert per_connection < 2048, f"{per_connection:.0f} bytes of resident memory per idle connection"
        before = proxy.cpu_seconds()
        time.sleep(1)
        assert proxy.cpu_seconds() - before < 0.1, "idle connections keep the processor busy"

        for client in clients[::100]:
            client.sendall(b"awake")
            assert read_exactly(client, 5) == b"awake"
        for client in clients:
            client.close()
        wait_until(lambda: proxy.frontend("f")["connections_current"] == 0, "every connection is gone")
        assert server.open == 0
        proxy.stop()
