# SPDX-License-Identifier: Apache-2.0
"""Many servers are not checked at once, and a dead one is out of rotation in time."""

import selectors
import socket
import threading
import time

import pytest
from support import configs
from support.peers import TcpServer, answer, says
from support.waiting import wait_until

CONCURRENT_MAX = 256  # HealthChecks::concurrent_max


class Silent:
    """Accepts, says nothing, and counts who is there at once and when each came."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.present, self.most, self.arrivals = 0, 0, []
        self.stopped = threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join(10)
        self.listener.close()

    def _serve(self):
        self.listener.setblocking(False)
        with selectors.DefaultSelector() as selector:
            selector.register(self.listener, selectors.EVENT_READ)
            while not self.stopped.is_set():
                # Who has left goes first: the balancer lets go of one before it makes another.
                ready = [key.fileobj for key, _ in selector.select(0.05)]
                for connection in ready:
                    if connection is not self.listener:
                        self._take(selector, connection)
                if self.listener in ready:
                    self._accept(selector)

    def _take(self, selector, connection):
        try:
            gone = not connection.recv(100)
        except OSError:
            gone = True
        if gone:
            selector.unregister(connection)
            connection.close()
            self.present -= 1

    def _accept(self, selector):
        try:
            connection, _ = self.listener.accept()
        except OSError:
            return
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ)
        self.arrivals.append(time.monotonic())
        self.present += 1
        self.most = max(self.most, self.present)


def many(server, count, **check):
    return configs.tcp(*[server] * count, backend={"check": {"type": "redis", **check}}, timeouts={"check": "2s"}, lanes=2)


def test_checks_under_way_are_bounded(corelane):
    with Silent() as server:
        proxy = corelane(many(server.address, 400, interval="100ms"))
        wait_until(lambda: len(server.arrivals) >= 800, "every server was checked twice")
        # A place is free a moment before the connection that had it is seen to end.
        assert CONCURRENT_MAX / 2 < server.most <= CONCURRENT_MAX + 64
        proxy.stop()


@pytest.mark.lanes
def test_first_checks_are_spread(corelane):
    """Over the interval and once per process, though there are two lanes."""
    with Silent() as server:
        proxy = corelane(many(server.address, 100, interval="4s"))
        wait_until(lambda: len(server.arrivals) >= 100, "every server was checked")
        assert all(state["check"]["checks_total"] <= 1 for state in proxy.backend()["servers"].values())
        first, last = server.arrivals[0], server.arrivals[99]
        assert last - first > 2  # of 4 s: they do not come together
        proxy.stop()


def test_a_dead_server_is_out_after_fall_checks(balancer):
    """fall x interval and one time-out at most: no check more than fall is made before it is out."""
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two:
        check = {"type": "tcp", "interval": "200ms", "fast_interval": "100ms", "fall": 3, "rise": 1}
        proxy = balancer(one.address, two.address, backend={"check": check}, timeouts={"check": "200ms"})
        wait_until(lambda: proxy.server("s2")["check"]["checks_total"] > 1, "s2 is checked")
        two.stop()
        proxy.wait_status("s2", "DOWN")
        state = proxy.server("s2")["check"]
        assert state["down_total"] == 1
        assert "1 active and 0 backup servers left" in next(line for line in proxy.log_lines() if "b/s2 is DOWN" in line)
        assert {answer(proxy.address()) for _ in range(8)} == {b"1"}
