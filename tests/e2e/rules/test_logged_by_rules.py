# SPDX-License-Identifier: Apache-2.0
"""Log lines that rules write at once, and what is known of rules in log lines."""

import pathlib

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import TcpServer, connect, echo, read_exactly
from support.ports import free_port
from support.waiting import wait_until

LINE = "%ts %ST %HM %HU %b/%s %hr last=%[last_rule_line]"


def lines(proxy, count):
    wait_until(lambda: len(proxy.log_lines()) >= count, f"{count} log lines")
    return [line.split("]: ")[-1] for line in proxy.log_lines()]


@pytest.fixture
def server():
    with HttpServer(response(200, b"served")) as one:
        yield one


def test_a_request_is_logged_while_rules_look_at_it(corelane, server):
    proxy = corelane(configs.http(server.address, frontend={
        "log_format": LINE,
        "capture": {"request_headers": [{"name": "Host", "length": 9}]},
        "tcp_request": {"content": [{"action": "do-log", "if": "{ path /content }"}]},
        "http_request": [{"action": "do-log", "if": "{ path /request }"}, {"action": "deny", "if": "{ path /deny }"}],
    }, backend={
        "http_request": [{"action": "do-log", "if": "{ path /backend }"}],
        "http_response": [{"action": "do-log", "if": "{ res.hdr(content-length) 6 }"}],
        "http_after_response": [{"action": "do-log", "if": "{ status 200 } { var(txn.no) -m found } or { always_false }"}],
    }))  # fmt: skip
    with HttpClient(proxy.address("f")) as client:
        for target in ("/content", "/request", "/backend"):
            assert client.ask(request("GET", target)).status == 200
        assert client.ask(request("GET", "/deny")).status == 403
    found = lines(proxy, 10)
    for at, target in enumerate(("/content", "/request", "/backend")):
        early, response_line, end = found[3 * at : 3 * at + 3]
        assert early.startswith(f"-- -1 GET {target} ") and early.endswith("{a.test} last=-"), early
        assert response_line == f"-- -1 GET {target} b/s1 {{a.test}} last=-"
        assert end == f"-- 200 GET {target} b/s1 {{a.test}} last=-"
    assert found[9].startswith("PR 403 GET /deny ") and not found[9].endswith("last=-")
    proxy.stop()


def test_a_connection_is_logged_while_rules_look_at_it(corelane):
    with TcpServer(echo) as server:
        proxy = corelane(configs.tcp(server.address, frontend={
            "log_format": "%ts %b/%s %hr [%[capture.req.hdr(0)]]",
            "tcp_request": {
                "connection": [{"action": "do-log"}],
                "session": [{"action": "do-log"}],
                "inspect_delay": "30s",
                "content": [
                    {"action": "capture", "sample": "req.payload(0,3)", "length": 2, "if": "{ req.len ge 5 }"},
                    {"action": "do-log"},
                ],
            },
        }, backend={"tcp_response": {"inspect_delay": "30s", "content": [{"action": "do-log", "if": "{ res.len ge 5 }"}]}}))  # fmt: skip
        with connect(proxy.address("f")) as client:
            client.sendall(b"hello")
            assert read_exactly(client, 5) == b"hello"
        found = lines(proxy, 5)
        assert [line[:3] for line in found] == ["-- "] * 5
        assert found[0] == found[1] and found[1].endswith(" {} [-]")
        assert found[2].endswith(" {he} [he]")
        assert found[3:] == ["-- b/s1 {he} [he]"] * 2
        proxy.stop()


FORMAT = "%ts {%hr} %[capture.req.hdr(0)] %[prio_class] %[prio_offset]"

HAPROXY = """
frontend f
  bind 127.0.0.1:{port}
  log stdout format raw local0
  log-format "%ts {{%hr}} %[capture.req.hdr(0)] %[prio_class] %[prio_offset]"
  tcp-request inspect-delay 5s
  tcp-request content capture req.payload(0,4) len 3 if {{ req.len ge 4 }}
  tcp-request content set-priority-class int(-7)
  tcp-request content set-priority-offset int(20)
  default_backend b
backend b
  server s1 {server}
"""


def test_captures_of_mode_tcp_are_haproxys(corelane, tmp_path):
    with TcpServer(echo) as server:
        port = free_port()
        proxy = corelane(configs.tcp(server.address, frontend={
            "log_format": FORMAT,
            "tcp_request": {"inspect_delay": "5s", "content": [
                {"action": "capture", "sample": "req.payload(0,4)", "length": 3, "if": "{ req.len ge 4 }"},
                {"action": "set-priority-class", "expression": "int(-7)"},
                {"action": "set-priority-offset", "expression": "int(20)"},
            ]},
        }))  # fmt: skip
        with HaProxy(tmp_path / "haproxy", HAPROXY.replace("{port}", str(port)).replace("{server}", server.address)) as haproxy:
            for address in (proxy.address("f"), f"127.0.0.1:{port}"):
                with connect(address) as client:
                    client.sendall(b"words")
                    assert read_exactly(client, 5) == b"words"
            theirs = wait_until(lambda: [line for line in haproxy.output().splitlines() if line.startswith("-- ")], "its line")
        assert lines(proxy, 1) == theirs
        proxy.stop()


def test_time_outs_and_places_that_rules_set(corelane, server):
    shown = "%[cur_client_timeout] %[cur_server_timeout] %[cur_tunnel_timeout] %[prio_class] %[prio_offset]"
    proxy = corelane(configs.http(server.address, timeouts={"server": "41s", "tunnel": "2h", "client": "42s"}, frontend={"log_format": shown}, backend={
        "http_request": [
            {"action": "set-timeout", "timeout": "server", "time": "7s", "if": "{ path /set }"},
            {"action": "set-timeout", "timeout": "tunnel", "time": "3s", "if": "{ path /set }"},
            {"action": "set-priority-class", "expression": "int(5000)", "if": "{ path /set }"},
            {"action": "set-priority-offset", "expression": "int(-3)", "if": "{ path /set }"},
            {"action": "set-header", "name": "X-Now", "value": "%[cur_server_timeout] %[prio_class]"},
        ],
    }))  # fmt: skip
    with HttpClient(proxy.address("f")) as client:
        client.ask(request("GET", "/"))
        client.ask(request("GET", "/set"))
    assert lines(proxy, 2) == ["42000 41000 7200000 0 0", "42000 7000 3000 2047 -3"]
    assert [one.one("x-now") for one in server.requests] == ["41000 0", "7000 2047"]
    proxy.stop()


def test_the_rule_that_decided(corelane, server):
    proxy = corelane(configs.http(server.address, frontend={
        "log_format": "%[last_rule_line] %[last_rule_file]",
        "http_request": [
            {"action": "set-var", "name": "txn.a", "expression": "path"},
            {"action": "allow", "if": "{ path /allow }"},
            {"action": "deny", "if": "{ path /deny }"},
        ],
    }))  # fmt: skip
    with HttpClient(proxy.address("f")) as client:
        for target in ("/", "/allow", "/deny"):
            client.ask(request("GET", target))
    nowhere, allowed, denied = [line.split(" ") for line in lines(proxy, 3)]
    assert nowhere == ["-", "-"] and allowed[1] == denied[1]
    written = pathlib.Path(allowed[1]).read_text().splitlines()
    assert '"allow"' in written[int(allowed[0])] and '"deny"' in written[int(denied[0])]
    proxy.stop()
