# SPDX-License-Identifier: Apache-2.0
"""Connections that serve more than one request."""

import threading

import pytest
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import connect, reset
from support.waiting import wait_until

pytestmark = [pytest.mark.sanitize]


def by_path(message, _connection):
    return response(200, message.start.split()[1].encode())


def test_pipelined_requests_are_answered_in_order(web):
    with HttpServer(by_path) as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as client:
            client.send(b"".join(request("GET", f"/{number}") for number in range(200)))
            assert [client.answer().body for _ in range(200)] == [f"/{number}".encode() for number in range(200)]


def test_bodies_between_pipelined_requests(web):
    with HttpServer(lambda message, _: response(200, message.body)) as server:
        proxy = web(server.address)
        bodies = [b"x" * size for size in (1, 0, 5000, 70_000, 3)]
        with HttpClient(proxy.address()) as client:
            sender = threading.Thread(target=client.send, args=(b"".join(request("POST", body=body) for body in bodies),))
            sender.start()
            assert [client.answer().body for _ in bodies] == bodies
            sender.join()


def test_clients_share_a_server_connection(web):
    with HttpServer(by_path) as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as first, HttpClient(proxy.address()) as second:
            for client in (first, second, first, second, first):
                assert client.ask().body == b"/"
            # safe: the first request of each client's connection had one of its own.
            assert server.accepted == 2
        with HttpClient(proxy.address()) as third:
            third.ask()
            assert server.accepted == 3


@pytest.mark.parametrize("reuse, connections", [("never", 3), ("safe", 3), ("aggressive", 2), ("always", 1)])
def test_reuse(web, reuse, connections):
    with HttpServer(by_path) as server:
        proxy = web(server.address, backend={"http_reuse": reuse})
        with HttpClient(proxy.address()) as first:
            first.ask()
            with HttpClient(proxy.address()) as second:
                second.ask()
                second.ask()
                with HttpClient(proxy.address()) as third:
                    third.ask()
                    assert server.accepted == connections


@pytest.mark.parametrize("where", ["frontend", "backend"])
@pytest.mark.parametrize("mode, client_stays, server_stays",
                         [("keep-alive", True, True), ("server-close", True, False), ("close", False, False)])
def test_connection_modes(web, where, mode, client_stays, server_stays):
    with HttpServer(by_path) as server:
        proxy = web(server.address, **{where: {"http_connection": mode}})
        with HttpClient(proxy.address()) as client:
            got = client.ask()
            assert got.one("connection") == (None if client_stays else "close")
            assert server.requests[0].one("connection") == (None if server_stays else "close")
            if client_stays:
                client.ask()
            else:
                assert client.ended()
        assert server.accepted == (2 if client_stays and not server_stays else 1)


def test_a_kept_connection_that_its_server_closes_is_not_used(web):
    with HttpServer(by_path) as server:
        proxy = web(server.address, backend={"http_reuse": "always"})
        with HttpClient(proxy.address()) as client:
            for round_number in range(1, 4):
                assert client.ask().body == b"/"
                server.connections[-1].shutdown(2)
                server.wait_accepted(round_number)
        assert server.accepted == 3


def test_a_kept_connection_that_dies_under_a_request_is_replaced_once(web):
    """The server closes when the second request of a connection is there, without a word."""
    def dies(message, connection):
        first = connection not in seen
        seen.add(connection)
        return response(200, b"fine") if first else None

    seen = set()
    with HttpServer(dies) as server:
        proxy = web(server.address, backend={"retries": 0})
        with HttpClient(proxy.address()) as client:
            for _ in range(4):
                assert client.ask().body == b"fine"
            # Nobody knows what became of it: the client has to decide.
            assert client.ask(request("POST", body=b"1")).status == 502
        assert server.accepted == 4


def test_a_client_that_resets_costs_its_request_alone(web):
    waiting = threading.Event()

    def slow(message, _connection):
        if message.start.startswith("GET /slow"):
            waiting.set()
            threading.Event().wait(0.2)
        return response(200, b"fine")

    with HttpServer(slow) as server:
        proxy = web(server.address)
        gone = connect(proxy.address())
        gone.sendall(request("GET", "/slow"))
        waiting.wait(10)
        reset(gone)
        with HttpClient(proxy.address()) as client:
            assert client.ask().body == b"fine"
        wait_until(lambda: proxy.backend("b")["connections_current"] == 0, "the exchange is over")


def test_idle_connections_end_with_the_process(web):
    with HttpServer(by_path) as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as client:
            client.ask()
            proxy.stop()
            assert client.ended()
