# SPDX-License-Identifier: Apache-2.0
"""Rules of tcp_response in mode tcp: about what a server says first."""

import json
import socket
import struct

import pytest
from support import configs
from support.haproxy import HaProxy
from support.peers import TcpServer, connect, read_all, read_exactly
from support.ports import free_port
from support.process import command
from support.waiting import wait_until


def obeys(connection, _server):
    """Says at once what the first line asks for, and then, for each further line, that line."""
    reader = connection.makefile("rb")
    for line in reader:
        connection.sendall(line.strip())


# Of each case the rules, and what the condition of `set-var` sees is told by nobody: the answer is.
CASES = [
    [("reject", "{ res.payload(0,3) -m str BAD }")],
    [("accept", "{ res.len gt 3 }"), ("reject", "")],
    [("reject", "{ res.len 3 } WAIT_END")],
    [("close", "{ res.payload(0,3) -m str BAD }")],
    [("accept", "{ res.payload_lv(0,1) -m found } WAIT_END"), ("reject", "")],
    [("reject", "{ payload(0,1) -m str B }")],
    [("accept", "{ rep_ssl_hello_type 2 }"), ("reject", "{ res.len gt 0 }")],
    [("accept", "{ src 127.0.0.1 }")],
    [("reject", "{ src 127.0.0.1 }")],
    [("silent-drop", "{ res.payload(0,3) -m str BAD }")],
]  # fmt: skip

OPENINGS = {"bad": b"BAD", "good": b"GOOD", "longer": b"\x03abcdefg", "hello": b"\x16\x03\x03\x00\x04\x02\x00\x00\x00"}


@pytest.fixture
def server():
    with TcpServer(obeys) as one:
        yield one


def our_config(server, ports):
    config = configs.tcp()
    config["frontends"] = {
        f"f{number}": {"bind": [{"address": f"127.0.0.1:{port}"}], "default_backend": f"b{number}"} for number, port in enumerate(ports)
    }
    config["backends"] = {
        f"b{number}": {
            "tcp_response": {
                "inspect_delay": "300ms",
                "content": [{"action": action, **({"if": condition} if condition else {})} for action, condition in rules],
            },
            "servers": configs.named([server.address]),
        }
        for number, rules in enumerate(CASES)
    }
    return config


def haproxy_config(server, ports):
    lines = []
    for number, (rules, port) in enumerate(zip(CASES, ports)):
        lines += [f"frontend f{number}", f"  bind 127.0.0.1:{port}", f"  default_backend b{number}"]
        lines += [f"backend b{number}", "  tcp-response inspect-delay 300ms", f"  server s1 {server.address}"]
        lines += [f"  tcp-response content {action}{' if ' + condition if condition else ''}" for action, condition in rules]
    return "\n".join(lines).replace("{", "{{").replace("}", "}}") + "\n"


def outcome(address, opening):
    """What comes for it, and whether the connection ended then or still answers."""
    with connect(address, timeout_s=3) as client:
        try:
            client.sendall(opening + b"\n")
            got = client.recv(len(opening))
            while got and len(got) < len(opening):
                got += client.recv(len(opening) - len(got))
            if not got:
                return "ended"
            client.sendall(b"more\n")
            return got, client.recv(4) or "ended"
        except ConnectionError:
            return "ended"
        except TimeoutError:
            return "silence"


def test_servers_say_to_clients_what_haproxy_lets_pass(corelane, server, tmp_path):
    ours, theirs = [free_port() for _ in CASES], [free_port() for _ in CASES]
    corelane(our_config(server, ours))
    differences, seen = [], set()
    with HaProxy(tmp_path / "haproxy", haproxy_config(server, theirs)):
        for rules, our_port, their_port in zip(CASES, ours, theirs):
            for name, opening in OPENINGS.items():
                here, there = outcome(f"127.0.0.1:{our_port}", opening), outcome(f"127.0.0.1:{their_port}", opening)
                seen.add(here if isinstance(here, str) else here[1])
                if here != there:
                    differences.append(f"{rules} {name}: {here} and not {there}")
    assert not differences, "\n".join(differences)
    assert seen == {"ended", "silence", b"more"}


def waits(rules, delay="30s", **keys):
    return {"tcp_response": {"inspect_delay": delay, "content": rules}, **keys}


@pytest.mark.sanitize
def test_the_client_gets_nothing_before_the_rules_have_decided(corelane):
    """What the client says goes to the server meanwhile; the server's bytes come in pieces."""

    def handle(connection, one):
        connection.sendall(b"ab")
        one.heard = read_exactly(connection, 5)
        for byte in b"cdefgh":
            connection.sendall(bytes([byte]))
        one.rest = read_all(connection)

    with TcpServer(handle) as server:
        proxy = corelane(configs.tcp(server.address, backend=waits([{"action": "accept", "if": "{ res.len ge 8 }"}, {"action": "reject"}])))
        with connect(proxy.address("f")) as client:
            client.sendall(b"hello")
            assert read_exactly(client, 8) == b"abcdefgh"
            client.sendall(b"rest")
            client.shutdown(socket.SHUT_WR)
            assert read_all(client) == b""
        assert server.heard == b"hello" and server.rest == b"rest"
        proxy.stop()


def test_the_end_of_the_delay_decides(corelane, server):
    """And so does the server's end."""
    rules = [{"action": "accept", "if": "{ res.len gt 100 }"}, {"action": "reject", "if": "{ res.len gt 4 }"}]
    proxy = corelane(configs.tcp(server.address, backend=waits(rules, "200ms")))
    assert outcome(proxy.address("f"), b"four") == (b"four", b"more")
    assert outcome(proxy.address("f"), b"fives") == "ended"
    proxy.wait_log(2)
    reasons = {record["end_reason"] for record in proxy.records()}
    assert reasons == {"completed", "response_denied"}, proxy.log_lines()
    assert [record["termination_state"] for record in proxy.records() if record["end_reason"] == "response_denied"] == ["PD"]
    proxy.stop()


@pytest.mark.parametrize("how", ["end", "reset"])
def test_what_a_server_said_before_it_went_is_judged(corelane, how):
    def handle(connection, _server):
        read_exactly(connection, 3)
        connection.sendall(b"last words")
        if how == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    with TcpServer(handle) as server:
        config = configs.tcp(server.address, backend=waits([{"action": "reject", "if": "{ res.payload(0,4) -m str last } WAIT_END"}]))
        proxy = corelane(config)
        with connect(proxy.address("f")) as client:
            client.sendall(b"go\n")
            try:
                assert client.recv(100) == b""
            except ConnectionResetError:
                pass
        proxy.wait_log(1)
        proxy.stop()


def test_samples_of_the_response_follow_it(corelane, server):
    """Variables of rules about it are there for the log line."""
    rules = [{"action": "set-var", "name": "txn.first", "expression": "res.payload(0,5)", "if": "{ res.len ge 5 }"}, {"action": "do-log"}]
    proxy = corelane(configs.tcp(server.address, frontend={"log_format": "%ts %[var(txn.first)] %[srv_name]"}, backend=waits(rules)))
    assert outcome(proxy.address("f"), b"howdy")[0] == b"howdy"
    wait_until(lambda: len(proxy.log_lines()) >= 2, "both lines")
    lines = [line.split("]: ")[-1] for line in proxy.log_lines()]
    assert lines == ["-- howdy s1"] * 2
    proxy.stop()


def names(name):
    def handle(connection, _server):
        first = read_exactly(connection, 3)
        connection.sendall(b"id=" + (first if first != b"new" else name) + b" from " + name)
        read_all(connection)

    return handle


def test_a_key_of_the_response_brings_clients_back(corelane):
    """As TLS session ids do: the server names its client in what it says first."""
    with TcpServer(names(b"one")) as one, TcpServer(names(b"two")) as two:
        proxy = corelane(configs.tcp(one.address, two.address, backend={
            "balance": "roundrobin",
            "stick_table": {"type": "string", "length": 3, "size": 100},
            "tcp_request": {"inspect_delay": "30s", "content": [{"action": "accept", "if": "{ req.len ge 3 }"}]},
            **waits([{"action": "accept", "if": "{ res.len ge 6 }"}]),
            "stick": [{"match": "req.payload(0,3)"}, {"store_response": "res.payload(3,3)"}],
        }))  # fmt: skip

        def said(text):
            with connect(proxy.address("f")) as client:
                client.sendall(text)
                return read_exactly(client, 15)[-3:]

        known = {}
        for _ in range(4):
            with connect(proxy.address("f")) as client:
                client.sendall(b"new")
                text = read_exactly(client, 15)
                known[text[3:6]] = text[-3:]
        assert known == {b"one": b"one", b"two": b"two"}
        for _ in range(3):
            for key, name in known.items():
                assert said(key) == name
        proxy.stop()


@pytest.mark.parametrize("keys, path, fault", [
    ({"stick": [{"store_response": "res.payload(0,3)"}], "stick_table": {"type": "string", "size": 10}}, "stick[0].store_response",
     "res.payload needs the first bytes of a server, which is not there when a TCP connection's server has been reached"),
    ({"tcp_response": {"inspect_delay": "1s"}}, "tcp_response.inspect_delay", "has no effect unless there are content rules"),
    ({"tcp_response": {"content": [{"action": "expect-proxy"}]}}, "content[0].action", "expect-proxy has no place in tcp_response.content"),
    ({"tcp_response": {"content": [{"action": "reject", "if": "{ req.len 1 }"}]}}, "content[0].if",
     "req.len needs the first bytes of a connection, which is not there when the first bytes of a server are inspected"),
])
def test_faults(keys, path, fault, server, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(configs.tcp(server.address, backend=keys)))
    checked = command("check", str(tmp_path / "config.json"))
    assert checked.returncode == 1 and path in checked.stderr and fault in checked.stderr, checked.stderr
