# SPDX-License-Identifier: Apache-2.0
"""What health checks cost: 10,000 servers in 1,000 backends, checked every 2 s, as CPU of the control thread."""

import contextlib
import json
import os
import socket
import time
import urllib.request
from pathlib import Path

import network
import remote_servers
from processes import BenchError, Process, free_port
from rounds import Metric, single, summarize

BACKENDS = 1000
SERVERS_PER_BACKEND = 10
LISTENERS = 16
INTERVAL_S = 2
SECONDS = 20
HOST = "127.0.0.1"

RATE = Metric("rate", "checks per second", "1/s", digits=0)
REMOTE_METRICS = [
    Metric("core", "CPU of one core, receiving included", "%", 5, absolute=True),
    Metric("thread", "CPU of one core, the thread alone", "%"),
    Metric("each_us", "CPU per check, receiving included", "us"),
    RATE,
]
LOOPBACK_METRICS = [
    Metric("core", "CPU of one core, servers' half included", "%"),
    Metric("each_us", "CPU per check", "us"),
    RATE,
]


class Loopback:
    """Servers on this machine. Nobody accepts: both programs reset a check that only connects before the handshake ends."""

    receiver = None

    def __init__(self, count):
        self._listeners = [socket.create_server((HOST, 0), backlog=4096) for _ in range(count)]
        self.listeners = [f"{HOST}:{listener.getsockname()[1]}" for listener in self._listeners]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for listener in self._listeners:
            listener.close()


def corelane_config(bench, servers, port, admin):
    backends = {}
    for backend in range(BACKENDS):
        addresses = [servers[(backend + number) % len(servers)] for number in range(SERVERS_PER_BACKEND)]
        backends[f"b{backend}"] = {"servers": [{"name": f"s{i}", "address": address} for i, address in enumerate(addresses)]}
    config = {
        "global": {"reactors": 1, "max_connections": 1000, "admin": {"bind": [admin]}},
        "defaults": {"check": {"type": "tcp", "interval": f"{INTERVAL_S}s"}},
        "frontends": {"f": {"bind": [{"address": f"{HOST}:{port}"}], "default_backend": "b0"}},
        "backends": backends,
    }
    path = bench.directory / "checks.json"
    path.write_text(json.dumps(config))
    return path


def haproxy_config(bench, servers, port):
    lines = ["global", "  nbthread 1", "  maxconn 1000", "defaults", "  mode tcp", "  timeout connect 5s",
             "  timeout client 60s", "  timeout server 60s", "frontend f", f"  bind {HOST}:{port}", "  default_backend b0"]
    for backend in range(BACKENDS):
        lines.append(f"backend b{backend}")
        for i in range(SERVERS_PER_BACKEND):
            lines.append(f"  server s{i} {servers[(backend + i) % len(servers)]} check inter {INTERVAL_S}s")
    path = bench.directory / "checks.cfg"
    path.write_text("\n".join(lines) + "\n")
    return path


class Clocks:
    """CPU seconds of the thread that checks, the process's first one in both programs, and of the kernel's thread that
    receives for it."""

    def __init__(self, process, receiver):
        self.began = time.monotonic()
        self.thread = scheduled(f"/proc/{process.pid}/task/{process.pid}")
        self.receiving = scheduled(f"/proc/{receiver}") if receiver else 0

    def shares_since(self, before):
        """Of one core: the thread that checks, and receiving."""
        seconds = self.began - before.began
        return (self.thread - before.thread) / seconds, (self.receiving - before.receiving) / seconds


def scheduled(directory):
    return int(Path(f"{directory}/schedstat").read_text().split()[0]) / 1e9


def checks_made(admin):
    """When it was asked, and how many checks had been made."""
    asked = time.monotonic()
    with urllib.request.urlopen(f"http://{admin}/stats", timeout=30) as answer:
        backends = json.load(answer)["backends"].values()
    states = [server["check"] for backend in backends for server in backend["servers"].values()]
    failed = [state["status"] for state in states if state["status"] != "L4OK"]
    if failed:
        raise BenchError(f"{len(failed)} of {len(states)} servers are not L4OK but {failed[0]}")
    return asked, sum(state["checks_total"] for state in states)


def measure(process, receiver, admin=None):
    """HAProxy's checks are not counted, but taken from the interval. Asking for statistics is not measured."""
    time.sleep(2 * INTERVAL_S)
    made_before = checks_made(admin) if admin else None
    before = Clocks(process, receiver)
    time.sleep(SECONDS)
    process.check_alive()
    thread, receiving = Clocks(process, receiver).shares_since(before)
    rate = BACKENDS * SERVERS_PER_BACKEND / INTERVAL_S
    if admin:
        asked, made = checks_made(admin)
        rate = (made - made_before[1]) / (asked - made_before[0])
    return {
        "core": (thread + receiving) * 100,
        "thread": thread * 100,
        "each_us": (thread + receiving) / rate * 1e6,
        "rate": rate,
    }


def compare(bench, servers):
    """Samples of the candidate and of HAProxy, one after the other."""
    port, admin = free_port(), f"{HOST}:{free_port()}"
    with contextlib.ExitStack() as stack:
        addresses = stack.enter_context(servers).listeners
        silence = stack.enter_context(open(os.devnull, "wb"))
        quiet = {"log": silence, "stdout": silence}
        config = corelane_config(bench, addresses, port, admin)
        with Process([bench.corelane, "run", config], bench.proxy_cpus, **quiet) as process:
            process.wait_listening(HOST, port)
            candidate = measure(process, servers.receiver, admin)
        config = haproxy_config(bench, addresses, port)
        with Process(["haproxy", "-db", "-q", "-f", config], bench.proxy_cpus, **quiet) as process:
            process.wait_listening(HOST, port)
            baseline = measure(process, servers.receiver)
    return single(candidate, baseline)


def run(bench):
    notes = [
        f"checks: {BACKENDS * SERVERS_PER_BACKEND} servers in {BACKENDS} backends every {INTERVAL_S} s, {SECONDS} s each, "
        "one run; the first thread of each.",
        "checks, loopback: the thread that checks does the servers' half of each handshake as well.",
    ]
    results = []
    if network.own():
        notes.append(
            "checks, remote: the servers are in another network, at the other end of a cable; the thread that receives "
            "for the proxy's end counts, the one for the servers' end does not."
        )
        results += summarize("checks: remote", compare(bench, remote_servers.Cable(LISTENERS)), REMOTE_METRICS)
    results += summarize("checks: loopback", compare(bench, Loopback(LISTENERS)), LOOPBACK_METRICS)
    return results, notes
