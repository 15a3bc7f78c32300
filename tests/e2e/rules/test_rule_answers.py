# SPDX-License-Identifier: Apache-2.0
"""What rules answer with: texts, files, files with samples, whole responses."""

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.ports import free_port
from support.process import command

import json


@pytest.fixture
def server():
    with HttpServer(response(200, b"served")) as one:
        yield one


@pytest.fixture
def files(tmp_path):
    (tmp_path / "page.html").write_bytes(b"<p>%[src] & more\n")
    (tmp_path / "page.lf").write_bytes(b"you are %[src], you want %[path]\n")
    (tmp_path / "sorry.http").write_bytes(b"HTTP/1.1 503 Sorry\r\nX-Page: file\r\nContent-Type: text/x\r\n\r\nsorry")
    (tmp_path / "later.http").write_bytes(b"HTTP/1.1 429 Later\r\nX-Page: group\r\n\r\nlater")
    (tmp_path / "empty.http").write_bytes(b"")
    (tmp_path / "bad.lf").write_bytes(b"first\n%[nothing]\n")
    (tmp_path / "large").write_bytes(b"x" * 20000)
    return tmp_path


def rules_of(files):
    header = [{"name": "X-Why", "value": "%[path]"}]
    return [
        {"action": "return", "file": str(files / "page.html"), "content_type": "text/html", "headers": header,
         "if": "{ path /file }"},
        {"action": "return", "status": 404, "lf_file": str(files / "page.lf"), "if": "{ path /lf }"},
        {"action": "deny", "status": 429, "file": str(files / "page.html"), "if": "{ path /deny }"},
        {"action": "deny", "status": 403, "lf_file": str(files / "page.lf"), "headers": header, "if": "{ path /deny-lf }"},
        {"action": "return", "status": 503, "error_file": str(files / "sorry.http"), "if": "{ path /error-file }"},
        {"action": "deny", "status": 503, "error_file": str(files / "sorry.http"), "if": "{ path /deny-error }"},
        {"action": "return", "status": 429, "errors": "pages", "if": "{ path /group }"},
        {"action": "tarpit", "status": 429, "file": str(files / "page.html"), "if": "{ path /held }"},
    ]


HAPROXY = """
http-errors pages
  errorfile 429 {folder}/later.http
defaults http
  mode http
  timeout connect 5s
  timeout tarpit 1s
  timeout client 60s
  timeout server 60s
frontend f
  bind {address}
  http-request return status 200 content-type text/html file {folder}/page.html hdr X-Why %[path] if {{ path /file }}
  http-request return status 404 content-type text/plain lf-file {folder}/page.lf if {{ path /lf }}
  http-request deny status 429 content-type text/plain file {folder}/page.html if {{ path /deny }}
  http-request deny status 403 content-type text/plain lf-file {folder}/page.lf hdr X-Why %[path] if {{ path /deny-lf }}
  http-request return status 503 errorfile {folder}/sorry.http if {{ path /error-file }}
  http-request deny status 503 errorfile {folder}/sorry.http if {{ path /deny-error }}
  http-request return status 429 errorfiles pages if {{ path /group }}
  http-request tarpit status 429 content-type text/plain file {folder}/page.html if {{ path /held }}
  default_backend b
backend b
  server s1 {server}
"""

PATHS = ["/file", "/lf", "/deny", "/deny-lf", "/error-file", "/deny-error", "/group", "/held", "/else"]


def config_of(server, files, *rules, **keys):
    config = configs.http(server.address, frontend={"http_request": list(rules)},
                          timeouts={"tarpit": "1s"}, **keys)
    config["errors"] = {"pages": {"files": {"429": str(files / "later.http"), "503": str(files / "empty.http")}}}
    return config


def answers(address):
    found = {}
    for path in PATHS:
        with HttpClient(address) as client:
            got = client.ask(request(target=path))
        fields = sorted((name.lower(), value) for name, value in got.fields
                        if name.lower() not in ("connection", "keep-alive", "cache-control", "content-length"))
        # What HAProxy calls a status is its own matter.
        start = got.start if path in ("/error-file", "/deny-error", "/group") else got.status
        found[path] = (start, fields, got.body)
    return found


@pytest.mark.sanitize
def test_answers_are_haproxys(corelane, server, files, tmp_path):
    proxy = corelane(config_of(server, files, *rules_of(files)))
    sections = HAPROXY.replace("{folder}", str(files)).replace("{server}", server.address)
    with HaProxy(tmp_path / "haproxy", sections) as haproxy:
        ours, theirs = answers(proxy.address("f")), answers(haproxy.address)
    assert ours == theirs
    assert ours["/lf"][2] == b"you are 127.0.0.1, you want /lf\n"
    assert ours["/file"][2] == b"<p>%[src] & more\n"
    proxy.stop()


def test_responses(corelane, server, files):
    config = configs.http(server.address, frontend={"http_response": [
        {"action": "deny", "status": 503, "lf_file": "page.lf", "if": "{ res.hdr(x-none) -m found }"},
        {"action": "return", "file": "page.html", "if": "{ status 200 }"}]})
    config_file = files / "config.json"
    config_file.write_text(json.dumps(config))
    assert "needs the head of an HTTP request" in command("check", str(config_file)).stderr
    del config["frontends"]["f"]["http_response"][0]
    config["frontends"]["f"]["http_response"][0]["file"] = str(files / "page.html")
    proxy = corelane(config)
    with HttpClient(proxy.address("f")) as client:
        assert client.ask().body == b"<p>%[src] & more\n"
    proxy.stop()


def test_an_empty_page_closes_without_a_word(corelane, server, files):
    proxy = corelane(config_of(server, files, {"action": "deny", "status": 503, "errors": "pages"}))
    with HttpClient(proxy.address("f")) as client:
        assert client.ask() is None
    [record] = proxy.wait_log(1)
    assert record["end_reason"] == "request_denied"
    proxy.stop()


@pytest.mark.parametrize("rule, place, fault", [
    ({"action": "deny", "file": "none.html"}, "file", "No such file"),
    ({"action": "deny", "lf_file": "bad.lf"}, "lf_file", "bad.lf, byte 9: \"nothing\" is not a known sample fetch"),
    ({"action": "deny", "file": "large"}, "file", "20000 bytes"),
    ({"action": "deny", "error_file": "sorry.http"}, "error_file", "absolute"),
    ({"action": "deny", "error_file": "/no/such/page"}, "error_file", "No such file"),
    ({"action": "deny", "errors": "page"}, "errors", "did you mean \"pages\""),
    ({"action": "deny", "errors": "pages", "headers": [{"name": "X", "value": "1"}]}, "headers", "whole response"),
    ({"action": "deny", "file": "page.html", "string": "x"}, "file", "one of string, file"),
    ({"action": "redirect", "location": "/", "file": "page.html"}, "file", "the action is deny, return"),
])
def test_faults(rule, place, fault, server, files):
    config_file = files / "config.json"
    config_file.write_text(json.dumps(config_of(server, files, rule)))
    checked = command("check", str(config_file))
    assert checked.returncode == 2 or checked.returncode == 1, checked
    assert f"http_request[0].{place}" in checked.stderr and fault in checked.stderr, checked.stderr
