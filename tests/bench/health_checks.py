# SPDX-License-Identifier: Apache-2.0
"""What health checks cost: 10,000 servers in 1,000 backends, checked every 2 s, as CPU of the control thread."""

import contextlib
import json
import os
import socket
import time
import urllib.request
from pathlib import Path

from processes import BenchError, Process, free_port
from rounds import Metric, single, summarize

BACKENDS = 1000
SERVERS_PER_BACKEND = 10
LISTENERS = 16
INTERVAL_S = 2
SECONDS = 20
HOST = "127.0.0.1"

METRICS = [
    Metric("core", "CPU of one core", "%", 5, absolute=True),
    Metric("each_us", "CPU per check", "us"),
    Metric("rate", "checks per second", "1/s", digits=0),
]


def listeners(stack):
    """Nobody accepts: both programs reset a check that only connects before the handshake ends."""
    for _ in range(LISTENERS):
        listener = stack.enter_context(socket.create_server((HOST, 0), backlog=4096))
        yield f"{HOST}:{listener.getsockname()[1]}"


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


def cpu_seconds(process):
    """Of the thread that checks: the process's first one, in both programs."""
    return int(Path(f"/proc/{process.pid}/task/{process.pid}/schedstat").read_text().split()[0]) / 1e9


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


def measure(process, admin=None):
    """HAProxy's checks are not counted, but taken from the interval. Asking for statistics is not measured."""
    time.sleep(2 * INTERVAL_S)
    before = checks_made(admin) if admin else None
    cpu, began = cpu_seconds(process), time.monotonic()
    time.sleep(SECONDS)
    process.check_alive()
    cpu, seconds = cpu_seconds(process) - cpu, time.monotonic() - began
    rate = BACKENDS * SERVERS_PER_BACKEND / INTERVAL_S
    if admin:
        asked, made = checks_made(admin)
        rate = (made - before[1]) / (asked - before[0])
    return {"core": cpu / seconds * 100, "each_us": cpu / seconds / rate * 1e6, "rate": rate}


def run(bench):
    port, admin = free_port(), f"{HOST}:{free_port()}"
    with contextlib.ExitStack() as stack:
        servers = list(listeners(stack))
        silence = stack.enter_context(open(os.devnull, "wb"))
        quiet = {"log": silence, "stdout": silence}
        with Process([bench.corelane, "run", corelane_config(bench, servers, port, admin)], bench.proxy_cpus, **quiet) as process:
            process.wait_listening(HOST, port)
            candidate = measure(process, admin)
        with Process(["haproxy", "-db", "-q", "-f", haproxy_config(bench, servers, port)], bench.proxy_cpus, **quiet) as process:
            process.wait_listening(HOST, port)
            baseline = measure(process)
    notes = [
        f"checks: {BACKENDS * SERVERS_PER_BACKEND} servers in {BACKENDS} backends every {INTERVAL_S} s, {SECONDS} s each, "
        "one run; the first thread of each. On loopback it does the servers' share of the handshake as well."
    ]
    return summarize("checks", single(candidate, baseline), METRICS), notes
