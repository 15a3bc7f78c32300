# SPDX-License-Identifier: Apache-2.0
"""TLS to servers that others wrote: nginx, openssl; tunnels, many lanes, checks, and what rules and log lines know."""

import hashlib
import json
import subprocess

import pytest
from support import configs
from support.http_peers import HttpClient, request, response
from support.peers import Sender, connect, echo, read_exactly, receive_digest
from support.ports import free_port
from support.process import WITH_PARENT, command
from support.tls_servers import TlsHttpServer, TlsServer, server_context
from support.waiting import wait_until

MIB = 1 << 20
REUSE = {"http_reuse": "always"}

DIRECTIVES = """
    client_max_body_size 0;
    location /of { return 200 "$ssl_server_name $ssl_protocol $ssl_session_reused $connection_requests"; }
"""


@pytest.fixture
def nginx_over_tls(start_nginx, site):
    """nginx_over_tls(files) -> the address of one with TLS that is a.test."""
    return lambda **files: start_nginx(files, certificate=site, directives=DIRECTIVES).address


@pytest.fixture
def trusted(authority):
    return {"ca": str(authority.path), "sni": "str(a.test)"}


@pytest.mark.sanitize
@pytest.mark.parametrize("lanes", [1, 2])
@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_nginx(web, nginx_over_tls, trusted, lanes, version):
    data = hashlib.shake_128(b"nginx").digest(64 * MIB)
    address = nginx_over_tls(large=data)
    proxy = web({"address": address, "tls": {**trusted, "max_version": version}}, backend=REUSE, lanes=lanes)
    with HttpClient(proxy.address()) as client:
        for count in range(1, 4):
            name, protocol, _, requests = client.ask(request(target="/of")).body.decode().split()
            assert (name, protocol, requests) == ("a.test", version, str(count))
    with HttpClient(proxy.address()) as client:
        assert hashlib.sha256(client.ask(request(target="/large")).body).digest() == hashlib.sha256(data).digest()
    proxy.stop()


def test_many_clients_at_once(web, nginx_over_tls, trusted):
    proxy = web({"address": nginx_over_tls(), "tls": trusted, "max_connections": 20}, backend=REUSE, lanes=2)
    clients = [HttpClient(proxy.address()) for _ in range(100)]
    for _ in range(5):
        for client in clients:
            client.send(request(target="/of"))
        for client in clients:
            assert client.answer().status == 200
    for client in clients:
        client.__exit__()
    wait_until(lambda: len(proxy.records()) >= 500, "every request's log line")
    assert {record["end_reason"] for record in proxy.records()} == {"completed"}
    proxy.stop()


@pytest.mark.sanitize
def test_bodies_go_to_servers(web, site, trusted):
    digests = []

    def digest(message, _connection):
        digests.append(hashlib.sha256(message.body).digest())
        return response(200, message.body)

    data = hashlib.shake_128(b"body").digest(64 * MIB)
    with TlsHttpServer(server_context(site), digest) as server:
        proxy = web({"address": server.address, "tls": trusted})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request("POST", body=data)).body == data
        assert digests == [hashlib.sha256(data).digest()]
        proxy.stop()


def test_openssl(balancer, site, authority, tmp_path):
    """What `s_server -rev` says comes back the other way round."""
    port = free_port()
    with (tmp_path / "openssl.log").open("w") as log:
        process = subprocess.Popen([*WITH_PARENT, "openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", site,
                                    "-key", site, "-rev", "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"],
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        def listens():
            try:
                connect(f"127.0.0.1:{port}").close()
                return True
            except OSError:
                return False

        wait_until(listens, "openssl s_server")
        proxy = balancer({"address": f"127.0.0.1:{port}", "tls": {"ca": str(authority.path), "verify_host": "a.test"}},
                         frontend={"log_format": "%[ssl_bc] %[ssl_bc_cipher] %[ssl_bc_protocol] %[ssl_s_s_dn(CN)]"})
        with connect(proxy.address()) as client:
            client.sendall(b"abc\n")
            assert read_exactly(client, 4) == b"cba\n"
        wait_until(lambda: "1 TLS_CHACHA20_POLY1305_SHA256 TLSv1.3 a.test" in "\n".join(proxy.log_lines()), "the log line")
        proxy.stop()
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.sanitize
def test_tunnels(web, site, trusted):
    def upgrades(message, connection):
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
        while data := connection.recv(1 << 16):
            connection.sendall(data)

    with TlsHttpServer(server_context(site), upgrades) as server:
        proxy = web({"address": server.address, "tls": trusted})
        with connect(proxy.address()) as client:
            client.sendall(request("GET", "/", "Connection: upgrade", "Upgrade: echo"))
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            assert head.startswith(b"HTTP/1.1 101 ")
            sender = Sender(client, 8 * MIB, "tunnel")
            assert receive_digest(client) == (8 * MIB, sender.digest)
        assert proxy.wait_log()[0]["end_reason"] == "completed"
        proxy.stop()


def test_many_bytes_both_ways(balancer, site, trusted):
    with TlsServer(server_context(site), echo) as server:
        proxy = balancer({"address": server.address, "tls": trusted})
        with connect(proxy.address()) as client:
            sender = Sender(client, 64 * MIB, "both ways")
            assert receive_digest(client) == (64 * MIB, sender.digest)
        proxy.stop()


def test_connections_of_one_client_only(web, site, trusted):
    says = response(200, b"")
    with TlsHttpServer(server_context(site), says) as server:
        proxy = web({"address": server.address, "tls": trusted}, backend={"http_reuse": "never"})
        for _ in range(2):
            with HttpClient(proxy.address()) as client:
                assert client.ask(request()).status == client.ask(request()).status == 200
        assert len(server.handshakes) == 2 and server.handshakes[1].resumed
        proxy.stop()


@pytest.mark.sanitize
def test_checks_do_as_connections(corelane, nginx_over_tls, trusted):
    address = nginx_over_tls()
    config = configs.http({"address": address, "tls": trusted})
    backend = config["backends"]["b"]
    backend["check"] = {"type": "http", "uri": "/of", "expect": "string a.test TLSv1.3", "interval": "100ms",
                        "fall": 1, "rise": 1}
    proxy = corelane(config, wait_for="/live")
    wait_until(lambda: proxy.server("s1", "b")["check"]["status"] == "L7OK", "a sound server")
    proxy.stop()
    backend["servers"][0]["check"] = {"tls": False}
    proxy = corelane(config, wait_for="/live")
    wait_until(lambda: proxy.server("s1", "b")["check"]["status"] in ("L7STS", "L7RSP"), "a server that wants TLS")
    proxy.stop()


def test_what_rules_and_log_lines_know(corelane, site, trusted):
    with TlsHttpServer(server_context(site), response(200, b"")) as server:
        config = configs.http({"address": server.address, "tls": trusted}, backend=REUSE)
        fields = {"X-Bc": "%[ssl_bc]", "X-Version": "%[ssl_bc_protocol]", "X-Resumed": "%[ssl_bc_is_resumed]",
                  "X-Bits": "%[ssl_bc_use_keysize]", "X-Name": "%[ssl_s_s_dn]", "X-Issuer": "%[ssl_s_i_dn(CN)]",
                  "X-Key": "%[ssl_s_key_alg]", "X-Sha1": "%[ssl_s_sha1,hex]"}
        config["frontends"]["f"]["http_response"] = [
            {"action": "set-header", "name": name, "value": value} for name, value in fields.items()]
        proxy = corelane(config)
        with HttpClient(proxy.address()) as client:
            answer = client.ask(request())
        assert [answer.one(name) for name in ("X-Bc", "X-Version", "X-Resumed", "X-Name", "X-Issuer", "X-Key")] == [
            "1", "TLSv1.3", "0", "/CN=a.test", "Example CA", "id-ecPublicKey"]
        assert len(answer.one("X-Sha1")) == 40
        assert answer.one("X-Bits") in ("128", "256")
        proxy.stop()


def test_why_a_handshake_failed_in_log_lines(web, site, authority):
    with TlsHttpServer(server_context(site), response(200, b"")) as server:
        proxy = web({"address": server.address, "tls": {"ca": str(authority.path), "verify_host": "b.test"}},
                    defaults={"retries": 0}, frontend={"log_format": "%ts because of %[ssl_bc_err_str]"})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request()).status == 503
        wait_until(lambda: "SC because of Hostname mismatch" in "\n".join(proxy.log_lines()), "the log line")
        proxy.stop()


def test_faults_name_their_place(tmp_path, authority, site):
    config = configs.tcp({"address": "127.0.0.1:1", "tls": {"ca": "missing.pem"}},
                         {"address": "127.0.0.1:1", "tls": {"ca": str(authority.path), "certificate": str(authority.path)}})
    file = tmp_path / "c.json"
    file.write_text(json.dumps(config))
    done = command("check", file)
    faults = done.stdout + done.stderr
    assert "backends.b.servers[0].tls.ca: " in faults and "missing.pem" in faults
    assert "backends.b.servers[1].tls.certificate: " in faults
