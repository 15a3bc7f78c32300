# SPDX-License-Identifier: Apache-2.0
"""What servers and their checks are trusted by, and what they are shown, is replaced while the program runs."""

import shutil
import signal
import ssl
from functools import partial

import pytest
from support import configs
from support.certificates import Authority, put_file
from support.http_peers import HttpClient, request, response
from support.loads import Load
from support.peers import connect, echo, read_exactly
from support.tls_servers import ListeningServer, TlsHttpServer, TlsServer, server_context
from support.waiting import wait_until

UNTRUSTED = "unable to get local issuer certificate"
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """Another authority, with a certificate for a.test as well."""
    other = Authority(tmp_path_factory.mktemp("stranger"), subject="/CN=Other CA")
    other.server("a.test")
    return other


@pytest.fixture
def files(authority, tmp_path):
    """Copies that a test may change: ca.pem, and own.pem, which servers are shown."""
    folder = tmp_path / "files"
    folder.mkdir()
    shutil.copy(authority.path, folder / "ca.pem")
    for name in ("one", "two"):
        authority.sign(name, f"/CN={name}")
    shutil.copy(authority.folder / "one.pem", folder / "own.pem")
    return folder


def trusted(files, **more):
    return {"ca": str(files / "ca.pem"), "verify_host": "a.test", **more}


def asked_once(proxy):
    with HttpClient(proxy.address()) as client:
        return client.ask(request()).status


def says_nothing(_message, _connection):
    return response(200, b"")


def test_they_are_listed(corelane, site, files):
    with TlsHttpServer(server_context(site), says_nothing) as server:
        config = configs.http(
            {"address": server.address, "tls": trusted(files, certificate=str(files / "own.pem"))},
            {"address": server.address, "tls": trusted(files), "check": {"tls": trusted(files, verify_host="b.test")}},
            server.address)
        config["backends"]["b"]["check"] = {"type": "tcp"}
        proxy = corelane(config)
        listed = proxy.request("GET", "/v1/certificates")[1]
        own, = listed["certificates"]
        first, second = "backends.b.servers[0].tls", "backends.b.servers[1].tls"
        assert (own["file"], own["subject"], own["servers"]) == (str(files / "own.pem"), "CN=one", [first])
        assert listed["files"] == [{"file": str(files / "ca.pem"), "kind": "ca",
                                    "servers": [first, second, "backends.b.servers[1].check.tls"]}]


@pytest.mark.sanitize
@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
def test_who_is_not_trusted_any_more_is_not_reached(web, site, authority, stranger, files, version):
    with TlsHttpServer(server_context(site, version=version), says_nothing) as server:
        proxy = web({"address": server.address, "tls": trusted(files)}, lanes=2, defaults={"retries": 0},
                    backend={"http_reuse": "always"})
        # Connections that are idle afterwards, and sessions that could be taken up again.
        assert {asked_once(proxy) for _ in range(8)} == {200}
        assert put_file(proxy, "ca.pem", stranger.path.read_text()) == (
            200, {"changed": ["backends.b.servers[0].tls"], "warnings": []})
        before = len(server.requests)
        assert {asked_once(proxy) for _ in range(8)} == {503}
        ends = sorted((one["end_reason"], one["detail"]) for one in proxy.wait_log(16) if one["detail"])
        assert ends == 8 * [("server_tls_failed", UNTRUSTED)]
        assert len(server.requests) == before
        # Nothing of then is left: what is idle now was made now.
        assert put_file(proxy, "ca.pem", authority.path.read_text())[0] == 200
        handshakes = len(server.handshakes)
        assert asked_once(proxy) == 200
        assert [one.resumed for one in server.handshakes[handshakes:]] == [False]
        proxy.stop()


@pytest.mark.sanitize
def test_idle_connections_are_closed(web, site, stranger, files):
    with ListeningServer(server_context(site), says_nothing) as server:
        proxy = web({"address": server.address, "tls": trusted(files), "pool_purge_delay": "1h"},
                    backend={"http_reuse": "always"})
        assert asked_once(proxy) == 200
        assert put_file(proxy, "ca.pem", stranger.path.read_text())[0] == 200
        wait_until(lambda: server.ends, "the end of the idle connection")
        assert server.ends == ["close_notify"]
        proxy.stop()


@pytest.mark.parametrize("backend", [{"http_reuse": "never"}, {"http_reuse": "always"}], ids=["never", "always"])
def test_a_client_that_stays_is_not_led_there_again(web, site, stranger, files, backend):
    with TlsHttpServer(server_context(site), says_nothing) as server:
        proxy = web({"address": server.address, "tls": trusted(files)}, defaults={"retries": 0}, backend=backend)
        with HttpClient(proxy.address()) as client:
            assert client.ask(request()).status == 200
            assert put_file(proxy, "ca.pem", stranger.path.read_text())[0] == 200
            assert client.ask(request()).status == 503
        assert len(server.requests) == 1
        proxy.stop()


def test_connections_that_stand_go_on(balancer, site, stranger, files):
    with TlsServer(server_context(site), echo) as server:
        proxy = balancer({"address": server.address, "tls": trusted(files)}, backend={"retries": 0})
        with connect(proxy.address()) as client:
            client.sendall(b"before")
            assert read_exactly(client, 6) == b"before"
            assert put_file(proxy, "ca.pem", stranger.path.read_text())[0] == 200
            with connect(proxy.address()) as late:
                assert late.recv(1) == b""
            client.sendall(b"after")
            assert read_exactly(client, 5) == b"after"
        assert {one["end_reason"] for one in proxy.wait_log(2)} == {"completed", "server_tls_failed"}
        proxy.stop()


@pytest.mark.sanitize
def test_checks_do_as_connections(corelane, site, authority, stranger, files):
    with TlsHttpServer(server_context(site), says_nothing) as server:
        for tls in ({"tls": trusted(files)}, {"check": {"tls": trusted(files)}}):
            config = configs.http({"address": server.address, **tls})
            config["backends"]["b"]["check"] = {"type": "http", "interval": "50ms", "fall": 1, "rise": 1}
            proxy = corelane(config, wait_for="/live")
            check_says = lambda proxy=proxy: proxy.server("s1", "b")["check"]  # noqa: E731
            wait_until(lambda: check_says()["status"] == "L7OK", "a sound server")
            assert put_file(proxy, "ca.pem", stranger.path.read_text())[0] == 200
            wait_until(lambda: check_says()["status"] == "L6RSP", "a server that is not trusted")
            assert check_says()["info"] == f"TLS: {UNTRUSTED}"
            proxy.wait_status("s1", "DOWN", "b")
            assert asked_once(proxy) == 503
            assert put_file(proxy, "ca.pem", authority.path.read_text())[0] == 200
            proxy.wait_status("s1", "UP", "b")
            proxy.stop()


@pytest.mark.sanitize
def test_what_servers_are_shown(web, site, authority, files):
    context = server_context(site, client_ca=authority.path)
    with TlsHttpServer(context, says_nothing) as server:
        proxy = web({"address": server.address, "tls": trusted(files, certificate=str(files / "own.pem"))},
                    backend={"http_reuse": "always"})

        def name():
            assert asked_once(proxy) == 200
            return server.handshakes[-1].peer["subject"][0][0][1]

        assert name() == "one"
        wrong = (authority.folder / "two.crt").read_text() + (authority.folder / "one.only-key").read_text()
        for body in (wrong, (authority.folder / "two.crt").read_text(), "no certificate"):
            status, answer = put_file(proxy, "own.pem", body)
            assert status == 400 and "own.pem" in answer["error"], answer
            assert answer["faults"][0]["path"] == "backends.b.servers[0].tls"
        handshakes = len(server.handshakes)
        assert name() == "one" and len(server.handshakes) == handshakes
        assert put_file(proxy, "own.pem", (authority.folder / "two.pem").read_text())[0] == 200
        # Who it was before is not who asks now.
        assert name() == "two"
        assert proxy.request("POST", "/v1/certificates/reload")[1]["changed"] == ["backends.b.servers[0].tls"]
        assert name() == "one"
        proxy.stop()


def test_hup_reads_the_files(web, site, stranger, files):
    with TlsHttpServer(server_context(site), says_nothing) as server:
        proxy = web({"address": server.address, "tls": trusted(files)}, defaults={"retries": 0})
        assert asked_once(proxy) == 200
        shutil.copy(stranger.path, files / "ca.pem")
        proxy.signal(signal.SIGHUP)
        wait_until(lambda: "were read again: backends.b.servers[0].tls" in proxy.stderr, "it says what has changed")
        assert asked_once(proxy) == 503
        (files / "ca.pem").unlink()
        status, answer = proxy.request("POST", "/v1/certificates/reload")
        assert status == 400 and "ca.pem" in answer["error"]
        assert answer["faults"][0]["path"] == "backends.b.servers[0].tls.ca"
        proxy.stop()


class Requests(Load):
    """Clients that ask one question after the other, by connections that stay and by new ones."""

    def __init__(self, proxy, threads):
        super().__init__([partial(self._ask, proxy, 1 + 9 * (number % 2)) for number in range(threads)])

    def _ask(self, proxy, times):
        with HttpClient(proxy.address()) as client:
            for _ in range(times):
                status = client.ask(request()).status
                self.note(None if status == 200 else status)


@pytest.mark.sanitize
@pytest.mark.lanes
def test_nobody_notices_that_the_authority_changes(web, site, authority, stranger, files):
    """As it is done: trust both, give the server its new certificate, trust the new one alone; and back."""
    one, two = authority.path.read_text(), stranger.path.read_text()
    first, second = server_context(site), server_context(stranger.folder / "a.test.pem")
    with TlsHttpServer(first, says_nothing) as server:
        proxy = web({"address": server.address, "tls": trusted(files)}, lanes=2, defaults={"retries": 0},
                    backend={"http_reuse": "always"})
        with Requests(proxy, 4) as load:
            def trust(text):
                done = load.count
                assert put_file(proxy, "ca.pem", text)[0] == 200
                wait_until(lambda: load.failures or load.count >= done + 20, "requests between two replacements")

            for _ in range(5):
                trust(one + two)
                server.context = second
                trust(two)
                trust(one + two)
                server.context = first
                trust(one)
        assert load.failures == []
        assert {record["end_reason"] for record in proxy.wait_log(load.count)} == {"completed"}
        proxy.stop()
