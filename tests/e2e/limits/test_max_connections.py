# SPDX-License-Identifier: Apache-2.0
"""Connections beyond a limit wait in the kernel's backlog and are served when there is room."""

import pytest
from support import configs
from support.peers import TcpServer, connect, read_exactly, ready, says_and_echoes
from support.waiting import PATIENCE_S, wait_until


@pytest.mark.sanitize
@pytest.mark.lanes
@pytest.mark.parametrize("lanes", [1, 2])
@pytest.mark.parametrize("where", ["frontend", "process"])
def test_the_excess_waits(corelane, where, lanes):
    options = {"frontend": {"max_connections": 10}} if where == "frontend" else {"max_connections": 10}
    with TcpServer(says_and_echoes("!")) as server:
        config = configs.tcp(server.address, lanes=lanes, **options)
        config["frontends"]["f"]["bind"][0]["backlog"] = 100
        proxy = corelane(config)
        clients = [connect(proxy.address()) for _ in range(25)]
        server.wait_accepted(8)
        wait_until(lambda: 8 <= proxy.frontend("f")["connections_current"] <= 10, "the limit is reached")
        assert server.accepted <= 10, "more connections than allowed reached the server"

        # Each lane has a backlog of its own, so they are not served in the order in which they came.
        while clients:
            served = ready(clients, PATIENCE_S)
            assert served, f"{len(clients)} connections are not served"
            for client in served:
                assert read_exactly(client, 1) == b"!"
                client.close()
                clients.remove(client)
            assert proxy.frontend("f")["connections_current"] <= 10
        wait_until(lambda: proxy.frontend("f")["connections_current"] == 0, "every connection is gone")
        assert proxy.frontend("f")["connections_total"] == 25
        assert sum(lane["accept_paused_limit"] for lane in proxy.stats()["lanes"]) > 0
        proxy.stop()


def test_one_frontends_limit_leaves_others_alone(corelane):
    with TcpServer(says_and_echoes("!")) as server:
        config = configs.tcp_pairs(small=server.address, large=server.address)
        config["frontends"]["small"]["max_connections"] = 1
        proxy = corelane(config)
        first, waiting = connect(proxy.address("small")), connect(proxy.address("small"))
        with first, waiting, connect(proxy.address("large")) as other:
            assert read_exactly(first, 1) == b"!"
            assert read_exactly(other, 1) == b"!"
            assert proxy.frontend("small")["connections_current"] == 1


def test_a_full_server_is_passed_over(balancer):
    with TcpServer(says_and_echoes("1")) as one, TcpServer(says_and_echoes("2")) as two:
        proxy = balancer(
            {"address": one.address, "max_connections": 2},
            {"address": two.address, "max_connections": 2},
            backend={"balance": {"algorithm": "first"}},
        )
        clients = [connect(proxy.address()) for _ in range(4)]
        assert sorted(read_exactly(client, 1) for client in clients) == [b"1", b"1", b"2", b"2"]
        for client in clients:
            client.close()
