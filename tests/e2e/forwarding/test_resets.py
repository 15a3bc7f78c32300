# SPDX-License-Identifier: Apache-2.0
"""A reset on one side is a reset on the other, and the log names who sent it."""

import contextlib

import pytest
from support.peers import TcpServer, can_send, connect, ends, echo, read_exactly, reset, reset_after
from support.waiting import wait_until


@pytest.mark.sanitize
def test_the_servers_reset_reaches_the_client(balancer):
    with TcpServer(reset_after(5)) as server:
        proxy = balancer(server.address)
        with connect(proxy.address()) as client:
            client.sendall(b"hello")
            assert ends(client) == "reset"
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["termination_state"]) == ("server_reset", "SD")
        assert proxy.server("s1")["server_resets"] == 1


@pytest.mark.sanitize
def test_the_clients_reset_reaches_the_server(balancer):
    seen = []

    def watch(connection, _server):
        connection.sendall(b"ready")
        seen.append(ends(connection))

    with TcpServer(watch) as server:
        proxy = balancer(server.address)
        client = connect(proxy.address())
        assert read_exactly(client, 5) == b"ready"
        reset(client)
        wait_until(lambda: seen, "the server saw an end")
        assert seen == ["reset"]
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["termination_state"]) == ("client_reset", "CD")
        assert proxy.frontend("f")["client_resets"] == 1


@pytest.mark.sanitize
@pytest.mark.lanes
def test_resets_leave_nothing_behind(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=2)
        before = proxy.descriptors()
        for number in range(200):
            client = connect(proxy.address())
            client.sendall(b"x" * (number * 100 + 1))
            if number % 2:
                read_exactly(client, 1)
            reset(client)
        wait_until(lambda: proxy.frontend("f")["connections_current"] == 0, "no connection is left")
        wait_until(lambda: proxy.descriptors() <= before, f"descriptors are back at {before}")
        assert proxy.frontend("f")["connections_total"] == 200
        proxy.stop()


def send_until_stuck(client):
    client.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while can_send(client, 0.5):
            client.send(bytes(64 * 1024))


@pytest.mark.sanitize
def test_a_clients_reset_reaches_a_server_that_writes_before_it_reads(balancer):
    seen = []

    def write_then_read(connection, _server):
        count = 0
        try:
            connection.sendall(bytes(32 * 1024 * 1024))
            while data := connection.recv(64 * 1024):
                count += len(data)
        except ConnectionError:
            seen.append(count)

    with TcpServer(write_then_read) as server:
        proxy = balancer(server.address, timeouts={"client": "1h", "server": "1h"})
        client = connect(proxy.address())
        send_until_stuck(client)
        reset(client)
        wait_until(lambda: seen, "the server saw the reset")
        record = proxy.wait_log()[0]
        assert record["end_reason"] == "client_reset"
        assert 0 < seen[0] <= record["bytes_to_server"]
