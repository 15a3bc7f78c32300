# SPDX-License-Identifier: Apache-2.0
"""What it prints when it starts."""

import json

import pytest
from support.peers import TcpServer, answer, echo
from support.ports import free_port
from support.waiting import wait_until


def start_report(proxy):
    """The first line; not to a terminal it is one JSON object."""
    line = wait_until(lambda: proxy.stderr.partition("\n")[1] and proxy.stderr.partition("\n")[0], "a first line")
    return json.loads(line)


def test_one_json_line(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=2)
        start = start_report(proxy)
        assert start["event"] == "start" and start["version"] and start["kernel"] and start["io_uring"]
        assert start["lanes"] == 2 and start["max_connections"] > 0
        assert [(one["frontend"], one["address"], one["backend"]) for one in start["listeners"]] == [
            ("f", proxy.address(), "b")
        ]
        assert [(one["name"], one["address"]) for one in start["servers"]] == [("s1", server.address)]
        assert start["admin"] == [proxy.admin]


@pytest.mark.sanitize
def test_without_a_file(corelane):
    with TcpServer(echo) as one, TcpServer(echo) as two:
        port = free_port()
        proxy = corelane(arguments=["run", "--listen", f"127.0.0.1:{port}", "--to", f"{one.address},{two.address}"])
        assert start_report(proxy)["listeners"][0]["address"] == f"127.0.0.1:{port}"
        for _ in range(4):
            assert answer(f"127.0.0.1:{port}", b"hello") == b"hello"
        # Health checks are connections too.
        assert one.accepted >= 1 and two.accepted >= 1
        proxy.stop()


def test_save_writes_the_file_that_says_the_same(corelane, tmp_path):
    with TcpServer(echo) as server:
        port, file = free_port(), tmp_path / "saved.json"
        first = corelane(
            arguments=["run", "--listen", f"127.0.0.1:{port}", "--to", server.address, "--save", file]
        )
        start_report(first)
        first.stop()
        second = corelane(arguments=["run", file])
        start_report(second)
        assert answer(f"127.0.0.1:{port}", b"hello") == b"hello"
        second.stop()
