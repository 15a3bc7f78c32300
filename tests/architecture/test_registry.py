# SPDX-License-Identifier: Apache-2.0
"""What the program's registries hold is in the manual."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("CORELANE_BINARY", ROOT / "build/release/corelane"))


def output_of(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=30, check=True).stdout


@pytest.fixture(scope="module")
def manual():
    return (ROOT / "docs/configuration.md").read_text()


def test_every_keyword_is_in_the_manual(manual):
    keywords = output_of("keywords").split()
    assert len(keywords) > 50
    in_the_manual = set(re.findall(r"[\w$+-]+", manual))
    in_the_manual.update(re.findall(r'`"([^"`]+)"`', manual))  # such as HTTP/1.0
    in_the_manual.update(re.findall(r"`([\w.]+)", manual))  # such as req.hdr
    assert sorted(set(keywords) - in_the_manual) == []


def test_the_manual_is_the_programs(manual):
    assert manual == output_of("reference"), "docs/configuration.md is not what `corelane reference` prints"


def test_every_algorithm_is_a_keyword():
    names = re.findall(r'\.name = "([a-z]+)"', (ROOT / "src/balance/registry.cpp").read_text())
    assert len(names) >= 5
    assert set(names) <= set(output_of("keywords").split())


def test_every_command_is_in_the_manual_page():
    page = (ROOT / "packaging/corelane.1").read_text()
    commands = re.findall(r"^  ([a-z]+)  ", output_of("--help").partition("Subcommands:")[2], re.MULTILINE)
    assert len(commands) >= 8
    assert [command for command in commands if not re.search(rf"\b{command}\b", page)] == []
