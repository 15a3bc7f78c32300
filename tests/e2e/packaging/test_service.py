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


def test_it_has_the_calls_that_the_program_makes():
    """The filter is written down by names that newer systems may sort into other groups."""
    filters = re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), re.MULTILINE)
    allowed = " ".join(line for line in filters if not line.startswith("~")).split()
    assert {"io_uring_setup", "io_uring_enter", "io_uring_register"} <= set(allowed)
