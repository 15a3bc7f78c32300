# SPDX-License-Identifier: Apache-2.0
"""TLS to servers: what clients say reaches them inside, and what is wrong with a server is told."""

import hashlib
import socket
import ssl

import pytest
from support import configs
from support.certificates import Authority
from support.http_peers import HttpClient, request, response
from support.peers import (
    Sender, TcpServer, connect, echo, hold, read_all, read_exactly, receive_digest, reset,
)
from support.tls_servers import ListeningServer, TlsHttpServer, TlsServer, server_context
from support.waiting import wait_until

REUSE = {"http_reuse": "always"}
DATA = hashlib.shake_128(b"to servers").digest(8 << 20)


@pytest.fixture
def trusted(authority):
    return {"ca": str(authority.path), "verify_host": "a.test"}


def says_name(_message, connection):
    return response(200, str(getattr(connection, "asked_for", None)).encode())


@pytest.mark.sanitize
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_bytes_go_both_ways(balancer, site, trusted, version):
    with TlsServer(server_context(site, version=version), echo) as server:
        proxy = balancer({"address": server.address, "tls": trusted})
        with connect(proxy.address()) as client:
            sender = Sender(client, len(DATA), "to servers")
            assert receive_digest(client) == (len(DATA), sender.digest)
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["bytes_to_client"]) == ("completed", len(DATA))
        assert server.handshakes[0].version == {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]


@pytest.mark.sanitize
def test_requests_share_a_connection(web, site, trusted):
    with TlsHttpServer(server_context(site), says_name) as server:
        proxy = web({"address": server.address, "tls": trusted}, backend=REUSE)
        for _ in range(3):
            with HttpClient(proxy.address()) as client:
                assert client.ask(request()).status == 200
                assert client.ask(request()).status == 200
        assert len(server.handshakes) == 1 and len(server.requests) == 6
        assert server.handshakes[0].name is None
        proxy.stop()


@pytest.mark.sanitize
def test_servers_that_cannot_be_trusted(web, authority, site, trusted, tmp_path):
    stranger = Authority(tmp_path / "stranger")
    expired = authority.sign("expired", "/CN=a.test", "DNS:a.test", days=-1)
    for certificate, tls, why in (
            (site, {"ca": str(stranger.path)}, "unable to get local issuer certificate"),
            (site, {**trusted, "verify_host": "b.test"}, "Hostname mismatch"),
            (site, {"ca": str(authority.path), "sni": "str(b.test)"}, "Hostname mismatch"),
            (site, True, "unable to get local issuer certificate"),
            (expired, trusted, "certificate has expired")):
        with TlsHttpServer(server_context(certificate), says_name) as server:
            proxy = web({"address": server.address, "tls": tls}, defaults={"retries": 0})
            with HttpClient(proxy.address()) as client:
                assert client.ask(request()).status == 503
            record = proxy.wait_log()[0]
            assert (record["end_reason"], record["detail"]) == ("server_tls_failed", why), tls
            assert record["termination_state"] == "SC--"
            assert not server.handshakes and not server.requests
            proxy.stop()


def test_servers_that_are_not_verified(web, site):
    with TlsHttpServer(server_context(site), says_name) as server:
        proxy = web({"address": server.address, "tls": {"verify": "none", "sni": "str(other.test)"}})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request()).body == b"other.test"


@pytest.mark.sanitize
def test_servers_that_know_their_clients(web, authority, site, trusted):
    own = authority.sign("balancer", "/CN=balancer")
    with TlsHttpServer(server_context(site, client_ca=authority.path), says_name) as server:
        proxy = web({"address": server.address, "tls": {**trusted, "certificate": str(own)}})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request()).status == 200
        assert server.handshakes[0].peer["subject"] == ((("commonName", "balancer"),),)
        proxy.stop()
        proxy = web({"address": server.address, "tls": {**trusted, "max_version": "TLSv1.2"}},
                    defaults={"retries": 0})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request()).status == 503
        assert proxy.wait_log()[0]["detail"] == "the server's alert: handshake failure"
        proxy.stop()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_sessions_are_taken_up_again(web, site, trusted, version):
    closes = lambda message, connection: response(200, b"", "Connection: close")  # noqa: E731
    with TlsHttpServer(server_context(site, version=version), closes) as server:
        for reuse in (True, False):
            proxy = web({"address": server.address, "tls": {**trusted, "session_reuse": reuse}})
            server.handshakes.clear()
            for _ in range(4):
                with HttpClient(proxy.address()) as client:
                    assert client.ask(request()).status == 200
            assert [handshake.resumed for handshake in server.handshakes] == [False] + 3 * [reuse]
            proxy.stop()


@pytest.mark.sanitize
def test_each_request_names_its_host(web, authority):
    both = authority.sign("both", "/CN=a.test", "DNS:a.test,DNS:b.test")
    with TlsHttpServer(server_context(both), says_name) as server:
        proxy = web({"address": server.address, "tls": {"ca": str(authority.path), "sni": "req.hdr(host)"}},
                    defaults={"retries": 0}, backend=REUSE)
        for _ in range(3):
            for name in ("a.test", "b.test"):
                with HttpClient(proxy.address()) as client:
                    assert client.ask(request(host=name)).body == name.encode()
        assert sorted(handshake.name for handshake in server.handshakes) == ["a.test", "b.test"]
        # In one connection of a client, too.
        with HttpClient(proxy.address()) as client:
            assert client.ask(request(host="a.test")).body == b"a.test"
            assert client.ask(request(host="b.test")).body == b"b.test"
            answer = client.ask(request(host="c.test"))
            assert answer.status == 503
        assert len(server.handshakes) == 2
        assert proxy.wait_log(9)[-1]["detail"] == "Hostname mismatch"
        proxy.stop()


def test_a_server_that_ends_the_handshake(web):
    with TcpServer(lambda connection, server: connection.recv(1 << 16) and None) as server:
        proxy = web({"address": server.address, "tls": {"verify": "none"}}, timeouts={"connect": "100ms"},
                    defaults={"retries": 2})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request()).status == 503
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["detail"]) == (
            "server_tls_failed", "the server ended the connection in the handshake")
        assert record["retries"] == 2 and server.accepted == 3
        proxy.stop()


@pytest.mark.sanitize
def test_a_server_that_is_slow_with_its_handshake(web):
    with TcpServer(hold) as server:
        proxy = web({"address": server.address, "tls": {"verify": "none"}}, timeouts={"connect": "200ms"},
                    defaults={"retries": 1})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request()).status == 503
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["detail"], record["termination_state"]) == (
            "connect_timeout", "the TLS handshake took too long", "sC--")
        assert server.accepted == 2
        proxy.stop()


@pytest.mark.sanitize
def test_a_server_that_resets_the_handshake(balancer):
    def resets(connection, _server):
        connection.recv(1 << 16)
        reset(connection)

    with TcpServer(resets) as server:
        proxy = balancer({"address": server.address, "tls": {"verify": "none"}}, backend={"retries": 0})
        with connect(proxy.address()) as client:
            assert read_all(client) == b""
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["termination_state"]) == ("server_tls_failed", "SC")
        proxy.stop()


@pytest.mark.sanitize
def test_a_client_that_leaves_in_the_handshake(balancer):
    with TcpServer(hold) as server:
        proxy = balancer({"address": server.address, "tls": {"verify": "none"}})
        with connect(proxy.address()):
            server.wait_accepted(1)
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["termination_state"]) == ("client_aborted_connect", "CC")
        proxy.stop()


def test_a_server_that_speaks_no_tls(web):
    with TcpServer(lambda connection, server: connection.sendall(b"220 mail.test\r\n")) as server:
        proxy = web({"address": server.address, "tls": {"verify": "none"}}, defaults={"retries": 0})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request()).status == 503
        assert proxy.wait_log()[0]["end_reason"] == "server_tls_failed"
        proxy.stop()


def test_another_server_is_tried(web, site, trusted):
    with TcpServer(lambda connection, server: None) as broken, \
            TlsHttpServer(server_context(site), says_name) as server:
        proxy = web({"address": broken.address, "tls": trusted}, {"address": server.address, "tls": trusted},
                    defaults={"retries": 1, "redispatch": True})
        for _ in range(4):
            with HttpClient(proxy.address()) as client:
                assert client.ask(request()).status == 200
        proxy.stop()


def leaves(data):
    """Says something and goes without the end of TLS."""

    def handle(connection, _server):
        connection.recv(1 << 16)
        connection.sendall(data)
        socket.socket.shutdown(connection, socket.SHUT_RDWR)

    return handle


@pytest.mark.sanitize
def test_what_is_cut_does_not_look_whole(balancer, web, site, trusted):
    with TlsServer(server_context(site), leaves(b"half of it")) as server:
        proxy = balancer({"address": server.address, "tls": trusted})
        with connect(proxy.address()) as client:
            client.sendall(b"say something")
            assert read_exactly(client, 10) == b"half of it"
            with pytest.raises(ConnectionResetError):
                client.recv(1)
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["termination_state"]) == ("server_truncated", "SD")
        proxy.stop()
    with TlsServer(server_context(site), leaves(b"HTTP/1.1 200 OK\r\n\r\nhalf of it")) as server:
        proxy = web({"address": server.address, "tls": trusted})
        with connect(proxy.address()) as client:
            client.sendall(request())
            with pytest.raises(ConnectionResetError):
                while client.recv(1 << 16):
                    pass
        record = proxy.wait_log()[0]
        assert (record["end_reason"], record["termination_state"]) == ("server_truncated", "SD--")
        proxy.stop()


def test_a_server_that_says_its_end(balancer, site, trusted):
    def says_all(connection, _server):
        connection.recv(1 << 16)
        connection.sendall(b"all of it")

    with TlsServer(server_context(site), says_all) as server:
        proxy = balancer({"address": server.address, "tls": trusted})
        with connect(proxy.address()) as client:
            client.sendall(b"say something")
            assert read_all(client) == b"all of it"
        assert proxy.wait_log()[0]["end_reason"] == "completed"
        proxy.stop()


@pytest.mark.sanitize
def test_tls_on_both_sides(corelane, tls_config, authority, site, trusted):
    with TlsHttpServer(server_context(site), says_name) as server:
        proxy = corelane(tls_config(configs.http, {"address": server.address,
                                                   "tls": {"ca": str(authority.path), "sni": "ssl_fc_sni"}},
                                    backend=REUSE))
        context = authority.client_context()
        for _ in range(2):
            with context.wrap_socket(connect(proxy.address()), server_hostname="a.test") as client:
                client.sendall(request(body=DATA[:100_000], method="POST"))
                assert client.recv(1 << 16).endswith(b"a.test")
        assert len(server.handshakes) == 1
        assert server.requests[-1].body == DATA[:100_000]
        proxy.stop()


def test_the_proxy_header_comes_before(web, site, trusted):
    got = []

    class Headed(TlsHttpServer):
        def _serve(self, connection):
            line = b""
            while not line.endswith(b"\r\n"):
                line += connection.recv(1)
            got.append(line)
            super()._serve(connection)

    with Headed(server_context(site), says_name) as server:
        proxy = web({"address": server.address, "tls": trusted, "send_proxy": "v1"})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request()).status == 200
            assert client.ask(request()).status == 200
        assert len(got) == 1 and got[0].startswith(b"PROXY TCP4 127.0.0.1 ")
        proxy.stop()


def test_idle_connections_end_with_close_notify(web, site, trusted):
    with ListeningServer(server_context(site), says_name) as server:
        proxy = web({"address": server.address, "tls": trusted, "pool_purge_delay": "200ms"})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request()).status == 200
        wait_until(lambda: server.ends, "the end of the idle connection")
        assert server.ends == ["close_notify"]
        proxy.stop()


@pytest.mark.sanitize
@pytest.mark.parametrize("action, heard", [("close", b"BAD"), ("reject", b"")])
def test_what_it_says_first_is_looked_at_within_tls(balancer, site, trusted, action, heard):
    def says_bad(connection, _server):
        connection.sendall(b"BAD")
        echo(connection, _server)

    rule = {"action": action, "if": "{ res.payload(0,3) -m str BAD }"}
    with TlsServer(server_context(site), says_bad) as server:
        proxy = balancer(
            {"address": server.address, "tls": trusted},
            backend={"tcp_response": {"inspect_delay": "10s", "content": [rule]}})
        for _ in range(5):
            with connect(proxy.address()) as client:
                assert read_all(client) == heard
        proxy.stop()
