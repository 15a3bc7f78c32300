# SPDX-License-Identifier: Apache-2.0
"""Bulk: four downloads of 64 MiB at a time; HAProxy with its splice options."""

import contextlib

from loads import download, start_nginx
from processes import CpuMeter
from proxies import start_contenders
from rounds import Metric, interleave, summarize

METRICS = [
    Metric("cpu_ms_per_gb", "CPU per GB", "ms", 0.45, digits=0),
    Metric("user_ms_per_gb", "user CPU per GB", "ms", pooled_over="gigabytes", digits=0),
    Metric("gb_per_s", "throughput", "GB/s"),
]


def measure(bench, proxy):
    with CpuMeter(proxy) as cpu:
        sample = download(bench, proxy.address)
    gigabytes = sample["bytes"] / 1e9
    return {
        "gigabytes": gigabytes,
        "cpu_ms_per_gb": cpu.total / gigabytes * 1e3,
        "user_ms_per_gb": cpu.user / gigabytes * 1e3,
        "gb_per_s": gigabytes / sample["seconds"],
    }


def run(bench):
    with contextlib.ExitStack() as stack:
        contenders = start_contenders(bench, stack, [start_nginx(bench, stack)], splice=True, floor=True)
        for proxy in contenders.values():
            download(bench, proxy.address)
        samples = interleave("bulk", bench.bulk_rounds, contenders, lambda proxy: measure(bench, proxy))
    return summarize("bulk", samples, METRICS), []
