# SPDX-License-Identifier: Apache-2.0
"""Error files: what clients get of them, and how faulty ones are found."""

import json

import pytest
from support import configs
from support.http_peers import HttpClient, HttpServer, request, response
from support.ports import free_port
from support.process import command

pytestmark = [pytest.mark.sanitize]


@pytest.fixture
def page(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write


def nobody():
    return f"127.0.0.1:{free_port()}"


def test_a_file_replaces_the_built_in_page(web, page):
    sorry = page("503.http", b"HTTP/1.0 503 Sorry\nCache-Control: no-cache\nConnection: close\n\ncome back later")
    proxy = web(nobody(), frontend={"error_files": {"503": sorry}}, backend={"retries": 0})
    with HttpClient(proxy.address()) as client:
        got = client.ask()
        assert (got.start, got.body) == ("HTTP/1.1 503 Sorry", b"come back later")
        assert got.one("cache-control") == "no-cache"
        assert client.ended()


def test_the_backends_page_goes_before_the_frontends(corelane, page):
    front = page("front.http", b"HTTP/1.1 503 Front\r\n\r\nfront")
    back = page("back.http", b"HTTP/1.1 200 Back\r\n\r\nback")
    config = configs.http(nobody(), frontend={"error_files": {"503": front, "400": front}},
                          backend={"retries": 0, "errors": "pages"})
    config["errors"] = {"pages": {"files": {"503": back}}}
    proxy = corelane(config)
    with HttpClient(proxy.address()) as client:
        assert client.ask().start == "HTTP/1.1 200 Back"
        assert client.ask(request(host=None)).start == "HTTP/1.1 503 Front"


def test_requests_go_on_after_a_page_that_does_not_close(web, page):
    later = page("503.http", b"HTTP/1.1 503 Later\r\nRetry-After: 1\r\n\r\nlater")
    proxy = web(nobody(), frontend={"error_files": {"503": later}}, backend={"retries": 0})
    with HttpClient(proxy.address()) as client:
        for _ in range(2):
            got = client.ask()
            assert (got.status, got.one("retry-after"), got.body) == (503, "1", b"later")


def test_head_gets_the_head_alone(web, page):
    later = page("503.http", b"HTTP/1.1 503 Later\r\nConnection: close\r\n\r\nlater")
    proxy = web(nobody(), frontend={"error_files": {"503": later}}, backend={"retries": 0})
    with HttpClient(proxy.address()) as client:
        assert client.ask(request("HEAD"), bodiless=True).one("content-length") == "5"
        assert client.ended()


def test_an_empty_file_closes_without_a_word(web, page):
    proxy = web(nobody(), frontend={"error_files": {"503": page("503.http", b"")}}, backend={"retries": 0})
    with HttpClient(proxy.address()) as client:
        assert client.ask() is None
    [record] = proxy.wait_log(1)
    assert (record["http"]["status"], record["end_reason"], record["bytes_to_client"]) == (503, "connect_refused", 0)


@pytest.mark.parametrize("content, fault", [
    (None, "No such file"),
    (b"<html>sorry</html>", "does not begin with"),
    (b"HTTP/1.1 503 Sorry\r\nContent-Length: 9\r\n\r\nlater", "Content-Length is 9, but 5 bytes"),
])
def test_a_faulty_file_is_found_before_the_start(page, tmp_path, content, fault):
    path = page("503.http", content) if content is not None else str(tmp_path / "missing.http")
    file = tmp_path / "corelane.json"
    file.write_text(json.dumps(configs.http(nobody(), frontend={"error_files": {"503": path}})))
    checked = command("check", file)
    assert checked.returncode == 1
    assert "frontends.f.error_files.503" in checked.stderr
    assert fault in checked.stderr
    ran = command("run", file)
    assert ran.returncode == 1
    assert fault in ran.stderr


def test_the_page_of_monitor_uri(web, page):
    alive = page("200.http", b"HTTP/1.1 200 OK\r\n\r\nalive")
    with HttpServer(response(200, b"a server")) as server:
        proxy = web(server.address, frontend={"monitor_uri": "/alive", "error_files": {"200": alive}})
        with HttpClient(proxy.address()) as client:
            assert client.ask(request("GET", "/alive")).body == b"alive"
            assert client.ask(request("GET", "/")).body == b"a server"
        assert len(server.requests) == 1
