# SPDX-License-Identifier: Apache-2.0
"""unique_id_format: the name of a request in log lines, fields, PROXY headers and rules, beside HAProxy's."""

import re
import socket

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import TcpServer, connect, read_exactly
from support.proxy_headers import UNIQUE_ID, V2, tlv, v2
from support.waiting import wait_until

FORMAT = "%{+X}o %ci:%cp_%fi:%fp_%Ts_%rt:%pid"
THEIR_FORMAT = FORMAT.replace("{", "{{").replace("}", "}}").replace(" ", r"\ ")


@pytest.fixture
def server():
    with HttpServer(response(200, b"served")) as one:
        yield one


def hexadecimal(address):
    host, _, port = address.rpartition(":")
    return socket.inet_aton(host).hex().upper() + ":%04X" % int(port)


def ask(address, *targets):
    """(the client's own address, the answers)."""
    with HttpClient(address) as client:
        host, port = client.connection.getsockname()
        return f"{host}:{port}", [client.ask(request("GET", target, "X-Name: ann")) for target in targets]


def lines(proxy, count):
    wait_until(lambda: len(proxy.log_lines()) == count, f"{count} log lines")
    return proxy.log_lines()


def ids_of(server):
    return [message.one("x-unique") for message in server.requests]


@pytest.mark.sanitize
@pytest.mark.parametrize("proxy_kind", ["corelane", "haproxy"])
def test_each_request_has_a_name(corelane, server, tmp_path, proxy_kind):
    if proxy_kind == "corelane":
        frontend = {"unique_id_format": FORMAT, "unique_id_header": "X-Unique",
                    "http_request": [{"action": "set-header", "name": "X-Same", "value": "<%[unique-id]>"}],
                    "log_format": "%ID|%rt"}
        proxy = corelane(configs.http(server.address, frontend=frontend))
        address, pid = proxy.address("f"), proxy.pid
        client, _ = ask(address, "/one", "/two", "/three")
    else:
        text = f"""
frontend f
  mode http
  bind {{address}}
  unique-id-format {THEIR_FORMAT}
  unique-id-header X-Unique
  http-request set-header X-Same <%[unique-id]>
  default_backend b
backend b
  mode http
  server s1 {server.address}
"""
        with HaProxy(tmp_path / "haproxy", text) as proxy:
            address, pid = proxy.address, None
            client, _ = ask(address, "/one", "/two", "/three")
    ids = ids_of(server)
    ends = f"{hexadecimal(client)}_{hexadecimal(address)}"
    forms = [re.fullmatch(re.escape(ends) + r"_([0-9A-F]{8})_([0-9A-F]{4}):([0-9A-F]{2,})", name) for name in ids]
    assert len(ids) == 3 and all(forms), ids
    numbers = [int(form[2], 16) for form in forms]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
    assert [message.one("x-same") for message in server.requests] == [f"<{name}>" for name in ids]
    if pid is not None:
        assert {int(form[3], 16) for form in forms} == {pid}
        assert lines(proxy, 3) == [f"{name}|{number}" for name, number in zip(ids, numbers)]
        proxy.stop()


def test_a_name_is_made_of_the_request_as_it_came(corelane, server):
    rules = [{"action": "return", "string": "%[unique-id]", "if": "{ path /id }"},
             {"action": "set-header", "name": "X-Name", "value": "else"}]
    proxy = corelane(configs.http(server.address, frontend={
        "unique_id_format": "%[req.hdr(x-name)]-%HP", "unique_id_header": "X-Unique", "http_request": rules,
        "log_format": "%ID"}))
    _, answers = ask(proxy.address("f"), "/id", "/path?query")
    assert answers[0].body == b"ann-/id"
    assert ids_of(server) == ["else-/path"], "it is made when something asks for it, or behind the rules"
    assert lines(proxy, 2) == ["ann-/id", "else-/path"]


def test_lanes_give_different_numbers(corelane, server):
    proxy = corelane(configs.http(server.address, lanes=3, frontend={
        "unique_id_format": "%rt", "unique_id_header": "X-Unique"}))
    for _ in range(60):
        ask(proxy.address("f"), "/", "/")
    assert len(set(ids_of(server))) == 120
    assert sum(lane["connections_total"] > 0 for lane in proxy.stats()["lanes"]) > 1


@pytest.mark.parametrize("announced", [False, True])
def test_servers_are_told_in_the_proxy_header(corelane, announced):
    told = []

    def serve(connection, _server):
        header = V2(connection)
        told.append(dict(header.tlvs))
        connection.sendall(b"ready")

    with TcpServer(serve) as server:
        config = configs.tcp({"address": server.address, "send_proxy": {"version": "v2", "options": ["unique-id"]}},
                             frontend={"unique_id_format": "tcp-%ci", "log_format": "%ID"})
        config["frontends"]["f"]["bind"][0]["accept_proxy"] = announced
        proxy = corelane(config)
        with connect(proxy.address("f")) as client:
            if announced:
                client.sendall(v2("192.0.2.7", 40001, "198.51.100.1", 3306, tlv(UNIQUE_ID, b"theirs")))
            assert read_exactly(client, 5) == b"ready"
        name = "tcp-192.0.2.7" if announced else "tcp-127.0.0.1"
        assert told == [{UNIQUE_ID: name.encode()}]
        assert lines(proxy, 1) == [name]
