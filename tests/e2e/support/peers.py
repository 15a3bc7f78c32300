# SPDX-License-Identifier: Apache-2.0
"""Small TCP servers and clients that behave well or badly on purpose."""

import hashlib
import os
import selectors
import socket
import struct
import threading

from .waiting import wait_until

CHUNK = 64 * 1024


class TcpServer:
    """Runs `handle(connection, server)` in a thread for each connection it accepts.

    with TcpServer(echo) as server: ... server.address
    """

    def __init__(self, handle, *, host="127.0.0.1", path=None, port=0, receive_buffer=None, backlog=512):
        family = socket.AF_UNIX if path else (socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.handle = handle
        self.path = path
        self.connections = []
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._threads = []
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if receive_buffer:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.listener.bind(path or (host, port))
        self.listener.listen(backlog)
        if path:
            self.address = f"unix:{path}"
        else:
            self.port = self.listener.getsockname()[1]
            self.address = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    @property
    def accepted(self):
        return len(self.connections)

    def wait_accepted(self, count, timeout_s=30):
        with self._changed:
            assert self._changed.wait_for(lambda: self.accepted >= count, timeout_s), (
                f"{self.accepted} connections instead of {count}"
            )

    def wait_stopped(self):
        self._stopped.wait()

    def __enter__(self):
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends the listener and every connection, as a server that exits does."""
        quiet(self.listener.shutdown, socket.SHUT_RDWR)
        self.listener.close()
        self._stopped.set()
        for connection in list(self.connections):
            quiet(connection.shutdown, socket.SHUT_RDWR)
        self._acceptor.join(10)
        for thread in self._threads:
            thread.join(10)

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            with self._changed:
                self.connections.append(connection)
                self._changed.notify_all()
            thread.start()

    def _serve(self, connection):
        with connection:
            quiet(self.handle, connection, self)


def quiet(function, *arguments):
    """Calls it; that the peer has gone is no news here."""
    try:
        return function(*arguments)
    except OSError:
        return None


def echo(connection, _server):
    while data := connection.recv(CHUNK):
        connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)


def says(text):
    """A handler that sends `text` and closes: which server answered?"""

    def handle(connection, _server):
        connection.sendall(text.encode())

    return handle


def says_and_echoes(text):
    """A handler that sends `text`, then echoes: the connection stays."""

    def handle(connection, server):
        connection.sendall(text.encode())
        echo(connection, server)

    return handle


def swallow(connection, _server):
    while connection.recv(CHUNK):
        pass


def swallow_then_answer(connection, _server):
    """Reads until the client's end, then answers with what it read: works only with half-close."""
    received = read_all(connection)
    connection.sendall(b"after the end: " + received)


def finish_then_listen(connection, server):
    """Sends its end at once and reads on."""
    connection.sendall(b"done")
    connection.shutdown(socket.SHUT_WR)
    server.received = read_all(connection)


def hold(_connection, server):
    """Neither reads nor writes until the server stops."""
    server.wait_stopped()


def reset_after(count):
    """Reads `count` bytes, then resets the connection."""

    def handle(connection, _server):
        read_exactly(connection, count)
        reset(connection)

    return handle


def sends_forever(connection, _server):
    block = bytes(CHUNK)
    while True:
        connection.sendall(block)


def reset(connection):
    """Closes with a reset instead of an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def read_exactly(connection, count):
    received = bytearray()
    while len(received) < count:
        data = connection.recv(min(CHUNK, count - len(received)))
        if not data:
            raise ConnectionError(f"the end after {len(received)} of {count} bytes")
        received += data
    return bytes(received)


def read_all(connection):
    received = bytearray()
    while data := connection.recv(CHUNK):
        received += data
    return bytes(received)


def ends(connection):
    """How the other side ended this connection: "end" or "reset". Waits for it and drops what comes before."""
    try:
        while connection.recv(CHUNK):
            pass
    except ConnectionResetError:
        return "reset"
    return "end"


def connect(address, timeout_s=30, receive_buffer=None):
    """A connection to "host:port", "[host]:port" or "unix:/path"."""
    if address.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        target = address[len("unix:") :]
        target = "\0" + target[1:] if target.startswith("@") else target
    else:
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        connection = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        target = (host, int(port))
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(timeout_s)
    connection.connect(target)
    return connection


def wait_listening(process, address, log, name):
    """Until a server that the test has started takes connections; `log` is what it says when it ends instead."""

    def listens():
        assert process.poll() is None, log.read_text()
        try:
            connect(address).close()
            return True
        except OSError:
            return False

    wait_until(listens, f"{name} listens")


def ready(connections, patience_s=30):
    """Those of `connections` that have something to read; waits for the first. select() knows no descriptor past 1,023."""
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection, selectors.EVENT_READ)
        return [key.fileobj for key, _ in selector.select(patience_s)]


def can_send(connection, patience_s):
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_WRITE)
        return bool(selector.select(patience_s))


def answer(address, request=None, timeout_s=30):
    """Everything the other side sends until its end; after `request` and the end of ours, when there is one."""
    with connect(address, timeout_s) as connection:
        if request is not None:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


class Sender(threading.Thread):
    """Sends `count` pseudo-random bytes, then the end; `digest` is their hash."""

    def __init__(self, connection, count, seed):
        super().__init__(daemon=True)
        self.connection, self.count = connection, count
        self.digest = None
        self._block = hashlib.shake_128(seed.encode()).digest(1 << 20)
        self.start()

    def run(self):
        digest = hashlib.sha256()
        sent = 0
        while sent < self.count:
            # Blocks of an odd length, so that what comes late or twice cannot look right.
            block = memoryview(self._block)[: min(self.count - sent, (1 << 20) - 1 - sent % 4093)]
            self.connection.sendall(block)
            digest.update(block)
            sent += len(block)
        self.connection.shutdown(socket.SHUT_WR)
        self.digest = digest.hexdigest()


def receive_digest(connection, pause=None):
    """(bytes, hash) of everything that comes; `pause(bytes so far)` slows the reader."""
    digest = hashlib.sha256()
    received = 0
    while data := connection.recv(CHUNK):
        digest.update(data)
        received += len(data)
        if pause:
            pause(received)
    return received, digest.hexdigest()


class ManyConnections:
    """A server for thousands of connections in one thread: keeps them and echoes what comes."""

    def __init__(self, host="127.0.0.1"):
        self.listener = socket.create_server((host, 0), backlog=4096)
        self.address = "%s:%d" % self.listener.getsockname()[:2]
        self._stop_read, self._stop_write = os.pipe()
        self._connections = set()

    @property
    def open(self):
        return len(self._connections)

    def __enter__(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        os.write(self._stop_write, b"x")
        self._thread.join(30)
        for connection in self._connections:
            connection.close()
        self.listener.close()
        os.close(self._stop_read)
        os.close(self._stop_write)

    def _run(self):
        selector = selectors.DefaultSelector()
        self.listener.setblocking(False)
        selector.register(self.listener, selectors.EVENT_READ)
        selector.register(self._stop_read, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj == self._stop_read:
                    selector.close()
                    return
                if key.fileobj is self.listener:
                    self._accept(selector)
                else:
                    self._echo(selector, key.fileobj)

    def _accept(self, selector):
        while connection := quiet(self.listener.accept):
            connection[0].setblocking(True)
            self._connections.add(connection[0])
            selector.register(connection[0], selectors.EVENT_READ)

    def _echo(self, selector, connection):
        data = quiet(connection.recv, CHUNK)
        if data:
            quiet(connection.sendall, data)
        else:
            selector.unregister(connection)
            self._connections.discard(connection)
            connection.close()


class SilentListener:
    """An address whose connections are never established: the backlog is full and nobody accepts."""

    def __init__(self, host="127.0.0.1"):
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.bind((host, 0))
        self.listener.listen(0)
        self.address = "%s:%d" % self.listener.getsockname()
        self._fillers = []

    def __enter__(self):
        # With backlog 0 one connection is queued; the kernel drops the handshake of those that follow.
        for _ in range(4):
            filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            filler.setblocking(False)
            filler.connect_ex(self.listener.getsockname())
            self._fillers.append(filler)
        return self

    def __exit__(self, *_):
        for filler in self._fillers:
            filler.close()
        self.listener.close()
