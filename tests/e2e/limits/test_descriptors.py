# SPDX-License-Identifier: Apache-2.0
"""The machine's limits on descriptors."""

import json
import subprocess
import time

import pytest
from support import configs
from support.peers import TcpServer, connect, echo, read_exactly
from support.process import BINARY
from support.waiting import wait_until


def test_the_connection_limit_follows_from_the_descriptor_limit(corelane):
    with TcpServer(echo) as server:
        proxy = corelane(configs.tcp(server.address), wrapper=["prlimit", "--nofile=512:1024"])
        limit = proxy.stats()["process"]["connections_max"]
        assert 256 <= limit <= 512, f"{limit} connections from 1024 descriptors"


def test_a_connection_limit_beyond_the_descriptors_is_refused(tmp_path):
    path = tmp_path / "corelane.json"
    path.write_text(json.dumps(configs.tcp("127.0.0.1:9", max_connections=5000)))
    done = subprocess.run(
        ["prlimit", "--nofile=256:256", BINARY, "run", path], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 3, done.stderr
    assert "256" in done.stderr and "5000" in done.stderr, done.stderr


@pytest.mark.exclusive
def test_running_out_of_descriptors(balancer):
    """The limit falls to what is in use while the program runs. Accepting pauses without a busy loop, what is open
    goes on, and accepting resumes when there are descriptors again."""
    with TcpServer(echo) as server:
        proxy = balancer(server.address)
        first = connect(proxy.address())
        assert exchange(first, b"a")
        lower_descriptor_limit(proxy, proxy.descriptors())

        waiting = [connect(proxy.address()) for _ in range(5)]
        wait_until(lambda: accepting_paused(proxy), "accepting pauses")
        before = proxy.cpu_seconds()
        time.sleep(1)
        assert proxy.cpu_seconds() - before < 0.3, "a busy loop while descriptors are short"
        assert exchange(first, b"b")

        lower_descriptor_limit(proxy, 1024)
        for client in waiting:
            assert exchange(client, b"c"), "a waiting connection was not served"
            client.close()
        first.close()
        proxy.stop()


def exchange(client, data):
    client.sendall(data)
    return read_exactly(client, len(data)) == data


def accepting_paused(proxy):
    """Asked of what the lanes counted; the admin address has no descriptor to spare either, so the answer may come late."""
    try:
        return sum(lane["accept_paused_descriptors"] for lane in proxy.stats()["lanes"]) > 0
    except OSError:
        return False


def lower_descriptor_limit(proxy, soft):
    subprocess.run(["prlimit", f"--pid={proxy.pid}", f"--nofile={soft}:"], check=True)
