# SPDX-License-Identifier: Apache-2.0
"""Files of 10 KB and of 1 MB through HTTP mode: wrk, the proxy, nginx; HAProxy with its splice options."""

import contextlib

from loads import FILES, start_nginx, wrk
from processes import CpuMeter
from proxies import start_contenders
from rounds import Metric, interleave, summarize

CONNECTIONS = {"10k": 64, "1m": 16}

METRICS = [
    Metric("cpu_ms_per_gb", "CPU per GB", "ms", 1.0, digits=0),
    Metric("user_ms_per_gb", "user CPU per GB", "ms", pooled_over="gigabytes", digits=0),
    Metric("gb_per_s", "throughput", "GB/s"),
    Metric("p99_us", "latency p99", "us", digits=0),
]


def measure(bench, proxy, name):
    with CpuMeter(proxy) as cpu:
        sample = wrk(bench, proxy.address, CONNECTIONS[name], bench.seconds, name)
    gigabytes = sample["requests"] * FILES[name] / 1e9
    return {
        "gigabytes": gigabytes,
        "cpu_ms_per_gb": cpu.total / gigabytes * 1e3,
        "user_ms_per_gb": cpu.user / gigabytes * 1e3,
        "gb_per_s": sample["rate"] * FILES[name] / 1e9,
        "p99_us": sample["p99_us"],
    }


def run_with(bench, name):
    scenario = f"http {name}"
    with contextlib.ExitStack() as stack:
        contenders = start_contenders(bench, stack, [start_nginx(bench, stack)], splice=True, mode="http")
        for proxy in contenders.values():
            wrk(bench, proxy.address, CONNECTIONS[name], 1, name)
        samples = interleave(scenario, bench.rounds, contenders, lambda proxy: measure(bench, proxy, name))
    return summarize(scenario, samples, METRICS), []


def runs(name):
    return lambda bench: run_with(bench, name)
