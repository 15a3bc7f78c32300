# SPDX-License-Identifier: Apache-2.0
"""What servers are told of the client's connection."""

import pytest
from support.http_peers import HttpClient, HttpServer, request, response
from support.ports import free_port
from support.proxy_headers import v1

pytestmark = [pytest.mark.sanitize]

FINE = response(200, b"fine")
NAMES = ("X-Forwarded-For", "X-Original-To", "X-Forwarded-Proto", "Forwarded")


def told(server):
    message = server.requests[-1]
    return {name: message.all(name) for name in NAMES if message.all(name)}


def ask(proxy, *fields, before=b""):
    with HttpClient(proxy.address()) as client:
        return client.ask(before + request("GET", "/", *fields)).body


def test_nothing_unasked(web):
    with HttpServer(FINE) as server:
        ask(web(server.address), "X-Forwarded-For: 10.1.1.1", "Forwarded: for=a")
        assert told(server) == {"X-Forwarded-For": ["10.1.1.1"], "Forwarded": ["for=a"]}


def test_every_field(web):
    with HttpServer(FINE) as server:
        proxy = web(server.address, frontend={"forward_for": True, "forwarded_proto": True},
                    backend={"original_to": True, "forwarded": {"host": True, "by": True, "by_port": True}})
        ask(proxy, "X-Forwarded-For: 10.1.1.1", "X-Forwarded-Proto: https", "Forwarded: for=a")
        assert told(server) == {
            "X-Forwarded-For": ["10.1.1.1", "127.0.0.1"],
            "X-Original-To": ["127.0.0.1"],
            "X-Forwarded-Proto": ["http"],
            "Forwarded": ["for=a", f'proto=http;host=a.test;by="{proxy.address()}";for=127.0.0.1'],
        }


def test_exceptions(web):
    with HttpServer(FINE) as server:
        rules = {"forward_for": {"except": ["127.0.0.0/8"]}, "original_to": {"if_none": True}}
        ask(web(server.address, frontend=rules), "X-Original-To: 10.1.1.1")
        assert told(server) == {"X-Original-To": ["10.1.1.1"]}


def test_a_proxy_headers_client_with_each_of_its_requests(web):
    with HttpServer(FINE) as server:
        bind = [{"address": f"127.0.0.1:{free_port()}", "accept_proxy": True}]
        proxy = web(server.address, frontend={"bind": bind, "forward_for": True, "original_to": True})
        with HttpClient(proxy.address()) as client:
            client.send(v1("192.0.2.1", 1234, "198.51.100.2", 80))
            for _ in range(2):
                assert client.ask().body == b"fine"
                assert told(server) == {"X-Forwarded-For": ["192.0.2.1"], "X-Original-To": ["198.51.100.2"]}
