# SPDX-License-Identifier: Apache-2.0
"""Websocket checks against node's ws."""

import os
import subprocess

import pytest
from support.ports import free_port
from support.process import WITH_PARENT
from support.waiting import wait_until

# Says what it sees of each connection: its path, its origin, and the code that it was closed with.
SERVER = """
const { WebSocketServer } = require('ws');
const server = new WebSocketServer({ port: PORT, host: '127.0.0.1', path: '/chat' });
server.on('connection', (socket, request) => {
  socket.on('close', code => console.log(request.url, request.headers.origin, code));
  socket.on('error', error => console.log('error', error.message));
});
"""
PLAIN = """
require('http').createServer((request, response) => response.end('no websocket')).listen(PORT, '127.0.0.1');
"""


@pytest.fixture
def node(tmp_path):
    """node(script) runs it with a free PORT; (address, path of its output)."""
    started = []

    def start(script):
        port = free_port()
        output = tmp_path / f"node{len(started)}.log"
        with open(output, "wb") as out:
            started.append(subprocess.Popen(
                [*WITH_PARENT, "node", "-e", script.replace("PORT", str(port))],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env={**os.environ, "NODE_PATH": "/usr/share/nodejs"},
            ))
        return f"127.0.0.1:{port}", output

    yield start
    for one in started:
        one.kill()
        one.wait()


def checked(balancer, address, **check):
    check = {"type": "websocket", "interval": "100ms", "fall": 1, "rise": 1, **check}
    return balancer(address, {"address": address, "check": False}, backend={"check": check})


def wait_check(proxy, status):
    wait_until(lambda: proxy.server("s1")["check"]["status"] == status, f"the check says {status}")
    return proxy.server("s1")["check"]


@pytest.mark.sanitize
def test_a_websocket_server(balancer, node):
    address, output = node(SERVER)
    proxy = checked(balancer, address, uri="/chat", headers={"Origin": "https://chat.example"})
    assert wait_check(proxy, "L7OK")["code"] == 101
    proxy.wait_status("s1", "UP")
    wait_until(lambda: len(output.read_text().splitlines()) >= 3, "some more checks")
    assert set(output.read_text().splitlines()) == {"/chat https://chat.example 1000"}
    elsewhere = checked(balancer, address, uri="/elsewhere")
    assert wait_check(elsewhere, "L7STS")["code"] == 400
    elsewhere.stop()
    proxy.stop()


def test_a_server_without_websockets(balancer, node):
    address, _ = node(PLAIN)
    proxy = checked(balancer, address)
    check = wait_check(proxy, "L7STS")
    assert (check["code"], check["info"]) == (200, "OK")
    proxy.wait_status("s1", "DOWN")
