# SPDX-License-Identifier: Apache-2.0
"""The systemd unit, as systemd itself reads it."""

import re
import shutil
import subprocess

import pytest
from support.process import BINARY, ROOT

UNIT = ROOT / "packaging/corelane.service"
EXPOSURE_MAX = 20  # tenths: systemd calls up to 2.0 "OK", and a service without any protection has 9.6

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


@pytest.fixture
def unit(tmp_path):
    """The unit with the program under test in the place of the installed one."""
    path = tmp_path / UNIT.name
    path.write_text(UNIT.read_text().replace("/usr/bin/corelane", str(BINARY.resolve())))
    return path


def analyze(*arguments):
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_systemd_has_nothing_to_say_against_it(unit):
    assert analyze("verify", "--man=no", unit) == (0, "")


def test_it_may_do_little(unit):
    status, said = analyze("security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE_MAX}", unit)
    assert status == 0, said
    assert "Overall exposure level" in said


def calls_of(group):
    """The system calls of a group, those of the groups in it included."""
    status, said = analyze("syscall-filter", "--no-pager", group)
    assert status == 0, said
    names = {line.strip() for line in said.splitlines()[1:] if line.strip() and line.strip()[0] != "#"}
    return {call for name in names for call in (calls_of(name) if name.startswith("@") else {name})}


def allowed_calls():
    """What SystemCallFilter= says, line after line: names are added, and taken away in lines that begin with a tilde."""
    allowed = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), re.MULTILINE):
        for name in line.lstrip("~").split():
            calls = calls_of(name) if name.startswith("@") else {name}
            allowed = allowed - calls if line.startswith("~") else allowed | calls
    return allowed


def test_it_allows_the_calls_that_the_program_makes():
    """The program calls the C library by the names of system calls, but for a few that other functions make."""
    symbols = subprocess.run(["nm", "--dynamic", "--undefined-only", BINARY], capture_output=True, text=True, timeout=60)
    assert symbols.returncode == 0, symbols.stderr
    names = {line.split()[-1].partition("@")[0] for line in symbols.stdout.splitlines()}
    made = names & calls_of("@known")
    assert {"splice", "pipe2", "socket", "accept4"} <= made
    made |= {"io_uring_setup", "io_uring_enter", "io_uring_register", "prlimit64", "sched_setaffinity"}
    # What BoringSSL asks for by number.
    made = made - {"syscall"} | {"getrandom"}
    assert made <= allowed_calls()
