# SPDX-License-Identifier: Apache-2.0
"""/stats tells of handshakes: how many, of which kind, and why some failed."""

import ssl

import pytest
from support.peers import TcpServer, connect, echo, read_exactly
from support.tls_peers import tls_connect
from support.waiting import wait_until


def counted(proxy, **expected):
    """Waits until the frontend's counters say so; all of them."""

    def found():
        counters = proxy.frontend("f")["tls"]
        return all(counters[name] == value for name, value in expected.items()) and counters

    return wait_until(found, f"{expected} instead of {proxy.frontend('f')['tls']}")


def greet(client):
    client.sendall(b"hello")
    assert read_exactly(client, 5) == b"hello"


@pytest.mark.sanitize
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_whole_ones_and_resumed_ones(tls_tcp, authority, version):
    context = authority.client_context()
    context.minimum_version = context.maximum_version = version
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, lanes=2)
        assert counted(proxy, handshakes_full=0)["connections_current"] == 0
        with tls_connect(proxy.address(), context) as first:
            greet(first)
            counted(proxy, handshakes_full=1, handshakes_current=0, connections_current=1)
            with context.wrap_socket(connect(proxy.address()), server_hostname="a.test", session=first.session) as second:
                assert second.session_reused
                greet(second)
                counted(proxy, handshakes_full=1, handshakes_resumed=1, connections_current=2)
                with connect(proxy.address()):
                    counted(proxy, handshakes_current=1)
        counted(proxy, connections_current=0, handshakes_current=0, handshakes_failed=1, failed_incomplete=1)
        tree = proxy.stats()
        assert sum(lane["tls"]["handshakes_full"] for lane in tree["lanes"]) == 1
        assert tree["process"]["tls"]["handshakes_resumed"] == 1
        wait_until(lambda: proxy.stats()["process"]["tls"]["handshake_rate_max"] >= 1, "a rate")
        assert proxy.frontend("f")["tls"]["full_handshake_rate_max"] >= 1
        proxy.stop()


@pytest.mark.sanitize
def test_why_they_fail(tls_tcp, authority):
    trusting = authority.client_context()
    old = authority.client_context()
    with pytest.warns(DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, timeouts={"client_hs": "300ms"}, tls={
            "strict_sni": True, "verify": "required", "client_ca": str(authority.path)})

        def fails(context, name="a.test"):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                with tls_connect(proxy.address(), context, name) as client:
                    client.recv(1)

        fails(old)
        counted(proxy, failed_negotiation=1)
        fails(trusting, "other.test")
        counted(proxy, failed_name=1)
        fails(trusting)
        counted(proxy, failed_certificate=1)
        fails(ssl.create_default_context())
        counted(proxy, failed_refused=1)
        told = wait_until(lambda: len(proxy.records()) == 4 and proxy.records()[-1], "a line in the log")
        assert (told["end_reason"], told["detail"]) == ("tls_handshake_refused", "the client's alert: unknown CA")
        with connect(proxy.address()) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            counted(proxy, failed_protocol=1)
        with connect(proxy.address()):
            counted(proxy, failed_timeout=1)
        counters = counted(proxy, handshakes_failed=6, handshakes_current=0)
        assert (counters["handshakes_full"], counters["connections_current"]) == (0, 0)
        proxy.stop()


def test_without_tls_there_are_none(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address)
        tree = proxy.stats()
        assert "tls" not in tree["process"] and "tls" not in tree["lanes"][0] and "tls" not in tree["frontends"]["f"]
