# SPDX-License-Identifier: Apache-2.0
"""Servers that take over the health of others."""

import json

import pytest
from support import configs
from support.peers import TcpServer, answer, says
from support.process import command
from support.waiting import wait_until

FAST = {"type": "tcp", "interval": "100ms", "fall": 2, "rise": 1}


def chain(one, two):
    """smtp/s1 tracks web/s1, which tracks b/s1, which is checked. The servers of one name are one server."""
    config = configs.tcp(one, two, backend={"check": FAST})
    config["backends"]["web"] = {
        "servers": [{"name": "s1", "address": one, "track": "b/s1"}, {"name": "s2", "address": two}]
    }
    config["backends"]["smtp"] = {
        "servers": [{"name": "s1", "address": one, "track": "web/s1"}, {"name": "s2", "address": two, "track": "s1"}]
    }
    config["frontends"]["web"] = configs.tcp("x:1")["frontends"]["f"] | {"default_backend": "web"}
    config["frontends"]["smtp"] = configs.tcp("x:1")["frontends"]["f"] | {"default_backend": "smtp"}
    return config


@pytest.mark.sanitize
@pytest.mark.lanes
def test_a_chain(corelane):
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two:
        proxy = corelane(chain(one.address, two.address))
        proxy.wait_status("s1", "UP", "smtp")
        assert proxy.server("s1", "smtp")["track"] == "web/s1"
        assert "check" not in proxy.server("s1", "smtp")
        one.stop()
        proxy.wait_status("s1", "DOWN")
        # Who sees the first one down sees all of them down.
        stats = proxy.stats()["backends"]
        states = [stats[b]["servers"]["s1"]["status"] for b in ("b", "web", "smtp")]
        assert states == ["DOWN"] * 3
        assert stats["smtp"]["servers"]["s2"]["status"] == "DOWN"
        assert {answer(proxy.address("web")) for _ in range(8)} == {b"2"}
        assert answer(proxy.address("smtp")) == b""
        lines = [line for line in proxy.log_lines() if " is DOWN" in line]
        assert "Server b/s1 is DOWN, reason: Layer4 connection problem" in lines[0]
        assert "Server web/s1 is DOWN via b/s1. 1 active and 0 backup servers left." in lines[1]
        assert "Server smtp/s1 is DOWN via web/s1. " in lines[2]
        assert "Server smtp/s2 is DOWN via smtp/s1. 0 active and 0 backup servers left." in lines[3]
        wait_until(lambda: "backend smtp has no server available!" in "".join(proxy.log_lines()), "the last one")
        with TcpServer(says("1"), port=one.port):
            proxy.wait_status("s2", "UP", "smtp")
            assert {answer(proxy.address("web")) for _ in range(8)} == {b"1", b"2"}
        proxy.stop()


def refusal(tmp_path, *servers, **others):
    config = configs.tcp(*servers, backend={"check": FAST})
    config["backends"].update({name: {"servers": configs.named(rows)} for name, rows in others.items()})
    path = tmp_path / "faulty.json"
    path.write_text(json.dumps(config))
    done = command("check", path)
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize(
    "servers, words",
    [
        ([{"track": "s1"}], "servers[0].track: tracks itself: b/s1 -> b/s1"),
        ([{"track": "s2"}, {"track": "b/s3"}, {"track": "s1"}], "tracks itself: b/s1 -> b/s2 -> b/s3 -> b/s1"),
        ([{"track": "s2"}, {"check": False}], "nothing tells the health of b/s2"),
        ([{"track": "s2", "check": True}, {}], "a server that tracks another one has no check of its own"),
        ([{"track": "bb/s1"}], 'no backend is named "bb"; did you mean "b"?'),
        ([{"track": "ss2"}, {}], 'no server of backend b is named "ss2"; did you mean "s2"?'),
        ([{"track": "a/b/c"}], "is not a server"),
    ],
)
def test_what_is_refused(tmp_path, servers, words):
    rows = [{"address": "127.0.0.1:1", **server} for server in servers]
    faults = refusal(tmp_path, *rows)
    assert words in faults
    assert faults.count("error: ") == 1


def test_a_loop_over_two_backends_is_told_once(tmp_path):
    row = {"address": "127.0.0.1:1"}
    faults = refusal(tmp_path, row | {"track": "c/s1"}, c=[row | {"track": "b/s1"}])
    assert "tracks itself: b/s1 -> c/s1 -> b/s1" in faults
    assert faults.count("tracks itself") == 1
