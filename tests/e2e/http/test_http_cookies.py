# SPDX-License-Identifier: Apache-2.0
"""Clients come back to the server that their cookie names, and see the cookies that HAProxy would send."""

from contextlib import ExitStack

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.ports import free_port

NAMES = ("s1", "s2", "s3")

# HAProxy's words, our keys, and a field of the servers' responses. Dates are left to the unit tests.
KINDS = {
    "insert": ("insert", {"mode": "insert"}, None),
    "indirect": ("insert indirect", {"mode": "insert", "indirect": True}, None),
    "nocache": ("insert nocache", {"mode": "insert", "nocache": True}, "ETag: x"),
    "preserve": ("insert preserve", {"mode": "insert", "preserve": True}, "Set-Cookie: S=mine; path=/here"),
    "deleted": ("insert", {"mode": "insert"}, "Set-Cookie: S=mine"),
    "rewrite": ("rewrite", {"mode": "rewrite"}, "Set-Cookie: S=mine; path=/here"),
    "prefix": ("prefix", {"mode": "prefix"}, "Set-Cookie: S=mine; path=/here"),
    "attributes": (
        "insert domain .a.test domain .b.test httponly secure attr SameSite=Lax",
        {"mode": "insert", "domains": [".a.test", ".b.test"], "httponly": True, "secure": True,
         "attributes": ["SameSite=Lax"]},
        None,
    ),
    "dynamic": ("insert dynamic\n  dynamic-cookie-key secret",
                {"mode": "insert", "dynamic": True, "dynamic_key": "secret"}, None),
}
COOKIES = ([], ["S=s2"], ["A=1; S=s2; B=2", "C=3"], ["S=nobody; A=1"], ["S=s3~rest; A=1"], ["A=1"])


def config_of(kind, servers):
    _, keys, _ = KINDS[kind]
    backend = {"cookie": {"name": "S", **keys}, "balance": "static-rr"}
    rows = [{"address": address, **({} if kind == "dynamic" else {"cookie": name})} for name, address in servers.items()]
    return configs.http(*rows, backend=backend)


def haproxy_of(kind, servers, port):
    lines = ["listen b", "  mode http", f"  bind 127.0.0.1:{port}", "  balance static-rr", f"  cookie S {KINDS[kind][0]}"]
    lines += [f"  server {name} {address} {'' if kind == 'dynamic' else 'cookie ' + name}" for name, address in servers.items()]
    return "\n".join(lines) + "\n"


def exchange(address, cookies):
    """Which server it was, the cookies it got, and what the client was told."""
    with HttpClient(address) as client:
        told = client.ask(request("GET", "/", *[f"Cookie: {cookie}" for cookie in cookies]))
    name, _, got = told.body.decode().partition("|")
    return name, got, told.all("Set-Cookie"), told.all("Cache-Control")


@pytest.fixture
def servers():
    """servers(field) starts them; they answer with their name and the cookies they got."""
    with ExitStack() as stack:

        def start(field=None):
            def answer_of(name):
                def answer(message, _connection):
                    return response(200, f"{name}|{'&'.join(message.all('Cookie'))}".encode(), *([field] if field else []))

                return answer

            return {name: stack.enter_context(HttpServer(answer_of(name))).address for name in NAMES}

        yield start


@pytest.mark.parametrize("kind", KINDS)
def test_requests_and_responses_are_those_of_haproxy(tmp_path, corelane, servers, kind):
    running = servers(KINDS[kind][2])
    port = free_port()
    with HaProxy(tmp_path / "haproxy", haproxy_of(kind, running, port)):
        proxy = corelane(config_of(kind, running))
        theirs = [exchange(f"127.0.0.1:{port}", cookies) for cookies in COOKIES]
        assert [exchange(proxy.address(), cookies) for cookies in COOKIES] == theirs


@pytest.mark.sanitize
def test_a_client_stays_with_its_server_until_that_is_down(corelane, servers):
    running = servers()
    config = config_of("indirect", running)
    config["backends"]["b"].update({"redispatch": True, "retries": 1, "check": {"interval": "100ms", "fall": 1}})
    with HttpServer(lambda *_: response(200, b"s4|")) as mortal:
        config["backends"]["b"]["servers"].append({"name": "s4", "address": mortal.address, "cookie": "s4"})
        proxy = corelane(config)
        assert {exchange(proxy.address(), ["S=s4"])[0] for _ in range(5)} == {"s4"}
        for address in running.values():
            assert exchange(proxy.address(), ["S=s2"])[0] == "s2", address
    proxy.wait_status("s4", "DOWN")
    name, got, set_cookies, _ = exchange(proxy.address(), ["S=s4; A=1"])
    assert name in NAMES and got == "A=1" and set_cookies == [f"S={name}; path=/"]


def test_requests_of_one_connection_follow_their_cookies(corelane, servers):
    proxy = corelane(config_of("insert", servers()))
    with HttpClient(proxy.address()) as client:
        for name in ("s2", "s1", "s3", "s3", "s1"):
            assert client.ask(request("GET", "/", f"Cookie: S={name}")).body.decode() == f"{name}|S={name}"
