# SPDX-License-Identifier: Apache-2.0
"""use_server, force_persist, ignore_persist, and backends whose names requests make."""

import pytest
from support import configs
from support.http_peers import HttpClient, HttpServer, request, says
from support.peers import TcpServer, connect, read_exactly, says_and_echoes


@pytest.fixture
def servers():
    with HttpServer(says("one")) as one, HttpServer(says("two")) as two:
        yield one, two


def ask(address, target="/", *fields, host="a.test"):
    with HttpClient(address) as client:
        answer = client.ask(request("GET", target, *fields, host=host))
        return answer.body.decode() if answer.status == 200 else answer.status, answer.one("set-cookie")


def cookie_backend(**keys):
    return {"cookie": {"name": "S", "mode": "insert"}, **keys}


def two_servers(servers):
    return [{"address": server.address, "cookie": name} for server, name in zip(servers, ("c1", "c2"))]


def test_use_server_comes_before_the_cookie(corelane, servers):
    rules = [{"server": "s2", "if": "{ path_beg /two }"}, {"server": "s1", "if": "{ path_beg /two /one }"}]
    proxy = corelane(configs.http(*two_servers(servers), backend=cookie_backend(use_server=rules)))
    address = proxy.address("f")
    assert [ask(address, "/two", "Cookie: S=c1")[0] for _ in range(3)] == ["two"] * 3
    assert ask(address, "/one", "Cookie: S=c2")[0] == "one"
    assert ask(address, "/else", "Cookie: S=c2")[0] == "two"
    proxy.patch("s2", state="maint")
    assert ask(address, "/two")[0] == "one"


def test_force_persist_reaches_a_server_in_maintenance(corelane, servers):
    backend = cookie_backend(force_persist="{ hdr(x-admin) -m found }", use_server=[{"server": "s2", "if": "{ path /two }"}])
    proxy = corelane(configs.http(*two_servers(servers), backend=backend))
    address = proxy.address("f")
    proxy.patch("s2", state="maint")
    assert ask(address, "/", "Cookie: S=c2")[0] == "one"
    assert ask(address, "/", "Cookie: S=c2", "X-Admin: 1")[0] == "two"
    assert ask(address, "/two")[0] == "one"
    assert ask(address, "/two", "X-Admin: 1")[0] == "two"


def test_ignore_persist_neither_reads_nor_sets_the_cookie(corelane, servers):
    backend = cookie_backend(ignore_persist="{ path_beg /static }")
    proxy = corelane(configs.http(*two_servers(servers), backend=backend))
    address = proxy.address("f")
    assert {ask(address, "/static", "Cookie: S=c2")[0] for _ in range(4)} == {"one", "two"}
    assert ask(address, "/static")[1] is None
    assert ask(address, "/x")[1] is not None
    assert {ask(address, "/x", "Cookie: S=c2")[0] for _ in range(4)} == {"two"}


def test_a_request_names_its_backend(corelane, servers):
    config = configs.http(servers[0].address, frontend={"use_backend": [{"backend": "bk_%[req.hdr(host),lower]"}]})
    config["backends"]["bk_shop.test"] = {"servers": configs.named([servers[1].address])}
    config["backends"]["bk_tcp.test"] = {"mode": "tcp", "servers": configs.named([servers[1].address])}
    address = corelane(config).address("f")
    assert ask(address, host="SHOP.test")[0] == "two"
    assert ask(address, host="other.test")[0] == "one"
    assert ask(address, host="tcp.test")[0] == "one"


def test_tcp_connections_have_servers_of_their_own(corelane):
    with TcpServer(says_and_echoes("1")) as one, TcpServer(says_and_echoes("2")) as two:
        config = configs.tcp(one.address, two.address, backend={"use_server": [
            {"server": "s2", "if": "{ req.payload(0,3) -m str two }"}]},
            frontend={"tcp_request": {"inspect_delay": "30s", "content": [{"action": "accept", "if": "{ req.len ge 3 }"}]}})  # fmt: skip
        proxy = corelane(config)

        def lands(opening):
            with connect(proxy.address("f")) as client:
                client.sendall(opening)
                return read_exactly(client, 1)

        assert [lands(b"two") for _ in range(3)] == [b"2"] * 3
        assert {lands(b"any") for _ in range(4)} == {b"1", b"2"}
