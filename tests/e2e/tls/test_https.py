# SPDX-License-Identifier: Apache-2.0
"""HTTP inside TLS, with curl, nginx and node."""

import hashlib
import subprocess

import pytest
from support import configs
from support.certificates import Authority
from support.http_peers import HttpServer, Wire, request, response
from support.nginx import Nginx
from support.tls_peers import tls_connect
from support.waiting import wait_until

MIB = 1 << 20
LARGE = hashlib.shake_128(b"https").digest(5 * MIB)


def answer(message, _connection):
    target = message.start.split(" ")[1]
    if target == "/large":
        return response(200, LARGE)
    if target == "/digest":
        return response(200, hashlib.sha256(message.body).hexdigest().encode())
    proto, forwarded = message.one("X-Forwarded-Proto"), message.one("Forwarded")
    return response(200, f"{target} {proto} {forwarded}".encode())


def curl(proxy, authority, *targets, arguments=(), body=None):
    port = proxy.address().rpartition(":")[2]
    done = subprocess.run(
        ["curl", "-sS", "--max-time", "60", "--cacert", authority.path, "--resolve", f"a.test:{port}:127.0.0.1",
         *arguments, *[f"https://a.test:{port}{target}" for target in targets]],
        input=body, capture_output=True, timeout=90,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.sanitize
def test_curl_with_each_version(tls_web, authority):
    with HttpServer(answer) as server:
        proxy = tls_web(server.address, tls={"min_version": "TLSv1.2", "alpn": ["http/1.1"]},
                        frontend={"forwarded_proto": True, "forwarded": {"proto": True}})
        for arguments in (["--tls-max", "1.2"], ["--tlsv1.3"]):
            assert curl(proxy, authority, "/a", "/b", arguments=arguments) == (
                b"/a https proto=https;for=127.0.0.1/b https proto=https;for=127.0.0.1")
            assert curl(proxy, authority, "/large", arguments=arguments) == LARGE
            digest = hashlib.sha256(LARGE).hexdigest().encode()
            # With an Expect: 100-continue.
            assert curl(proxy, authority, "/digest", arguments=[*arguments, "--data-binary", "@-"], body=LARGE) == digest
        records = proxy.wait_log(8)
        assert {record["end_reason"] for record in records} == {"completed"}
        assert {record["tls"]["version"] for record in records} == {"TLSv1.2", "TLSv1.3"}
        assert records[0]["http"]["handshake_ms"] > 0
        proxy.stop()


@pytest.mark.sanitize
def test_requests_that_come_together(tls_web, trusting):
    with HttpServer(answer) as server:
        proxy = tls_web(server.address)
        with tls_connect(proxy.address(), trusting) as client:
            client.sendall(b"".join(request("GET", f"/{number}") for number in range(20)))
            wire = Wire(client)
            assert [wire.message().body.split(b" ")[0] for _ in range(20)] == [b"/%d" % n for n in range(20)]
        proxy.wait_log(20)


@pytest.mark.sanitize
def test_an_idle_connection_ends_with_close_notify(tls_web, trusting):
    with HttpServer(answer) as server:
        proxy = tls_web(server.address, timeouts={"http_keep_alive": "300ms"})
        with tls_connect(proxy.address(), trusting) as client:
            client.sendall(request("GET", "/x"))
            wire = Wire(client)
            assert wire.message().status == 200
            assert client.recv(1) == b""  # without it: ssl.SSLEOFError


@pytest.mark.sanitize
def test_a_request_that_is_cut(tls_web, trusting):
    with HttpServer(answer) as server:
        proxy = tls_web(server.address)
        client = tls_connect(proxy.address(), trusting)
        client.sendall(b"POST /digest HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000\r\n\r\nhello")
        wait_until(lambda: proxy.frontend("f")["bytes_in"] > 50, "it arrives")
        client.close()
        record = proxy.wait_log()[0]
        assert record["end_reason"] == "client_aborted" and record["detail"], record


@pytest.mark.sanitize
def test_large_answers_without_buffers(tls_web, trusting):
    with HttpServer(answer) as server:
        proxy = tls_web(server.address, tune={"buffers_max": 2})
        clients = [tls_connect(proxy.address(), trusting, receive_buffer=8192) for _ in range(10)]
        for client in clients:
            client.sendall(request("GET", "/large"))
        with tls_connect(proxy.address(), trusting) as quick:
            quick.sendall(request("POST", "/digest", body=LARGE))
            assert Wire(quick).message().body == hashlib.sha256(LARGE).hexdigest().encode()
        for client in clients:
            assert Wire(client).message().body == LARGE
            client.close()
        proxy.wait_log(11)
        proxy.stop()


@pytest.mark.sanitize
def test_nginx_behind(tls_web, authority, tmp_path):
    with Nginx(tmp_path / "nginx", {"page": LARGE}) as server:
        proxy = tls_web(server.address)
        assert curl(proxy, authority, "/page", "/page") == LARGE * 2
        proxy.wait_log(2)


@pytest.mark.sanitize
def test_websockets(tls_web, node, monkeypatch):
    monkeypatch.setenv("NODE_TLS_REJECT_UNAUTHORIZED", "0")
    server = node("websocket_server.js")
    proxy = tls_web(server.address, timeouts={"tunnel": "1h"})
    clients = node("websocket_clients.js", "wss://" + proxy.address())
    clients.say("open 20")
    clients.wait_line("opened 20")
    clients.say("talk 0 1 125 65536 1000000")
    clients.wait_line("talked 20")
    clients.say("push 20 1000")
    clients.wait_line("pushed 20")
    clients.say("close 4001 enough")
    clients.wait_line("ended ")
    assert {(record["end_reason"], record["http"]["status"]) for record in proxy.wait_log(20)} == {("completed", 101)}


@pytest.mark.sanitize
def test_the_name_decides_on_certificate_and_backend(corelane, tmp_path):
    authority = Authority(tmp_path / "names")
    folder = tmp_path / "sites"
    folder.mkdir()
    for names in (["a.test"], ["*.b.test"]):
        path = authority.server(*names)
        (folder / path.name).write_text(path.read_text())
    with HttpServer(response(200, b"one")) as one, HttpServer(response(200, b"two")) as two:
        config = configs.http(one.address)
        config["frontends"]["f"]["bind"][0]["tls"] = {"certificates": [str(folder)]}
        config["backends"]["other"] = {"servers": [{"name": "s", "address": two.address}]}
        config["frontends"]["f"]["use_backend"] = [{"backend": "other", "if": "{ ssl_fc_sni -m end .b.test }"}]
        proxy = corelane(config)
        context = authority.client_context()
        for name, body in (("a.test", b"one"), ("www.b.test", b"two")):
            with tls_connect(proxy.address(), context, name) as client:
                client.sendall(request("GET", "/", host=name))
                assert Wire(client).message().body == body
        proxy.stop()
