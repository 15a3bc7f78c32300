# SPDX-License-Identifier: Apache-2.0
"""Rules that wait for bodies, or for a time."""

import json
import time

import pytest
from support import configs
from support.haproxy import HTTP_DEFAULTS, HaProxy
from support.http_peers import HttpClient, HttpServer, Wire, request, response
from support.process import command
from support.waiting import wait_until

FORM = b"user=ann&user=bob&empty=&q=1"


def echo(message, _connection):
    return response(200, b"answer to " + message.body)


@pytest.fixture
def server():
    with HttpServer(echo) as one:
        yield one


def start(corelane, server, *rules, backend=None, timeouts=None, **keys):
    rules = {"http_request": list(rules)} if rules else {}
    return corelane(configs.http(server.address, frontend={**rules, **keys}, backend=backend, timeouts=timeouts))


def chunked(*parts, fields=()):
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    return request("POST", "/c", "Transfer-Encoding: chunked", *fields) + body


def wait_rule(time="5s", **keys):
    return {"action": "wait-for-body", "time": time, **keys}


def seen_rule(name="X-Seen"):
    return {"action": "set-header", "name": name, "value":
            "%[req.body,hex]/%[req.body_len]/%[req.body_size]/%[req.body_param(user)]/%[req.body_param]"}


HAPROXY = HTTP_DEFAULTS + """
frontend f
  bind {address}
  http-request wait-for-body time 5s
  http-request set-header X-Seen %[req.body,hex]/%[req.body_len]/%[req.body_size]/%[req.body_param(user)]/%[req.body_param]
  http-request deny if {{ req.body -m sub attack }}
  http-response wait-for-body time 5s
  http-response set-header X-Res %[res.body,hex]/%[res.body_len]/%[res.body_size]
  default_backend b
backend b
  server s1 {server}
"""

MESSAGES = [
    [request("POST", "/", body=FORM)],
    [request("POST", "/", "Content-Length: 28"), FORM[:3], FORM[3:20], FORM[20:]],
    [chunked(b"user=a", b"nn&x=1")],
    [chunked(b"user=", b"z")[:-9], chunked(b"user=", b"z")[-9:-4], chunked(b"user=", b"z")[-4:]],
    [request("GET", "/")],
    [request("POST", "/", body=b"an attack")],
    [request("POST", "/", "Content-Length: 0")],
]


def ask(address, server, pieces, pause_s=0.05):
    before = len(server.requests)
    with HttpClient(address) as client:
        for piece in pieces[:-1]:
            client.send(piece)
            time.sleep(pause_s)
        got = client.ask(pieces[-1])
    served = server.requests[before:]
    return got.status, got.one("x-res"), [(one.one("x-seen"), one.body) for one in served]


@pytest.mark.sanitize
def test_bodies_are_haproxys(corelane, server, tmp_path):
    proxy = start(corelane, server, wait_rule(), seen_rule(), {"action": "deny", "if": "{ req.body -m sub attack }"},
                  http_response=[wait_rule(), {"action": "set-header", "name": "X-Res", "value":
                                               "%[res.body,hex]/%[res.body_len]/%[res.body_size]"}])
    with HaProxy(tmp_path / "haproxy", HAPROXY.replace("{server}", server.address)) as haproxy:
        for pieces in MESSAGES:
            ours, theirs = ask(proxy.address("f"), server, pieces), ask(haproxy.address, server, pieces)
            assert ours == theirs, pieces
    assert ask(proxy.address("f"), server, MESSAGES[1])[2][0][0].endswith("/28/28/ann/ann")
    proxy.stop()


@pytest.mark.sanitize
def test_kept_connections(corelane, server):
    proxy = start(corelane, server, wait_rule(), seen_rule())
    with HttpClient(proxy.address("f")) as client:
        for number in range(5):
            body = b"user=%d" % number
            client.send(request("POST", "/", f"Content-Length: {len(body)}"))
            time.sleep(0.01)
            assert client.ask(body).body == b"answer to " + body
            assert client.ask(chunked(body, b"x")).body == b"answer to " + body + b"x"
        # Two at once.
        client.send(request("POST", "/", body=b"one") + request("POST", "/", body=b"two"))
        assert [client.answer().body, client.answer().body] == [b"answer to one", b"answer to two"]
    assert [one.one("x-seen").split("/")[3] for one in server.requests[:4]] == ["0", "0x", "1", "1x"]
    proxy.stop()


def test_the_body_is_waited_for_before_a_server_gets_anything(corelane, server):
    proxy = start(corelane, server, wait_rule("10s"), wait_rule("10s", at_least=4))
    with HttpClient(proxy.address("f")) as client:
        client.send(request("POST", "/", "Content-Length: 8") + b"four")
        time.sleep(0.3)
        assert not server.requests and server.accepted == 0
        assert client.ask(b"more").body == b"answer to fourmore"
    proxy.stop()


def test_at_least_is_enough(corelane):
    heads = []

    def early(connection, _server):
        wire = Wire(connection)
        head = wire.head()
        heads.append((time.monotonic(), head))
        connection.sendall(response(200, b"early", "Connection: close"))

    from support.peers import TcpServer
    with TcpServer(early) as server:
        proxy = start(corelane, server, wait_rule("20s", at_least=4), seen_rule())
        with HttpClient(proxy.address("f")) as client:
            client.send(request("POST", "/", "Content-Length: 100") + b"fo")
            time.sleep(0.2)
            assert not heads
            client.send(b"ur!")
            assert client.answer().body == b"early"
        assert heads[0][1].one("x-seen").split("/")[1:3] == ["5", "100"]
        proxy.stop()


def test_the_wait_ends_at_its_time(corelane, server):
    proxy = start(corelane, server, wait_rule("300ms"), seen_rule())
    with HttpClient(proxy.address("f")) as client:
        began = time.monotonic()
        client.send(request("POST", "/", "Content-Length: 8") + b"four")
        wait_until(lambda: server.accepted == 1, "the server is asked")
        assert 0.25 < time.monotonic() - began < 2
        assert client.ask(b"more").body == b"answer to fourmore"
    assert server.requests[0].one("x-seen").split("/")[1] == "4"
    proxy.stop()


@pytest.mark.parametrize("keys, rules", [({"http_buffer_request": True}, []), ({}, [wait_rule("20s")])])
def test_the_time_out_http_request_covers_the_body(corelane, server, keys, rules):
    proxy = start(corelane, server, *rules, timeouts={"http_request": "400ms"}, **keys)
    with HttpClient(proxy.address("f")) as client:
        began = time.monotonic()
        refused = client.ask(request("POST", "/", "Content-Length: 8") + b"four")
        assert refused.status == 408 and 0.3 < time.monotonic() - began < 3
    [record] = proxy.wait_log(1)
    assert (record["end_reason"], record["http"]["status"], record["termination_state"]) == ("request_timeout", 408, "cR--")
    assert proxy.frontend("f")["requests_total"] == 1
    assert not server.requests
    proxy.stop()


def test_without_rules(corelane, server):
    proxy = corelane(configs.http(server.address, backend={"http_buffer_request": True}))
    with HttpClient(proxy.address("f")) as client:
        client.send(request("POST", "/", "Content-Length: 8") + b"four")
        time.sleep(0.2)
        assert server.accepted == 0
        assert client.ask(b"more").body == b"answer to fourmore"
        assert client.ask().body == b"answer to "
    proxy.stop()


@pytest.mark.sanitize
def test_who_waits_to_be_asked_for_a_body(corelane, server):
    """We ask for it; the server is not told that the client expects anything."""
    proxy = start(corelane, server, wait_rule(), seen_rule())
    with HttpClient(proxy.address("f")) as client:
        client.send(request("POST", "/", "Expect: 100-continue", "Content-Length: 4"))
        assert client.wire.head().status == 100
        got = client.ask(b"body")
        assert (got.status, got.body) == (200, b"answer to body")
        assert client.ask().status == 200
    assert server.requests[0].one("expect") is None
    assert server.requests[0].one("x-seen").startswith("626F6479/4/4")
    proxy.stop()


def test_a_large_body_goes_on_after_what_is_kept(corelane, server):
    proxy = start(corelane, server, wait_rule("20s"), {"action": "set-header", "name": "X-Seen", "value": "%[req.body_len]"})
    body = bytes(range(256)) * 2000
    with HttpClient(proxy.address("f")) as client:
        got = client.ask(request("POST", "/", body=body))
        assert got.body == b"answer to " + body, got
    assert 8192 < int(server.requests[0].one("x-seen")) <= 16384
    proxy.stop()


def test_content_decides(corelane):
    with HttpServer(response(200, b"left")) as left, HttpServer(response(200, b"right")) as right:
        config = configs.http(left.address, frontend={
            "http_buffer_request": True, "use_backend": [{"backend": "r", "if": "{ req.body_param(side) right }"}]})
        config["backends"]["r"] = {"servers": configs.named([right.address])}
        proxy = corelane(config)
        with HttpClient(proxy.address("f")) as client:
            assert client.ask(request("POST", "/", body=b"a=1&side=right")).body == b"right"
            assert client.ask(request("POST", "/", body=b"a=1&side=left")).body == b"left"
        proxy.stop()


@pytest.mark.sanitize
def test_pauses(corelane, server):
    proxy = start(corelane, server, {"action": "pause", "time": "300ms", "if": "{ path /slow }"},
                  {"action": "set-header", "name": "X-Late", "value": "%[path]"}, timeouts={"http_request": "200ms", "server": "200ms"},
                  http_response=[{"action": "pause", "time": "400ms", "if": "{ res.hdr(content-length) 14 }"}])
    with HttpClient(proxy.address("f")) as client:
        began = time.monotonic()
        assert client.ask(request("GET", "/slow")).body == b"answer to "
        assert 0.25 < time.monotonic() - began < 2
        began = time.monotonic()
        assert client.ask(request("POST", "/", body=b"long")).body == b"answer to long"
        assert 0.35 < time.monotonic() - began < 2
        began = time.monotonic()
        assert client.ask(request("GET", "/fast")).body == b"answer to "
        assert time.monotonic() - began < 0.25
    assert [one.one("x-late") for one in server.requests] == ["/slow", "/", "/fast"]
    proxy.stop()


def test_a_client_that_leaves_while_it_waits(corelane, server):
    proxy = start(corelane, server, wait_rule("20s"))
    with HttpClient(proxy.address("f")) as client:
        client.send(request("POST", "/", "Content-Length: 8") + b"four")
        time.sleep(0.1)
    [record] = proxy.wait_log(1)
    assert record["end_reason"] in ("client_aborted", "client_reset")
    assert proxy.frontend("f")["requests_total"] == 1
    assert not server.requests
    proxy.stop()


@pytest.mark.parametrize("rules, fault", [
    ([seen_rule()], "keep bodies"),
    ([wait_rule(), {"action": "wait-for-body"}], 'the key "time" is missing for wait-for-body'),
    ([wait_rule(at_least="17k")], "at_least"),
    ([{"action": "pause", "time": "1s", "at_least": 4}], "at_least"),
])
def test_faults(rules, fault, server, tmp_path):
    config = configs.http(server.address, frontend={"http_request": rules})
    (tmp_path / "config.json").write_text(json.dumps(config))
    checked = command("check", str(tmp_path / "config.json"))
    assert checked.returncode == 1 and fault in checked.stderr, checked.stderr


def test_who_gets_no_further_buffer_goes_on_and_is_counted(corelane, server):
    # Each of these holds the buffer that the others want, and needs a second one.
    proxy = corelane(configs.http(server.address, tune={"buffers_max": 2, "pipes_max": 0}, frontend={
        "http_request": [wait_rule("20s"), {"action": "set-header", "name": "X-Seen", "value": "%[req.body_len]"}]}))
    assert proxy.frontend("f")["body_waits_starved"] == 0
    clients = [HttpClient(proxy.address()) for _ in range(3)]
    try:
        for client in clients:
            client.__enter__()
            client.send(request("POST", "/", "Content-Length: 9000") + b"x")
        wait_until(lambda: proxy.frontend("f")["body_waits_starved"] >= 1, "one that waits no more")
        for client in clients:
            client.send(b"y" * 8999)
        assert [client.answer().body for client in clients] == [b"answer to x" + b"y" * 8999] * 3
    finally:
        for client in clients:
            client.__exit__(None, None, None)
    assert any(int(message.one("X-Seen")) < 9000 for message in server.requests)
    proxy.stop()
