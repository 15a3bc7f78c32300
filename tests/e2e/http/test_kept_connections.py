# SPDX-License-Identifier: Apache-2.0
"""Connections to servers between two requests."""

import threading

import pytest
from support.http_peers import HttpClient, HttpServer, response
from support.waiting import wait_until

pytestmark = [pytest.mark.sanitize]

LANES = 4


def fine(_message, _connection):
    return response(200, b"fine")


class CountingServer(HttpServer):
    """An HttpServer that knows how many of its connections are open."""

    def __init__(self, answer):
        super().__init__(answer)
        self._open = 0
        self._count = threading.Lock()

    def _talk(self, connection, server):
        self._add(1)
        try:
            super()._talk(connection, server)
        finally:
            self._add(-1)

    def _add(self, change):
        with self._count:
            self._open += change

    @property
    def open(self):
        return self._open


def one_request_each(proxy, clients):
    """Clients, each on a new connection, ask at the same time."""
    everybody = [HttpClient(proxy.address()) for _ in range(clients)]
    for client in everybody:
        client.send(b"GET / HTTP/1.1\r\nHost: site\r\n\r\n")
    for client in everybody:
        assert client.answer().body == b"fine"
        client.connection.close()


@pytest.mark.lanes
def test_idle_connections_are_not_multiplied_by_lanes(web):
    """What one lane does not need another one uses."""
    with CountingServer(fine) as server:
        proxy = web(server.address, lanes=LANES, backend={"http_reuse": "always"})
        for _ in range(30):
            one_request_each(proxy, 1)
        assert server.accepted <= LANES
        for _ in range(20):
            one_request_each(proxy, 16)
        # As many as were needed at once, a quarter more, and two for each lane.
        assert server.open <= 16 * 5 // 4 + 2 * LANES
        assert server.accepted <= 20 * 16 // 4
        proxy.stop()
        wait_until(lambda: server.open == 0, "every idle connection is closed")


def test_connections_that_nobody_needs_are_purged(web):
    with CountingServer(fine) as server:
        proxy = web({"address": server.address, "pool_purge_delay": "100ms"}, backend={"http_reuse": "always"})
        one_request_each(proxy, 8)
        assert server.open > 0
        wait_until(lambda: server.open == 0, "all of them are closed in the end")
        counts = proxy.server("s1")
        assert counts["connections_idle"] == 0
        assert 1 <= counts["connections_purged"] <= server.accepted
        one_request_each(proxy, 1)


def test_a_server_keeps_no_more_idle_connections_than_its_limit(web):
    arrived = threading.Barrier(8)

    def together(_message, _connection):
        arrived.wait(20)
        return response(200, b"fine")

    with CountingServer(together) as server:
        proxy = web({"address": server.address, "pool_max_connections": 3}, lanes=LANES,
                    backend={"http_reuse": "always"})
        one_request_each(proxy, 8)
        wait_until(lambda: server.open == 3, "the others are closed")
        assert proxy.server("s1")["connections_idle"] == 3


def test_a_connection_ends_after_its_last_reuse(web):
    with CountingServer(fine) as server:
        proxy = web({"address": server.address, "max_reuse": 2})
        with HttpClient(proxy.address()) as client:
            for _ in range(7):
                assert client.ask().body == b"fine"
        assert server.accepted == 3


def test_a_server_in_maintenance_loses_its_idle_connections(web):
    with CountingServer(fine) as server:
        proxy = web({"address": server.address, "pool_purge_delay": "1h"}, lanes=LANES,
                    backend={"http_reuse": "always"})
        one_request_each(proxy, 8)
        assert server.open > 0
        proxy.patch("s1", state="maint")
        wait_until(lambda: server.open == 0, "its idle connections are closed")


def test_a_server_that_moves_gets_no_request_where_it_was(web):
    with CountingServer(fine) as before, CountingServer(fine) as after:
        proxy = web(before.address, lanes=LANES, backend={"http_reuse": "always"})
        one_request_each(proxy, 8)
        asked = len(before.requests)
        proxy.patch("s1", address=after.address)
        for _ in range(10):
            one_request_each(proxy, 2)
        assert len(before.requests) == asked
        assert len(after.requests) == 20
