# SPDX-License-Identifier: Apache-2.0
"""HTTP servers and clients that say exactly what a test wants, right or wrong."""

import socket
import threading
from dataclasses import dataclass, field

from .peers import TcpServer, connect, read_all


@dataclass
class Message:
    """One message as it stood on the wire."""

    start: str
    fields: list
    body: bytes = b""
    raw: bytes = b""

    @property
    def status(self):
        return int(self.start.split(" ")[1])

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def one(self, name):
        values = self.all(name)
        assert len(values) <= 1, f"{name}: {values}"
        return values[0] if values else None


@dataclass
class Wire:
    """Reads messages from a connection."""

    connection: object
    rest: bytearray = field(default_factory=bytearray)
    ended: bool = False

    def _more(self):
        data = self.connection.recv(1 << 20)
        self.ended = not data
        self.rest += data
        return bool(data)

    def _until(self, mark):
        while mark not in self.rest:
            if not self._more():
                raise ConnectionError(f"the end after {bytes(self.rest)!r}")
        return self._take(self.rest.index(mark) + len(mark))

    def _take(self, count):
        found = bytes(memoryview(self.rest)[:count])
        del self.rest[:count]
        return found

    def _exactly(self, count):
        while len(self.rest) < count:
            if not self._more():
                raise ConnectionError(f"the end after {len(self.rest)} of {count} bytes")
        return self._take(count)

    def head(self):
        """None at the end of the connection."""
        while not self.rest:
            if not self._more():
                return None
        raw = self._until(b"\r\n\r\n")
        start, *lines = raw.decode("latin-1")[:-4].split("\r\n")
        return Message(start, [tuple(part.strip() for part in line.split(":", 1)) for line in lines], raw=raw)

    def message(self, bodiless=False):
        """A whole message, or None at the end."""
        head = self.head()
        if head is None or bodiless:
            return head
        if (head.one("transfer-encoding") or "").lower() == "chunked":
            raw, body = [head.raw], []
            while size := int((line := self._until(b"\r\n")).split(b";")[0], 16):
                body.append(self._exactly(size))
                raw += [line, body[-1], self._exactly(2)]
            raw += [line, trailer := self._until(b"\r\n")]
            while trailer != b"\r\n":
                raw.append(trailer := self._until(b"\r\n"))
            head.raw, head.body = b"".join(raw), b"".join(body)
        elif length := head.one("content-length"):
            head.body = self._exactly(int(length))
            head.raw += head.body
        elif head.start.startswith("HTTP/") and head.status not in (204, 304) and head.status >= 200:
            while self._more():
                pass
            head.body = self._take(len(self.rest))
        return head


def response(status=200, body=b"", *fields, length=True):
    lines = [f"HTTP/1.1 {status} Whatever", *fields]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def request(method="GET", target="/", *fields, host="a.test", body=b"", version="HTTP/1.1"):
    lines = [f"{method} {target} {version}", *([f"Host: {host}"] if host else []), *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class HttpServer(TcpServer):
    """Answers each request with what `answer(message, connection)` returns: bytes, or None to close. What it got is in
    `requests`, and on how many connections in `accepted`."""

    def __init__(self, answer, **options):
        super().__init__(self._talk, **options)
        self._answer = answer if callable(answer) else lambda _message, _connection: answer
        self.requests = []
        self._lock = threading.Lock()

    def _talk(self, connection, _server):
        wire = Wire(connection)
        while True:
            message = wire.message()
            if message is None:
                return
            with self._lock:
                self.requests.append(message)
            reply = self._answer(message, connection)
            if reply is None:
                return
            connection.sendall(reply)


def says(name):
    """An answer for HttpServer: its name."""
    return lambda _message, _connection: response(200, name.encode())


def landing(port, message, pieces=1):
    """What the server says to which a request on a connection of its own goes, sent in so many pieces."""
    with connect(f"127.0.0.1:{port}") as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = -(-len(message) // pieces)
        for start in range(0, len(message), size):
            connection.sendall(message[start : start + size])
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    return body.decode()


class HttpClient:
    def __init__(self, address, **options):
        self.connection = connect(address, **options)
        self.wire = Wire(self.connection)

    def send(self, data):
        self.connection.sendall(data)
        return self

    def ask(self, data=None, bodiless=False):
        """Sends a request and returns the response, None where the connection ends instead."""
        self.send(data if data is not None else request())
        return self.wire.message(bodiless)

    def answer(self, bodiless=False):
        return self.wire.message(bodiless)

    def ended(self):
        return not self.wire.rest and not self.connection.recv(65536)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
