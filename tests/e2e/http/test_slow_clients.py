# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow on purpose, many of them, beside others that are not."""

import re
import resource
import subprocess
import time

import pytest
from support.http_peers import HttpClient, request
from support.nginx import Nginx
from support.peers import connect
from support.waiting import wait_until

ATTACKERS = 100
# slowhttptest's options; the reason and the status that its connections end with; the time-out that ends them.
ATTACKS = {
    "slow heads": (["-H", "-i", "1", "-u", "/small"], ("request_timeout", 408), "http_request"),
    "slow bodies": (["-B", "-i", "30", "-u", "/form"], ("client_timeout", 408), "client"),
    "slow readers": (["-X", "-u", "/large", "-n", "4", "-z", "32"], ("client_timeout", 200), "client"),
}

SLOW = 5000
ROUNDS = 5
HEAD = b"GET /small HTTP/1.1\r\nHost: a.test\r\nX-Slow: " + b"x" * 200


@pytest.fixture
def nginx(tmp_path):
    # It passes a form on when it has all of it.
    form = "location /form { proxy_pass http://127.0.0.1:{port}/small; }"
    with Nginx(tmp_path / "nginx", {"small": b"hello\n", "large": bytes(32 << 20)}, directives=form) as server:
        yield server


def attack(address, options):
    options = [f"http://{address}{word}" if word.startswith("/") else word for word in options]
    return subprocess.Popen(
        ["slowhttptest", "-c", str(ATTACKERS), "-r", str(ATTACKERS), "-l", "60", "-p", "20", *options],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("kind", ATTACKS)
def test_attackers_are_let_go_and_disturb_nobody(web, nginx, kind):
    options, ending, time_out = ATTACKS[kind]
    proxy = web(nginx.address, timeouts={time_out: "3s"})
    slow = attack(proxy.address(), options)
    wait_until(lambda: proxy.frontend("f")["connections_current"] >= ATTACKERS, "every attacker is there")
    with HttpClient(proxy.address()) as client:
        for _ in range(200):
            assert client.ask(request("GET", "/small")).body == b"hello\n"

    def ended_so():
        ends = [(record["end_reason"], record["http"]["status"]) for record in proxy.records()]
        return ends.count(ending) >= ATTACKERS

    wait_until(ended_so, f"{ATTACKERS} connections end with {ending}")
    # It may go on with what it has not read yet.
    slow.kill()
    said, _ = slow.communicate()
    assert "NO" not in re.findall(r"service available:.*?(YES|NO)", said), said
    assert all(record["http"]["status"] in (200, ending[1]) for record in proxy.records())
    assert proxy.frontend("f")["connections_current"] == 0


def counts(proxy):
    """What the lane has done, and what it holds."""
    [lane] = proxy.stats()["lanes"]
    return lane["completions"], lane["buffers_in_use"]


def send_byte(clients, at):
    for client in clients:
        client.send(HEAD[at : at + 1])


@pytest.mark.exclusive
@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 2 * SLOW, reason=f"needs {2 * SLOW} descriptors")
def test_5000_clients_with_a_byte_a_second_cost_others_nothing(web, nginx):
    proxy = web(nginx.address, max_connections=SLOW + 200, timeouts={"http_request": "10m"})
    empty = proxy.resident_bytes()
    slow = [connect(proxy.address()) for _ in range(SLOW)]
    try:
        wait_until(lambda: proxy.frontend("f")["connections_current"] == SLOW, "every client is there")
        load = subprocess.Popen(["wrk", "-t", "1", "-c", "32", "-d", f"{ROUNDS}s", "--timeout", "20s",
                                 f"http://{proxy.address()}/small"], stdout=subprocess.PIPE, text=True)
        for at in range(ROUNDS):
            send_byte(slow, at)
            time.sleep(1)
        said, _ = load.communicate(timeout=90)
        assert "Socket errors" not in said and "Non-2xx" not in said, said
        assert int(re.search(r"(\d+) requests in", said)[1]) > 100, said

        # What a byte of theirs takes is one completion.
        wait_until(lambda: proxy.frontend("f")["connections_current"] == SLOW, "the load is gone, the slow ones are not")
        before, _ = counts(proxy)
        for at in range(ROUNDS):
            send_byte(slow, ROUNDS + at)
            wait_until(lambda: counts(proxy)[0] >= before + SLOW * (at + 1), "the bytes have come")
        completions, buffers = counts(proxy)
        assert completions - before < 1.1 * SLOW * ROUNDS + 1000
        assert buffers == 0
        per_client = (proxy.resident_bytes() - empty) / SLOW
        assert per_client < 8192, f"{per_client:.0f} bytes of resident memory per slow client"

        for client in slow[::50]:
            client.sendall(HEAD[2 * ROUNDS:] + b"\r\n\r\n")
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
    finally:
        for client in slow:
            client.close()
    wait_until(lambda: proxy.frontend("f")["connections_current"] == 0, "every connection is gone")
    proxy.stop()
