# SPDX-License-Identifier: Apache-2.0
"""The end of one direction is passed on, and the other direction goes on."""

import subprocess

import pytest
from support.peers import TcpServer, answer, connect, finish_then_listen, read_all, swallow_then_answer
from support.waiting import wait_until


@pytest.mark.sanitize
def test_the_client_ends_first(balancer):
    with TcpServer(swallow_then_answer) as server:
        proxy = balancer(server.address)
        assert answer(proxy.address(), b"request") == b"after the end: request"
        assert proxy.wait_log()[0]["end_reason"] == "completed"
        proxy.stop()


def test_netcat_ends_first(balancer):
    with TcpServer(swallow_then_answer) as server:
        host, port = balancer(server.address).address().split(":")
        done = subprocess.run(["nc.openbsd", "-N", host, port], input=b"request", capture_output=True, timeout=30)
        assert done.stdout == b"after the end: request"


@pytest.mark.sanitize
def test_the_server_ends_first(balancer):
    with TcpServer(finish_then_listen) as server:
        server.received = None
        proxy = balancer(server.address)
        with connect(proxy.address()) as client:
            assert read_all(client) == b"done"
            client.sendall(b"still here" * 1000)
        wait_until(lambda: server.received, "the server saw the client's end")
        assert server.received == b"still here" * 1000
        assert proxy.wait_log()[0]["end_reason"] == "completed"


def test_much_data_before_the_end(balancer):
    """The end comes after the last byte, however much is still under way."""
    request = bytes(range(256)) * 40_000
    with TcpServer(swallow_then_answer) as server:
        assert answer(balancer(server.address).address(), request) == b"after the end: " + request
