# SPDX-License-Identifier: Apache-2.0
"""Which cache lines do two lanes share? Counted exactly, by a build that reports each load and store (line_recorder)."""

import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile
import time

import settings
from loads import churn, start_exchange_server, start_nginx, wrk
from processes import BenchError
from proxies import start_corelane
from rounds import Metric, Result

CONNECTIONS = 64
SECONDS = 3
SHORT_CONNECTIONS = 5000
LANE_NAME = "corelane/"  # and the lane's number

SHARED = Metric("shared", "cache lines written by one lane and touched by another", "lines", 0, absolute=True, digits=0)
WRITTEN = Metric("written", "cache lines written by the lanes", "lines", digits=0)


def build_instrumented(bench):
    """The program with a call before each load and store, and the recorder to answer these calls."""
    build = bench.build.with_name(bench.build.name + "-lines")
    library = build / "libline_recorder.so"
    build.mkdir(parents=True, exist_ok=True)
    source = settings.ROOT / "tools" / "line_recorder.cpp"
    command = ["c++", "-std=c++20", "-O2", "-fPIC", "-shared", source, "-o", library]
    subprocess.run([str(word) for word in command], check=True)
    if not (build / "build.ninja").exists():
        options = ["--buildtype=release", "-Ddebug=true", "-Dtests=false", "-Dwerror=false", "-Dcpp_args=-fsanitize=thread"]
        options.append(f"-Dcpp_link_args={library} -Wl,-rpath,{build}")
        subprocess.run(["meson", "setup", str(build), str(settings.ROOT), *options], check=True)
    subprocess.run(["ninja", "-C", str(build), "corelane"], check=True, stdout=subprocess.DEVNULL)
    return build / "corelane"


class Recorder:
    """Begins and ends counting in the process that was started with `environment`."""

    def __init__(self, directory):
        self.control = directory / "lines.control"
        self.report = directory / "lines.report"
        os.mkfifo(self.control)
        self.environment = {"LINE_RECORDER_CONTROL": str(self.control), "LINE_RECORDER_REPORT": str(self.report)}
        self.answers = 0

    def command(self, letter):
        descriptor = os.open(self.control, os.O_WRONLY | os.O_NONBLOCK)
        os.write(descriptor, letter)
        os.close(descriptor)

    def record(self, load):
        self.command(b"b")
        time.sleep(0.2)
        load()
        self.command(b"e")
        self.answers += 1
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            lines = self.report.read_text().splitlines(True) if self.report.exists() else []
            if len(lines) == self.answers and lines[-1].endswith("\n"):
                return json.loads(lines[-1])
            time.sleep(0.05)
        raise BenchError("the line recorder does not answer")


def shared_by_lanes(report):
    """The lines that at least two lanes touched and at least one of them wrote."""
    lanes = {row["thread"] for row in report["threads"] if row["name"].startswith(LANE_NAME)}
    if len(lanes) != 2:
        raise BenchError(f"two lanes expected, the report has {report['threads']}")
    if any(row["dropped"] for row in report["threads"]):
        raise BenchError("the line recorder's table is too small")
    found = []
    for line in report["shared"]:
        touches = [touch for touch in line["touches"] if touch["thread"] in lanes]
        if len(touches) == 2 and any(touch["writes"] for touch in touches):
            found.append(touches)
    written = [row["lines_written"] for row in report["threads"] if row["thread"] in lanes]
    return found, sum(written)


def where(binary, code):
    """The function and place of an instrumented access."""
    command = ["addr2line", "-Cfse", str(binary), code]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    return f"{lines[0].partition('(')[0]} ({lines[1]})"


def describe(binary, load, touches):
    parts = [
        f"{touch['reads']} reads and {touch['writes']} writes, first write in {where(binary, touch['code'])}"
        for touch in touches
    ]
    return f"lanes share a line under {load}: " + "; ".join(parts)


def results_of(binary, scenario, load, report):
    found, written = shared_by_lanes(report)
    results = [
        Result(scenario, metric, value, None, None, None, None, "1")
        for metric, value in ((SHARED, len(found)), (WRITTEN, written))
    ]
    return results, [describe(binary, load, touches) for touches in found]


def record_load(bench, servers, load):
    """Over a fresh process; the first load, which is not counted, fills pools and finds its buffers."""
    directory = pathlib.Path(tempfile.mkdtemp(dir=bench.directory))
    recorder = Recorder(directory)
    with start_corelane(bench, servers, lanes=2, environment=recorder.environment) as proxy:
        load(proxy)
        return recorder.record(lambda: load(proxy))


def run(bench):
    if bench.self_check:
        return [], []
    binary = build_instrumented(bench)
    bench = dataclasses.replace(bench.unpinned(), corelane=binary)
    results, notes = [], []
    with contextlib.ExitStack() as stack:
        nginx, exchange = [start_nginx(bench, stack)], start_exchange_server(bench, stack)
        loads = {
            "requests": (nginx, lambda proxy: wrk(bench, proxy.address, CONNECTIONS, SECONDS)),
            "connections": (exchange, lambda proxy: churn(bench, proxy.address, SHORT_CONNECTIONS)),
        }
        for name, (servers, load) in loads.items():
            report = record_load(bench, servers, load)
            found, remarks = results_of(binary, f"lines: {name}", name, report)
            results += found
            notes += remarks
    return results, notes
