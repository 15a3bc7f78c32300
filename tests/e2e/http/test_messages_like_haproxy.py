# SPDX-License-Identifier: Apache-2.0
"""Odd but valid requests and responses end as they do behind HAProxy."""

import re
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.ports import free_port


def chunked(*chunks, method="POST", fields=(), trailer=""):
    """A message's end in chunks of the given texts, and the head of a request before it."""
    body = "".join(chunks) + "0\r\n" + trailer + "\r\n"
    return request(method, "/", "Transfer-Encoding: chunked", *fields) + body.encode()


REQUESTS = {
    "no fields but the host": request(),
    "a long target": request("GET", "/" + "x" * 7000),
    "a query with everything": request("GET", "/a;b=c?d=%20&e=[f]&g={h}|\\^`%"),
    "two slashes": request("GET", "//a//b"),
    "a fragment": request("GET", "/a#b"),
    "an absolute target": request("GET", "http://a.test/b?c"),
    "an absolute target with capitals": request("GET", "HTTP://A.TEST/b", host="a.test"),
    "an absolute target with a port": request("GET", "http://a.test:8080/b", host="a.test:8080"),
    "an asterisk": request("OPTIONS", "*"),
    "a method of its own": request("PURGE-ALL", "/x"),
    "a method in small letters": request("get", "/x"),
    "a host with a port": request(host="a.test:8080"),
    "an IPv6 host": request(host="[::1]:80"),
    "an empty line before the request": b"\r\n" + request(),
    "fields without a space": b"GET / HTTP/1.1\r\nHost:a\r\nAccept:*/*\r\n\r\n",
    "fields with blanks around their values": b"GET / HTTP/1.1\r\nHost: \t a \t \r\nX-A:   b  c   \r\n\r\n",
    "an empty field": b"GET / HTTP/1.1\r\nHost: a\r\nX-Empty:\r\n\r\n",
    "field names of every character": b"GET / HTTP/1.1\r\nHost: a\r\nx!#$%&'*+-.^_`|~9: y\r\n\r\n",
    "fields beyond ASCII": b"GET / HTTP/1.1\r\nHost: a\r\nX-A: \xe4\xf6\xfc\xff\r\n\r\n",
    "a repeated field": request("GET", "/", "X-A: 1", "x-a: 2", "X-A: 1"),
    "90 fields": request("GET", "/", *(f"X-{number}: {number}" for number in range(90))),
    "a long field": request("GET", "/", "X-Long: " + "y" * 8000),
    "length 0": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    "GET with a body": request("GET", "/", body=b"a body of GET"),
    "DELETE with a body": request("DELETE", "/", body=b"a body of DELETE"),
    "POST without a length": request("POST", "/"),
    "a body of binary": request("PUT", "/", body=bytes(range(256))),
    "chunks": chunked("5\r\nhello\r\n", "6\r\n world\r\n"),
    "no chunk": chunked(),
    "chunk extensions": chunked("5;a=b;c=\"d e\"\r\nhello\r\n", "1 ; x\r\n!\r\n"),
    "sizes with leading zeros": chunked("0005\r\nhello\r\n"),
    "sizes in capitals and not": chunked("A\r\n0123456789\r\na\r\n0123456789\r\n"),
    "a trailer": chunked("5\r\nhello\r\n", trailer="X-Sum: 1\r\nX-Other:\r\n", fields=["Trailer: X-Sum"]),
    "GET in chunks": chunked("5\r\nhello\r\n", method="GET"),
    "chunked in capitals": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    "HTTP/1.0": request(version="HTTP/1.0"),
    "HTTP/1.0 without a host": request(host=None, version="HTTP/1.0"),
    "HTTP/1.0 with a body": request("POST", body=b"12345", version="HTTP/1.0"),
    "Connection with odd commas": request("GET", "/", "Connection: , ,keep-alive,, "),
    "Connection: close": request("GET", "/", "Connection: close"),
    "an upgrade that no one knows": request("GET", "/", "Connection: upgrade", "Upgrade: nonsense/1"),
    "TE": request("GET", "/", "Connection: TE", "TE: trailers"),
    "ranges and conditions": request("GET", "/", "Range: bytes=0-1,5-", 'If-None-Match: W/"a", "b"'),
    "cookies": request("GET", "/", "Cookie: a=b; c=\"d\"", "Cookie: e"),
}

FINE = response(200, b"fine")
RESPONSES = {
    "nothing": response(200),
    "no reason": b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
    "a reason beyond ASCII": b"HTTP/1.1 200 Gr\xfc\xdfe\r\nContent-Length: 2\r\n\r\nok",
    "status 299": response(299, b"ok"),
    "status 599": response(599, b"ok"),
    "204": response(204, length=False),
    "304 with a length": b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
    "205": response(205),
    "a redirection": response(302, b"", "Location: /else?where=1#2"),
    "401": response(401, b"no", "WWW-Authenticate: Basic realm=\"a, b\"", "WWW-Authenticate: Other"),
    "cookies": response(200, b"ok", "Set-Cookie: a=b; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "Set-Cookie: c=d"),
    "an empty field": response(200, b"ok", "X-Empty:"),
    "fields beyond ASCII": response(200, b"ok", "X-A: \xe4\xf6"),
    "a long field": response(200, b"ok", "X-Long: " + "y" * 8000),
    "chunks": response(200, b"5\r\nhello\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=False),
    "chunk extensions": response(200, b"5;a=b\r\nhello\r\n0;c\r\n\r\n", "Transfer-Encoding: chunked", length=False),
    "a trailer": response(200, b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", "Transfer-Encoding: chunked", length=False),
    "early hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + response(200, b"ok"),
    "continue, though nobody asked": b"HTTP/1.1 100 Continue\r\n\r\n" + response(200, b"ok"),
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "until the end": response(200, b"until the end", length=False) + b"\0",
    "HTTP/1.0 until the end": b"HTTP/1.0 200 OK\r\n\r\nuntil the end\0",
    "Connection: close with a length": response(200, b"ok", "Connection: close"),
    "hop-by-hop fields": response(200, b"ok", "Connection: x-mine, keep-alive", "Keep-Alive: timeout=5", "X-Mine: 1"),
    "a large body": response(200, bytes(range(256)) * 4000),
}
# What HAProxy lets pass and Corelane refuses, as docs/http-strictness.md says, with the reason; and the word of
# accept_invalid that lets it pass here too.
REFUSED = {
    "an empty host": (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", "bad_host", None),
    "the same host twice": (request("GET", "/", "Host: a.test"), "repeated_host", None),
    "a length with leading zeros": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 05\r\n\r\nhello", "bad_content_length", None),
    "the same length twice": (request("POST", "/", "Content-Length: 5", body=b"hello"), "repeated_content_length", None),
    "a length beside chunks": (chunked("5\r\nhello\r\n", fields=["Content-Length: 5"]), "length_with_transfer_encoding", None),
    "lines that end with LF": (b"GET / HTTP/1.1\nHost: a\n\n", "bad_line_end", None),
    "a folded field": (request("GET", "/", "X-A: 1\r\n 2"), "folded_line", None),
    "HTTP/1.2": (request(version="HTTP/1.2"), "unsupported_version", None),
    "quotes in the target": (request("GET", '/?"<a>"'), "bad_target", "characters_in_target"),
    "a percent sign in the path": (request("GET", "/100%zz"), "target_percent", "percent_in_path"),
    "control characters": (request("GET", "/", "X-A: \x01"), "control_character", "control_in_values"),
}
# Each of us says in its own way whether the connection stays; what Connection names HAProxy passes on.
PASSING = {"connection", "keep-alive", "x-mine"}


@dataclass
class Exchange:
    """What the server got of a request, and the client of its response."""

    asked: list
    answers: list


def seen(message):
    """What has to be the same of a message, or None where none came."""
    if message is None:
        return None
    # HAProxy writes names in small letters, and leaves absolute targets as they are.
    start = re.sub("^([A-Z]+) https?://[^/]+/", "\\1 /", message.start, flags=re.IGNORECASE)
    fields = sorted((name.lower(), value) for name, value in message.fields if name.lower() not in PASSING)
    return start, fields, message.body


@pytest.fixture
def both(tmp_path, web):
    """both(answer) starts a server, and Corelane and HAProxy before it; returns (server, their addresses)."""
    with ExitStack() as stack:

        def start(answer, **options):
            server = stack.enter_context(HttpServer(answer))
            sections = f"listen b\n  mode http\n  bind {{address}}\n  server s {server.address}\n"
            haproxy = stack.enter_context(HaProxy(tmp_path / "haproxy", sections))
            return server, web(server.address, **options).address(), haproxy.address

        yield start


def exchange(server, address, sent):
    """Interim responses are among the answers."""
    before = len(server.requests)
    answers = []
    with HttpClient(address) as client:
        client.send(sent)
        while not answers or (answers[-1] and answers[-1][0].split(" ")[1].startswith("1")):
            answers.append(seen(client.answer(bodiless=sent.startswith(b"HEAD"))))
    return Exchange([seen(message) for message in server.requests[before:]], answers)


def refused(exchange):
    """Nothing of it reached the server, and the client was told so."""
    [(start, _, _)] = exchange.answers
    return not exchange.asked and start.split(" ")[1] in ("400", "505")


@pytest.mark.parametrize("lenient", [False, True], ids=["as it comes", "accept_invalid"])
def test_odd_requests(both, lenient):
    words = sorted({word for _, _, word in REFUSED.values() if word})
    server, ours, theirs = both(FINE, frontend={"accept_invalid": words} if lenient else {})
    let_through = {name: sent for name, (sent, _, word) in REFUSED.items() if word and lenient}
    differ = []
    for name, sent in {**REQUESTS, **let_through}.items():
        mine, other = exchange(server, ours, sent), exchange(server, theirs, sent)
        if mine != other:
            differ.append(f"{name}:\n  here   {mine}\n  HAProxy {other}")
    assert not differ, "\n".join(differ)


def test_what_is_refused_here(web, both):
    server, ours, theirs = both(FINE)
    for name, (sent, _, _) in REFUSED.items():
        assert refused(exchange(server, ours, sent)), name
        assert not refused(exchange(server, theirs, sent)), f"{name}: HAProxy refuses it as well"
    proxy = web(server.address)
    for count, (name, (sent, reason, _)) in enumerate(REFUSED.items(), 1):
        exchange(server, proxy.address(), sent)
        assert proxy.wait_log(count)[-1]["detail"] == reason, name


def test_odd_responses(both):
    def answer(message, connection):
        reply = RESPONSES[names[int(message.start.split()[1][1:])]]
        if reply.endswith(b"\0"):
            connection.sendall(reply[:-1])
            return None
        return reply

    names = list(RESPONSES)
    server, ours, theirs = both(answer)
    differ = []
    for number, name in enumerate(names):
        mine, other = (exchange(server, address, request("GET", f"/{number}")) for address in (ours, theirs))
        if mine != other:
            differ.append(f"{name}:\n  here   {mine}\n  HAProxy {other}")
    assert not differ, "\n".join(differ)
