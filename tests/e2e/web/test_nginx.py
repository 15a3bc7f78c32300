# SPDX-License-Identifier: Apache-2.0
"""Corelane in TCP mode before nginx, loaded with wrk."""

import re
import subprocess
import urllib.request

import pytest
from support.nginx import Nginx
from support.waiting import wait_until

MIB = 1 << 20
FILES = {"small": b"hello\n", "page": b"x" * 20_000, "large": bytes(range(256)) * (16 * MIB // 256)}


@pytest.fixture
def nginx(tmp_path):
    with Nginx(tmp_path / "nginx", FILES) as server:
        yield server


@pytest.mark.sanitize
@pytest.mark.lanes
def test_files(balancer, nginx):
    proxy = balancer(nginx.address)
    for name, content in FILES.items():
        with urllib.request.urlopen(f"http://{proxy.address()}/{name}", timeout=60) as response:
            assert response.read() == content, name


@pytest.mark.sanitize
@pytest.mark.lanes
@pytest.mark.parametrize(
    "page, connections, seconds, headers",
    [("small", 64, 3, []), ("page", 64, 3, []), ("small", 32, 2, ["-H", "Connection: close"]), ("large", 8, 3, [])],
    ids=["keep-alive", "pages", "short connections", "bulk"],
)
def test_wrk(balancer, nginx, page, connections, seconds, headers):
    proxy = balancer(nginx.address, lanes=2)
    url = f"http://{proxy.address()}/{page}"
    done = subprocess.run(
        ["wrk", "-t", "2", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "20s", *headers, url],
        capture_output=True, text=True, timeout=90,
    )
    assert done.returncode == 0, done.stderr
    requests = int(re.search(r"(\d+) requests in", done.stdout)[1])
    assert requests > (1 if page == "large" else 100), done.stdout
    assert "Socket errors" not in done.stdout, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
    wait_until(lambda: proxy.frontend("f")["connections_current"] == 0, "every connection is gone")
    proxy.stop()
