# SPDX-License-Identifier: Apache-2.0
"""Every example in config/ starts and forwards, its addresses moved to free ports of this machine."""

from contextlib import ExitStack

import pytest
from support.http_peers import HttpClient, HttpServer, response
from support.peers import TcpServer, answer, echo
from support.ports import free_port
from support.process import command
from support.proxy_headers import V2
from support.examples import EXAMPLES, load
from support.tls import client_hello

# Those whose files are not there until somebody makes them; tests/e2e/tls starts them.
WITH_FILES = {"client-certificates.json", "tls-to-servers.json"}
OPENINGS = {"tls-passthrough.json": client_hello("blog.example.com")}


@pytest.mark.parametrize(
    "path", [path for path in EXAMPLES if path.name not in WITH_FILES], ids=lambda path: path.name)
def test_it_runs(corelane, path, tmp_path):
    config = load(path)
    with ExitStack() as stack:
        move(config, stack, tmp_path)
        proxy = corelane(config)
        for name, frontend in config["frontends"].items():
            for bind in frontend["bind"]:
                address = bind["address"]
                reachable = f"127.0.0.1{address}" if address.startswith(":") else address
                if speaks_http(config):
                    with HttpClient(reachable) as client:
                        got = client.ask()
                        # Some want clients to call them by another name.
                        assert got.body == b"hello" or got.status == 301, f"{name} at {address}"
                    continue
                opening = OPENINGS.get(path.name, b"hello")
                assert answer(reachable, opening) == opening, f"{name} at {address}"
        proxy.stop()


def move(config, stack, folder):
    """Listeners to free ports, each server to an echo server of its own, log and admin address to the test's, and
    limits to those of this machine."""
    for key in ("admin", "log", "max_connections"):
        config.get("global", {}).pop(key, None)
    for frontend in config["frontends"].values():
        for bind in frontend["bind"]:
            if bind["address"].startswith("unix:"):
                bind["address"] = f"unix:{folder}/listener"
            else:
                bind["address"] = bind["address"].rpartition(":")[0] + f":{free_port()}"
    for backend in config["backends"].values():
        for server in backend["servers"]:
            sends = server.get("send_proxy", backend.get("default_server", {}).get("send_proxy"))
            if speaks_http(config):
                peer = HttpServer(response(200, b"hello"))
            else:
                peer = TcpServer(echo_after_header if sends else echo)
            server["address"] = stack.enter_context(peer).address


def speaks_http(config):
    return config.get("defaults", {}).get("mode") == "http"


def echo_after_header(connection, server):
    V2(connection)
    echo(connection, server)


@pytest.mark.parametrize(
    "path", [path for path in EXAMPLES if path.name not in WITH_FILES], ids=lambda path: path.name)
def test_it_passes_check_as_it_stands(path):
    done = command("check", path)
    assert done.returncode == 0, done.stderr
