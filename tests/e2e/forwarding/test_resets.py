# SPDX-License-Identifier: Apache-2.0
"""A reset on one side is a reset on the other, and the log names who sent it."""

import pytest
from support.peers import TcpServer, connect, ends, echo, read_exactly, reset, reset_after
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
