# SPDX-License-Identifier: Apache-2.0
"""Programs for node, with the packages that scripts/setup installs beside them."""

import os
import subprocess
from pathlib import Path

from .process import WITH_PARENT
from .waiting import wait_until

FOLDER = Path(__file__).parent / "node"
PACKAGES = FOLDER / "node_modules"


class Node:
    """Runs a script of support/node, which can be told lines (`say`) and whose lines are read (`wait_line`). A server's
    first line is `listening PORT`."""

    def __init__(self, output, script, *arguments):
        assert PACKAGES.is_dir(), f"{PACKAGES} is missing: scripts/setup installs it"
        self._output = output
        with open(output, "wb") as out:
            self.process = subprocess.Popen(
                [*WITH_PARENT, "node", FOLDER / script, *map(str, arguments)],
                stdin=subprocess.PIPE, stdout=out, stderr=out, text=True, env={**os.environ, "NODE_PATH": str(PACKAGES)},
            )

    @property
    def address(self):
        return "127.0.0.1:" + self.wait_line("listening ")

    def lines(self):
        """The whole lines so far."""
        return self._output.read_text().rpartition("\n")[0].splitlines()

    def wait_line(self, start):
        """What follows `start` in the first line that begins with it."""

        def found():
            hits = [line[len(start) :] or "." for line in self.lines() if line.startswith(start)]
            assert hits or self.process.poll() is None, self._output.read_text()
            return hits and hits[0]

        return wait_until(found, f"node says {start!r}")

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
