# SPDX-License-Identifier: Apache-2.0
"""What a proxy burns while nothing happens: without connections, and with 1,000 idle ones."""

import contextlib
import time

from loads import held_connections, start_exchange_server
from processes import CpuMeter
from proxies import start_contenders
from rounds import Metric, single, summarize

CONNECTIONS = 1000
SECONDS = 3

METRICS = [
    Metric("empty", "CPU per second, no connections", "ms", digits=3),
    Metric("held", f"CPU per second, {CONNECTIONS} idle connections", "ms", digits=3),
]


def cpu_ms_per_second(proxy):
    with CpuMeter(proxy) as cpu:
        time.sleep(SECONDS)
    return cpu.total / SECONDS * 1e3


def measure(bench, proxy):
    sample = {"empty": cpu_ms_per_second(proxy)}
    with held_connections(bench, proxy.address, CONNECTIONS, "--exchange"):
        time.sleep(0.5)
        sample["held"] = cpu_ms_per_second(proxy)
    return sample


def run(bench):
    with contextlib.ExitStack() as stack:
        contenders = start_contenders(bench, stack, start_exchange_server(bench, stack))
        time.sleep(0.5)
        samples = single(measure(bench, contenders["candidate"]), measure(bench, contenders["baseline"]))
    return summarize("idle", samples, METRICS), []
