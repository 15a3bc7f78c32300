# SPDX-License-Identifier: Apache-2.0
"""Every byte arrives, in order, whatever the sizes and speeds."""

import threading
import time

import pytest
from support.peers import Sender, TcpServer, answer, connect, echo, read_exactly, receive_digest, says

MIB = 1 << 20


@pytest.mark.sanitize
@pytest.mark.lanes
@pytest.mark.parametrize("lanes", [1, 2])
def test_echo(balancer, lanes):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=lanes)
        for size in (0, 1, 1000, 100_000):
            request = bytes(range(256)) * (size // 256 + 1)
            assert answer(proxy.address(), request[:size]) == request[:size]
        proxy.stop()


@pytest.mark.sanitize
def test_the_server_speaks_first(balancer):
    with TcpServer(says("220 hello\r\n")) as server:
        assert answer(balancer(server.address).address()) == b"220 hello\r\n"


@pytest.mark.sanitize
@pytest.mark.lanes
def test_ping_pong_on_one_connection(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=2)
        with connect(proxy.address()) as client:
            for number in range(500):
                client.sendall(b"ping %06d" % number)
                assert read_exactly(client, 11) == b"ping %06d" % number


def exchange_both_ways(address, count, pause=None):
    """Sends and receives at once through the proxy; returns the four hashes as (client's, server's) pairs."""
    results = {}

    def exchange(connection, server):
        sender = Sender(connection, count, "server")
        results["server"] = receive_digest(connection, pause if server else None)
        sender.join()
        results["server sent"] = sender.digest

    with TcpServer(exchange) as server:
        proxy = address(server.address)
        with connect(proxy.address(), timeout_s=100) as client:
            sender = Sender(client, count, "client")
            results["client"] = receive_digest(client, pause)
            sender.join()
        deadline = time.monotonic() + 60
        while "server sent" not in results and time.monotonic() < deadline:
            time.sleep(0.01)
        assert results["client"] == (count, results["server sent"])
        assert results["server"] == (count, sender.digest)
        return proxy


def test_64_mib_in_both_directions_at_once(balancer):
    proxy = exchange_both_ways(balancer, 64 * MIB)
    record = proxy.wait_log()[0]
    assert record["bytes_to_server"] == record["bytes_to_client"] == 64 * MIB
    proxy.stop()


def test_64_mib_both_ways_through_slow_readers(balancer):
    """Readers that stop again and again: buffers, pipes and sockets fill up and drain."""

    def stop_at_each_4_mib(received):
        if received % (4 * MIB) < 64 * 1024:
            time.sleep(0.05)

    exchange_both_ways(balancer, 64 * MIB, stop_at_each_4_mib).stop()


@pytest.mark.sanitize
def test_4_mib_both_ways_through_slow_readers(balancer):
    exchange_both_ways(balancer, 4 * MIB, lambda received: time.sleep(0.001)).stop()


@pytest.mark.sanitize
@pytest.mark.lanes
def test_bulk_transfers_side_by_side(balancer):
    """Several busy flows share the lane's buffers and pipes."""
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=2)
        results = []

        def transfer(seed):
            with connect(proxy.address()) as client:
                sender = Sender(client, 4 * MIB, seed)
                received = receive_digest(client)
                sender.join()
                results.append(received == (4 * MIB, sender.digest))

        threads = [threading.Thread(target=transfer, args=(f"seed {i}",)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(100)
        assert results == [True] * 8
        proxy.stop()


@pytest.mark.sanitize
def test_few_buffers_and_no_pipes(balancer):
    """Four buffers for twenty connections: each gets its turn."""
    with TcpServer(echo) as server:
        proxy = balancer(server.address, tune={"buffers_max": 16, "buffer_size": "4k", "pipes_max": 0})
        clients = [connect(proxy.address()) for _ in range(40)]
        for number, client in enumerate(clients):
            client.sendall(b"%08d" % number * 1000)
        for number, client in enumerate(clients):
            assert read_exactly(client, 8000) == b"%08d" % number * 1000
            client.close()
        proxy.stop()
