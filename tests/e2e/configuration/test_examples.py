# SPDX-License-Identifier: Apache-2.0
"""Every example in config/ starts and forwards, its addresses moved to free ports of this machine."""

from contextlib import ExitStack

import pytest
from support.peers import TcpServer, answer, echo
from support.ports import free_port
from support.process import command
from support.examples import EXAMPLES, load


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_it_runs(corelane, path):
    config = load(path)
    with ExitStack() as stack:
        move(config, stack)
        proxy = corelane(config)
        for name in config["frontends"]:
            assert answer(proxy.address(name), b"hello") == b"hello"
        proxy.stop()


def move(config, stack):
    """Listeners to free ports, each server to an echo server of its own, log and admin address to the test's."""
    for key in ("admin", "log"):
        config.get("global", {}).pop(key, None)
    for frontend in config["frontends"].values():
        for bind in frontend["bind"]:
            bind["address"] = f"127.0.0.1:{free_port()}"
            bind.pop("interface", None)
    for backend in config["backends"].values():
        for server in backend["servers"]:
            server["address"] = stack.enter_context(TcpServer(echo)).address


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_it_passes_check_as_it_stands(path):
    done = command("check", path)
    assert done.returncode == 0, done.stderr
