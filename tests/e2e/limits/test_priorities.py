# SPDX-License-Identifier: Apache-2.0
"""Who goes first where several wait for a server."""

import threading
import time

import pytest
from support import configs
from support.haproxy import HTTP_DEFAULTS, HaProxy
from support.http_peers import HttpClient, HttpServer, request, response

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
