# SPDX-License-Identifier: Apache-2.0
"""Large bodies, many requests, servers that go away under load, and clients that are slow."""

import hashlib
import re
import subprocess
import threading

import pytest
from support.http_peers import HttpClient, HttpServer, request, response
from support.nginx import Nginx
from support.peers import connect, quiet
from support.waiting import wait_until

MIB = 1 << 20
BODY = hashlib.shake_128(b"body").digest(8 * MIB) * 8


@pytest.fixture
def nginx(tmp_path):
    with Nginx(tmp_path / "nginx", {"small": b"hello\n", "page": b"x" * 20_000, "large": BODY}) as server:
        yield server


def curl(*arguments, **options):
    done = subprocess.run(["curl", "-sS", "--max-time", "60", *arguments], capture_output=True, timeout=90, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def framed(body, chunked):
    """Sends the body back with a framing of the server's choice."""
    if not chunked:
        return response(200, body)
    chunks = [body[at : at + 777_777] for at in range(0, len(body), 777_777)]
    return b"".join([response(200, b"", "Transfer-Encoding: chunked", length=False),
                     *(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks), b"0\r\n\r\n"])


@pytest.mark.sanitize
@pytest.mark.lanes
def test_a_large_file_by_hash(web, nginx):
    proxy = web(nginx.address)
    got = curl(f"http://{proxy.address()}/large", "-o", "-", f"http://{proxy.address()}/small")
    assert hashlib.sha256(got).digest() == hashlib.sha256(BODY + b"hello\n").digest()


@pytest.mark.sanitize
@pytest.mark.parametrize("upload", ["length", "chunked"])
@pytest.mark.parametrize("download", ["length", "chunked"])
def test_uploads_and_downloads_by_hash(web, tmp_path, upload, download):
    (tmp_path / "body").write_bytes(BODY)
    with HttpServer(lambda message, _: framed(message.body, download == "chunked")) as server:
        proxy = web(server.address)
        header = ["-H", "Transfer-Encoding: chunked"] if upload == "chunked" else []
        got = curl("-T", tmp_path / "body", *header, f"http://{proxy.address()}/x")
        assert hashlib.sha256(got).digest() == hashlib.sha256(BODY).digest()


@pytest.mark.sanitize
def test_a_slow_reader_gets_everything(web, nginx):
    proxy = web(nginx.address)
    with HttpClient(proxy.address(), receive_buffer=4096) as client:
        client.send(request("GET", "/large"))
        digest, head = hashlib.sha256(), client.wire.head()
        left = int(head.one("content-length"))
        digest.update(client.wire.rest)
        left -= len(client.wire.rest)
        while left:
            data = client.connection.recv(30_000)
            digest.update(data)
            left -= len(data)
        assert digest.digest() == hashlib.sha256(BODY).digest()


@pytest.mark.sanitize
@pytest.mark.lanes
@pytest.mark.parametrize("page, connections, headers",
                         [("small", 64, []), ("page", 64, []), ("small", 32, ["-H", "Connection: close"]), ("large", 4, [])],
                         ids=["keep-alive", "pages", "close", "bulk"])
def test_wrk_over_http(web, nginx, page, connections, headers):
    proxy = web(nginx.address, lanes=2)
    done = subprocess.run(["wrk", "-t", "2", "-c", str(connections), "-d", "2s", "--timeout", "20s", *headers,
                           f"http://{proxy.address()}/{page}"], capture_output=True, text=True, timeout=90)
    assert int(re.search(r"(\d+) requests in", done.stdout)[1]) > (1 if page == "large" else 100), done.stdout
    assert "Socket errors" not in done.stdout and "Non-2xx" not in done.stdout, done.stdout
    wait_until(lambda: proxy.frontend("f")["connections_current"] == 0, "every client is gone")
    proxy.stop()


PIPELINE = """
init = function()
  local requests = {}
  for i = 1, 16 do requests[i] = wrk.format("GET", i % 4 == 0 and "/page" or "/small") end
  together = table.concat(requests)
end
request = function() return together end
"""


@pytest.mark.sanitize
@pytest.mark.lanes
def test_wrk_with_pipelines(web, nginx, tmp_path):
    (tmp_path / "pipeline.lua").write_text(PIPELINE)
    proxy = web(nginx.address, lanes=2)
    done = subprocess.run(["wrk", "-t", "1", "-c", "32", "-d", "2s", "--timeout", "20s", "-s", tmp_path / "pipeline.lua",
                           f"http://{proxy.address()}/"], capture_output=True, text=True, timeout=90)
    requests = int(re.search(r"(\d+) requests in", done.stdout)[1])
    assert requests > 1000 and "Socket errors" not in done.stdout and "Non-2xx" not in done.stdout, done.stdout
    wait_until(lambda: proxy.frontend("f")["connections_current"] == 0, "every client is gone")
    counts = proxy.frontend("f")
    # wrk looks first whether somebody listens.
    assert counts["connections_total"] == 33 and counts["requests_invalid"] == 0
    assert counts["responses_2xx"] >= requests


def test_a_server_killed_under_load_costs_no_idempotent_request(web, tmp_path):
    with Nginx(tmp_path / "one", {"x": b"x"}) as one, Nginx(tmp_path / "two", {"x": b"x"}) as two:
        proxy = web(one.address, two.address, lanes=2,
                    backend={"retries": 3, "redispatch": True, "retry_on": ["conn-failure", "empty-response", "junk-response"]})
        load = subprocess.Popen(["wrk", "-t", "1", "-c", "32", "-d", "4s", "--timeout", "20s",
                                 f"http://{proxy.address()}/x"], stdout=subprocess.PIPE, text=True)
        wait_until(lambda: proxy.server("s1")["bytes_in"] > 100_000, "the load is there")
        one.process.kill()
        output, _ = load.communicate(timeout=60)
        assert "Socket errors" not in output and "Non-2xx" not in output, output
        assert proxy.server("s2")["bytes_in"] > 0


@pytest.mark.sanitize
def test_slow_clients_hold_no_buffers(web, nginx):
    proxy = web(nginx.address, tune={"buffers_max": 64})
    slow = [connect(proxy.address()) for _ in range(300)]
    try:
        head = request("GET", "/small")
        for at in range(len(head) - 1):
            for client in slow:
                client.sendall(head[at : at + 1])
        with HttpClient(proxy.address()) as client:
            assert client.ask(request("GET", "/small")).body == b"hello\n"
        for client in slow:
            client.sendall(head[-1:])
        for client in slow:
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
    finally:
        for client in slow:
            client.close()


@pytest.mark.sanitize
def test_an_early_response_while_the_request_is_still_being_sent(web):
    class Server(HttpServer):
        def _talk(self, connection, server):
            while b"\r\n\r\n" not in connection.recv(65536):
                pass
            connection.sendall(response(413, b"too much"))
            got = 0
            while data := connection.recv(65536):
                got += len(data)

    with Server(None) as server:
        proxy = web(server.address)
        with HttpClient(proxy.address()) as client:
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 1000)
            assert client.answer().body == b"too much"
            sender = threading.Thread(target=client.send, args=(b"x" * 9_999_000,))
            sender.start()
            sender.join(30)
            assert not sender.is_alive()


@pytest.mark.sanitize
def test_a_server_that_refuses_an_upload_and_closes(web):
    class Server(HttpServer):
        def _talk(self, connection, server):
            connection.recv(1000)
            connection.sendall(response(413, b"too much", "Connection: close"))

    with Server(None) as server:
        proxy = web(server.address)
        for _ in range(20):
            with HttpClient(proxy.address()) as client:
                client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
                sender = threading.Thread(target=quiet, args=(client.send, b"x" * 3_000_000))
                sender.start()
                assert client.answer().body == b"too much"
                sender.join(30)
                assert not sender.is_alive()
