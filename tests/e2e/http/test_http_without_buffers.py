# SPDX-License-Identifier: Apache-2.0
"""Clients that do not read hold every buffer of a lane, and requests of others are served all the same."""

import hashlib

import pytest
from support.http_peers import HttpClient, HttpServer, request, response
from support.waiting import wait_until

MIB = 1 << 20
LARGE = hashlib.shake_128(b"large").digest(8 * MIB)
STUCK = 12
few_buffers = pytest.mark.parametrize("buffers", [1, 8])


def chunked(body):
    chunks = (body[at : at + 50_021] for at in range(0, len(body), 50_021))
    framed = b"".join(b"%x;note=1\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return response(200, b"", "Transfer-Encoding: chunked", length=False) + framed + b"0\r\nSum: 1\r\n\r\n"


def answer(message, _connection):
    """/large, /chunks: what fills every buffer; /echo and others: what came."""
    target = message.start.split(" ")[1]
    if target == "/large":
        return response(200, LARGE)
    if target == "/chunks":
        return chunked(LARGE)
    if target == "/interim":
        return b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + response(200, b"after")
    return response(200, message.body or target.encode(), "X-Server: " + "s" * 5000)


def waiting(proxy):
    return proxy.stats()["lanes"][0]["buffers_waiting"]


def stick(proxy, target):
    """A client that asks for more than anybody holds, and does not read it."""
    client = HttpClient(proxy.address(), receive_buffer=8192)
    client.send(request("GET", target))
    return client


def start(web, server, buffers):
    """Without pipes, which could take the place of buffers."""
    return web(server.address, tune={"buffers_max": buffers, "pipes_max": 0})


@few_buffers
@pytest.mark.sanitize
def test_requests_beside_clients_that_do_not_read(web, buffers):
    with HttpServer(answer) as server:
        proxy = start(web, server, buffers)
        stuck = [stick(proxy, "/chunks" if number % 2 else "/large") for number in range(STUCK)]
        wait_until(lambda: waiting(proxy) > 0, "responses wait for a buffer")

        for number in range(5):
            with HttpClient(proxy.address()) as client:
                assert client.ask(request("GET", f"/{number}")).body == f"/{number}".encode()
                body = LARGE[: 200_000 + number]
                assert client.ask(request("PUT", "/echo", body=body)).body == body
                assert client.ask(request("GET", "/interim")).status == 103
                assert client.answer().body == b"after"
                client.send(request("GET", "/one") + request("POST", "/echo", body=b"two") + request("GET", "/three"))
                assert [client.answer().body for _ in range(3)] == [b"/one", b"two", b"/three"]
                assert client.ask(request("GET", "/chunks")).body == LARGE
                pieces = chunked(b"piece by piece" * 9000).partition(b"\r\n\r\n")[2]
                assert client.ask(request("POST", "/echo", "Transfer-Encoding: chunked") + pieces).body == (
                    b"piece by piece" * 9000
                )

        assert [client.answer().body for client in stuck] == [LARGE] * STUCK
        for client in stuck:
            assert client.ask(request("GET", "/again")).body == b"/again"
            client.connection.close()
        wait_until(lambda: waiting(proxy) == 0, "nobody waits any longer")


@few_buffers
@pytest.mark.sanitize
def test_broken_messages_without_a_buffer(web, buffers):
    """What is wrong is found, and refused with the same words, as with a buffer."""
    faulty = response(200, b"", "Transfer-Encoding: chunked", length=False) + b"5\r\nhello\r\nx\r\n"

    def broken(message, connection):
        return faulty if message.start.startswith("GET /broken") else answer(message, connection)

    with HttpServer(broken) as server:
        proxy = start(web, server, buffers)
        stuck = [stick(proxy, "/large") for _ in range(STUCK)]
        wait_until(lambda: waiting(proxy) > 0, "responses wait for a buffer")

        with HttpClient(proxy.address()) as client:
            assert client.ask(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n").status == 400
        with HttpClient(proxy.address()) as client:
            bad_body = request("POST", "/", "Transfer-Encoding: chunked") + b"5\r\nhello\r\nx\r\n"
            assert client.ask(bad_body).status == 400
        with HttpClient(proxy.address()) as client, pytest.raises(ConnectionError):
            client.ask(request("GET", "/broken"))
        for client in stuck:
            client.connection.close()
        reasons = [record["end_reason"] for record in proxy.wait_log(3 + STUCK)]
        assert sorted(reason for reason in reasons if reason.endswith("invalid")) == [
            "request_invalid", "request_invalid", "response_invalid"
        ]


@few_buffers
def test_a_client_that_never_reads_is_timed_out(web, buffers):
    with HttpServer(answer) as server:
        proxy = web(server.address, tune={"buffers_max": buffers, "pipes_max": 0}, timeouts={"client": "1s"})
        stuck = [stick(proxy, "/chunks") for _ in range(STUCK)]
        reasons = {record["end_reason"] for record in proxy.wait_log(STUCK)}
        assert reasons == {"client_timeout"}
        wait_until(lambda: waiting(proxy) == 0, "nobody waits any longer")
        for client in stuck:
            client.connection.close()
