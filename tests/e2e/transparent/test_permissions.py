# SPDX-License-Identifier: Apache-2.0
"""What takes a capability says which, before anybody is served."""

import json
import subprocess

import pytest
from support import configs
from support.process import BINARY

WITHOUT = ["setpriv", "--bounding-set=-net_raw,-net_admin", "--inh-caps=-net_raw,-net_admin"]

SERVER = "127.0.0.1:1"


def run(tmp_path, *command, bind=None, source=None, wrapper=()):
    config = configs.tcp(SERVER, backend={"source": source} if source else {})
    config["frontends"]["f"]["bind"][0].update(bind or {})
    path = tmp_path / "corelane.json"
    path.write_text(json.dumps(config))
    return subprocess.run([*wrapper, BINARY, *command, path], capture_output=True, text=True, timeout=30)


@pytest.fixture
def without(tmp_path):
    probe = subprocess.run([*WITHOUT, "true"], capture_output=True, text=True)
    if probe.returncode != 0:
        pytest.skip(f"cannot drop capabilities: {probe.stderr.strip()}")
    return lambda *command, **keys: run(tmp_path, *command, wrapper=WITHOUT, **keys)


@pytest.mark.parametrize(("keys", "place"), [
    ({"bind": {"transparent": True}}, "frontends.f.bind[0].address: cannot set transparent on 127.0.0.1:"),
    ({"bind": {"mark": 3}}, "frontends.f.bind[0].address: cannot set mark on 127.0.0.1:"),
    ({"source": {"transparent": "client"}}, "backends.b.servers.s1.source.transparent: "),
    ({"source": {"mark": 3}}, "backends.b.servers.s1.source.mark: "),
])
def test_a_start_without_it_says_what_is_short(without, keys, place):
    done = without("run", **keys)
    assert done.returncode == 3
    option = "mark" if "mark" in place else "transparent"
    assert place in done.stderr
    assert f"Operation not permitted; {option} takes CAP_NET_RAW: AmbientCapabilities=CAP_NET_RAW" in done.stderr
    assert "setcap cap_net_raw=+ep" in done.stderr


def test_doctor_says_it(without):
    done = without("doctor", bind={"transparent": True}, source={"mark": 3})
    assert done.returncode != 0
    for option in ("IP_TRANSPARENT", "SO_MARK"):
        line = next(line for line in done.stdout.splitlines() if option in line)
        assert line.startswith("short") and line.endswith("not permitted")
    assert "AmbientCapabilities=CAP_NET_RAW" in done.stdout


def test_doctor_does_not_mind_where_nothing_asks_for_it(without):
    assert "IP_TRANSPARENT" not in without("doctor").stdout


@pytest.mark.parametrize(("keys", "text"), [
    ({"bind": {"interface": "nosuch0"}}, 'cannot set interface on 127.0.0.1:'),
    ({"source": {"interface": "nosuch0"}}, "backends.b.servers.s1.source.interface: No such device"),
])
def test_an_interface_that_is_not_there(tmp_path, keys, text):
    done = run(tmp_path, "run", **keys)
    assert done.returncode == 3
    assert text in done.stderr
    assert 'there is no interface "nosuch0"; to see them: ip link' in done.stderr


def test_an_address_that_is_not_there(tmp_path):
    done = run(tmp_path, "run", bind={"address": "192.0.2.77:8080"})
    assert done.returncode == 3
    assert "no interface of this machine has it; to see those it has: ip address" in done.stderr
    assert '"freebind": true' in done.stderr
