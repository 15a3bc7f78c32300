# SPDX-License-Identifier: Apache-2.0
"""Requests that come before the handshake is over (0-RTT): servers are told of safe ones, others have to come again.

Python cannot send any, openssl can. Between both and the program stands a relay that holds back what follows the early
data, so that a handshake is over when the test says so."""

import subprocess
import threading

import pytest
from support.http_peers import HttpServer, request, response
from support.peers import TcpServer, connect
from support.waiting import wait_until

APPLICATION_DATA = 23


def read_record(connection):
    """One record of TLS, as it is; empty at the end."""
    data = bytearray()
    size = 5
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            return b""
        data += more
        if len(data) == 5:
            size = 5 + int.from_bytes(data[3:5], "big")
    return bytes(data)


class Relay(TcpServer):
    """Passes on what one client says up to its first encrypted record, which is early data, and the rest when released."""

    def __init__(self, address):
        super().__init__(self._pass_on)
        self._address = address
        self.flight = b""
        self.released = threading.Event()

    def _pass_on(self, connection, _server):
        with connect(self._address) as further:
            back = threading.Thread(target=self._pass_back, args=(further, connection))
            back.start()
            while record := read_record(connection):
                further.sendall(record)
                if not self.released.is_set():
                    self.flight += record
                    if record[0] == APPLICATION_DATA:
                        self.released.wait()
            back.join()

    @staticmethod
    def _pass_back(further, connection):
        try:
            while data := further.recv(65536):
                connection.sendall(data)
            connection.shutdown(1)
        except OSError:
            pass


class Client:
    """openssl s_client, which comes back to a session of its own."""

    def __init__(self, authority, folder):
        self._authority, self._folder = authority, folder
        self.session = folder / "session.pem"

    def _command(self, address, *options):
        return ["openssl", "s_client", "-connect", address, "-servername", "a.test", "-CAfile", self._authority.path,
                "-tls1_3", "-ign_eof", *options]

    def meet(self, proxy):
        """Gets a session."""
        done = subprocess.run(
            self._command(proxy.address(), "-sess_out", self.session), timeout=30, check=True, capture_output=True,
            input=request("GET", "/first", "Connection: close"))
        assert self.session.exists(), done.stdout

    def begin(self, relay, early):
        path = self._folder / "early"
        path.write_bytes(early)
        return subprocess.Popen(
            self._command(relay.address, "-sess_in", self.session, "-early_data", path), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def ended(client):
    return client.communicate(timeout=30)[0].decode("latin-1")


def paths(server):
    return [message.start for message in server.requests]


@pytest.fixture
def met(tls_web, authority, tmp_path):
    """met(server, tls) is a proxy, a relay before it, and a client that has a session. The relay is to be entered."""

    def start(server, rules=(), **tls):
        proxy = tls_web(server.address, tls={"early_data": True, **tls},
                        frontend={"http_request": list(rules)} if rules else None)
        client = Client(authority, tmp_path)
        client.meet(proxy)
        return proxy, Relay(proxy.address()), client

    return start


@pytest.mark.sanitize
def test_safe_requests_are_told_of(met):
    with HttpServer(lambda message, _: response(200, b"early " + str(message.one("Early-Data")).encode())) as server:
        proxy, relay, client = met(server)
        assert server.requests[0].one("Early-Data") is None
        with relay:
            running = client.begin(relay, request("GET", "/early", "Connection: close"))
            wait_until(lambda: len(server.requests) == 2, "the early request")
            assert server.requests[1].one("Early-Data") == "1"
            relay.released.set()
            said = ended(running)
        assert "early 1" in said and "Early data was accepted" in said
        record = proxy.wait_log(2)[1]
        assert (record["end_reason"], record["http"]["status"]) == ("completed", 200)
        assert proxy.frontend("f")["tls"]["handshakes_resumed"] == 1
        proxy.stop()


@pytest.mark.sanitize
@pytest.mark.parametrize("early", [
    request("POST", "/early", "Connection: close", body=b"money"),
    request("DELETE", "/early", "Connection: close"),
    request("GET", "/early", "Connection: Upgrade, close", "Upgrade: websocket"),
], ids=["post", "delete", "upgrade"])
def test_others_have_to_come_again(met, early):
    with HttpServer(response(200, b"done")) as server:
        proxy, relay, client = met(server)
        with relay:
            running = client.begin(relay, early)
            wait_until(lambda: len(proxy.records()) == 2, "an answer")
            relay.released.set()
            said = ended(running)
        assert "425 Too Early" in said
        assert paths(server) == ["GET /first HTTP/1.1"]
        record = proxy.records()[1]
        assert (record["end_reason"], record["http"]["status"]) == ("request_too_early", 425)
        proxy.stop()


@pytest.mark.sanitize
def test_what_ends_behind_the_handshake_is_not_early(met):
    whole = request("POST", "/late", "Connection: close", body=b"money")
    with HttpServer(response(200, b"done")) as server:
        proxy, relay, client = met(server)
        with relay:
            relay.released.set()
            running = client.begin(relay, whole[:9])
            said = running.communicate(whole[9:], timeout=30)[0].decode("latin-1")
        assert "Early data was accepted" in said and "200 Whatever" in said
        assert paths(server) == ["GET /first HTTP/1.1", "POST /late HTTP/1.1"]
        assert server.requests[1].one("Early-Data") is None
        proxy.stop()


def test_a_recording_repeats_safe_requests_and_no_others(met):
    with HttpServer(response(200, b"done")) as server:
        proxy, relay, client = met(server)
        with relay:
            running = client.begin(relay, request("GET", "/early", "Connection: close"))
            wait_until(lambda: len(server.requests) == 2, "the early request")
            relay.released.set()
            ended(running)
        with connect(proxy.address()) as thief:
            thief.sendall(relay.flight)
            wait_until(lambda: len(server.requests) == 3, "the recording")
            assert server.requests[2].one("Early-Data") == "1"


def test_by_default_nothing_is_early(tls_web, authority, tmp_path):
    with HttpServer(response(200, b"done")) as server:
        proxy = tls_web(server.address)
        client = Client(authority, tmp_path)
        client.meet(proxy)
        with Relay(proxy.address()) as relay:
            relay.released.set()
            # Such a session is not one for early data: openssl does not even try.
            running = client.begin(relay, request("GET", "/early", "Connection: close"))
            wait_until(lambda: relay.accepted, "a client")
            running.kill()
            said = ended(running)
            assert "Early data was accepted" not in said
        assert paths(server) == ["GET /first HTTP/1.1"]


def test_a_server_may_refuse_it(met):
    def answer(message, _connection):
        return response(425 if message.one("Early-Data") else 200)

    with HttpServer(answer) as server:
        proxy, relay, client = met(server)
        with relay:
            running = client.begin(relay, request("GET", "/early", "Connection: close"))
            wait_until(lambda: len(server.requests) == 2, "the early request")
            relay.released.set()
            assert "HTTP/1.1 425" in ended(running)
        proxy.stop()


WAIT = {"action": "wait-for-handshake", "if": "{ path_beg /early }"}


@pytest.mark.sanitize
@pytest.mark.parametrize(("early", "before"), [
    (request("GET", "/early", "Connection: close"), []),
    (request("POST", "/early", "Connection: close", body=b"money"), []),
    (request("POST", "/early", "Connection: close", body=b"money"), [{"action": "pause", "time": "10ms"}]),
    (request("POST", "/early", "Connection: close", body=b"money"), [{"action": "wait-for-body", "time": "10s"}]),
], ids=["get", "post", "post behind a pause", "post behind its body"])
def test_a_rule_waits_for_the_handshake(met, early, before):
    with HttpServer(lambda message, _: response(200, b"late " + str(message.one("Early-Data")).encode())) as server:
        proxy, relay, client = met(server, rules=[
            *before, WAIT, {"action": "set-header", "name": "X-Early", "value": "%[ssl_fc_has_early]"}])
        with relay:
            running = client.begin(relay, early)
            wait_until(lambda: proxy.frontend("f")["tls"]["handshakes_resumed"] == 1, "the early request")
            assert len(server.requests) == 1
            relay.released.set()
            said = ended(running)
        assert "late None" in said and "Early data was accepted" in said
        assert server.requests[1].one("X-Early") == "0"
        assert server.requests[1].body == (b"money" if b"POST" in early else b"")
        proxy.stop()


@pytest.mark.parametrize("rules", [
    [WAIT],
    [{"action": "pause", "time": "10ms"}, WAIT],
], ids=["at once", "behind a pause"])
def test_requests_that_no_such_rule_is_for_have_to_come_again(met, rules):
    with HttpServer(response(200, b"done")) as server:
        proxy, relay, client = met(server, rules=rules)
        with relay:
            running = client.begin(relay, request("POST", "/other", "Connection: close", body=b"money"))
            wait_until(lambda: len(proxy.records()) == 2, "an answer")
            relay.released.set()
            said = ended(running)
        assert "425 Too Early" in said
        assert paths(server) == ["GET /first HTTP/1.1"]
        assert proxy.records()[1]["end_reason"] == "request_too_early"
        proxy.stop()


def test_who_never_ends_the_handshake_is_answered_in_time(tls_web, authority, tmp_path):
    with HttpServer(response(200, b"done")) as server:
        proxy = tls_web(server.address, tls={"early_data": True}, timeouts={"http_request": "500ms"},
                        frontend={"http_request": [WAIT]})
        client = Client(authority, tmp_path)
        client.meet(proxy)
        with Relay(proxy.address()) as relay:
            running = client.begin(relay, request("GET", "/early", "Connection: close"))
            wait_until(lambda: len(proxy.records()) == 2, "an answer")
            relay.released.set()
            assert "408 Request Time" in ended(running)
        record = proxy.records()[1]
        assert (record["end_reason"], record["http"]["status"]) == ("request_timeout", 408)


@pytest.mark.sanitize
def test_a_list_names_those_that_take_it(tls_web, authority, tmp_path):
    """As HAProxy's allow-0rtt, which stands at a certificate."""
    listed = tmp_path / "sites.list"
    listed.write_text(f"{authority.server('a.test')} [allow-0rtt] a.test\n")
    with HttpServer(response(200, b"done")) as server:
        proxy = tls_web(server.address, tls={"early_data": False, "certificates": [str(authority.server("b.test"))],
                                             "certificate_list": str(listed)})
        client = Client(authority, tmp_path)
        client.meet(proxy)
        with Relay(proxy.address()) as relay:
            running = client.begin(relay, request("GET", "/early", "Connection: close"))
            wait_until(lambda: len(server.requests) == 2, "the early request")
            assert server.requests[1].one("Early-Data") == "1"
            relay.released.set()
            assert "Early data was accepted" in ended(running)
        proxy.stop()
