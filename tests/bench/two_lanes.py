# SPDX-License-Identifier: Apache-2.0
"""Two lanes against one. Nothing is pinned, and the load shares the cores with the lanes."""

import contextlib
import os

from keepalive import measure
from loads import start_nginx, wrk
from proxies import start_corelane, start_haproxy
from rounds import Metric, interleave, summarize

CONNECTIONS = 256
CORES_NEEDED = 4  # two for the lanes, two for the load and the server
TARGET = 1.8


def metrics():
    enough = os.cpu_count() >= CORES_NEEDED
    return [
        Metric("rate", "requests per second, two lanes to one", "1/s", TARGET if enough else None, at_least=True, digits=0),
        Metric("cpu_us", "CPU per request, two lanes to one", "us"),
        Metric("user_us", "user CPU per request, two lanes to one", "us", pooled_over="requests"),
    ]


def run_proxy(bench, scenario, start):
    with contextlib.ExitStack() as stack:
        servers = [start_nginx(bench, stack)]
        two = stack.enter_context(start(bench, servers, lanes=2))
        one = stack.enter_context(start(bench, servers, lanes=1))
        for proxy in (two, one):
            wrk(bench, proxy.address, CONNECTIONS, 1)
        samples = interleave(scenario, bench.rounds, {"candidate": two, "baseline": one}, lambda proxy: measure(bench, proxy, CONNECTIONS))
    return summarize(scenario, samples, metrics())


def run(bench):
    loose = bench.unpinned()
    results = [] if bench.self_check else run_proxy(loose, "lanes: corelane", start_corelane)
    results += run_proxy(loose, "lanes: haproxy", start_haproxy)
    notes = ["lanes: the columns are two lanes and one lane of the same proxy, nothing is pinned to a CPU."]
    if os.cpu_count() < CORES_NEEDED:
        notes.append(
            f"lanes: {os.cpu_count()} cores are too few to show scaling: load, server and lanes share them, so the rate "
            "says little; CPU per request shows what a second lane costs."
        )
    return results, notes
