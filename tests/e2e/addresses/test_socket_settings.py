# SPDX-License-Identifier: Apache-2.0
"""Settings of sockets and lanes as the kernel shows them."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from support import configs
from support.peers import TcpServer, connect, echo, read_exactly
from support.ports import free_port


def sockets(*query):
    return subprocess.run(["ss", "-tnoH", *query], capture_output=True, text=True, check=True, timeout=30).stdout


def port_of(address):
    return address.rpartition(":")[2]


def test_backlog(corelane):
    config = configs.tcp("127.0.0.1:9")
    config["frontends"]["f"]["bind"][0]["backlog"] = 77
    proxy = corelane(config)
    listening = sockets("-l", "sport", "=", f":{port_of(proxy.address())}").split()
    assert listening[2] == "77", listening


@pytest.mark.parametrize("side", ["frontend", "backend"])
def test_keep_alive(corelane, side):
    keep_alive = {"keep_alive": {"enabled": True, "idle": "50s", "interval": "5s", "count": 3}}
    with TcpServer(echo) as server:
        proxy = corelane(configs.tcp(server.address, **{side: keep_alive}))
        with connect(proxy.address()) as client:
            client.sendall(b"x")
            assert read_exactly(client, 1) == b"x"
            at_the_server = sockets("dport", "=", f":{server.port}")
            at_the_client = sockets("sport", "=", f":{port_of(proxy.address())}")
        assert ("keepalive" in at_the_client, "keepalive" in at_the_server) == (side == "frontend", side == "backend")
        (asked_in,) = re.findall(r"keepalive,(\d+)sec", at_the_client + at_the_server)
        assert 40 <= int(asked_in) <= 50


def lanes_cpus(proxy):
    """The CPUs that each thread called corelane/N may use."""
    cpus = {}
    for task in Path(f"/proc/{proxy.pid}/task").iterdir():
        if (task / "comm").read_text().startswith("corelane/"):
            cpus[(task / "comm").read_text().strip()] = os.sched_getaffinity(int(task.name))
    return [cpus[name] for name in sorted(cpus)]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two CPUs")
def test_lanes_are_pinned(balancer):
    pinned = lanes_cpus(balancer("127.0.0.1:9", lanes=2))
    assert [len(cpus) for cpus in pinned] == [1, 1] and pinned[0] != pinned[1]


def test_lanes_are_not_pinned_when_told_so(balancer):
    assert lanes_cpus(balancer("127.0.0.1:9", lanes=2, pin=False)) == [os.sched_getaffinity(0)] * 2


def test_one_lane_per_cpu(balancer):
    proxy = balancer("127.0.0.1:9", lanes="auto")
    assert len(proxy.stats()["lanes"]) == len(os.sched_getaffinity(0))


def test_a_listening_socket_per_lane(balancer):
    proxy = balancer("127.0.0.1:9", lanes=3)
    listening = sockets("-l", "sport", "=", f":{port_of(proxy.address())}").splitlines()
    assert len(listening) == 3


def test_ipv6_takes_ipv4_unless_told_otherwise(corelane):
    with TcpServer(echo) as server:
        ports = {"both": free_port(), "ipv6_only": free_port()}
        config = configs.tcp(server.address)
        config["frontends"]["f"]["bind"] = [
            {"address": f"[::]:{ports['both']}"},
            {"address": f"[::]:{ports['ipv6_only']}", "ipv6_only": True},
        ]
        corelane(config)
        for host, name in (("[::1]", "both"), ("127.0.0.1", "both"), ("[::1]", "ipv6_only")):
            connect(f"{host}:{ports[name]}").close()
        with pytest.raises(ConnectionRefusedError):
            connect(f"127.0.0.1:{ports['ipv6_only']}")
