# SPDX-License-Identifier: Apache-2.0
"""Short connections to one server through source addresses with 16,384 ports each, many times more than there are ports
in that time: does one fail, and does finding a port become dearer?"""

import contextlib
import statistics

import network
from loads import churn, start_exchange_server
from mysql_like import GREETING, SHAPE
from processes import CpuMeter
from proxies import start_corelane, start_haproxy
from rounds import Metric, single, summarize

SERVER = ["127.0.0.2"]
SOURCES = [f"127.0.0.{last}:10240-26623" for last in (31, 32, 33, 34)]
CONNECTIONS = 200_000
LOTS = 40
CLIENTS = ["--source", "127.0.1.1", "--sources", 64, "--failures-allowed"]

METRICS = [
    Metric("good", "connections before the first failure", "count", CONNECTIONS, absolute=True, at_least=True, digits=0),
    Metric("cpu_us", "CPU per connection", "us"),
    Metric("first_us", "CPU per connection, first lot", "us"),
    Metric("last_us", "CPU per connection, last lot", "us"),
    Metric("growth", "CPU per connection, last quarter to first", "ratio", 1.1, absolute=True),
]


def corelane_sources(policy):
    def change(config):
        config["backends"]["servers"] |= {"source": {"addresses": SOURCES}, "close": policy}

    return change


def haproxy_sources(text):
    """One server line per source address: HAProxy has no list of them."""
    lines = text.splitlines()
    server = lines.pop().rpartition(" ")[2]
    lines += [f"  server s{number} {server} source {source}" for number, source in enumerate(SOURCES)]
    return "\n".join(lines) + "\n"


def measure(bench, proxy, shape):
    """In lots, each with its own CPU time; ends with the first lot that has a failure."""
    cpu_us, good = [], 0
    for _ in range(LOTS):
        with CpuMeter(proxy) as cpu:
            sample = churn(bench, proxy.address, CONNECTIONS // LOTS, [*shape, *CLIENTS], seconds=15)
        cpu_us.append(cpu.total / (CONNECTIONS // LOTS) * 1e6)
        good += sample["connections"]
        if sample["failed"]:
            break
    quarter = max(1, len(cpu_us) // 4)
    return {
        "good": good,
        "cpu_us": statistics.median(cpu_us),
        "first_us": cpu_us[0],
        "last_us": cpu_us[-1],
        "growth": statistics.median(cpu_us[-quarter:]) / statistics.median(cpu_us[:quarter]),
    }


def run_with(bench, stack, name, policy, greeting, shape):
    servers = start_exchange_server(bench, stack, SERVER, greeting)
    with start_corelane(bench, servers, change=corelane_sources(policy)) as proxy:
        candidate = measure(bench, proxy, shape)
    with start_haproxy(bench, servers, change=haproxy_sources) as proxy:
        baseline = measure(bench, proxy, shape)
    return summarize(name, single(candidate, baseline), METRICS)


def run(bench):
    """Clients that say goodbye, so that a server can close first, and clients that just close."""
    with network.without_time_wait_reuse(), contextlib.ExitStack() as stack:
        results = run_with(bench, stack, "ports: goodbye", "server-first", GREETING, SHAPE)
        results += run_with(bench, stack, "ports: silent", "reset", 0, [])
    addresses = f"{len(SOURCES)} source addresses with 16,384 ports each"
    return results, [f"ports: one server, {addresses}; Corelane closes server-first, and with a reset. One run."]
