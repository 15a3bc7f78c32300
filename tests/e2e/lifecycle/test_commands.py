# SPDX-License-Identifier: Apache-2.0
"""Commands that end by themselves, and what they answer to their parent."""

import json
import re
import subprocess

import pytest
from support import configs
from support.peers import answer
from support.ports import free_port
from support.process import BINARY, command
from support.waiting import wait_until


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "sound.json"
    path.write_text(json.dumps(configs.tcp("127.0.0.1:9")))
    return path


@pytest.fixture
def faulty(tmp_path):
    path = tmp_path / "faulty.json"
    path.write_text('{"frontends": {"f": {"bnid": []}}}')
    return path


@pytest.mark.sanitize
def test_exit_statuses(sound, faulty, tmp_path):
    assert command("check", sound).returncode == 0
    assert command("check", faulty).returncode == 1
    assert command("run", faulty).returncode == 1
    assert command("check", tmp_path / "missing.json").returncode == 1
    assert command("run").returncode == 2
    assert command("no-such-command").returncode == 2
    assert command("check", sound, "--no-such-option").returncode == 2
    assert command("--help").returncode == 0


def test_version():
    text = command("version")
    assert text.returncode == 0 and re.search(r"\d+\.\d+\.\d+", text.stdout)
    fields = json.loads(command("version", "--json").stdout)
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", fields["version"])
    assert re.fullmatch(r"from source(, with assembly)?|of the system", fields["libraries"]["BoringSSL"])


def test_doctor():
    done = command("doctor")
    assert done.returncode in (0, 1), done.stderr
    assert "io_uring" in done.stdout
    assert "descriptors" in done.stdout or "RLIMIT_NOFILE" in done.stdout


def test_doctor_names_what_is_short():
    done = subprocess.run(
        ["prlimit", "--nofile=64:64", BINARY, "doctor"],
        capture_output=True, text=True, timeout=30,
    )
    assert done.returncode == 1, done.stdout
    assert "64" in done.stdout


@pytest.mark.sanitize
def test_dump_loads_back(sound, tmp_path):
    dumped = command("dump", sound)
    assert dumped.returncode == 0, dumped.stderr
    copy = tmp_path / "dumped.json"
    copy.write_text(dumped.stdout)
    assert command("check", copy).returncode == 0
    again = command("dump", copy)
    assert again.stdout == dumped.stdout, "a dump of the dump differs"


def test_demo(corelane):
    """One command: the proxy, three servers, traffic through them all."""
    port, admin = free_port(), free_port()
    proxy = corelane(arguments=["demo", "--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"])
    wait_until(lambda: proxy.stdout, "the demo says where it is")
    said = wait_until(lambda: demo_answers(proxy, port), "the demo's servers answer")
    assert len(said) >= 2, f"only {said} answered"
    proxy.stop()


def demo_answers(proxy, port):
    assert proxy.process.poll() is None, proxy.stderr + proxy.stdout
    try:
        request = b"GET / HTTP/1.0\r\nHost: demo\r\n\r\n"
        return {answer(f"127.0.0.1:{port}", request) for _ in range(6)} - {b""}
    except OSError:
        return None
