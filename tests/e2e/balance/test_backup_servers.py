# SPDX-License-Identifier: Apache-2.0
"""Backup servers stand in when no other server is left."""

from collections import Counter
from contextlib import ExitStack

import pytest
from support.peers import TcpServer, answer, says

CHECK = {"type": "tcp", "interval": "100ms", "fall": 1, "rise": 1}


@pytest.mark.parametrize("all_backups, expected", [(False, {"2"}), (True, {"2", "3"})])
def test_backups(balancer, all_backups, expected):
    with ExitStack() as stack:
        one, two, three = (stack.enter_context(TcpServer(says(str(number)))) for number in (1, 2, 3))
        proxy = balancer(
            one.address,
            {"address": two.address, "backup": True},
            {"address": three.address, "backup": True},
            backend={"check": CHECK, "all_backups": all_backups},
        )
        assert {answer(proxy.address()) for _ in range(6)} == {b"1"}
        one.stop()
        proxy.wait_status("s1", "DOWN")
        assert set(Counter(answer(proxy.address()).decode() for _ in range(6))) == expected
        with TcpServer(says("1"), port=one.port):
            proxy.wait_status("s1", "UP")
            assert {answer(proxy.address()) for _ in range(6)} == {b"1"}
