# SPDX-License-Identifier: Apache-2.0
"""Short connections: connect, one exchange of 64 bytes each way, close by the client."""

import contextlib

from loads import churn, start_exchange_server
from processes import CpuMeter
from proxies import start_contenders
from rounds import Metric, interleave, summarize

METRICS = [
    Metric("cpu_us", "CPU per connection", "us", 0.80),
    Metric("user_us", "user CPU per connection", "us", pooled_over="connections"),
    Metric("rate", "connections per second", "1/s", digits=0),
    Metric("p99_us", "connect to reply p99", "us", digits=0),
]


def measure(bench, proxy):
    with CpuMeter(proxy) as cpu:
        sample = churn(bench, proxy.address, bench.short_connections)
    sample["cpu_us"] = cpu.total / sample["connections"] * 1e6
    sample["user_us"] = cpu.user / sample["connections"] * 1e6
    sample["rate"] = sample["connections"] / sample["seconds"]
    return sample


def run(bench):
    with contextlib.ExitStack() as stack:
        contenders = start_contenders(bench, stack, start_exchange_server(bench, stack), floor=True)
        for proxy in contenders.values():
            churn(bench, proxy.address, 2000)
        samples = interleave("short", bench.rounds, contenders, lambda proxy: measure(bench, proxy))
    return summarize("short", samples, METRICS), []
