# SPDX-License-Identifier: Apache-2.0
"""Rules of tcp_request: who may connect, and where connections go by what they begin with."""

import json
import socket
import ssl
import subprocess
import time

import pytest
from support import configs
from support.peers import TcpServer, connect, echo, ends, read_exactly, says_and_echoes
from support.ports import free_port
from support.process import WITH_PARENT
from support.proxy_headers import v1
from support.tls import client_hello
from support.waiting import wait_until

ACCEPT_HELLO = [{"action": "accept", "if": "{ req.ssl_hello_type 1 }"}, {"action": "reject"}]


class TlsServer:
    """openssl s_server, which answers GET with a page that names its certificate."""

    def __init__(self, folder, name):
        key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [*WITH_PARENT, "openssl", "s_server", "-accept", self.address, "-key", key, "-cert", certificate, "-quiet", "-www"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

        def listens():
            try:
                return connect(self.address).close() is None
            except OSError:
                return False

        wait_until(listens, "s_server listens")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture(scope="module")
def tls_servers(tmp_path_factory):
    servers = {name: TlsServer(tmp_path_factory.mktemp(name), f"{name}.example") for name in ("shop", "blog")}
    yield servers
    for server in servers.values():
        server.stop()


def subject_seen(address, name, step=None):
    """The name in the certificate that a client gets which asks for this one, sending `step` bytes at a time."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with connect(address) as raw:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                data = outgoing.read()
                for at in range(0, len(data), step or len(data) or 1):
                    raw.sendall(data[at : at + (step or len(data))])
                incoming.write(raw.recv(65536))
        certificate = tls.getpeercert(binary_form=True)
    text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-subject"], input=certificate,
                          capture_output=True, check=True).stdout.decode()  # fmt: skip
    return text.split("=")[-1].strip()


def sni_config(tls_servers):
    config = configs.tcp(
        frontend={
            "tcp_request": {"inspect_delay": "30s", "content": ACCEPT_HELLO},
            "use_backend": [{"backend": "blog", "if": "{ req.ssl_sni -i blog.example }"}],
            "default_backend": "shop",
        }
    )
    config["backends"] = {name: {"servers": configs.named([server.address])} for name, server in tls_servers.items()}
    return config


@pytest.mark.parametrize("step", [None, 1])
def test_the_name_in_the_hello_chooses_the_backend(corelane, tls_servers, step):
    proxy = corelane(sni_config(tls_servers))
    assert subject_seen(proxy.address("f"), "blog.example", step) == "blog.example"
    assert subject_seen(proxy.address("f"), "BLOG.example", step) == "blog.example"
    assert subject_seen(proxy.address("f"), "shop.example", step) == "shop.example"
    assert subject_seen(proxy.address("f"), None, step) == "shop.example"


def test_what_is_no_hello_is_rejected(corelane, tls_servers):
    proxy = corelane(sni_config(tls_servers))
    with connect(proxy.address("f")) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert ends(client)
    wait_until(lambda: proxy.log_lines(), "the log line")
    record = json.loads(proxy.log_lines()[0])
    assert (record["end_reason"], record["termination_state"]) == ("request_denied", "PR")
    assert proxy.frontend("f")["requests_denied"] == 1


@pytest.fixture
def server():
    with TcpServer(echo) as one:
        yield one


def one_frontend(server, tcp_request, **keys):
    return configs.tcp(server.address, frontend={"tcp_request": tcp_request, **keys})


def passes(address, opening=b"", source=None):
    """Whether what a client sends comes back."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30, source_address=source) as client:
        try:
            client.sendall(opening + b"hello")
            return read_exactly(client, 5) == b"hello"
        except (ConnectionError, AssertionError):
            return False


@pytest.mark.sanitize
@pytest.mark.parametrize("kind", ["connection", "session", "content"])
@pytest.mark.parametrize("action", ["reject", "silent-drop"])
def test_clients_are_refused_by_address(corelane, server, kind, action):
    rules = [{"action": "accept", "if": "{ src 127.0.0.2 }"}, {"action": action, "if": "{ src 127.0.0.0/8 }"}]
    proxy = corelane(one_frontend(server, {kind: rules}))
    assert passes(proxy.address("f"), source=("127.0.0.2", 0))
    if action == "reject":
        assert not passes(proxy.address("f"), source=("127.0.0.3", 0))
    else:
        with socket.create_connection(tuple(proxy.address("f").split(":")), timeout=1, source_address=("127.0.0.3", 0)):
            wait_until(lambda: len(proxy.log_lines()) == 2, "both log lines")
    wait_until(lambda: len(proxy.log_lines()) == 2, "both log lines")
    counter, reason = {
        "connection": ("connections_denied", "connection_denied"),
        "session": ("sessions_denied", "session_denied"),
        "content": ("requests_denied", "request_denied"),
    }[kind]
    reasons = {json.loads(line)["end_reason"] for line in proxy.log_lines()}
    assert reasons == {"completed", reason} or reasons == {"client_reset", reason}
    assert proxy.frontend("f")[counter] == 1
    assert server.accepted == 1


def test_rules_of_connections_come_before_the_header_and_those_of_sessions_behind_it(corelane, server):
    proxy = corelane(one_frontend(
        server,
        {
            "connection": [{"action": "expect-proxy", "if": "{ src 127.0.0.2 }"}, {"action": "reject", "if": "{ src 192.0.2.1 }"}],
            "session": [{"action": "reject", "if": "{ src 192.0.2.66 }"}],
        },
    ))  # fmt: skip
    address = proxy.address("f")
    assert passes(address)
    assert passes(address, v1("192.0.2.1", 1, "192.0.2.2", 2), source=("127.0.0.2", 0))
    assert not passes(address, v1("192.0.2.66", 1, "192.0.2.2", 2), source=("127.0.0.2", 0))
    assert not passes(address, source=("127.0.0.2", 0))


def test_connections_of_http_have_rules_as_well(corelane):
    config = configs.http("127.0.0.1:1", frontend={
        "tcp_request": {"connection": [{"action": "reject", "if": "{ src 127.0.0.3 }"}],
                        "session": [{"action": "set-src", "expression": "src,ipmask(8)"}]},
        "http_request": [{"action": "return", "string": "%[src]"}],
    })  # fmt: skip
    proxy = corelane(config)
    with connect(proxy.address("f")) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answer = b""
        while data := client.recv(65536):
            answer += data
    assert answer.endswith(b"\r\n\r\n127.0.0.0")
    assert not passes(proxy.address("f"), source=("127.0.0.3", 0))


@pytest.fixture
def greeting_server():
    with TcpServer(says_and_echoes("220 hello\r\n")) as one:
        yield one


def greeted_after(address):
    with connect(address) as client:
        before = time.monotonic()
        assert read_exactly(client, 11) == b"220 hello\r\n"
        return time.monotonic() - before


def test_servers_that_speak_first_wait_only_where_rules_do(corelane, greeting_server):
    address = greeting_server.address
    free = corelane(configs.tcp(address, frontend={
        "tcp_request": {"inspect_delay": "60s", "content": [{"action": "reject", "if": "{ src 192.0.2.1 } WAIT_END"}]}}))  # fmt: skip
    assert greeted_after(free.address("f")) < 30
    slow = corelane(configs.tcp(address, frontend={
        "tcp_request": {"inspect_delay": "700ms", "content": [{"action": "accept", "if": "WAIT_END"}]}}))  # fmt: skip
    assert greeted_after(slow.address("f")) >= 0.65


def test_a_slow_client_ends_at_the_delay(corelane, server):
    proxy = corelane(one_frontend(server, {"inspect_delay": "300ms", "content": ACCEPT_HELLO}))
    with connect(proxy.address("f")) as client:
        client.sendall(client_hello("a.example")[:20])
        before = time.monotonic()
        assert ends(client)
        assert time.monotonic() - before < 20
    assert server.accepted == 0


def test_an_inspected_client_holds_one_buffer_and_none_before_it_speaks(corelane, server):
    proxy = corelane(one_frontend(server, {"inspect_delay": "60s", "content": ACCEPT_HELLO}))
    in_use = lambda: sum(lane["buffers_in_use"] for lane in proxy.stats()["lanes"])  # noqa: E731
    with connect(proxy.address("f")) as client:
        wait_until(lambda: proxy.frontend("f")["connections_current"] == 1, "the client")
        assert in_use() == 0
        first = client_hello("a.example")
        for byte in first[:-1]:
            client.send(bytes([byte]))
        wait_until(lambda: proxy.frontend("f")["bytes_in"] == len(first) - 1, "what it sent")
        assert in_use() == 1
        client.sendall(first[-1:])
        assert read_exactly(client, len(first)) == first


def test_rules_of_the_backend_follow(corelane, server):
    config = one_frontend(server, {"inspect_delay": "30s", "content": [{"action": "accept", "if": "{ req.len gt 2 }"}]})
    config["backends"]["b"]["tcp_request"] = {
        "inspect_delay": "30s",
        "content": [{"action": "reject", "if": "{ req.payload(0,4) -m bin 68656c70 }"}],
    }
    proxy = corelane(config)
    assert passes(proxy.address("f"))
    with connect(proxy.address("f")) as client:
        client.sendall(b"hel")
        client.sendall(b"p")
        assert ends(client)
