# SPDX-License-Identifier: Apache-2.0
"""The machine's limits on descriptors."""

import json
import os
import subprocess
import time

import pytest
from support import configs
from support.peers import TcpServer, connect, echo, read_exactly, ready
from support.process import BINARY, admin_connection
from support.waiting import PATIENCE_S, wait_until

DESCRIPTOR_LIMIT = 400


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


@pytest.fixture
def crowd():
    """Descriptors for the program to inherit, so many that its plan of what it can open does not hold."""
    inherited = []
    while not inherited or inherited[-1] < DESCRIPTOR_LIMIT - 20:
        inherited.append(os.open("/dev/null", os.O_RDONLY))
    yield inherited
    for descriptor in inherited:
        os.close(descriptor)


@pytest.mark.exclusive
def test_running_out_of_descriptors(corelane, crowd):
    """Accepting pauses without a busy loop, what is open goes on, and accepting resumes."""
    with TcpServer(echo) as server:
        proxy = corelane(
            configs.tcp(server.address),
            wrapper=["prlimit", f"--nofile={DESCRIPTOR_LIMIT}:{DESCRIPTOR_LIMIT}"],
            pass_fds=crowd,
        )
        # The admin address will have no descriptor to spare either.
        admin = admin_connection(proxy.admin)
        first = connect(proxy.address())
        assert proxy.stats(admin)["lanes"][0]["accept_paused_descriptors"] == 0
        assert exchange(first, b"a")

        clients = [connect(proxy.address()) for _ in range(60)]
        wait_until(lambda: proxy.stats(admin)["lanes"][0]["accept_paused_descriptors"] > 0, "accepting pauses")
        before = proxy.cpu_seconds()
        time.sleep(1)
        assert proxy.cpu_seconds() - before < 0.3, "a busy loop while descriptors are short"
        assert exchange(first, b"b")

        for client in clients:
            client.sendall(b"c")
        served = 0
        while clients:
            waiting = ready(clients, PATIENCE_S)
            assert waiting, f"{len(clients)} connections wait for ever"
            for client in waiting:
                # Who was accepted with the last descriptor may find none for its server, and is let go.
                served += client.recv(1) == b"c"
                client.close()
                clients.remove(client)
        assert served >= 30, f"only {served} of 60 were served"
        assert exchange(first, b"d")
        first.close()
        admin.close()
        proxy.stop()


def exchange(client, data):
    client.sendall(data)
    return read_exactly(client, len(data)) == data
