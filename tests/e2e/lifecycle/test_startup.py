# SPDX-License-Identifier: Apache-2.0
"""What it prints when it starts."""

import json
import os
import pty
import subprocess

import pytest
from support.peers import TcpServer, answer, echo
from support.ports import free_port
from support.process import BINARY, WITH_PARENT
from support.waiting import wait_until


def start_report(proxy):
    """The first line; not to a terminal it is one JSON object."""
    line = wait_until(lambda: proxy.stderr.partition("\n")[1] and proxy.stderr.partition("\n")[0], "a first line")
    return json.loads(line)


def test_one_json_line(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=2)
        start = start_report(proxy)
        assert start["event"] == "start" and start["version"] and start["kernel"] and start["io_uring"]
        assert start["lanes"] == 2 and start["max_connections"] > 0
        assert [(one["frontend"], one["address"], one["backend"]) for one in start["listeners"]] == [
            ("f", proxy.address(), "b")
        ]
        assert [(one["name"], one["address"]) for one in start["servers"]] == [("s1", server.address)]
        assert start["admin"] == [proxy.admin]


class OnTerminal:
    """`corelane ARGUMENTS` with a terminal as its standard error; `text` is what came there."""

    def __init__(self, *arguments):
        self._master, slave = pty.openpty()
        os.set_blocking(self._master, False)
        self.process = subprocess.Popen(
            [*WITH_PARENT, BINARY, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave,
        )
        os.close(slave)
        self._text = ""

    @property
    def text(self):
        try:
            self._text += os.read(self._master, 1 << 16).decode().replace("\r\n", "\n")
        except OSError:  # nothing now, or the other end is closed
            pass
        return self._text

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        os.close(self._master)


def rows(text, label):
    """The lines with that label, without it."""
    return [line[15:] for line in text.splitlines() if line[:15] == f"  {label:<12} "]


def test_aligned_text_on_a_terminal(tmp_path):
    ports = [free_port() for _ in range(3)]
    config = {
        "global": {"reactors": 2, "admin": {"bind": [f"127.0.0.1:{ports[0]}"]}, "log": [{"to": "stdout"}]},
        "frontends": {
            "db": {"bind": [{"address": f"127.0.0.1:{ports[1]}"}], "default_backend": "primary"},
            "longer_name": {"bind": [{"address": f"[::1]:{ports[2]}"}], "default_backend": "replicas"},
        },
        "backends": {
            "primary": {"check": {"type": "tcp"}, "servers": [{"name": "s", "address": "127.0.0.1:9"}]},
            "replicas": {
                "balance": "leastconn",
                "servers": [
                    {"name": "replica1", "address": "localhost:9", "weight": 100},
                    {"name": "replica2", "address": "127.0.0.1:10", "backup": True},
                ],
            },
        },
    }
    (tmp_path / "corelane.json").write_text(json.dumps(config))
    with OnTerminal("run", tmp_path / "corelane.json") as proxy:
        text = wait_until(lambda: "  log " in proxy.text and proxy.text, "the whole report")
    first, *lines = text.splitlines()
    assert first.startswith("corelane ") and " on Linux " in first
    assert [line.split()[0] for line in lines[:10]] == [
        "io_uring", "lanes", "connections", "listen", "listen", "server", "server", "server", "admin", "log"
    ]
    assert rows(text, "lanes")[0].startswith("2, on CPU ") or rows(text, "lanes") == ["2, not pinned"]
    assert "derived from" in rows(text, "connections")[0]
    assert rows(text, "listen") == [
        f"db           127.0.0.1:{ports[1]}  -> primary (roundrobin)",
        f"longer_name  {f'[::1]:{ports[2]}':<15}  -> replicas (leastconn)",
    ]
    servers = rows(text, "server")
    assert len({line.index("  weight ") for line in servers}) == 1, "the column of weights is not aligned"
    assert [line.split()[0] for line in servers] == ["primary/s", "replicas/replica1", "replicas/replica2"]
    assert servers[0].endswith("weight 1    UP until checked, every 2s")
    assert servers[1].endswith("weight 100  UP, not checked") and "localhost:9 (" in servers[1]
    assert servers[2].endswith("weight 1    UP, not checked, backup")
    assert rows(text, "admin") == [f"127.0.0.1:{ports[0]}"]
    assert rows(text, "log") == ["stdout"]


@pytest.mark.sanitize
def test_without_a_file(corelane):
    with TcpServer(echo) as one, TcpServer(echo) as two:
        port = free_port()
        proxy = corelane(arguments=["run", "--listen", f"127.0.0.1:{port}", "--to", f"{one.address},{two.address}"])
        assert start_report(proxy)["listeners"][0]["address"] == f"127.0.0.1:{port}"
        for _ in range(4):
            assert answer(f"127.0.0.1:{port}", b"hello") == b"hello"
        # Health checks are connections too.
        assert one.accepted >= 1 and two.accepted >= 1
        proxy.stop()


def test_save_writes_the_file_that_says_the_same(corelane, tmp_path):
    with TcpServer(echo) as server:
        port, file = free_port(), tmp_path / "saved.json"
        first = corelane(
            arguments=["run", "--listen", f"127.0.0.1:{port}", "--to", server.address, "--save", file]
        )
        start_report(first)
        first.stop()
        second = corelane(arguments=["run", file])
        start_report(second)
        assert answer(f"127.0.0.1:{port}", b"hello") == b"hello"
        second.stop()
