# SPDX-License-Identifier: Apache-2.0
"""What clients are told, and the log, when something goes wrong."""

import threading

import pytest
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import SilentListener, TcpServer, reset
from support.ports import free_port

pytestmark = [pytest.mark.sanitize]

FINE = response(200, b"fine")


def last(proxy, count=1):
    proxy.wait_log(count)
    return proxy.records()[count - 1]


@pytest.mark.parametrize("sent, status, word", [
    (b"GET / HTTP/1.1\r\n\r\n", 400, "missing_host"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "repeated_host"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
     "length_with_transfer_encoding"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "unknown_transfer_coding"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nx : y\r\n\r\n", 400, "space_before_colon"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nx: y\r\n z\r\n\r\n", 400, "folded_line"),
    (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "unsupported_version"),
    (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "target_too_long"),
    (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"x: y\r\n" * 200 + b"\r\n", 431, "too_many_fields"),
    (request("GET", "/", "Connection: " + ",".join(f"x{number}" for number in range(40))), 431, "too_many_fields"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nx: " + b"y" * 20_000 + b"\r\n\r\n", 431, "head_too_large"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "bad_method"),
    (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, "bad_chunk_size"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_broken_request_reaches_no_server(web, sent, status, word):
    with HttpServer(FINE) as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as client:
            got = client.ask(sent)
            assert (got.status, got.one("connection")) == (status, "close")
            assert client.ended()
        record = last(proxy)
        assert (record["end_reason"], record["detail"]) == ("request_invalid", word)
        assert not server.requests


def test_what_follows_a_broken_request_is_not_read(web):
    with HttpServer(FINE) as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as client:
            assert client.ask(b"GET / HTTP/1.1\r\nHost: a\r\nx y\r\n\r\n" + request("GET", "/smuggled")).status == 400
            assert client.ended()
        assert not server.requests


def test_a_chunk_that_breaks_off_never_looks_complete_to_the_server(web):
    ends = []

    def notes(connection, _server):
        try:
            while connection.recv(1000):
                pass
            ends.append("end")
        except ConnectionResetError:
            ends.append("reset")

    with TcpServer(notes) as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as client:
            client.send(request("POST", "/", "Transfer-Encoding: chunked") + b"5\r\nhel")
            server.wait_accepted(1)
            assert client.ask(b"l" * 3000).status == 400
        server.stop()
        assert ends == ["reset"]


@pytest.mark.parametrize("answer, word", [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "response_invalid"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nab", "response_invalid"),
    (b"nonsense\r\n\r\n", "response_invalid"),
    (b"HTTP/1.1 101 Switching\r\n\r\n", "response_invalid"),
    (b"HTTP/1.1 200 O", "response_incomplete"),
    (b"", "server_no_response"),
], ids=["two lengths", "length and chunks", "nonsense", "unasked 101", "half a head", "nothing"])
def test_a_broken_response_is_a_502(web, answer, word):
    def broken(_message, connection):
        connection.sendall(answer)

    with HttpServer(broken) as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as client:
            assert client.ask().status == 502
        assert last(proxy)["end_reason"] == word


def test_a_response_that_breaks_off_is_not_passed_off_as_whole(web):
    def half(_message, connection):
        connection.sendall(response(200, b"x" * 1000)[:-10])

    with HttpServer(half) as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as client, pytest.raises(OSError):
            client.ask()
        assert last(proxy)["end_reason"] == "response_incomplete"


def test_time_outs(web):
    def silent(_message, _connection):
        threading.Event().wait(5)

    with HttpServer(silent) as server:
        proxy = web(server.address, timeouts={"server": "100ms", "http_request": "150ms", "client": "200ms"})
        with HttpClient(proxy.address()) as client:
            assert client.ask().status == 504
        with HttpClient(proxy.address()) as client:
            assert client.ask(b"GET / HT").status == 408
            assert client.ended()
        with HttpClient(proxy.address()) as client:
            assert client.ask(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc").status == 408
        proxy.wait_log(3)
        assert [(record["end_reason"], record["http"]["status"]) for record in proxy.records()] == [
            ("response_timeout", 504), ("request_timeout", 408), ("client_timeout", 408)]


def test_an_idle_client_is_let_go_without_a_word(web):
    with HttpServer(FINE) as server:
        proxy = web(server.address, timeouts={"http_keep_alive": "100ms"})
        with HttpClient(proxy.address()) as client:
            client.ask()
            assert client.ended()
        assert len(proxy.records()) == 1


def test_servers_that_cannot_be_reached(web):
    proxy = web(f"127.0.0.1:{free_port()}", backend={"retries": 0})
    with HttpClient(proxy.address()) as client:
        for _ in range(3):
            assert client.ask().status == 503
    assert last(proxy)["end_reason"] == "connect_refused"


def test_a_server_that_does_not_answer_the_handshake(web):
    with SilentListener() as server:
        proxy = web(server.address, backend={"retries": 0}, timeouts={"connect": "100ms"})
        with HttpClient(proxy.address()) as client:
            assert client.ask().status == 503
        assert last(proxy)["end_reason"] == "connect_timeout"


def test_a_full_server_answers_503_after_the_queue_time_out(web):
    busy = threading.Event()

    def slow(_message, _connection):
        busy.set()
        threading.Event().wait(1)
        return FINE

    with HttpServer(slow) as server:
        proxy = web({"address": server.address, "max_connections": 1}, timeouts={"queue": "100ms"})
        with HttpClient(proxy.address()) as first, HttpClient(proxy.address()) as second:
            first.send(request())
            busy.wait(10)
            assert second.ask().status == 503
            assert last(proxy)["end_reason"] == "queue_timeout"
            assert first.answer().body == b"fine"
            # The place is a request's, not the connection's.
            assert second.ask().body == b"fine"


def test_retry_on_status(web):
    with HttpServer(response(503, b"busy")) as busy, HttpServer(FINE) as fine:
        proxy = web(busy.address, fine.address,
                    backend={"retry_on": ["503"], "retries": 3, "redispatch": True, "balance": "first"})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request("POST", body=b"12345")).body == b"fine"
        assert [seen.body for seen in fine.requests] == [b"12345"]
        assert last(proxy)["retries"] >= 1


def test_a_server_that_resets_is_retried_when_configured(web):
    def resets(_message, connection):
        reset(connection)

    with HttpServer(resets) as broken, HttpServer(FINE) as fine:
        proxy = web(broken.address, fine.address,
                    backend={"retry_on": ["empty-response"], "redispatch": True, "balance": "first"})
        with HttpClient(proxy.address()) as client:
            assert client.ask().body == b"fine"


@pytest.mark.parametrize("abort", [True, False])
def test_abort_on_close(web, abort):
    release = threading.Event()

    def slow(_message, _connection):
        release.wait(10)
        return FINE

    with HttpServer(slow) as server:
        proxy = web(server.address, backend={"abort_on_close": abort})
        with HttpClient(proxy.address()) as client:
            client.send(request())
            server.wait_accepted(1)
            client.connection.shutdown(1)
            if abort:
                assert last(proxy)["end_reason"] == "client_aborted"
                release.set()
            else:
                release.set()
                assert client.answer().body == b"fine"
