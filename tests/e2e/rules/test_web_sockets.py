# SPDX-License-Identifier: Apache-2.0
"""config/web-sockets.json, but for its addresses, before node's ws and an ordinary server."""

import pytest
from support.examples import moved
from support.http_peers import HttpClient, HttpServer, request, response
from support.waiting import wait_until

ORIGIN = "Origin: https://www.example.com"
HANDSHAKE = ["Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
             "Sec-WebSocket-Version: 13"]


@pytest.fixture
def proxy(corelane, node):
    with HttpServer(response(200, b"app")) as app:
        chat = [node("websocket_server.js", "/").address for _ in range(2)]
        proxy = corelane(moved("web-sockets.json", {"app1": app.address, "chat1": chat[0], "chat2": chat[1]}))
        for name in ("chat1", "chat2"):
            proxy.wait_status(name, "UP", "chat")
        yield proxy
        proxy.stop()


def ask(proxy, *fields, host="www.example.com", method="GET"):
    with HttpClient(proxy.address("web")) as client:
        client.send(request(method, "/", *fields, host=host))
        return client.answer(bodiless=True)


def test_handshakes(proxy):
    for host in ("ws.example.com", "www.example.com"):
        assert ask(proxy, *HANDSHAKE, ORIGIN, host=host).status == 101
        assert ask(proxy, *HANDSHAKE, ORIGIN, "Sec-WebSocket-Protocol: chat.v1", host=host).status == 101
    # A server is up before its first check.
    wait_until(lambda: proxy.server("chat1", "chat")["check"].get("code") == 101, "a check")
    assert proxy.server("chat1", "chat")["check"]["status"] == "L7OK"


def test_what_is_no_handshake(proxy):
    assert ask(proxy).status == 200
    faulty = [
        [],
        [*HANDSHAKE],
        [*HANDSHAKE, "Origin: https://elsewhere.test"],
        [*HANDSHAKE, ORIGIN, "Sec-WebSocket-Protocol: other"],
        [*HANDSHAKE, ORIGIN, HANDSHAKE[2]],
        [*HANDSHAKE[:3], ORIGIN],
        [HANDSHAKE[0], *HANDSHAKE[2:], ORIGIN],
    ]
    for fields in faulty:
        assert ask(proxy, *fields, host="ws.example.com").status == 403, fields
    assert ask(proxy, *HANDSHAKE, ORIGIN, host="ws.example.com", method="POST").status == 403
