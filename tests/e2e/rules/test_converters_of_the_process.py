# SPDX-License-Identifier: Apache-2.0
"""Converters that ask the process or leave something there, beside HAProxy."""

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.ports import free_port
from support.waiting import wait_until

FRONTEND = [
    "str(b),nbsrv", "str(nope),nbsrv", "hdr(host),field(1,.),nbsrv", "str(b/s1),srv_queue", "str(b/no),srv_queue",
    "str(no/s1),srv_queue", "str(s1),srv_queue", "path,capture-req(0)", "path,upper,capture-req(1)",
    "str(none),capture-res(0)", "path,debug(mine,stdout)", "src,debug(,stdout)", "int(5),debug(n,stdout)",
    "bool(1),debug(t,stdout)", "method,debug(m,stdout)", "path,debug(e,stderr),length",
]
BACKEND = ["str(s1),srv_queue", "str(b/s2),srv_queue", "str(s9),srv_queue", "path,capture-req(1)"]


@pytest.fixture
def server():
    with HttpServer(response(200, b"served")) as one:
        yield one


def texts(expressions):
    return "|".join(f"%[{expression}]" for expression in expressions)


def ask(address, target):
    with HttpClient(address) as client:
        got = client.ask(request("GET", target, host="b.example"))
        return got.body.decode().split("|"), got.one("x-told")


def test_converters(corelane, server, tmp_path):
    sections = f"""
frontend f
  mode http
  timeout client 60s
  bind {{address}}
  declare capture request len 4
  declare capture request len 16
  declare capture response len 5
  log stdout format raw daemon
  log-format "log %hr %hs"
  http-request return status 200 content-type text/plain lf-string "{texts(FRONTEND)}" if {{{{ path_beg /front }}}}
  http-response set-header X-Told %[status,capture-res(0)]
  http-after-response capture str(afterwards) id 0 if {{{{ status 404 }}}}
  default_backend b
backend b
  mode http
  timeout server 60s
  http-request return status 404 content-type text/plain lf-string "{texts(BACKEND)}" if {{{{ path_beg /back }}}}
  server s1 {server.address}
  server s2 127.0.0.1:{free_port()} backup
"""
    config = configs.http(server.address, {"address": f"127.0.0.1:{free_port()}", "backup": True}, frontend={
        "log_format": "log %hr %hs",
        "capture": {"request_slots": [{"length": 4}, {"length": 16}], "response_slots": [{"length": 5}]},
        "http_request": [{"action": "return", "content_type": "text/plain", "string": texts(FRONTEND),
                          "if": "{ path_beg /front }"}],
        "http_response": [{"action": "set-header", "name": "X-Told", "value": "%[status,capture-res(0)]"}],
        "http_after_response": [{"action": "capture", "sample": "str(afterwards)", "slot": 0, "if": "{ status 404 }"}],
    }, backend={"http_request": [{"action": "return", "status": 404, "content_type": "text/plain",
                                  "string": texts(BACKEND), "if": "{ path_beg /back }"}]})
    targets = ["/front/long", "/back/longer", "/served"]
    with HaProxy(tmp_path / "haproxy", sections) as haproxy:
        theirs = [ask(haproxy.address, target) for target in targets]
        logged = wait_until(lambda: three(haproxy.output(), "log "), "HAProxy's log")
        shown = [line for line in haproxy.output().splitlines() if line.startswith("[debug]")]
    proxy = corelane(config)
    ours = [ask(proxy.address(), target) for target in targets]
    assert ours == theirs
    assert theirs[0][0][0] == "1"
    assert wait_until(lambda: three("\n".join(proxy.log_lines()), "log "), "our log") == logged
    told = [line for line in shown if " e: " not in line]
    assert wait_until(lambda: shown_by(proxy.stdout, len(told)), "what is shown") == told
    assert wait_until(lambda: shown_by(proxy.stderr, 1), "what is shown apart") == [
        line for line in shown if " e: " in line]


def three(text, beginning):
    found = [line for line in text.splitlines() if line.startswith(beginning)]
    return found if len(found) == 3 else None


def shown_by(text, count):
    found = [line for line in text.splitlines() if line.startswith("[debug]")]
    return found if len(found) == count else None


def test_what_is_shown_is_one_line(corelane, server):
    rule = {"action": "set-header", "name": "X-A", "value": "%[hdr(x-b),url_dec,debug]"}
    proxy = corelane(configs.http(server.address, frontend={"http_request": [rule]}))
    with HttpClient(proxy.address()) as client:
        client.ask(request("GET", "/", "X-B: one%0a[debug] two%1b[2J"))
    assert wait_until(lambda: shown_by(proxy.stderr, 1), "what is shown") == [
        "[debug] : type=str <one.[debug] two.[2J>"]
