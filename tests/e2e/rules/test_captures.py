# SPDX-License-Identifier: Apache-2.0
"""What rules capture, for the log line and for other rules."""

import json

import pytest
from support import configs
from support.haproxy import HTTP_DEFAULTS, HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.process import command
from support.waiting import wait_until

FORMAT = "%hr %hs [%[capture.req.method] %[capture.req.uri] %[capture.req.ver] %[capture.res.ver]] %[capture.req.hdr(1)]"


@pytest.fixture
def server():
    with HttpServer(response(200, b"served", "X-Back: one|two", "X-Other: o")) as one:
        yield one


def config_of(server, log_format="json"):
    config = configs.http(server.address, frontend={
        "log_format": log_format,
        "capture": {"request_headers": [{"name": "Host", "length": 4}], "response_headers": [{"name": "X-Other", "length": 8}],
                    "request_slots": [{"length": 5}], "response_slots": [{"length": 3}]},
        "http_request": [
            {"action": "capture", "sample": "path,upper", "length": 6},
            {"action": "capture", "sample": "req.hdr(x-id)", "slot": 1, "if": "{ req.hdr(x-id) -m found }"},
            {"action": "capture", "sample": "src", "length": 16},
            {"action": "set-header", "name": "X-Seen", "value": "%[capture.req.hdr(0)]/%[capture.req.hdr(2)]/%[capture.req.uri]"},
            {"action": "set-path", "value": "/changed"},
        ],
        "http_response": [
            {"action": "set-header", "name": "X-Kept", "value":
             "%[capture.req.method]:%[capture.req.uri]:%[capture.req.ver]:%[capture.req.hdr(0)]:%[capture.req.hdr(1)]"},
        ],
    }, backend={"http_response": [
        {"action": "capture", "sample": "res.hdr(x-back)", "slot": 1},
        {"action": "set-header", "name": "X-Res", "value": "%[capture.res.hdr(0)]:%[capture.res.hdr(1)]:%[capture.res.ver]"},
    ]})
    return config


HAPROXY = HTTP_DEFAULTS + """
frontend f
  bind {address}
  capture request header Host len 4
  declare capture request len 5
  capture response header X-Other len 8
  declare capture response len 3
  http-request capture path,upper len 6
  http-request capture req.hdr(x-id) id 1 if {{ req.hdr(x-id) -m found }}
  http-request capture src len 16
  http-request set-header X-Seen %[capture.req.hdr(0)]/%[capture.req.hdr(2)]/%[capture.req.uri]
  http-request set-path /changed
  http-response set-header X-Kept %[capture.req.method]:%[capture.req.uri]:%[capture.req.ver]:%[capture.req.hdr(0)]:%[capture.req.hdr(1)]
  default_backend b
backend b
  http-response capture res.hdr(x-back) id 1
  http-response set-header X-Res %[capture.res.hdr(0)]:%[capture.res.hdr(1)]:%[capture.res.ver]
  server s1 {server}
"""

REQUESTS = [request("GET", "/long/path?q=1", "X-Id: 1234567", host="host.test"), request("POST", "/b", host="h", body=b"xyz"),
            request("GET", "/" + "l" * 1500, "X-Id: 9", host="host.test")]


def seen(address, server):
    found = []
    for message in REQUESTS:
        before = len(server.requests)
        with HttpClient(address) as client:
            got = client.ask(message)
        [served] = server.requests[before:]
        found.append((got.one("x-kept"), got.one("x-res"), served.one("x-seen")))
    return found


@pytest.mark.sanitize
def test_captures_are_haproxys(corelane, server, tmp_path):
    proxy = corelane(config_of(server))
    with HaProxy(tmp_path / "haproxy", HAPROXY.replace("{server}", server.address)) as haproxy:
        ours, theirs = seen(proxy.address("f"), server), seen(haproxy.address, server)
    # HAProxy keeps one byte less of a target: its last one is a NUL.
    assert [[text[:900] for text in row] for row in ours] == [[text[:900] for text in row] for row in theirs]
    records = [json.loads(line)["http"] for line in proxy.wait_log_lines(3)] if hasattr(proxy, "wait_log_lines") else None
    if records is None:
        wait_until(lambda: len(proxy.log_lines()) >= 3, "every log line")
        records = [json.loads(line)["http"] for line in proxy.log_lines()]
    assert records[0]["request_headers"] == {
        "Host": "host", "capture.req.hdr(1)": "12345", "capture.req.hdr(2)": "/LONG/", "capture.req.hdr(3)": "127.0.0.1"}
    assert records[1]["request_headers"]["capture.req.hdr(1)"] is None
    assert records[0]["response_headers"] == {"X-Other": "o", "capture.res.hdr(1)": "one"}
    proxy.stop()


def test_the_log_line(corelane, server):
    proxy = corelane(config_of(server, FORMAT))
    seen(proxy.address("f"), server)
    wait_until(lambda: len(proxy.log_lines()) >= 3, "every log line")
    lines = [line.split("]: ")[-1] for line in proxy.log_lines()]
    assert "{host|12345|/LONG/|127.0.0.1} {o|one} [GET /long/path?q=1 HTTP/1.1 HTTP/1.1] 12345" in lines[0]
    assert "{h||/B|127.0.0.1} {o|one} [POST /b HTTP/1.1 HTTP/1.1] -" in lines[1]
    proxy.stop()


@pytest.mark.parametrize("where, rule, place, fault", [
    ("frontend", {"action": "capture", "sample": "src"}, "http_request[0]", "needs one of the keys length and slot"),
    ("frontend", {"action": "capture", "sample": "src", "slot": 0, "length": 3}, "slot", "has no effect unless the action is capture and there is no length"),
    ("frontend", {"action": "capture", "sample": "src", "slot": 2}, "slot", "has 0 slots here"),
    ("backend", {"action": "capture", "sample": "src", "slot": 0}, "slot", 'the frontend "f" has 0 slots here'),
    ("backend", {"action": "capture", "sample": "src", "length": 9}, "length", "has no place in a backend"),
    ("frontend", {"action": "capture", "sample": "srx", "length": 9}, "sample", 'did you mean "src"'),
    ("frontend", {"action": "set-var", "name": "txn.a", "expression": "capture.req.hdr(64)"}, "expression", "from 0 to 63"),
])
def test_faults(where, rule, place, fault, server, tmp_path):
    config = configs.http(server.address, **{where: {"http_request": [rule]}})
    (tmp_path / "config.json").write_text(json.dumps(config))
    checked = command("check", str(tmp_path / "config.json"))
    assert checked.returncode == 1 and place in checked.stderr and fault in checked.stderr, checked.stderr
