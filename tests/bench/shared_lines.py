# SPDX-License-Identifier: Apache-2.0
"""Which cache lines do two lanes share? Counted exactly, by a build that reports each load and store (line_recorder)."""

import collections
import concurrent.futures
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

SHARED = Metric("shared", "cache lines written by one lane and touched by another", "lines", digits=0)
SHARED_BY_REQUESTS = dataclasses.replace(SHARED, target=0, absolute=True)  # the data path shares none
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
        options = ["-Doptimization=3", "-Ddebug=true", "-Dtests=false", "-Dwerror=false", "-Dcpp_args=-fsanitize=thread"]
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

    def command(self, letter):
        descriptor = os.open(self.control, os.O_WRONLY | os.O_NONBLOCK)
        os.write(descriptor, letter)
        os.close(descriptor)

    @contextlib.contextmanager
    def counting(self, answer):
        """Counts during the block; the report goes into `answer`."""
        self.command(b"b")
        time.sleep(0.2)
        yield
        self.command(b"e")
        answer.update(self.wait_report())

    def wait_report(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            text = self.report.read_text() if self.report.exists() else ""
            if text.endswith("\n"):
                return json.loads(text)
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


def describe(binary, scenario, found):
    """One note for all lines that the same two places share."""
    places = collections.defaultdict(list)
    for touches in found:
        key = tuple(sorted({where(binary, touch["code"]) for touch in touches}))
        places[key].append(sum(touch["reads"] + touch["writes"] for touch in touches))
    return [
        f"{scenario}: {len(counts)} shared, {sum(counts)} reads and writes, first by " + " and ".join(key)
        for key, counts in places.items()
    ]


def results_of(binary, scenario, shared, report):
    found, written = shared_by_lanes(report)
    results = [
        Result(scenario, metric, value, None, None, None, None, "1")
        for metric, value in ((shared, len(found)), (WRITTEN, written))
    ]
    return results, describe(binary, scenario, found)


def record_requests(bench, recorder, proxy):
    """Counts in the middle, while every connection is up and carries requests."""
    answer = {}
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as loader:
        load = loader.submit(wrk, bench, proxy.address, CONNECTIONS, SECONDS + 4)
        time.sleep(2)
        with recorder.counting(answer):
            time.sleep(SECONDS)
        load.result()
    return answer


def record_connections(bench, recorder, proxy):
    answer = {}
    churn(bench, proxy.address, SHORT_CONNECTIONS)  # fills pools and finds its buffers
    with recorder.counting(answer):
        churn(bench, proxy.address, SHORT_CONNECTIONS)
    return answer


def run(bench):
    if bench.self_check:
        return [], []
    binary = build_instrumented(bench)
    bench = dataclasses.replace(bench.unpinned(), corelane=binary)
    results, notes = [], []
    with contextlib.ExitStack() as stack:
        loads = {
            "requests": ([start_nginx(bench, stack)], record_requests, SHARED_BY_REQUESTS),
            "connections": (start_exchange_server(bench, stack), record_connections, SHARED),
        }
        for name, (servers, record, shared) in loads.items():
            recorder = Recorder(pathlib.Path(tempfile.mkdtemp(dir=bench.directory)))
            with start_corelane(bench, servers, lanes=2, environment=recorder.environment) as proxy:
                report = record(bench, recorder, proxy)
            found, remarks = results_of(binary, f"lines: {name}", shared, report)
            results += found
            notes += remarks
    return results, notes
