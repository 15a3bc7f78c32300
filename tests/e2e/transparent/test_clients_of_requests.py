# SPDX-License-Identifier: Apache-2.0
"""Connections from the address that requests say is their client's."""

import socket

import pytest
from support import configs
from support.http_peers import Wire, request, response
from support.networks import at
from support.peers import TcpServer

PORT = 8080
LISTEN = 18080


def names_peer(connection, _server):
    """Answers each request with the address that its connection comes from, and how many it has brought."""
    wire = Wire(connection)
    served = 0
    while wire.message() is not None:
        served += 1
        connection.sendall(response(200, connection.getpeername()[0].encode(), f"X-Served: {served}"))


class Client:
    def __init__(self, route):
        with route.client:
            self.socket = socket.create_connection((route.ip[4]["near"], LISTEN), timeout=10)
        self.wire = Wire(self.socket)

    def ask(self, *fields):
        self.socket.sendall(request("GET", "/", *fields))
        answer = self.wire.message()
        return answer.body.decode(), int(answer.one("x-served"))


@pytest.fixture
def start(answered, inside):
    route = answered
    with route.server:
        server = TcpServer(names_peer, host=route.ip[4]["server"], port=PORT)

    def start(expression, **frontend):
        config = configs.http(server.address, frontend={"bind": [{"address": at(route.ip[4]["near"], LISTEN)}], **frontend},
                              backend={"source": {"transparent": expression}})
        inside(route.proxy, config)
        return Client(route)

    with server:
        yield start


def test_the_server_sees_the_address_in_the_field(start):
    client = start("hdr_ip(x-forwarded-for,-1)")
    assert client.ask("X-Forwarded-For: 203.0.113.7, 198.51.100.9") == ("198.51.100.9", 1)


def test_a_connection_is_used_again_for_the_same_client_only(start):
    client = start("hdr_ip(x-real-ip)")
    assert client.ask("X-Real-IP: 203.0.113.7") == ("203.0.113.7", 1)
    assert client.ask("X-Real-IP: 203.0.113.7") == ("203.0.113.7", 2)
    assert client.ask("X-Real-IP: 203.0.113.8") == ("203.0.113.8", 1)
    assert client.ask("X-Real-IP: 203.0.113.7") == ("203.0.113.7", 1)


@pytest.mark.parametrize("fields", [[], ["X-Real-IP: nobody"]])
def test_without_an_address_it_comes_from_this_machine(start, fields):
    client = start("hdr_ip(x-real-ip)")
    assert client.ask("X-Real-IP: 203.0.113.7")[0] == "203.0.113.7"
    assert client.ask(*fields)[0] == "10.77.2.1"
    assert client.ask(*fields)[0] == "10.77.2.1"


def test_the_field_is_the_one_that_the_server_gets(start):
    """As HAProxy: what forward_for adds counts."""
    client = start("hdr_ip(x-forwarded-for,-1)", forward_for=True)
    assert client.ask("X-Forwarded-For: 203.0.113.7")[0] == "10.77.1.2"
