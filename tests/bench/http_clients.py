# SPDX-License-Identifier: Apache-2.0
"""Many clients that do little, in HTTP mode: what an idle one keeps of memory, and what slow ones cost the others."""

import contextlib
import socket
import time

from loads import dripping_connections, held_connections, start_nginx, wrk
from processes import CpuMeter
from proxies import HOST, start_contenders, start_corelane, start_haproxy
from rounds import Metric, interleave, single, summarize

IDLE_CLIENTS = 3000
SLOW_CLIENTS = 5000
CONNECTIONS = 64  # of those who are not slow
REQUEST = "GET /small HTTP/1.1\r\nHost: bench\r\n\r\n"
SLOW_REQUEST = "GET /small HTTP/1.1\r\nHost: bench\r\nSlow: "

IDLE_METRICS = [
    Metric("Rss", "resident per idle client", "KB", 1.0, absolute=True),
    Metric("Private_Dirty", "private dirty per idle client", "KB"),
    Metric("before", "resident before", "KB", digits=0),
]
SLOW_METRICS = [
    Metric("cpu_us", "CPU per request of others", "us"),
    Metric("cpu_growth", "the same, to without slow clients", "ratio"),
    Metric("rate_growth", "requests per second, to without slow clients", "ratio"),
    Metric("p99_us", "latency p99 of others", "us", 1.0, digits=0),
    Metric("p99_growth", "the same, to without slow clients", "ratio"),
    Metric("slow_ms", "CPU per second, slow clients alone", "ms"),
    Metric("memory_kb", "resident per slow client", "KB"),
]


def one_exchange(proxy):
    """Options of a client that makes one; how long the answer is depends on who gives it."""
    with socket.create_connection((HOST, proxy.port), timeout=5) as client:
        client.sendall(REQUEST.encode())
        client.settimeout(0.5)
        answer = b""
        with contextlib.suppress(TimeoutError):
            while piece := client.recv(65536):
                answer += piece
    return ["--exchange", "--text", REQUEST, "--reply", len(answer)]


def measure_idle(bench, server, start):
    with start(bench, [server], mode="http") as proxy:
        wrk(bench, proxy.address, CONNECTIONS, 1)
        options = one_exchange(proxy)
        before = proxy.memory_kb()
        with held_connections(bench, proxy.address, IDLE_CLIENTS, *options):
            time.sleep(0.5)
            after = proxy.memory_kb()
        proxy.check_alive()
    sample = {name: (after[name] - before[name]) / IDLE_CLIENTS for name in after}
    return sample | {"before": before["Rss"]}


def run_idle(bench):
    start_candidate = start_haproxy if bench.self_check else start_corelane
    with contextlib.ExitStack() as stack:
        server = start_nginx(bench, stack)
        samples = single(measure_idle(bench, server, start_candidate), measure_idle(bench, server, start_haproxy))
    note = f"http idle: {IDLE_CLIENTS} clients after one exchange in a process warmed by wrk, one run."
    return summarize("http idle", samples, IDLE_METRICS), [note]


def requests(bench, proxy):
    with CpuMeter(proxy) as cpu:
        sample = wrk(bench, proxy.address, CONNECTIONS, bench.seconds)
    return sample | {"cpu": cpu.total}


def measure_slow(bench, proxy):
    plain = requests(bench, proxy)
    memory = proxy.memory_kb()["Rss"]
    with dripping_connections(bench, proxy.address, SLOW_CLIENTS, SLOW_REQUEST):
        time.sleep(1)
        with CpuMeter(proxy) as alone:
            time.sleep(bench.seconds)
        grown = proxy.memory_kb()["Rss"]
        beside = requests(bench, proxy)
    slow_share = alone.total / bench.seconds
    cpu_us = (beside["cpu"] - slow_share * bench.seconds) / beside["requests"] * 1e6
    return {
        "cpu_us": cpu_us,
        "cpu_growth": cpu_us / (plain["cpu"] / plain["requests"] * 1e6),
        "rate_growth": beside["rate"] / plain["rate"],
        "p99_us": beside["p99_us"],
        "p99_growth": beside["p99_us"] / plain["p99_us"],
        "slow_ms": slow_share * 1e3,
        "memory_kb": (grown - memory) / SLOW_CLIENTS,
    }


def run_slow(bench):
    with contextlib.ExitStack() as stack:
        contenders = start_contenders(bench, stack, [start_nginx(bench, stack)], mode="http")
        for proxy in contenders.values():
            wrk(bench, proxy.address, CONNECTIONS, 1)
        samples = interleave("http slow", bench.slow_rounds, contenders, lambda proxy: measure_slow(bench, proxy))
    note = f"http slow: {SLOW_CLIENTS} clients that send a byte of a request head each second, beside wrk."
    return summarize("http slow", samples, SLOW_METRICS), [note]
