# SPDX-License-Identifier: Apache-2.0
"""docs/migration.md: both programs take what stands there, and the file's words are those of today."""

import pathlib
import re
import subprocess

import pytest
from support.process import command

PAGE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "migration.md"


@pytest.fixture
def block(tmp_path):
    """block(language) is a file with the page's block, its map moved to a place where there is one."""
    countries = tmp_path / "countries.map"
    countries.write_text("127.0.0.0/8 here\n")

    def write(language):
        (text,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
        path = tmp_path / f"block.{language}"
        path.write_text(text.replace("/etc/lb/countries.map", str(countries)))
        return path

    return write


def test_corelane_takes_the_translation(block):
    done = command("check", block("json"))
    assert done.returncode == 0, done.stderr


def test_haproxy_takes_the_original(block):
    done = subprocess.run(["haproxy", "-c", "-f", block("haproxy")], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    assert "[ALERT]" not in done.stderr
