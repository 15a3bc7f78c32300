# SPDX-License-Identifier: Apache-2.0
"""config/web-tcp.json, but for its addresses, before three nginx servers of which two end."""

import subprocess
import urllib.request
from contextlib import ExitStack

import pytest
from support.examples import moved
from support.nginx import Nginx

NAMES = ("app1", "app2", "spare")


@pytest.fixture
def servers(tmp_path):
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(Nginx(tmp_path / name, {"who": name.encode(), "page": b"x" * 20_000}))
            for name in NAMES
        }


def who(address):
    with urllib.request.urlopen(f"http://{address}/who", timeout=30) as response:
        return response.read().decode()


def test_it_serves_pages_and_falls_back_to_the_spare_server(corelane, servers):
    proxy = corelane(moved("web-tcp.json", {name: server.address for name, server in servers.items()}))
    for bind in (0, 1):
        assert {who(proxy.address("web", bind)) for _ in range(40)} == {"app1", "app2"}
    done = subprocess.run(
        ["wrk", "-t", "1", "-c", "32", "-d", "2s", f"http://{proxy.address('web')}/page"],
        capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 0 and "requests in" in done.stdout, done.stdout + done.stderr
    assert "Socket errors" not in done.stdout and "Non-2xx" not in done.stdout, done.stdout

    for name in ("app1", "app2"):
        servers[name].process.terminate()
        servers[name].process.wait(30)
    for name in ("app1", "app2"):
        proxy.wait_status(name, "DOWN", "app")
    assert {who(proxy.address("web")) for _ in range(10)} == {"spare"}
    proxy.stop()
