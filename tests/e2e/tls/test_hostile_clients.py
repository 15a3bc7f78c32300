# SPDX-License-Identifier: Apache-2.0
"""Clients that ask for handshakes and mean no good."""

import selectors
import ssl
import subprocess
import threading

import pytest
from support import configs
from support.peers import TcpServer, connect, echo, read_exactly
from support.tls import client_hello
from support.tls_peers import tls_connect
from support.waiting import wait_until


@pytest.fixture
def limited(corelane, tls_config):
    """A proxy that accepts so many connections at once; the kernel keeps others until it accepts them."""

    def start(server, limit, lanes=1, client_hs="60s"):
        config = tls_config(configs.tcp, server.address, lanes=lanes, frontend={"max_connections": limit},
                            timeouts={"client_hs": client_hs})
        config["frontends"]["f"]["bind"][0]["backlog"] = 1024
        return corelane(config)

    return start


@pytest.mark.sanitize
def test_renegotiation_is_refused(tls_tcp, authority):
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address)
        client = subprocess.Popen(
            ["openssl", "s_client", "-connect", proxy.address(), "-servername", "a.test", "-CAfile", authority.path,
             "-tls1_2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            client.stdin.write(b"hello\n")
            client.stdin.flush()
            wait_until(lambda: proxy.frontend("f")["bytes_out"] >= 6, "an echo")
            client.stdin.write(b"R\n")  # s_client's command
            client.stdin.flush()
            said, _ = client.communicate(timeout=30)
        finally:
            client.kill()
        assert b"RENEGOTIATING" in said
        [record] = proxy.wait_log()
        assert (record["end_reason"], record["detail"]) == ("tls_error", "renegotiation refused")
        proxy.stop()


class Flood:
    """Connections that say `words`, keep quiet and are never closed; one that the program ends is made anew."""

    def __init__(self, proxy, words, count):
        self.made = 0
        self._address, self._words, self._count = proxy.address(), words, count
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        with selectors.DefaultSelector() as selector:
            open_ones = set()
            while not self._stop.is_set():
                while len(open_ones) < self._count:
                    client = connect(self._address)
                    client.sendall(self._words)
                    selector.register(client, selectors.EVENT_READ)
                    open_ones.add(client)
                    self.made += 1
                for key, _ in selector.select(0.05):
                    try:
                        ended = not key.fileobj.recv(65536)
                    except OSError:
                        ended = True
                    if ended:
                        selector.unregister(key.fileobj)
                        open_ones.remove(key.fileobj)
                        key.fileobj.close()
            for client in open_ones:
                client.close()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


def is_over(frontend, failed):
    counters = frontend["tls"]
    return (frontend["connections_current"] == 0 and counters["handshakes_current"] == 0
            and counters["handshakes_failed"] >= failed)


@pytest.mark.sanitize
@pytest.mark.lanes
@pytest.mark.parametrize("words", [b"GET / HTTP/1.1\r\n\r\n", b"", client_hello("a.test")[:100], client_hello("a.test")],
                         ids=["no-tls", "nothing", "half-a-hello", "hello"])
def test_a_flood_of_handshakes_leaves_room(limited, authority, words):
    limit = 40
    with TcpServer(echo) as server:
        proxy = limited(server, limit, lanes=2, client_hs="500ms")
        context = authority.client_context()
        peak = 0
        with Flood(proxy, words, 3 * limit) as flood:
            for _ in range(5):
                with tls_connect(proxy.address(), context) as client:
                    client.sendall(b"hello")
                    assert read_exactly(client, 5) == b"hello"
                peak = max(peak, proxy.frontend("f")["connections_current"])
            wait_until(lambda: flood.made > 4 * limit, "connections that were ended")
        assert peak <= limit
        # Some that were closed long ago are only accepted now.
        wait_until(lambda: is_over(proxy.frontend("f"), limit), "an end of it")
        counters = proxy.frontend("f")["tls"]
        assert counters["handshakes_full"] + counters["handshakes_resumed"] == 5
        proxy.stop()


@pytest.mark.sanitize
def test_who_is_refused_leaves_at_once_where_places_are_few(limited, authority):
    """Refused clients that stay would otherwise hold a place for a second each."""
    with TcpServer(echo) as server:
        proxy = limited(server, 1)
        context = authority.client_context()
        with tls_connect(proxy.address(), context) as client:
            rude = [connect(proxy.address()) for _ in range(30)]
            for one in rude:
                one.sendall(b"GET / HTTP/1.1\r\n\r\n")
            client.sendall(b"hello")
            assert read_exactly(client, 5) == b"hello"
        wait_until(lambda: len(proxy.records()) == 31, "all of them", timeout_s=20)
        for one in rude:
            one.close()
        proxy.stop()
