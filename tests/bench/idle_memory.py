# SPDX-License-Identifier: Apache-2.0
"""Memory of idle connections: 3,000 of them, with and without an exchange before they fall silent."""

import contextlib
import time

from loads import churn, held_connections, start_exchange_server
from processes import BenchError, established
from proxies import start_corelane, start_haproxy
from rounds import Metric, single, summarize

CONNECTIONS = 3000
TARGET_KB = 0.5


def metrics(exchange):
    kind = "after one exchange" if exchange else "never used"
    return [
        Metric("Rss", f"resident per connection, {kind}", "KB", TARGET_KB, absolute=True),
        Metric("Private_Dirty", f"private dirty per connection, {kind}", "KB"),
        Metric("before", f"resident before, {kind}", "KB", digits=0),
        Metric("dirty_before", f"private dirty before, {kind}", "KB", digits=0),
    ]


def wait_established(servers, expected):
    """Until the servers have them all: only then does each connection lead through the proxy."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        count = sum(established(*split(server)) for server in servers)
        if count == expected:
            return
        time.sleep(0.05)
    raise BenchError(f"the servers see {count} connections instead of {expected}")


def split(server):
    address, _, port = server.partition(":")
    return address, int(port)


def measure(bench, servers, start, exchange):
    """In a fresh process, warmed by a few connections so that its code is resident before."""
    with start(bench, servers) as proxy:
        churn(bench, proxy.address, 20)
        wait_established(servers, 0)
        before = proxy.memory_kb()
        with held_connections(bench, proxy.address, CONNECTIONS, *(["--exchange"] if exchange else [])):
            wait_established(servers, CONNECTIONS)
            time.sleep(0.5)
            after = proxy.memory_kb()
        proxy.check_alive()
    sample = {name: (after[name] - before[name]) / CONNECTIONS for name in after}
    return sample | {"before": before["Rss"], "dirty_before": before["Private_Dirty"]}


def run(bench):
    start_candidate = start_haproxy if bench.self_check else start_corelane
    results = []
    with contextlib.ExitStack() as stack:
        servers = start_exchange_server(bench, stack)
        for exchange in (False, True):
            candidate = measure(bench, servers, start_candidate, exchange)
            samples = single(candidate, measure(bench, servers, start_haproxy, exchange))
            results += summarize("memory", samples, metrics(exchange))
    return results, [f"memory: {CONNECTIONS} connections in a fresh process, one run; before: memory at rest."]
