# SPDX-License-Identifier: Apache-2.0
"""Checks that follow a script of sends and expectations."""

import json
import socket

import pytest
from support.peers import TcpServer, hold, read_exactly, says
from support.ports import free_port
from support.waiting import wait_until

FAST = {"type": "tcp", "interval": "100ms", "fall": 1, "rise": 1}


def check_of(proxy, server="s1"):
    return proxy.server(server)["check"]


def ping_server(answer, piece=1):
    """Answers PING with `answer`, a few bytes at a time."""

    def handle(connection, _server):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert read_exactly(connection, 6) == b"PING\r\n"
        for at in range(0, len(answer), piece):
            connection.sendall(answer[at : at + piece])
        connection.recv(1)

    return handle


@pytest.mark.sanitize
def test_send_and_expect(balancer):
    steps = [{"send": "PING\r\n"}, {"expect": "+PONG\r\n", "comment": "ask it"}, {"send_binary": "515549540d0a"}]
    with TcpServer(ping_server(b"+PONG\r\n")) as good, TcpServer(ping_server(b"+LOADING\r\n")) as bad:
        proxy = balancer(
            good.address, bad.address, backend={"check": {**FAST, "steps": steps}}, timeouts={"check": "300ms"}
        )
        proxy.wait_status("s2", "DOWN")
        wait_until(lambda: check_of(proxy)["status"] == "L7OK", "the script has passed")
        assert check_of(proxy)["info"] == "(tcp-check)"
        assert check_of(proxy, "s2")["status"] == "L7TOUT"
        place = "at step 2 of tcp-check (expect string '+PONG') comment: 'ask it'"
        assert check_of(proxy, "s2")["info"] == place
        said = [json.loads(line)["message"] for line in proxy.stderr.splitlines() if '"server"' in line]
        assert any(f'Layer7 timeout, info: "{place}", check duration: 3' in text for text in said), said
        proxy.stop()


def test_the_server_breaks_off(balancer):
    with TcpServer(says("nothing of the kind")) as server:
        unchecked = {"address": server.address, "check": False}
        proxy = balancer(
            server.address, unchecked, backend={"check": {**FAST, "steps": [{"expect_regex": "^[0-9]+ ready"}]}}
        )
        proxy.wait_status("s1", "DOWN")
        assert check_of(proxy)["status"] == "L7RSP"
        assert check_of(proxy)["info"] == "TCPCHK did not match content '^[0-9]+ ready' at step 1"


@pytest.mark.sanitize
def test_several_connections(balancer):
    """A second service on another port decides."""
    port = free_port()
    steps = [
        {"connect": {}}, {"expect": "one"},
        {"connect": {"port": port, "linger": True}, "comment": "the other"}, {"expect": "two"},
    ]
    with TcpServer(says("one")) as first:
        unchecked = {"address": first.address, "check": False}
        proxy = balancer(first.address, unchecked, backend={"check": {**FAST, "steps": steps}})
        proxy.wait_status("s1", "DOWN")
        assert check_of(proxy)["status"] == "L4CON"
        assert check_of(proxy)["info"] == (
            f"Connection refused at step 3 of tcp-check (connect port {port}) comment: 'the other'"
        )
        with TcpServer(says("two"), port=port):
            proxy.wait_status("s1", "UP")
        proxy.wait_status("s1", "DOWN")
        proxy.stop()


def test_checks_under_way_end_with_the_process(balancer):
    with TcpServer(hold) as server:
        proxy = balancer(server.address, backend={"check": {**FAST, "steps": [{"expect": "x"}]}})
        server.wait_accepted(1)
        proxy.stop()


def test_a_script_leaves_no_connection_in_time_wait(balancer):
    """Without linger a connection ends with RST."""
    ended = []

    def handle(connection, _server):
        connection.sendall(b"hello")
        try:
            ended.append(connection.recv(1))
        except ConnectionResetError:
            ended.append("reset")

    with TcpServer(handle) as server:
        balancer(server.address, backend={"check": {**FAST, "steps": [{"expect": "hello"}]}})
        wait_until(lambda: ended, "a check has ended")
        assert ended[0] == "reset"
