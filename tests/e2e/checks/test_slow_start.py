# SPDX-License-Identifier: Apache-2.0
"""A server that was down takes its share again little by little."""

import pytest
from support.peers import TcpServer, answer, says
from support.waiting import wait_until

FAST = {"type": "tcp", "interval": "100ms", "fall": 1, "rise": 1}


def shares(proxy, count):
    answers = [answer(proxy.address()) for _ in range(count)]
    return answers.count(b"1"), answers.count(b"2")


@pytest.mark.sanitize
@pytest.mark.parametrize("algorithm", ["roundrobin", "leastconn"])
def test_a_server_that_comes_back_starts_slowly(balancer, algorithm):
    """Its first step is long enough that what the test sees of it is exact."""
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two:
        proxy = balancer(
            one.address,
            {"address": two.address, "slow_start": "1d", "max_connections": 64},
            backend={"check": FAST, "balance": algorithm},
        )
        assert proxy.server("s2")["weight_effective"] == 1
        two.stop()
        proxy.wait_status("s2", "DOWN")
        with TcpServer(says("2"), port=two.port):
            proxy.wait_status("s2", "UP")
            server = proxy.server("s2")
            assert (server["weight"], server["weight_effective"], server["slow_start_percent"]) == (1, 1 / 16, 6)
            if algorithm == "roundrobin":
                assert shares(proxy, 34) == (32, 2)


def test_it_ends_with_the_whole_share(balancer):
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two:
        proxy = balancer(
            one.address, {"address": two.address, "weight": 3, "slow_start": "320ms"}, backend={"check": FAST}
        )
        two.stop()
        proxy.wait_status("s2", "DOWN")
        with TcpServer(says("2"), port=two.port):
            proxy.wait_status("s2", "UP")
            wait_until(lambda: proxy.server("s2")["weight_effective"] == 3, "s2 has its whole weight")
            assert "slow_start_percent" not in proxy.server("s2")
            assert shares(proxy, 40) == (10, 30)
