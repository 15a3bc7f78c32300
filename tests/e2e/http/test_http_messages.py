# SPDX-License-Identifier: Apache-2.0
"""What servers get of requests, and clients of responses."""

import pytest
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import read_exactly

pytestmark = [pytest.mark.sanitize]


@pytest.fixture
def pair(web):
    """pair(answer) starts a server and the proxy before it; returns (proxy, server, client)."""
    opened = []

    def start(answer=response(200, b"hello"), **options):
        server = HttpServer(answer)
        opened.append(server.__enter__())
        proxy = web(server.address, **options)
        client = HttpClient(proxy.address())
        opened.append(client)
        return proxy, server, client

    yield start
    for one in reversed(opened):
        one.__exit__()


def test_a_request_without_hop_by_hop_fields_arrives_as_it_was_sent(pair):
    _, server, client = pair()
    sent = b"GET /a?b=c HTTP/1.1\r\nHOST:  a.test \r\nX-odd:\t1,  2\r\naccept: */*\r\n\r\n"
    assert client.ask(sent).body == b"hello"
    assert server.requests[0].raw == sent


def test_hop_by_hop_fields_stay_here(pair):
    _, server, client = pair(response(200, b"hello", "Connection: keep-alive, x-mine", "Keep-Alive: timeout=5",
                                      "X-Mine: 1", "X-Yours: 2"))
    got = client.ask(request("GET", "/", "Connection: keep-alive, X-Secret", "X-Secret: 1", "Keep-Alive: 5",
                             "Proxy-Connection: keep-alive", "TE: trailers, deflate", "X-Open: 2"))
    (seen,) = server.requests
    assert {name.lower() for name, _ in seen.fields} == {"host", "x-open", "te"}
    assert seen.one("te") == "trailers"
    assert {name.lower() for name, _ in got.fields} == {"x-yours", "content-length"}


def test_connection_cannot_take_out_what_frames_or_routes_a_message(pair):
    _, server, client = pair()
    client.ask(request("POST", "/", "Connection: content-length, host, cookie", "Cookie: a=b", body=b"12345"))
    (seen,) = server.requests
    assert (seen.one("host"), seen.one("content-length"), seen.body) == ("a.test", "5", b"12345")


def test_an_absolute_target_becomes_a_path(pair):
    _, server, client = pair()
    client.ask(request("GET", "http://a.test/x?y"))
    client.ask(request("GET", "http://a.test/x?y", "Connection: keep-alive", host=None, version="HTTP/1.0"))
    assert [seen.start for seen in server.requests] == ["GET /x?y HTTP/1.1", "GET /x?y HTTP/1.0"]
    assert [seen.one("host") for seen in server.requests] == ["a.test", "a.test"]


@pytest.mark.parametrize("method, target, path", [("GET", "http://a.test", "/"), ("GET", "http://a.test?b", "/?b"),
                                                  ("OPTIONS", "http://a.test", "*"), ("OPTIONS", "http://a.test/", "/")])
def test_an_absolute_target_without_a_path(pair, method, target, path):
    _, server, client = pair()
    client.ask(request(method, target))
    assert server.requests[0].start == f"{method} {path} HTTP/1.1"


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_a_message_in_pieces(pair, step):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nx: y\r\n\r\n"

    def drip(_message, connection):
        for at in range(0, len(chunked), step):
            connection.sendall(chunked[at : at + step])
        return b""

    _, server, client = pair(drip)
    sent = request("POST", "/", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    for at in range(0, len(sent), step):
        client.send(sent[at : at + step])
    assert client.answer().raw == chunked
    assert server.requests[0].raw == sent


def test_responses_without_a_body(pair):
    replies = {"/204": b"HTTP/1.1 204 No Content\r\n\r\n", "/304": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
               "/head": response(200, b"")[:-2].replace(b"Length: 0", b"Length: 7") + b"\r\n"}
    _, server, client = pair(lambda message, _: replies[message.start.split()[1]])
    assert client.ask(request("GET", "/204")).status == 204
    assert client.ask(request("GET", "/304"), bodiless=True).status == 304
    assert client.ask(request("HEAD", "/head"), bodiless=True).one("content-length") == "7"
    assert client.ask(request("GET", "/204")).status == 204
    assert server.accepted == 1


def test_a_body_until_the_end_of_the_connection(pair):
    def until_close(_message, connection):
        connection.sendall(response(200, b"x" * 100_000, length=False))

    _, _, client = pair(until_close)
    got = client.ask()
    assert (got.body, got.one("connection")) == (b"x" * 100_000, "close")


def test_interim_responses(pair):
    def hints(_message, connection):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        return response(200, b"hello")

    _, _, client = pair(hints)
    assert [client.ask(bodiless=True).status, client.answer(bodiless=True).status, client.answer().body] == [100, 103, b"hello"]
    client.send(request("GET", "/", "Connection: keep-alive", version="HTTP/1.0"))
    assert client.answer().body == b"hello"


def test_expect_continue_waits_for_the_server(pair):
    def wait_for_body(message, connection):
        return response(200, message.body)

    class Server(HttpServer):
        def _talk(self, connection, server):
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(1000)
            assert b"Expect: 100-continue" in head and head.endswith(b"\r\n\r\n")
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(response(200, connection.recv(5)))

    _, server, client = pair(wait_for_body)
    server.handle = Server(None)._talk
    client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    assert client.answer(bodiless=True).status == 100
    assert client.ask(b"12345").body == b"12345"


def test_a_client_that_is_not_asked_to_continue_has_to_connect_anew(pair):
    """Its next bytes could be the body or another request: nobody can tell."""
    def decline(connection, _):
        connection.recv(1000)
        connection.sendall(response(417, b"no"))
        connection.recv(1000)

    _, server, client = pair()
    server.handle = decline
    got = client.ask(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    assert (got.status, got.one("connection")) == (417, "close")
    assert client.ended()


@pytest.mark.parametrize("closes", [True, False])
def test_an_answer_before_the_end_of_the_request(pair, closes):
    """Where the server does not want the rest, the client is told that the connection ends."""
    class Server(HttpServer):
        def _talk(self, connection, server):
            connection.recv(1000)
            connection.sendall(response(200, b"early", *(["Connection: close"] if closes else [])))
            if not closes:
                assert read_exactly(connection, 5) == b"12345"
                connection.recv(1000)
                connection.sendall(response(200, b"later"))

    _, server, client = pair()
    server.handle = Server(None)._talk
    got = client.ask(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
    assert (got.body, got.one("connection")) == (b"early", "close" if closes else None)
    if closes:
        assert client.ended()
    else:
        assert client.ask(b"12345" + request()).body == b"later"


def test_an_http_1_0_server_keeps_no_client_from_staying(pair):
    _, _, client = pair(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    for _ in range(3):
        got = client.ask()
        assert (got.body, got.one("connection")) == (b"hello", "keep-alive")


def test_http_1_0_peers(pair):
    _, server, client = pair(response(200, b"hello"))
    got = client.ask(request("GET", "/", version="HTTP/1.0"))
    assert (got.body, got.one("connection")) == (b"hello", "close")
    assert client.ended()
    assert server.requests[0].one("connection") is None
