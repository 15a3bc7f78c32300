# SPDX-License-Identifier: Apache-2.0
"""What a run is made with: programs, durations, CPUs, a scratch folder."""

import dataclasses
import os
import pathlib
import shutil
import subprocess

from processes import BenchError, Bystanders

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ("exchange_server", "exchange_client", "download_client", "bare_forwarder")
PROGRAMS = ("haproxy", "nginx", "wrk", "taskset")


@dataclasses.dataclass(frozen=True)
class Bench:
    build: pathlib.Path
    corelane: pathlib.Path
    directory: pathlib.Path
    command_line: str
    self_check: bool
    rounds: int
    seconds: int
    short_connections: int
    bulk_rounds: int
    slow_rounds: int
    pin_lanes: bool
    floor: bool
    proxy_cpus: frozenset
    load_cpus: frozenset
    bystanders: Bystanders

    def tool(self, name):
        return self.build / "tools" / name

    def unpinned(self):
        none = frozenset()
        return dataclasses.replace(self, proxy_cpus=none, load_cpus=none, pin_lanes=False)


def from_arguments(arguments, directory, command_line):
    quick = arguments.quick
    rounds = arguments.rounds or (5 if quick else 15)
    proxy_cpus, load_cpus = split_cpus(arguments.pin)
    return Bench(
        build=arguments.build,
        corelane=arguments.corelane or arguments.build / "corelane",
        directory=pathlib.Path(directory),
        command_line=command_line,
        self_check=arguments.self_check,
        rounds=rounds,
        seconds=1 if quick else 2,
        short_connections=4_000 if quick else 10_000,
        bulk_rounds=2 * rounds,
        slow_rounds=max(1, rounds // 3),
        pin_lanes=True,  # as it comes
        floor=not arguments.no_floor,
        proxy_cpus=proxy_cpus,
        load_cpus=load_cpus,
        bystanders=Bystanders(),
    )


def split_cpus(pin):
    """The first allowed CPU for the proxies, the others for load and servers."""
    allowed = sorted(os.sched_getaffinity(0))
    if not pin or len(allowed) < 2:
        return frozenset(), frozenset()
    return frozenset(allowed[:1]), frozenset(allowed[1:])


def require_programs():
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise BenchError(f"missing programs: {', '.join(missing)}; scripts/setup installs them")


def build(arguments):
    """A release build of what the run needs."""
    if not (arguments.build / "build.ninja").exists():
        subprocess.run(["meson", "setup", str(arguments.build), str(ROOT), "--buildtype=release"], check=True)
    targets = [f"tools/{tool}" for tool in TOOLS]
    if not arguments.self_check and arguments.corelane is None:
        targets.append("corelane")
    subprocess.run(["ninja", "-C", str(arguments.build), *targets], check=True, stdout=subprocess.DEVNULL)
