# SPDX-License-Identifier: Apache-2.0
"""A reader that does not read costs a bounded share and nobody else's time."""

import time

import pytest
from support import configs
from support.peers import TcpServer, connect, echo, read_exactly, sends_forever
from support.waiting import Stopwatch, wait_until

MIB = 1 << 20


@pytest.mark.exclusive
def test_clients_that_never_read(corelane):
    with TcpServer(sends_forever) as flood, TcpServer(echo) as quick:
        proxy = corelane(configs.tcp_pairs(flood=flood.address, quick=quick.address))
        idle = proxy.resident_bytes()
        stuck = [connect(proxy.address("flood"), receive_buffer=8192) for _ in range(50)]
        wait_until(lambda: settled(proxy), "the stuck flows hold what they may hold")
        grown = proxy.resident_bytes() - idle
        assert grown < 32 * MIB, f"{grown / MIB:.1f} MiB for 50 clients that do not read"

        with connect(proxy.address("quick")) as client, Stopwatch() as watch:
            for _ in range(100):
                client.sendall(b"ping")
                assert read_exactly(client, 4) == b"ping"
        assert watch.seconds < 5, "other connections stall"

        before = proxy.cpu_seconds()
        time.sleep(1)
        assert proxy.cpu_seconds() - before < 0.2, "stuck connections keep the processor busy"
        for client in stuck:
            client.close()


def test_a_stuck_client_reads_on(balancer):
    """What was held back comes, complete, when the client reads again."""

    def blocks(connection, _server):
        for number in range(256):
            connection.sendall(bytes([number]) * 65536)

    with TcpServer(blocks) as server:
        proxy = balancer(server.address)
        with connect(proxy.address(), receive_buffer=8192) as client:
            wait_until(lambda: settled(proxy), "the flow is stuck")
            for number in range(256):
                assert read_exactly(client, 65536) == bytes([number]) * 65536
        proxy.stop()


def settled(proxy):
    """Bytes flowed, and now none do."""

    def moved():
        return sum(frontend["bytes_out"] for frontend in proxy.stats()["frontends"].values())

    before = moved()
    time.sleep(0.3)
    return before > 0 and moved() == before
