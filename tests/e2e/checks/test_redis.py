# SPDX-License-Identifier: Apache-2.0
"""The redis check against Debian's Redis."""

import subprocess

import pytest
from support.ports import free_port
from support.process import WITH_PARENT
from support.waiting import wait_until

FAST = {"type": "redis", "interval": "100ms", "fall": 1, "rise": 1}


@pytest.fixture
def redis(tmp_path):
    """redis(*arguments) starts a server on a free port and returns its address."""
    servers = []

    def start(*arguments):
        port = free_port()
        servers.append(subprocess.Popen(
            [*WITH_PARENT, "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly",
             "no", "--dir", tmp_path, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ))
        return f"127.0.0.1:{port}"

    yield start
    for server in servers:
        server.terminate()
        server.wait(30)


@pytest.mark.sanitize
def test_redis(balancer, redis):
    proxy = balancer(redis(), redis("--requirepass", "secret"), backend={"check": FAST})
    proxy.wait_status("s1", "UP")
    wait_until(lambda: proxy.server("s1")["check"]["status"] == "L7OK", "Redis has answered")
    assert proxy.server("s1")["check"]["info"] == "Redis server is ok"
    proxy.wait_status("s2", "DOWN")
    wait_until(lambda: proxy.server("s2")["check"]["status"] == "L7STS", "Redis has refused")
    assert proxy.server("s2")["check"]["info"] == "-NOAUTH Authentication required."
    proxy.stop()
