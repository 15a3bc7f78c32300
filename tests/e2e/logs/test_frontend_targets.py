# SPDX-License-Identifier: Apache-2.0
"""Frontends whose log lines go elsewhere than to the targets of all."""

import json

import pytest
from support import configs
from support.peers import TcpServer, answer, echo
from support.process import command
from support.waiting import wait_until


def frontends_of(path):
    return [json.loads(line)["frontend"] for line in path.read_text().splitlines() if '"frontend"' in line]


@pytest.mark.sanitize
def test_lines_of_frontends_go_where_these_say(corelane, tmp_path):
    with TcpServer(echo) as server:
        config = configs.tcp_pairs(plain=server.address, own=server.address, both=server.address, mute=server.address)
        everybody, own, both = (tmp_path / name for name in ("all.log", "own.log", "both.log"))
        config["global"]["log"] = [f"file:{everybody}"]
        config["frontends"]["own"]["log"] = [f"file:{own}"]
        config["frontends"]["both"]["log"] = ["global", {"to": f"file:{both}", "sample": "2:2"}]
        config["frontends"]["mute"]["log"] = ["none"]
        proxy = corelane(config)
        for name in ["mute", "own", "plain", "both", "both"]:
            assert answer(proxy.address(name), b"x") == b"x"
        wait_until(lambda: len(frontends_of(everybody)) == 3, "three lines in the log of all")
        wait_until(lambda: frontends_of(own) and frontends_of(both), "lines in the others")
        assert sorted(frontends_of(everybody)) == ["both", "both", "plain"]
        assert (frontends_of(own), frontends_of(both)) == (["own"], ["both"])


def test_a_target_that_cannot_be_opened_is_named(tmp_path):
    path = tmp_path / "corelane.json"
    path.write_text(json.dumps(configs.tcp("127.0.0.1:9", frontend={"log": [f"file:{tmp_path}/nowhere/x.log"]})))
    done = command("run", path)
    assert done.returncode == 3
    assert "frontends.f.log[0]: cannot open" in done.stderr
