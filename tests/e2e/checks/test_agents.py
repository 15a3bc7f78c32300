# SPDX-License-Identifier: Apache-2.0
"""Agents beside servers: HAProxy's agent-check."""

import threading
import time

import pytest
from support.peers import TcpServer, answer, connect, read_exactly, says, says_and_echoes
from support.process import admin_connection
from support.waiting import wait_until


class Agent(TcpServer):
    """Says `line` to everybody who comes, and remembers what it was asked."""

    def __init__(self, line, ends_line=True):
        super().__init__(self._answer)
        self.line, self.ends_line, self.asked = line, ends_line, []
        self.first_said = {}

    def _answer(self, connection, server):
        if self.line is None:
            server.wait_stopped()
            return
        line = self.line
        connection.sendall(line.encode())
        self.first_said.setdefault(line, time.monotonic())
        if not self.ends_line:
            server.wait_stopped()

    def check(self, **keys):
        return {"port": self.port, "interval": "50ms", **keys}


def wait_server(proxy, what, holds, server="s1"):
    wait_until(lambda: holds(proxy.server(server)), what)


@pytest.mark.sanitize
@pytest.mark.lanes
def test_health_follows_the_agent(balancer):
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two, Agent("up\n") as agent:
        proxy = balancer({"address": one.address, "agent_check": agent.check()}, two.address, lanes=2)
        wait_server(proxy, "the agent was heard", lambda server: server["agent"].get("health") == "UP")
        assert {answer(proxy.address()) for _ in range(8)} == {b"1", b"2"}
        agent.line = "stopped # for the night\n"
        proxy.wait_status("s1", "DOWN")
        assert {answer(proxy.address()) for _ in range(8)} == {b"2"}
        line = next(line for line in proxy.log_lines() if "Server b/s1 is DOWN" in line)
        assert "reason: Layer7 wrong status" in line
        assert "via agent : stopped (for the night)" in line
        assert "1 active and 0 backup servers left" in line
        # An agent that says nothing of the health, and one that is gone, changes nothing.
        agent.line = "50%\n"
        wait_server(proxy, "the new line", lambda server: server["agent"]["info"] == "50%")
        assert proxy.server("s1")["status"] == "DOWN"
        agent.line = "up\n"
        wait_until(lambda: proxy.server("s1")["status"] != "DOWN", "the server is back")
        agent.stop()
        failed = proxy.server("s1")["agent"]["checks_failed"]
        wait_server(proxy, "questions fail", lambda server: server["agent"]["checks_failed"] > failed + 1)
        assert proxy.server("s1")["agent"]["status"] == "L4CON"
        assert proxy.server("s1")["status"] != "DOWN"
        proxy.stop()


def test_the_check_has_a_say_too(balancer):
    """Down if either says so."""
    check = {"type": "tcp", "interval": "50ms", "fall": 1, "rise": 1}
    with Agent("up\n") as agent:
        with TcpServer(says("1")) as server:
            proxy = balancer({"address": server.address, "agent_check": agent.check()}, backend={"check": check})
            proxy.wait_status("s1", "UP")
            agent.line = "down\n"
            proxy.wait_status("s1", "DOWN")
            agent.line = "up\n"
            proxy.wait_status("s1", "UP")
        proxy.wait_status("s1", "DOWN")
        assert proxy.server("s1")["agent"]["health"] == "UP"


def test_weight_in_percent(balancer):
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two, Agent("25%\n") as agent:
        proxy = balancer(
            {"address": one.address, "weight": 100, "agent_check": agent.check()}, {"address": two.address, "weight": 75}
        )
        wait_server(proxy, "a quarter", lambda server: server["weight"] == 25)
        answers = [answer(proxy.address()) for _ in range(100)]
        assert answers.count(b"1") == 25
        agent.line = "0%\n"
        wait_server(proxy, "nothing", lambda server: server["weight"] == 0)
        assert {answer(proxy.address()) for _ in range(8)} == {b"2"}


def test_a_limit(balancer):
    with TcpServer(says_and_echoes("1")) as server, Agent("maxconn:1\n") as agent:
        proxy = balancer({"address": server.address, "agent_check": agent.check()})
        wait_server(proxy, "the limit", lambda server: server.get("connections_max") == 1)
        with connect(proxy.address()) as first:
            assert read_exactly(first, 1) == b"1"
            with connect(proxy.address()) as second:
                wait_until(lambda: proxy.backend()["queue_current"] == 1, "the second one waits")
                agent.line = "maxconn:2\n"
                assert read_exactly(second, 1) == b"1"


@pytest.mark.parametrize(
    "word, status, begins, ends",
    [
        ("drain", "DRAIN", "enters drain state. 1 active and 0 backup servers online.", "is UP (leaving forced drain)."),
        ("maint", "MAINT", "is going DOWN for maintenance. 1 active", "is UP/READY (leaving forced maintenance)."),
    ],
)
def test_administrative_words(balancer, word, status, begins, ends):
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two, Agent(f"{word},up\n") as agent:
        proxy = balancer({"address": one.address, "agent_check": agent.check()}, two.address)
        proxy.wait_status("s1", status)
        assert {answer(proxy.address()) for _ in range(8)} == {b"2"}
        agent.line = "ready\n"
        wait_until(lambda: proxy.server("s1")["status"] != status, "the server is ready")
        assert {answer(proxy.address()) for _ in range(8)} == {b"1", b"2"}
        lines = [line for line in proxy.log_lines() if "Server b/s1 " in line]
        assert len(lines) == 2, lines  # once, however often the agent says it
        assert begins in lines[0]
        assert ends in lines[1]


@pytest.mark.sanitize
@pytest.mark.parametrize(
    "line, ends_line, status, info",
    [
        ("down", False, "L7TOUT", "(expect a line)"),  # never ends its line
        ("x" * 5000, False, "L7RSP", "too long a line"),
        ("", True, "L7RSP", "connection closed by the server (expect a line)"),
        ("HTTP/1.1 400 Bad Request\r\n", True, "L7RSP", "not a word of agents: HTTP/1.1"),
        ("\x00\x01\x02\n", True, "L7RSP", "not a word of agents: ???"),
    ],
    ids=["endless", "long", "empty", "http", "binary"],
)
def test_a_bad_agent_changes_nothing(balancer, line, ends_line, status, info):
    with TcpServer(says("1")) as server, Agent(line, ends_line) as agent:
        proxy = balancer({"address": server.address, "agent_check": agent.check()}, timeouts={"check": "200ms"})
        wait_server(proxy, "two answers", lambda server: server["agent"]["checks_failed"] >= 2)
        state = proxy.server("s1")
        assert (state["agent"]["status"], state["agent"]["info"]) == (status, info)
        assert "health" not in state["agent"]
        assert answer(proxy.address()) == b"1"
        proxy.stop()


def test_what_the_agent_is_told_and_where_it_is(balancer):
    heard = []
    arrived = threading.Event()

    def listen(connection, _server):
        heard.append((connection.getpeername()[0], connection.recv(100)))
        connection.sendall(b"up")
        arrived.set()

    with TcpServer(says("1")) as server, TcpServer(listen, host="127.0.0.8") as agent:
        balancer(
            {
                "address": server.address,
                "source": {"addresses": ["127.0.0.3:20000-20099"]},
                "agent_check": {"port": agent.port, "address": "127.0.0.8", "interval": "50ms", "send": "state s1\n"},
            }
        )
        assert arrived.wait(30)
        assert heard[0] == ("127.0.0.3", b"state s1\n")
