# SPDX-License-Identifier: Apache-2.0
"""The same requests go to the same servers as behind HAProxy."""

from contextlib import ExitStack

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpServer, landing, says
from support.ports import free_port

WEIGHTS = {"a": 3, "b": 2, "c": 4, "d": 1, "e": 5}


def request(target, host="x", body=b"", **fields):
    lines = [f"{'POST' if body else 'GET'} {target} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    lines += [f"Content-Length: {len(body)}"] if body else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


URIS = [request(f"/{'abc'[i % 3]}/{i % 7}/{i}{'?q=%d' % i if i % 2 else ''}") for i in range(40)]
PARAMETERS = [request(f"/{i % 3}?{'x=1&' if i % 2 else ''}{'userid' if i % 5 else 'other'}={i // 2}") for i in range(40)]
BODIES = [request("/", body=f"x={i}&userid={i // 2}".encode()) for i in range(40)]
# All of one length: with use_domain_only HAProxy looks one byte past the value, at what was there before.
HOSTS = [request("/", host=f"www{i % 2}.site{10 + i // 3}.com") for i in range(40)]
AGENTS = [request("/", User_Agent=f"agent/{i // 2}, of course") for i in range(40)]

# Of each kind of balance: HAProxy's words, ours, and the requests.
KINDS = {
    "uri": ("uri", {"algorithm": "uri"}, URIS),
    "uri-whole": ("uri whole", {"algorithm": "uri", "whole": True}, URIS),
    "uri-depth": ("uri depth 2", {"algorithm": "uri", "depth": 2}, URIS),
    "uri-len": ("uri len 5", {"algorithm": "uri", "len": 5}, URIS),
    "url_param": ("url_param userid", {"algorithm": "url_param", "param": "userid"}, PARAMETERS),
    "check_post": (
        "url_param userid check_post\n  option http-buffer-request",
        {"algorithm": "url_param", "param": "userid", "check_post": True},
        BODIES,
    ),
    "hdr": ("hdr(Host)", {"algorithm": "hdr", "name": "Host"}, HOSTS),
    "domain": ("hdr(host) use_domain_only", {"algorithm": "hdr", "name": "Host", "use_domain_only": True}, HOSTS),
    "agent": ("hdr(User-Agent)", {"algorithm": "hdr", "name": "User-Agent"}, AGENTS),
}


@pytest.fixture
def servers():
    with ExitStack() as stack:
        yield {name: stack.enter_context(HttpServer(says(name))).address for name in WEIGHTS}


def our_config(servers, hash_type, ports):
    config = configs.http()
    config["frontends"] = {
        name: {"bind": [{"address": f"127.0.0.1:{ports[name]}"}], "default_backend": name} for name in KINDS
    }
    config["backends"] = {
        name: {
            "balance": keys,
            "hash": {"type": hash_type, "function": "sdbm", "modifier": "avalanche"},
            "servers": [
                {"name": server, "address": address, "weight": WEIGHTS[server]} for server, address in servers.items()
            ],
        }
        for name, (_, keys, _) in KINDS.items()
    }
    return config


def haproxy_sections(servers, hash_type, ports):
    lines = []
    for name, (words, _, _) in KINDS.items():
        lines += [f"listen {name}", "  mode http", f"  bind 127.0.0.1:{ports[name]}"]
        lines += [f"  balance {words}", f"  hash-type {hash_type} sdbm avalanche"]
        lines += [f"  server {server} {address} weight {WEIGHTS[server]}" for server, address in servers.items()]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("hash_type", ["map-based", "consistent"])
def test_requests_go_where_they_go_behind_haproxy(tmp_path, corelane, servers, hash_type):
    ours, theirs = ({name: free_port() for name in KINDS} for _ in range(2))
    with HaProxy(tmp_path / "haproxy", haproxy_sections(servers, hash_type, theirs)):
        corelane(our_config(servers, hash_type, ours))
        for name, (_, _, requests) in KINDS.items():
            expected = [landing(theirs[name], message) for message in requests]
            assert [landing(ours[name], message) for message in requests] == expected, name
            assert len(set(expected)) >= 3 or name == "uri-depth", f"{name} does not spread: {expected}"


def test_a_body_that_comes_in_pieces_is_waited_for(corelane, servers):
    ports = {name: free_port() for name in KINDS}
    corelane(our_config(servers, "map-based", ports))
    at_once = [landing(ports["check_post"], message) for message in BODIES]
    assert [landing(ports["check_post"], message, pieces=4) for message in BODIES] == at_once
