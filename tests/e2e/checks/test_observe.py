# SPDX-License-Identifier: Apache-2.0
"""Clients' connections that fail speak of their server's health."""

import pytest
from support.peers import TcpServer, answer, says
from support.waiting import wait_until

# Checks pass at another port, and rarely: what happens in between is the connections' doing.
SLOW = {"type": "tcp", "interval": "1h", "fast_interval": "100ms", "rise": 2, "fall": 3}


@pytest.fixture
def observed(balancer):
    """One server that is dead to clients, with healthy checks elsewhere, behind a proxy that does not retry."""
    health = TcpServer(says("health")).__enter__()
    dead = TcpServer(says("dead"))
    dead.listener.close()

    def start(check=SLOW, **keys):
        return balancer(
            {"address": dead.address, "check": {"port": health.port}, "observe": "layer4", "error_limit": 5, **keys},
            backend={"check": check, "retries": 0},
            lanes=2,
        )

    yield start, health
    health.stop()


def fail(proxy, count):
    for _ in range(count):
        assert answer(proxy.address()) == b""


def check_of(proxy):
    return proxy.server("s1")["check"]


@pytest.mark.sanitize
@pytest.mark.lanes
def test_mark_down(observed):
    start, _health = observed
    proxy = start(on_error="mark-down", check=SLOW | {"fast_interval": "1h", "rise": 1})
    fail(proxy, 4)
    assert check_of(proxy)["errors_observed"] == 0
    assert proxy.server("s1")["status"] == "UP"
    fail(proxy, 1)
    proxy.wait_status("s1", "DOWN")
    assert check_of(proxy)["status"] == "HANA"
    line = next(line for line in proxy.log_lines() if "Server b/s1 is DOWN" in line)
    assert "reason: Health analyze" in line
    assert "Detected 5 consecutive errors, last one was: L4 unsuccessful connection" in line
    proxy.stop()


def test_checks_bring_it_back_soon(observed):
    """The next check comes after fast_interval, whatever on_error says."""
    start, _health = observed
    proxy = start(on_error="mark-down")
    fail(proxy, 5)
    wait_until(lambda: check_of(proxy)["down_total"] == 1, "the server went down")
    proxy.wait_status("s1", "UP")


@pytest.mark.parametrize("on_error, rounds", [("fail-check", 3), ("sudden-death", 2)])
def test_it_takes_more_than_one_round(observed, on_error, rounds):
    start, _health = observed
    proxy = start(on_error=on_error, check=SLOW | {"fast_interval": "1h", "interval": "24h"})
    # A first check that passes: a server that was never checked goes down at its first failure.
    if check_of(proxy)["checks_total"] == 0:
        rounds = 1
    for done in range(rounds):
        assert proxy.server("s1")["status"] == "UP"
        fail(proxy, 5)
        wait_until(lambda: check_of(proxy)["errors_observed"] == done + 1, "one more round")
    proxy.wait_status("s1", "DOWN")


def test_fastinter_only_checks(observed):
    start, health = observed
    proxy = start(on_error="fastinter", check=SLOW | {"fall": 1, "rise": 1})
    fail(proxy, 5)
    wait_until(lambda: check_of(proxy)["checks_total"] >= 1, "a check came at once")
    assert proxy.server("s1")["status"] == "UP"
    checks = check_of(proxy)["checks_total"]
    health.stop()
    fail(proxy, 5)
    proxy.wait_status("s1", "DOWN")
    assert check_of(proxy)["status"] == "L4CON"
    assert check_of(proxy)["checks_total"] > checks


def test_one_success_forgives(balancer):
    with TcpServer(says("health")) as health, TcpServer(says("1")) as server:
        proxy = balancer(
            {"address": server.address, "check": {"port": health.port}, "observe": "layer4", "error_limit": 3,
             "on_error": "mark-down"},
            backend={"check": SLOW | {"fast_interval": "1h"}, "retries": 0},
        )
        server.stop()
        fail(proxy, 2)
        with TcpServer(says("1"), port=server.port) as again:
            assert answer(proxy.address()) == b"1"
        again.stop()
        fail(proxy, 2)
        assert check_of(proxy)["errors_observed"] == 0
        fail(proxy, 1)
        wait_until(lambda: check_of(proxy)["errors_observed"] == 1, "three in a row")
