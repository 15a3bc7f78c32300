# SPDX-License-Identifier: Apache-2.0
"""GET /stats, /ready and /live."""

import json
import socket
import threading

import pytest
from support import configs
from support.peers import TcpServer, answer, connect, echo, read_exactly
from support.process import admin_connection
from support.waiting import wait_until


@pytest.mark.sanitize
def test_the_tree_and_its_numbers(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=2)
        for _ in range(5):
            assert answer(proxy.address(), b"x" * 1000) == b"x" * 1000
        with connect(proxy.address()) as client:
            client.sendall(b"y")
            assert read_exactly(client, 1) == b"y"
            wait_until(lambda: proxy.frontend("f")["bytes_out"] == 5001, "what was forwarded is counted")
            tree = proxy.stats()
        assert set(tree) >= {"version", "process", "lanes", "listeners", "frontends", "backends"}
        assert len(tree["lanes"]) == 2
        frontend, backend = tree["frontends"]["f"], tree["backends"]["b"]
        one = backend["servers"]["s1"]
        for counted in (frontend, backend, one):
            assert counted["connections_total"] == 6
            assert counted["connections_current"] == 1
            assert counted["bytes_in"] == 5001
            assert counted["bytes_out"] == 5001
        assert sum(lane["connections_total"] for lane in tree["lanes"]) == 6
        assert one["status"] == "no check" and one["weight"] == 1
        assert tree["version"]["corelane"] and tree["process"]["pid"] == proxy.pid
        assert tree["listeners"] == [{"frontend": "f", "address": proxy.address()}]


@pytest.mark.lanes
@pytest.mark.sanitize
def test_scrapes_under_load(balancer):
    """Traffic goes on while the tree is read again and again."""
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=2)
        stop = threading.Event()
        failures = []

        def load():
            with connect(proxy.address()) as client:
                while not stop.is_set():
                    client.sendall(b"ping")
                    if read_exactly(client, 4) != b"ping":
                        failures.append("wrong answer")

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        seen = 0
        for _ in range(100):
            now = proxy.frontend("f")["bytes_in"]
            assert now >= seen, "a counter went back"
            seen = now
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures and seen > 0
        proxy.stop()


def test_live_and_ready(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address)
        assert proxy.get("/live")[0] == 200
        assert proxy.get("/ready")[0] == 200


def test_an_unknown_path_lists_the_known_ones(balancer):
    proxy = balancer("127.0.0.1:9")
    status, body = proxy.get("/nowhere")
    assert status == 404 and b"/stats" in body


@pytest.mark.sanitize
def test_what_is_no_request(balancer):
    """The admin address survives bytes that are no HTTP, and requests in pieces."""
    proxy = balancer("127.0.0.1:9")
    for noise in (b"\r\n\r\n", b"\x16\x03\x01" + bytes(100), b"GET", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100_000):
        with connect(proxy.admin) as client:
            try:
                client.sendall(noise)
                client.shutdown(socket.SHUT_WR)
                client.recv(1000)
            except OSError:
                pass
    with connect(proxy.admin) as client:
        for byte in b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":
            client.sendall(bytes([byte]))
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
    assert proxy.get("/live")[0] == 200


def test_requests_on_one_connection(balancer):
    connection = admin_connection(balancer("127.0.0.1:9").admin)
    for _ in range(3):
        connection.request("GET", "/stats")
        response = connection.getresponse()
        assert response.status == 200 and json.loads(response.read())
    connection.close()


def test_a_unix_socket(corelane, tmp_path):
    config = configs.tcp("127.0.0.1:9", admin={"bind": [f"unix:{tmp_path}/admin"]})
    assert corelane(config).stats()["frontends"]["f"]
