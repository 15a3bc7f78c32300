# SPDX-License-Identifier: Apache-2.0
"""`corelane check`: every fault of a file in one pass, each at its place."""

import json
import re

import pytest
from support.process import command

SOUND = """{
  "global": {"reactors": 1},
  "defaults": {"timeouts": {"connect": "5s", "client": "30s", "server": "30s"}},
  "frontends": {
    "f": {
      "bind": [{"address": "127.0.0.1:3306"}],
      "default_backend": "b"
    }
  },
  "backends": {
    "b": {
      "balance": {"algorithm": "roundrobin"},
      "check": {"type": "tcp", "interval": "2s"},
      "servers": [
        {"name": "s1", "address": "127.0.0.1:3307", "weight": 10},
        {"name": "s2", "address": "127.0.0.1:3308", "weight": 20}
      ]
    }
  }
}
"""


@pytest.fixture
def check(tmp_path):
    def run(text, *options):
        path = tmp_path / "corelane.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return command("check", path, *options)

    return run


def position(text, needle):
    """line:column of the needle, both from 1."""
    before = text[: text.index(needle)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.mark.sanitize
def test_sound(check):
    assert check(SOUND).returncode == 0


# (what is replaced, by what, the text at which the fault is reported, what the message names)
FAULTS = [
    ('"bind":', '"bnid":', '"bnid"', ["bind"]),
    ('"reactors": 1', '"reacters": 1', '"reacters"', ["reactors"]),
    ('"reactors": 1', '"reactors": 0.5', "0.5", ["global.reactors"]),
    ('"reactors": 1', '"reactors": -1', "-1", ["global.reactors"]),
    ('"reactors": 1', '"reactors": "many"', '"many"', ["auto"]),
    ('"connect": "5s"', '"connect": "5 parsecs"', '"5 parsecs"', ["defaults.timeouts.connect"]),
    ('"connect": "5s"', '"connect": 5', '5, "client"', ["defaults.timeouts.connect"]),
    ('"connect": "5s"', '"conect": "5s"', '"conect"', ["connect"]),
    ('"127.0.0.1:3306"', '"127.0.0.1:99999"', '"127.0.0.1:99999"', ["frontends.f.bind[0].address"]),
    ('"127.0.0.1:3306"', '"127.0.0.1"', '"127.0.0.1"}', ["frontends.f.bind[0].address"]),
    ('"127.0.0.1:3306"', "3306", "3306}", ["frontends.f.bind[0].address"]),
    ('"127.0.0.1:3307"', '"fd@3"', '"fd@3"', ["backends.b.servers[0].address"]),
    ('"default_backend": "b"', '"default_backend": "bb"', '"bb"', ['"b"']),
    ('"roundrobin"', '"roundrobbin"', '"roundrobbin"', ["roundrobin"]),
    ('"type": "tcp"', '"type": "tpc"', '"tpc"', ["tcp"]),
    ('"interval": "2s"', '"interval": "0"', '"0"', ["backends.b.check.interval"]),
    ('"weight": 10', '"weight": 257', "257", ["256"]),
    ('"weight": 10', '"weight": "heavy"', '"heavy"', ["backends.b.servers[0].weight"]),
    ('"name": "s2"', '"name": "s1"', '"s1", "address": "127.0.0.1:3308"', ["s1"]),
    ('"name": "s2"', '"name": ""', '""', ["backends.b.servers[1].name"]),
    ('"name": "s2", ', "", '{"address": "127.0.0.1:3308"', ["name"]),
    ('"weight": 20', '"weight": 20, "weight": 30', '"weight": 30', ["weight"]),
    ('"weight": 20}', '"weight": 20,}', ',}\n      ]', []),
    ('"bind": [{"address": "127.0.0.1:3306"}]', '"bind": []', "[]", ["frontends.f.bind"]),
    ('"frontends": {', '"frontends": [', ': {\n      "bind"', ["frontends"]),
]


@pytest.mark.parametrize("old, new, place, names", FAULTS, ids=[f"{new} for {old}" for old, new, _, _ in FAULTS])
def test_one_fault(check, old, new, place, names):
    assert SOUND.count(old) == 1
    text = SOUND.replace(old, new)
    done = check(text)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if ": error: " in line]
    expected = f"corelane.json:{position(text, place)}: error: "
    assert any(expected in line for line in lines), f"expected {expected}\n{done.stderr}"
    for name in names:
        assert name in done.stderr, done.stderr


def test_every_fault_in_one_pass(check):
    text = SOUND
    for old, new in [('"reactors": 1', '"reacters": 1'), ('"roundrobin"', '"robin"'), ('"weight": 20', '"weight": 999')]:
        text = text.replace(old, new)
    done = check(text)
    assert len([line for line in done.stderr.splitlines() if ": error: " in line]) == 3, done.stderr


def test_faults_for_editors(check):
    text = SOUND.replace('"roundrobin"', '"roundrobbin"')
    done = check(text, "--json")
    assert done.returncode == 1
    (fault,) = json.loads(done.stdout)
    line, column = map(int, position(text, '"roundrobbin"').split(":"))
    assert (fault["line"], fault["column"]) == (line, column)
    assert (fault["severity"], fault["path"]) == ("error", "backends.b.balance.algorithm")
    assert fault["did_you_mean"] == "roundrobin"


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"null", b'"x"', b"{} {}", b"\xff\xfe", b'{"a": "\xff"}', b"[" * 100_000, b'{"frontends": {}}'],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_no_configuration(check, text):
    done = check(text)
    assert done.returncode == 1
    assert re.search(r"corelane\.json:\d+:\d+: error: ", done.stderr), done.stderr


def test_comments_are_allowed(check):
    assert check(SOUND.replace("{\n", "{ // the start\n /* and\n more */", 1)).returncode == 0
