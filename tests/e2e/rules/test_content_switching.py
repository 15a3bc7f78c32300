# SPDX-License-Identifier: Apache-2.0
"""config/web-content.json, but for its addresses: requests go where their host, path and state of the servers send them."""

import json
from contextlib import ExitStack

import pytest
from support import configs
from support.examples import moved
from support.http_peers import HttpClient, HttpServer, request, response
from support.nginx import Nginx
from support.peers import TcpServer, connect, read_all
from support.ports import free_port
from support.waiting import wait_until

SERVERS = ("shop1", "shop2", "blog1", "static1", "ws1")


@pytest.fixture
def servers(tmp_path):
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(Nginx(tmp_path / name, {}, directives=f'location / {{ return 200 "{name}"; }}'))
            for name in SERVERS
        }


@pytest.fixture
def proxy(corelane, servers):
    return corelane(moved("web-content.json", {name: server.address for name, server in servers.items()}))


def ask(client, target="/", *fields, host="shop.test", method="GET"):
    return client.ask(request(method, target, *fields, host=host))


def said(address, data=b""):
    """What the server says by itself."""
    with connect(address) as connection:
        connection.sendall(data)
        return read_all(connection)


def logged(proxy, count):
    wait_until(lambda: len(proxy.log_lines()) >= count, "every log line")
    return [json.loads(line) for line in proxy.log_lines()]


def test_requests_of_one_connection_go_to_several_backends(proxy):
    with HttpClient(proxy.address("web")) as client:
        assert ask(client, "/static/a").body == b"static1"
        assert ask(client, "/", host="BLOG.example.com").body == b"blog1"
        assert ask(client, "/x/LOGO.PNG", host="blog.example.net").body == b"static1"
        assert ask(client, "/", "Upgrade: WebSocket").body == b"ws1"
        assert ask(client, "/static/a", host="ws.example.com").body == b"ws1"
        shop = ask(client, "/static/a", method="DELETE")
        assert shop.body in (b"shop1", b"shop2")
        # The cookie is the shop's alone.
        name = shop.one("set-cookie").split(";")[0]
        assert ask(client, "/", f"Cookie: {name}").body == shop.body
        assert ask(client, "/static/a", f"Cookie: {name}").body == b"static1"
    records = logged(proxy, 8)
    assert [record["backend"] for record in records] == ["static", "blog", "static", "ws", "ws", "shop", "shop", "static"]
    backends = proxy.stats()["backends"]
    totals = {name: (backend["requests_total"], backend["connections_total"]) for name, backend in backends.items()}
    assert totals == {"static": (3, 3), "blog": (1, 1), "ws": (2, 2), "shop": (2, 2)}
    wait_until(lambda: all(b["connections_current"] == 0 for b in proxy.stats()["backends"].values()), "all are gone")
    proxy.stop()


def test_the_state_of_servers_decides(proxy, servers):
    with HttpClient(proxy.address("web")) as client:
        assert ask(client, "/static/a").body == b"static1"
        assert ask(client, "/alive").status == 200
        servers["static1"].process.terminate()
        proxy.wait_status("static1", "DOWN", "static")
        assert ask(client, "/static/a").body in (b"shop1", b"shop2")
        for name in ("shop1", "shop2"):
            servers[name].process.terminate()
            proxy.wait_status(name, "DOWN", "shop")
        assert ask(client, "/alive").status == 503
        assert ask(client, "/", host="blog.example.com").body == b"blog1"
        assert ask(client, "/").status == 503
    proxy.stop()


def test_connections_by_address(corelane):
    with TcpServer(lambda connection, _server: connection.sendall(b"near")) as near:
        with TcpServer(lambda connection, _server: connection.sendall(b"far")) as far:
            config = configs.tcp(far.address)
            config["frontends"]["f"]["bind"].append({"address": f"127.0.0.1:{free_port()}", "accept_proxy": True})
            config["frontends"]["f"]["use_backend"] = [{"backend": "near", "if": "{ src 127.0.0.0/8 } !{ dst_port 7 }"}]
            config["backends"]["near"] = {"servers": configs.named([near.address])}
            proxy = corelane(config)
            assert said(proxy.address("f")) == b"near"
            # Only what the PROXY header says of the client counts.
            told = b"PROXY TCP4 10.0.0.1 10.0.0.2 5 6\r\n"
            assert said(proxy.address("f", 1), told) == b"far"
            assert said(proxy.address("f", 1), b"PROXY TCP4 127.0.0.9 10.0.0.2 5 6\r\n") == b"near"
            assert said(proxy.address("f", 1), b"PROXY TCP4 127.0.0.9 10.0.0.2 5 7\r\n") == b"far"
            assert [record["backend"] for record in logged(proxy, 4)] == ["near", "b", "near", "b"]
            totals = {name: backend["connections_total"] for name, backend in proxy.stats()["backends"].items()}
            assert totals == {"near": 2, "b": 2}
            proxy.stop()


@pytest.mark.sanitize
def test_a_request_in_pieces_is_switched_when_its_head_is_there(corelane):
    with HttpServer(response(200, b"yes")) as yes, HttpServer(response(200, b"no")) as no:
        config = configs.http(no.address, frontend={"use_backend": [{"backend": "yes", "if": "{ hdr_cnt(x-a) 1 }"}]})
        config["backends"]["yes"] = {"servers": configs.named([yes.address])}
        proxy = corelane(config)
        with HttpClient(proxy.address("f")) as client:
            whole = request("GET", "/", "X-A: 1")
            for size in (1, 7, len(whole)):
                for start in range(0, len(whole), size):
                    client.send(whole[start : start + size])
                assert client.answer().body == b"yes"
        proxy.stop()
