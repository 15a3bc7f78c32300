# SPDX-License-Identifier: Apache-2.0
"""Who goes first where several wait for a server."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import configs
from support.haproxy import HTTP_DEFAULTS, HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import TcpServer, connect, read_all, read_exactly
from support.waiting import wait_until

HAPROXY = HTTP_DEFAULTS + """
frontend f
  bind {address}
  http-request set-priority-class req.hdr(x-class) if {{ req.hdr(x-class) -m found }}
  http-request set-priority-offset req.hdr(x-offset) if {{ req.hdr(x-offset) -m found }}
  default_backend b
backend b
  server s1 {server} maxconn 1
"""

RULES = [
    {"action": "set-priority-class", "expression": "req.hdr(x-class)", "if": "{ req.hdr(x-class) -m found }"},
    {"action": "set-priority-offset", "expression": "req.hdr(x-offset)", "if": "{ req.hdr(x-offset) -m found }"},
]
# In the order in which they come, while the server is busy with another.
WAITING = [("a", []), ("b", ["X-Class: 5"]), ("c", ["X-Class: -5"]), ("d", ["X-Offset: -10000"]), ("e", []),
           ("f", ["X-Class: -5", "X-Offset: 20000"]), ("g", ["X-Class: -5"]), ("h", ["X-Class: 99999"]), ("i", ["X-Class: 6"])]
ORDER = ["c", "g", "f", "d", "a", "e", "b", "i", "h"]


class Busy:
    """A server that answers its first request when it is let go."""

    def __init__(self):
        self.first = threading.Event()
        self.server = HttpServer(self._answer)

    def _answer(self, message, _connection):
        if message.start.split(" ")[1] == "/first":
            self.first.wait(30)
        return response(200, b"served")


def order_at(address, busy):
    del busy.server.requests[:]
    busy.first.clear()
    clients = [HttpClient(address)]
    clients[0].send(request("GET", "/first"))
    time.sleep(0.2)
    for name, fields in WAITING:
        clients.append(HttpClient(address))
        clients[-1].send(request("GET", f"/{name}", *fields))
        time.sleep(0.05)
    busy.first.set()
    for client in clients:
        assert client.answer().status == 200
        client.connection.close()
    return [message.start.split(" ")[1][1:] for message in busy.server.requests[1:]]


@pytest.mark.sanitize
def test_the_order_is_haproxys(corelane, tmp_path):
    busy = Busy()
    with busy.server as server:
        proxy = corelane(configs.http({"address": server.address, "max_connections": 1}, frontend={"http_request": RULES}))
        assert order_at(proxy.address("f"), busy) == ORDER
        with HaProxy(tmp_path / "haproxy", HAPROXY.replace("{server}", server.address)) as haproxy:
            assert order_at(haproxy.address, busy) == ORDER
        proxy.stop()


HAPROXY_TCP = """
frontend f
  bind {address}
  tcp-request inspect-delay 30s
  tcp-request content set-priority-class int(5) if {{ req.payload(0,1) -m str b }}
  tcp-request content set-priority-class int(-5) if {{ req.payload(0,1) -m str c }}
  tcp-request content set-priority-offset int(-10000) if {{ req.payload(0,1) -m str d }}
  default_backend b
backend b
  server s1 {server} maxconn 1
"""

TCP_RULES = [
    {"action": "set-priority-class", "expression": "int(5)", "if": "{ req.payload(0,1) -m str b }"},
    {"action": "set-priority-class", "expression": "int(-5)", "if": "{ req.payload(0,1) -m str c }"},
    {"action": "set-priority-offset", "expression": "int(-10000)", "if": "{ req.payload(0,1) -m str d }"},
]
# The first letter of what a client says is what the rules look at, in the order in which they come.
TCP_WAITING = [b"a1", b"b1", b"c1", b"d1", b"a2", b"c2"]
TCP_ORDER = [b"c1", b"c2", b"d1", b"a1", b"a2", b"b1"]


class OneAtATime:
    """A server that says a client's two bytes back and closes; the first client has to wait until it is let go."""

    def __init__(self):
        self.served = []
        self.first = threading.Event()
        self.server = TcpServer(self._serve)

    def _serve(self, connection, _server):
        said = read_exactly(connection, 2)
        if said == b"x1":
            self.first.wait(30)
        self.served.append(said)
        connection.sendall(said)


def tcp_order_at(address, busy, waiting):
    """`waiting()`: how many wait for the server."""
    del busy.served[:]
    busy.first.clear()
    accepted = busy.server.accepted
    clients = [connect(address)]
    clients[0].sendall(b"x1")
    busy.server.wait_accepted(accepted + 1)
    for count, said in enumerate(TCP_WAITING, 1):
        clients.append(connect(address))
        clients[-1].sendall(said)
        wait_until(lambda wanted=count: waiting() == wanted, f"{count} wait")

    def take_answer(client):
        with client:
            assert len(read_all(client)) == 2

    # The place of one is free when it has left.
    with ThreadPoolExecutor(len(clients)) as pool:
        taking = [pool.submit(take_answer, client) for client in clients]
        busy.first.set()
        for one in taking:
            one.result()
    return busy.served[1:]


@pytest.mark.sanitize
def test_the_order_of_connections_is_haproxys(corelane, tmp_path):
    busy = OneAtATime()
    with busy.server as server:
        proxy = corelane(configs.tcp(
            {"address": server.address, "max_connections": 1},
            frontend={"tcp_request": {"inspect_delay": "30s", "content": TCP_RULES}},
        ))  # fmt: skip
        assert tcp_order_at(proxy.address("f"), busy, lambda: proxy.backend()["queue_current"]) == TCP_ORDER
        with HaProxy(tmp_path / "haproxy", HAPROXY_TCP.replace("{server}", server.address)) as haproxy:

            def waiting():
                rows = [row.split(",") for row in haproxy.command("show stat").splitlines()]
                return sum(int(row[2]) for row in rows if row[0] == "b" and row[1] in ("s1", "BACKEND"))

            assert tcp_order_at(haproxy.address, busy, waiting) == TCP_ORDER
        proxy.stop()
