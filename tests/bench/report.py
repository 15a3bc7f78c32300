# SPDX-License-Identifier: Apache-2.0
"""The report: a table on standard output, a dated section in docs/BENCHMARKS.md."""

import datetime
import os
import platform
import subprocess

import network
from rounds import QUIET_ROUNDS_MIN, QUIET_SHARE

HEADER = ["scenario", "figure", "candidate", "HAProxy", "ratio", "lowest to highest", "floor", "target", "verdict", "rounds"]


def first_line(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    text = (done.stdout + done.stderr).strip()
    return text.splitlines()[0] if text else "unknown"


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as cpus:
        for line in cpus:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def machine(bench):
    """What a reader must know to compare the figures with others."""
    if bench.proxy_cpus:
        pinning = f"proxies on CPU {sorted(bench.proxy_cpus)}, load and servers on CPU {sorted(bench.load_cpus)}"
    else:
        pinning = "CPUs left to the scheduler"
    return [
        f"CPU: {cpu_model()}, {os.cpu_count()} cores",
        f"Kernel: {platform.release()}; {network.described()}",
        f"Candidate: {'HAProxy itself (self-check)' if bench.self_check else first_line([bench.corelane, 'version'])}",
        f"HAProxy: {first_line(['haproxy', '-v'])}",
        f"Server: {first_line(['nginx', '-v'])}; load: {first_line(['wrk', '-v'])}",
        "Floor: the ratio to HAProxy of tools/bare_forwarder, which has no feature at all",
        f"Rounds: {bench.rounds} (bulk {bench.bulk_rounds}), {bench.seconds} s a turn for wrk; {pinning}",
        "A round counts when other processes took at most "
        f"{QUIET_SHARE * 100:.0f} % of the machine, if there are {QUIET_ROUNDS_MIN} such rounds; column: counted of all",
        f"Other processes in the whole run: {bench.bystanders.share() * 100:.0f} % of the machine's CPU time",
    ]


def number(value, digits):
    return "-" if value is None else f"{value:,.{digits}f}"


def row(result):
    metric = result.metric
    spread = "-" if result.ratio_low is None else f"{result.ratio_low:.2f} to {result.ratio_high:.2f}"
    return [
        result.scenario,
        f"{metric.title} ({metric.unit})",
        number(result.candidate, metric.digits),
        number(result.baseline, metric.digits),
        number(result.ratio, 2),
        spread,
        number(result.floor, 2),
        result.target_text,
        result.verdict,
        result.rounds,
    ]


def table(results):
    """Aligned, and Markdown at the same time."""
    rows = [HEADER] + [row(result) for result in results]
    widths = [max(len(line[column]) for line in rows) for column in range(len(HEADER))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def section(bench, results, notes):
    """The dated section as it goes into the page."""
    today = datetime.datetime.now().strftime("%Y-%m-%d %H:%M")
    parts = [f"## {today}, `scripts/bench {bench.command_line}`", ""]
    parts += [f"- {line}" for line in machine(bench)] + ["", table(results), ""]
    parts += [f"- {note}" for note in notes] + ([""] if notes else [])
    return "\n".join(parts)
