# SPDX-License-Identifier: Apache-2.0
"""The same rules of tcp_request let the same clients pass, and send them to the same servers, as HAProxy."""

import socket
import struct

import pytest
from support import configs
from support.haproxy import HaProxy
from support.peers import TcpServer
from support.ports import free_port
from support.tls import client_hello


# What clients begin with.
OPENINGS = {
    "nothing": b"",
    "byte": b"\x16",
    "text": b"hello world",
    "http": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "tls": client_hello("www.example.com"),
    "tls-alpn": client_hello("blog.example.org", ["h2", "http/1.1"]),
    "half-tls": client_hello("www.example.com")[:100],
    "length": struct.pack("!BH", 2, 4) + b"abcdefgh",
}

# What a rule sees that does not wait is a matter of who is faster: every case waits for what it decides by.
# Of each case the rules about content, and the condition that sends to `yes` what it holds for.
CASES = [
    ([("accept", "{ req.ssl_hello_type 1 }"), ("reject", "")], "{ req.ssl_sni www.example.com }"),
    ([("accept", "{ req.ssl_hello_type 1 }")], "{ req.ssl_sni -i -m end .ORG }"),
    ([("reject", "{ req.ssl_sni www.example.com }")], "{ req.ssl_sni -m found }"),
    ([("reject", "!{ req.ssl_hello_type 1 }")], "{ req.ssl_alpn h2 }"),
    ([("accept", "{ req.ssl_ver gt 3.0 }"), ("reject", "WAIT_END")], "{ req.ssl_ver 3.0:3.9 }"),
    ([("reject", "{ req.len 0 } WAIT_END")], "{ req.len gt 10 }"),
    ([("accept", "{ req.len gt 10 }"), ("reject", "")], "{ req.len gt 200 }"),
    ([("reject", "!{ req.len ge 1 }")], "TRUE"),
    ([("accept", "WAIT_END")], "{ req.payload(0,5) -m str hello }"),
    ([("reject", "{ req.payload(0,1) -m bin 16 } WAIT_END")], "{ req.payload(6,5) -m str world }"),
    ([("reject", "{ req.payload(0,4) -m str GET }")], "{ req.payload(0,3) -m str GET }"),
    ([("accept", "{ req.payload_lv(1,2) -m str abcd }"), ("reject", "WAIT_END")], "{ req.payload_lv(0,1,1) -m found }"),
    ([("accept", "{ req.payload_lv(1,2,+1) -m str bcde }"), ("reject", "")], "TRUE"),
    ([("reject", "{ req.payload_lv(0,1) -m found }")], "{ req.payload(0,0) -m found }"),
    ([("accept", "{ req.proto_http }"), ("reject", "{ req.len gt 0 }")], "{ req.proto_http }"),
    ([("reject", "{ req.proto_http }")], "{ req.payload(0,0) -m sub rl }"),
    ([("accept", "{ src 127.0.0.1 } WAIT_END"), ("reject", "")], "{ req.ssl_hello_type -m found }"),
    ([("reject", "{ src 127.0.0.0/8 } WAIT_END { req.len lt 5 }")], "{ dst 127.0.0.0/8 }"),
    ([("reject", "{ req.len gt 1000 } or { req.ssl_hello_type 1 }")], "{ req.len lt 100 }"),
    ([("accept", "{ req.ssl_st_ext 1 }"), ("reject", "WAIT_END")], "{ req.ssl_st_ext ge 0 }"),
    ([("reject", "!{ req.ssl_ec_ext }")], "{ req.ssl_ec_ext }"),
    ([("accept", "{ req.ssl_hello_type 2 }"), ("accept", "{ req.ssl_hello_type 1 } WAIT_END"), ("reject", "")], "TRUE"),
    ([("reject", "{ wait_end } { req.len 11 }")], "{ req_len 11 }"),
    ([("accept", "WAIT_END")], "{ req.ssl_sni -m found } or { req.len 1 }"),
]  # fmt: skip


def names_itself(name):
    def handle(connection, _server):
        connection.sendall(name)
        while connection.recv(65536):
            pass

    return handle


def our_config(servers, ports):
    config = configs.tcp()
    config["frontends"] = {
        f"f{number}": {
            "bind": [{"address": f"127.0.0.1:{port}"}],
            "tcp_request": {
                "inspect_delay": "300ms",
                "content": [{"action": action, **({"if": condition} if condition else {})} for action, condition in rules],
            },
            "use_backend": [{"backend": "yes", "if": switch}],
            "default_backend": "no",
        }
        for number, ((rules, switch), port) in enumerate(zip(CASES, ports))
    }
    config["backends"] = {name: {"servers": configs.named([address])} for name, address in servers.items()}
    return config


def haproxy_config(servers, ports):
    lines = []
    for number, ((rules, switch), port) in enumerate(zip(CASES, ports)):
        lines += [f"frontend f{number}", f"  bind 127.0.0.1:{port}", "  tcp-request inspect-delay 300ms"]
        lines += [f"  tcp-request content {action}{' if ' + condition if condition else ''}" for action, condition in rules]
        lines += [f"  use_backend yes if {switch}", "  default_backend no"]
    for name, address in servers.items():
        lines += [f"backend {name}", f"  server s1 {address}"]
    return "\n".join(lines).replace("{", "{{").replace("}", "}}") + "\n"


def landings(port, openings):
    """Where each opening comes to, all at the same time."""
    clients = {}
    for name, opening in openings.items():
        clients[name] = socket.create_connection(("127.0.0.1", port), timeout=20)
        clients[name].sendall(opening)
    found = {}
    for name, client in clients.items():
        try:
            found[name] = client.recv(10).decode() or "rejected"
        except ConnectionResetError:
            found[name] = "rejected"
        client.close()
    return found


@pytest.fixture
def servers():
    with TcpServer(names_itself(b"yes")) as yes, TcpServer(names_itself(b"no")) as no:
        yield {"yes": yes.address, "no": no.address}


def test_clients_come_where_haproxy_sends_them(corelane, servers, tmp_path):
    ours = [free_port() for _ in CASES]
    theirs = [free_port() for _ in CASES]
    corelane(our_config(servers, ours))
    differences = []
    seen = set()
    with HaProxy(tmp_path / "haproxy", haproxy_config(servers, theirs)):
        for case, our_port, their_port in zip(CASES, ours, theirs):
            here, there = landings(our_port, OPENINGS), landings(their_port, OPENINGS)
            seen |= set(here.values())
            differences += [f"{case} {name}: {here[name]} and not {there[name]}" for name in OPENINGS if here[name] != there[name]]
    assert not differences, "\n".join(differences)
    assert seen == {"yes", "no", "rejected"}
