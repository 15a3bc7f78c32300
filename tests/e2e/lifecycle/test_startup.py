# SPDX-License-Identifier: Apache-2.0
"""What it prints when it starts."""

import json

import pytest
from support.peers import TcpServer, answer, echo
from support.ports import free_port
from support.waiting import wait_until


def first_line(proxy):
    return wait_until(lambda: proxy.stdout.partition("\n")[1] and proxy.stdout.partition("\n")[0], "a first line")


def test_one_json_line(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=2)
        start = json.loads(first_line(proxy))
        text = json.dumps(start)
        assert proxy.address() in text and server.address in text and proxy.admin in text
        assert start["lanes"] == 2
        assert start["version"] and start["kernel"]
        assert start["max_connections"] > 0


@pytest.mark.sanitize
def test_without_a_file(corelane):
    with TcpServer(echo) as one, TcpServer(echo) as two:
        port = free_port()
        proxy = corelane(arguments=["run", "--listen", f"127.0.0.1:{port}", "--to", f"{one.address},{two.address}"])
        first_line(proxy)
        for _ in range(4):
            assert answer(f"127.0.0.1:{port}", b"hello") == b"hello"
        assert one.accepted == two.accepted == 2
        proxy.stop()
