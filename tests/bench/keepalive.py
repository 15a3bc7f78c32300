# SPDX-License-Identifier: Apache-2.0
"""Keep-alive requests through TCP mode: wrk, the proxy, nginx."""

import contextlib

from loads import start_nginx, wrk
from processes import CpuMeter
from proxies import start_contenders
from rounds import Metric, interleave, summarize

CPU_TARGETS = {64: 0.78, 256: 0.68}
P99_TARGETS = {64: None, 256: 1.0}
USER_TARGET_US = 0.3


def metrics(connections):
    return [
        Metric("cpu_us", "CPU per request", "us", CPU_TARGETS[connections]),
        Metric("user_us", "user CPU per request", "us", USER_TARGET_US, absolute=True, pooled_over="requests"),
        Metric("rate", "requests per second", "1/s", digits=0),
        Metric("p50_us", "latency p50", "us", digits=0),
        Metric("p99_us", "latency p99", "us", P99_TARGETS[connections], digits=0),
    ]


def measure(bench, proxy, connections):
    with CpuMeter(proxy) as cpu:
        sample = wrk(bench, proxy.address, connections, bench.seconds)
    sample["cpu_us"] = cpu.total / sample["requests"] * 1e6
    sample["user_us"] = cpu.user / sample["requests"] * 1e6
    return sample


def run_with(bench, connections):
    scenario = f"keepalive{connections}"
    with contextlib.ExitStack() as stack:
        contenders = start_contenders(bench, stack, [start_nginx(bench, stack)], floor=True)
        for proxy in contenders.values():
            wrk(bench, proxy.address, connections, 1)
        samples = interleave(scenario, bench.rounds, contenders, lambda proxy: measure(bench, proxy, connections))
    return summarize(scenario, samples, metrics(connections)), late_notes(scenario, samples)


def late_notes(scenario, samples):
    late = {role: sum(sample["late"] for sample in samples[role]) for role in samples if role != "rounds"}
    if not any(late.values()):
        return []
    return [f"{scenario}: answers after more than 2 s: {', '.join(f'{role} {count}' for role, count in late.items())}"]


def run64(bench):
    return run_with(bench, 64)


def run256(bench):
    return run_with(bench, 256)
