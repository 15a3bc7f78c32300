# SPDX-License-Identifier: Apache-2.0
"""set-log-level in rules about content, beside HAProxy."""

import socket

import pytest
from support import configs
from support.haproxy import HaProxy
from support.peers import TcpServer, connect, echo, read_all

LEVELS = {"loud": "alert", "calm": "debug", "mute": "silent", "late": "notice"}


@pytest.fixture
def collector():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.settimeout(20)
        yield one


def lines_of(collector, address):
    """The priorities of the lines about these connections, one after the other."""
    found = []
    for word in [*LEVELS, "none"]:
        with connect(address) as client:
            client.sendall(word.encode())
            assert client.recv(10).decode() == word
            client.shutdown(socket.SHUT_WR)
            assert read_all(client) == b""
        if LEVELS.get(word) != "silent":
            found.append(collector.recv(4096).decode().split(">")[0])
    return found


def test_levels(corelane, collector, tmp_path):
    log = f"127.0.0.1:{collector.getsockname()[1]}"
    requests = [(word, level) for word, level in LEVELS.items() if word != "late"]
    their_rules = "\n  ".join(
        f"tcp-request content set-log-level {level} if {{{{ req.payload(0,4) -m str {word} }}}}" for word, level in requests)
    with TcpServer(echo) as server:
        sections = f"""
frontend f
  bind {{address}}
  timeout client 60s
  log {log} local0
  log-format "line %ts"
  tcp-request inspect-delay 10s
  {their_rules}
  tcp-request content accept if {{{{ req.len gt 0 }}}}
  default_backend b
backend b
  timeout server 60s
  tcp-response inspect-delay 10s
  tcp-response content set-log-level notice if {{{{ res.payload(0,4) -m str late }}}}
  tcp-response content accept if {{{{ res.len gt 0 }}}}
  server s1 {server.address}
"""
        with HaProxy(tmp_path / "haproxy", sections) as haproxy:
            theirs = lines_of(collector, haproxy.address)
        content = [{"action": "set-log-level", "level": level, "if": f"{{ req.payload(0,4) -m str {word} }}"}
                   for word, level in requests]
        config = configs.tcp(
            server.address, log=[{"to": f"udp://{log}"}],
            frontend={"log_format": "line %ts", "tcp_request": {
                "inspect_delay": "10s", "content": [*content, {"action": "accept", "if": "{ req.len gt 0 }"}]}},
            backend={"tcp_response": {"inspect_delay": "10s", "content": [
                {"action": "set-log-level", "level": "notice", "if": "{ res.payload(0,4) -m str late }"},
                {"action": "accept", "if": "{ res.len gt 0 }"}]}})
        ours = lines_of(collector, corelane(config).address())
    assert ours == theirs
    assert theirs == ["<129", "<135", "<133", "<134"]
