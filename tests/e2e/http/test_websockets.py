# SPDX-License-Identifier: Apache-2.0
"""Websockets between node's ws and node's ws."""

import json
import signal

import pytest
from support.waiting import wait_until

MIB = 1 << 20


@pytest.fixture
def clients(node):
    """clients(proxy, count) opens so many websockets through it."""

    def start(proxy, count):
        one = node("websocket_clients.js", proxy.address())
        open_more(one, count)
        return one

    yield start


def open_more(clients, count):
    clients.say(f"open {count}")
    clients.wait_line(f"opened {count}")


def ended(clients):
    """How many connections ended with which code and reason."""
    how = json.loads(clients.wait_line("ended "))
    assert not [line for line in clients.lines() if line.startswith("fault")], clients.lines()
    return how


def ends_at(server, count):
    """The same as the server saw it."""
    wait_until(lambda: sum(line.startswith("ended") for line in server.lines()) == count, f"{count} ends at the server")
    return {" ".join(line.split()[3:]) for line in server.lines() if line.startswith("ended")}


@pytest.mark.sanitize
@pytest.mark.lanes
def test_many_websockets_talk_both_ways(web, node, clients):
    server = node("websocket_server.js")
    proxy = web(server.address, lanes=2, timeouts={"tunnel": "1h"})
    crowd = clients(proxy, 300)
    crowd.say("talk 0 1 125 126 5000 65535 65536 70000 3")
    crowd.wait_line("talked 300")
    crowd.say("push 50 1000")
    crowd.wait_line("pushed 300")
    crowd.say("close 4001 enough of this")
    assert ended(crowd) == {"4001 enough of this": 300}
    assert ends_at(server, 300) == {"4001 enough of this"}
    assert {(record["end_reason"], record["http"]["status"]) for record in proxy.wait_log(300)} == {("completed", 101)}


@pytest.mark.sanitize
@pytest.mark.lanes
def test_large_messages(web, node, clients):
    proxy = web(node("websocket_server.js").address, lanes=2)
    crowd = clients(proxy, 16)
    crowd.say(f"talk {MIB} 5 {MIB} {MIB + 1}")
    crowd.wait_line("talked 16")
    crowd.say(f"push 4 {MIB}")
    crowd.wait_line("pushed 16")
    crowd.say("ask 4002 the server has had enough")
    assert ended(crowd) == {"4002 the server has had enough": 16}
    assert sum(record["bytes_to_client"] for record in proxy.wait_log(16)) > 16 * 7 * MIB


@pytest.mark.sanitize
def test_a_websocket_that_nobody_uses_ends_with_the_tunnel_time_out(web, node, clients):
    server = node("websocket_server.js")
    proxy = web(server.address, timeouts={"tunnel": "1s"})
    crowd = clients(proxy, 5)
    assert ended(crowd) == {"1006": 5}
    assert ends_at(server, 5) == {"1006"}
    assert {record["end_reason"] for record in proxy.wait_log(5)} == {"tunnel_timeout"}


@pytest.mark.sanitize
def test_a_server_that_is_killed(web, node, clients):
    """Its websockets end at once; new ones are with the other server."""
    mortal, other = node("websocket_server.js"), node("websocket_server.js")
    proxy = web(mortal.address, other.address, backend={"retries": 3, "redispatch": True, "balance": "first"})
    first = clients(proxy, 20)
    mortal.kill()
    assert ended(first) == {"1006": 20}
    assert len(proxy.wait_log(20)) == 20
    assert all(record["server"] == "s1" for record in proxy.records())
    second = clients(proxy, 20)
    second.say("talk 1000")
    second.wait_line("talked 20")
    second.say("close 1000")
    assert ended(second) == {"1000": 20}
    assert [record["server"] for record in proxy.wait_log(40)[20:]] == ["s2"] * 20


@pytest.mark.sanitize
def test_a_drain_lets_websockets_finish(web, node, clients):
    proxy = web(node("websocket_server.js").address)
    crowd = clients(proxy, 10)
    proxy.signal(signal.SIGTERM)
    wait_until(lambda: proxy.get("/ready")[0] == 503, "/ready says that it drains")
    crowd.say("talk 10 100000")
    crowd.wait_line("talked 10")
    assert proxy.process.poll() is None
    crowd.say("close 1001 going away")
    assert ended(crowd) == {"1001 going away": 10}
    assert proxy.wait() == 0
    assert [record["end_reason"] for record in proxy.records()] == ["completed"] * 10


@pytest.mark.sanitize
def test_a_drain_ends_in_time(web, node, clients):
    """Its end is seen by both sides, and the log says why."""
    server = node("websocket_server.js")
    proxy = web(server.address, drain_timeout="300ms")
    crowd = clients(proxy, 10)
    proxy.signal(signal.SIGTERM)
    assert ended(crowd) == {"1006": 10}
    assert ends_at(server, 10) == {"1006"}
    assert proxy.wait() == 4
    assert [record["end_reason"] for record in proxy.records()] == ["process_stopping"] * 10
