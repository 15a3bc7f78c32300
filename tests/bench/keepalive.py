# SPDX-License-Identifier: Apache-2.0
"""Small keep-alive requests: wrk, the proxy, nginx."""

import contextlib

from loads import start_nginx, wrk
from processes import CpuMeter
from proxies import start_contenders
from rounds import Metric, interleave, summarize

CPU_TARGETS = {("tcp", 64): 0.78, ("tcp", 256): 0.68, ("http", 64): 0.50, ("http", 256): 0.42}
P99_TARGETS = {("tcp", 64): None, ("tcp", 256): 1.0, ("http", 64): 1.0, ("http", 256): 1.0}
USER_TARGETS_US = {"tcp": 0.3, "http": 1.5}


def metrics(mode, connections):
    return [
        Metric("cpu_us", "CPU per request", "us", CPU_TARGETS[mode, connections]),
        Metric("user_us", "user CPU per request", "us", USER_TARGETS_US[mode], absolute=True, pooled_over="requests"),
        Metric("rate", "requests per second", "1/s", digits=0),
        Metric("p50_us", "latency p50", "us", digits=0),
        Metric("p99_us", "latency p99", "us", P99_TARGETS[mode, connections], digits=0),
    ]


def measure(bench, proxy, connections):
    with CpuMeter(proxy) as cpu:
        sample = wrk(bench, proxy.address, connections, bench.seconds)
    sample["cpu_us"] = cpu.total / sample["requests"] * 1e6
    sample["user_us"] = cpu.user / sample["requests"] * 1e6
    return sample


def run_with(bench, mode, connections):
    scenario = f"{mode} keepalive{connections}"
    with contextlib.ExitStack() as stack:
        contenders = start_contenders(bench, stack, [start_nginx(bench, stack)], mode=mode, floor=True)
        for proxy in contenders.values():
            wrk(bench, proxy.address, connections, 1)
        samples = interleave(scenario, bench.rounds, contenders, lambda proxy: measure(bench, proxy, connections))
    return summarize(scenario, samples, metrics(mode, connections)), late_notes(scenario, samples)


def late_notes(scenario, samples):
    late = {role: sum(sample["late"] for sample in samples[role]) for role in samples if role != "rounds"}
    if not any(late.values()):
        return []
    return [f"{scenario}: answers after more than 2 s: {', '.join(f'{role} {count}' for role, count in late.items())}"]


def runs(mode, connections):
    return lambda bench: run_with(bench, mode, connections)
